/* check: runs the suites of lessons on their programs, or on others in their place, and tells what came of it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

enum { SKIPPED = 77 }; /* exit status: no check can be made on this machine; stdout says why */

/* All suites. */
static const struct {
    const char *name;
    Suite *(*make)(void);
} suites[] = {
    {"01-create-socket", suite_01},
    {"02-bind-address", suite_02},
    {"03-listen", suite_03},
    {"04-accept", suite_04},
    {"05-connect", suite_05},
    {"06-single-echo", suite_06},
    {"07-multi-echo", suite_07},
    {"08-threaded-echo", suite_08},
    {"further/udp-echo", suite_udp_echo},
    {"further/raw-ping", suite_raw_ping},
    {"further/poll-echo", suite_poll_echo},
    {"further/epoll-echo", suite_epoll_echo},
    {"further/dual-stack-echo", suite_dual_stack_echo},
    {"further/port-scanner", suite_port_scanner},
    {"further/graceful-stop", suite_graceful_stop},
    {"further/line-chat", suite_line_chat},
    {"variation/01-create-socket", variation_01},
    {"variation/02-bind-address", variation_02},
    {"variation/03-listen", variation_03},
    {"variation/04-accept", variation_04},
    {"variation/05-connect", variation_05},
    {"variation/06-single-echo", variation_06},
    {"variation/07-multi-echo", variation_07},
    {"variation/08-threaded-echo", variation_08},
    {"evidence", suite_evidence},
};
enum { SUITES = sizeof suites / sizeof suites[0] };

static Suite *make_suite(const char *name)
{
    for (int i = 0; i < SUITES; i++)
        if (strcmp(suites[i].name, name) == 0) return suites[i].make();
    fprintf(stderr, "check: there is no suite '%s'; check -l lists them\n", name);
    exit(2);
}

/* A check has told why it failed, and no further one is wanted. */
static void end_run(int signal)
{
    (void)signal;
    _exit(EXIT_FAILURE);
}

/* It stands in the story of one with another value. */
static bool is_the_same_again(const struct failure *failure, int before)
{
    for (int i = 1; i < before; i++)
        if (failure_of(i) != NULL && is_the_same(failure_of(i), failure)) return true;
    return false;
}

static void tell_failures(void)
{
    const struct check *check;
    for (int i = 1; (check = check_of(i)) != NULL; i++) {
        const struct failure *failure = failure_of(i);
        if (failure != NULL && own_programs() && is_the_same_again(failure, i)) continue;
        if (failure != NULL)
            print_story(stdout, failure, own_programs() && was_told(failure));
        else if (check->outcome == BROKEN)
            printf("%s: the check has ended before it could tell%s%s\n\n", check->name,
                   own_programs() ? ". That is a mistake of the checker." : ": ",
                   own_programs() ? "" : check->broken);
    }
}

/* For a learner: how many checks pass. For the repository's own tests: as Check has it. */
static void tell_count(SRunner *runner)
{
    if (!own_programs()) {
        fflush(stdout);
        srunner_print(runner, CK_MINIMAL);
        return;
    }
    print_counts();
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    int first = read_options(argc, argv);
    if (first == argc) {
        for (int i = 0; i < SUITES; i++) printf("%s\n", suites[i].name);
        return EXIT_SUCCESS;
    }
    signal(SIGPIPE, SIG_IGN); /* a program that has gone is told, and does not end the check */
    begin_run();
    raise_limits();
    const char *lacks = loopback_lacks();
    if (lacks != NULL) {
        printf("%s\n", lacks);
        return SKIPPED;
    }
    begin_grading();
    signal(SIGUSR1, end_run);
    note_earlier_checks(true);
    for (int i = 0; i < options.steps; i++) make_suite(options.before[i]);
    note_earlier_checks(false);
    SRunner *runner = srunner_create(NULL);
    if (!own_programs()) printf("Running suite(s):");
    for (int i = first; i < argc; i++) {
        srunner_add_suite(runner, make_suite(argv[i]));
        if (!own_programs()) printf(" %s", argv[i]);
    }
    if (!own_programs()) printf("\n");
    /* "given" are those of programs that the learner does not write. */
    srunner_run_tagged(runner, NULL, NULL,
                       options.soak      ? "soak"
                       : options.at_once ? "at-once"
                                         : NULL,
                       graded()        ? "soak given"
                       : options.quick ? "soak"
                                       : NULL,
                       CK_SILENT);
    complete_results(runner);
    end_progress();
    if (graded()) {
        tell_grading();
    } else {
        tell_failures();
        tell_count(runner);
        keep_results(true);
    }
    int run = srunner_ntests_run(runner);
    bool passed =
        (run > 0 || options.soak || options.at_once) && srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    if (passed && run > 0 && skipped_checks() == run) {
        printf("no check can be made here: %s\n", check_of(run)->skipped);
        return SKIPPED;
    }
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
