/* check: runs the suites of lessons on their programs, or on others in their place, and tells what came of it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "harness.h"
#include "suites.h"

enum { SKIPPED = 77 }; /* exit status: no check can be made on this machine; stdout says why */

typedef Suite *suite_maker(void);

/* All suites. */
static const struct {
    const char *name;
    suite_maker *make;
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
    {"further/unix-echo", suite_unix_echo},
    {"further/port-scanner", suite_port_scanner},
    {"further/graceful-stop", suite_graceful_stop},
    {"further/line-chat", suite_line_chat},
    {"further/tiny-http", suite_tiny_http},
    {"variation/01-create-socket", variation_01},
    {"variation/02-bind-address", variation_02},
    {"variation/03-listen", variation_03},
    {"variation/04-accept", variation_04},
    {"variation/05-connect", variation_05},
    {"variation/06-single-echo", variation_06},
    {"variation/07-multi-echo", variation_07},
    {"variation/08-threaded-echo", variation_08},
    {"variation/further/line-chat", variation_line_chat},
    {"meet", suite_meet},
    {"evidence", suite_evidence},
};
enum { SUITES = sizeof suites / sizeof suites[0] };

static suite_maker *maker_of(const char *name)
{
    for (int i = 0; i < SUITES; i++)
        if (strcmp(suites[i].name, name) == 0) return suites[i].make;
    fprintf(stderr, "check: there is no suite '%s'; check -l lists them\n", name);
    exit(TROUBLE);
}

/* In a worker: a check has told why it failed, and no further one is wanted. */
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
        if (failure != NULL && own_programs() && !options.all) return; /* one at a time */
    }
}

/* For a learner: how many checks pass. For the repository's own tests: as Check has it. */
static void tell_count(int run, int passed)
{
    if (!own_programs()) {
        printf("%d%%: Checks: %d, Failures: %d, Errors: %d\n", run > 0 ? passed * 100 / run : 100,
               run, count_of_checks(FAILED), count_of_checks(BROKEN));
        return;
    }
    print_counts();
}

/* Ctrl-C, say: the workers end, and what they have left goes away, before this process ends of it. */
static volatile sig_atomic_t ended_by;

static void note_signal(int number)
{
    ended_by = number;
}

static void catch_signals(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler}; /* without SA_RESTART: waitpid returns */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGQUIT, &action, NULL);
}

/* Makes the checks of these suites, as this worker. */
static void work(int number, char *const names[], int count)
{
    begin_work(number);
    SRunner *runner = srunner_create(NULL);
    for (int i = 0; i < count; i++) {
        Suite *essential = graded() ? suite_essential(names[i]) : NULL;
        if (essential != NULL)
            srunner_add_suite(runner, essential); /* first: it always has its time */
        srunner_add_suite(runner, maker_of(names[i])());
    }
    const char *only = options.soak ? "soak" : options.at_once ? "at-once" : NULL;
    bool quick = options.quick || graded();
    /* "given" are those of programs that the learner does not write. */
    const char *without = own_programs() ? (quick ? "soak given" : "given") : quick ? "soak" : NULL;
    srunner_run_tagged(runner, NULL, NULL, only, without, CK_SILENT);
    complete_results(runner);
    srunner_free(runner);
}

/* The same as so many processes. Returns whether they have come to the end. */
static bool work_side_by_side(int workers, char *const names[], int count)
{
    bool whole = true;
    pid_t processes[MOST_WORKERS];
    fflush(stdout);
    for (int i = 0; i < workers; i++) {
        processes[i] = fork();
        if (processes[i] == -1) { /* this machine's failure, and no check was made */
            perror("check: fork");
            while (i-- > 0) kill(processes[i], SIGTERM);
            exit(TROUBLE);
        }
        if (processes[i] != 0) continue;
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
        setpgid(0, 0); /* Check sends a signal on to all of its group */
        catch_signals(SIG_DFL);
        signal(SIGUSR1, end_run);
        work(i, names, count);
        _exit(EXIT_SUCCESS);
    }
    for (int i = 0; i < workers; i++) {
        int status;
        pid_t ended;
        do {
            for (int j = i; ended_by != 0 && j < workers; j++) kill(processes[j], SIGTERM);
            ended = waitpid(processes[i], &status, 0);
        } while (ended == -1 && errno == EINTR);
        whole &= ended != -1 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
    }
    return whole;
}

/*
 * Two checks of a learner's program at a time where there are two cores. Two copies of a wrong program may get in each other's
 * way, at a fixed port for example: so the first failure is made sure alone. With all failures told that would take too long.
 */
static bool make_checks(char *const names[], int count)
{
    int workers = options.workers;
    if (workers == 0)
        workers = own_programs() && !options.all && sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1;
    bool whole = work_side_by_side(workers, names, count);
    if (workers == 1 || ended_by != 0 || !work_is_stopped() || run_time()->over) return whole;
    begin_again_at_the_first_failure();
    return work_side_by_side(1, names, count);
}

static void tell_suites(char *const names[], int count)
{
    if (own_programs()) return;
    printf("Running suite(s):");
    for (int i = 0; i < count; i++) printf(" %s", names[i]);
    printf("\n");
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    int first = read_options(argc, argv);
    if (first == argc) {
        for (int i = 0; i < SUITES; i++) printf("%s\n", suites[i].name);
        return EXIT_SUCCESS;
    }
    for (int i = first; i < argc; i++) maker_of(argv[i]);
    signal(SIGPIPE, SIG_IGN); /* a program that has gone is told, and does not end the check */
    begin_run();
    raise_limits();
    const char *lacks = files_lack();
    if (lacks == NULL) lacks = loopback_lacks();
    if (lacks != NULL) {
        printf("%s\n", lacks);
        return SKIPPED;
    }
    begin_grading();
    note_earlier_checks(true);
    for (int i = 0; i < options.steps; i++) maker_of(options.before[i])();
    note_earlier_checks(false);
    if (graded()) {
        work(0, argv + first, argc - first);
        forget_folders();
        tell_grading();
        return count_of_checks(PASSED) < count_of_checks(ANY) ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    tell_suites(argv + first, argc - first);
    if (own_programs()) measure_machine(); /* the bounds of ours do not depend on it */
    catch_signals(note_signal);
    bool whole = make_checks(argv + first, argc - first);
    forget_folders();
    if (ended_by != 0) {
        signal(ended_by, SIG_DFL);
        raise(ended_by);
    }
    int run = count_of_checks(ANY), passed = count_of_checks(PASSED);
    end_progress();
    tell_failures();
    keep_results(whole);
    if (!whole && !work_is_stopped()) fprintf(stderr, "check: its worker has been ended\n");
    if (!whole) return EXIT_FAILURE;
    tell_count(run, passed);
    if (passed < run || (run == 0 && !options.soak && !options.at_once)) return EXIT_FAILURE;
    if (run > 0 && skipped_checks() == run) {
        printf("no check can be made here: %s\n", check_of(run)->skipped);
        return SKIPPED;
    }
    return EXIT_SUCCESS;
}
