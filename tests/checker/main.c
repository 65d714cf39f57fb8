/* Runs the suites; CK_RUN_SUITE and CK_EXCLUDE_TAGS choose among them (Check's manual, Environment Variable Reference). */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

enum { SKIPPED = 77 }; /* exit status: no check can be made on this machine; stdout says why */

/* A check has told why it failed, and no further one is wanted: STORY=first. */
static void end_run(int signal)
{
    (void)signal;
    _exit(EXIT_FAILURE);
}

static const char *cause_of(TestResult *failure)
{
    return strstr(tr_msg(failure), "\n  cause ");
}

/* One whose cause was told before: without what was done and printed. */
static void tell_in_short(const char *story)
{
    const char *so = strstr(story, "\n  so "), *streams = strstr(story, "\n  of ");
    const char *cause = strstr(story, "\n  cause "), *read = strstr(story, "\n  read ");
    if (so == NULL || streams == NULL || cause == NULL || read == NULL) return;
    printf("%.*s%.*s%.*s\n\n", (int)strcspn(story, "\n"), story, (int)(streams - so), so,
           (int)(read - cause), cause);
}

/* Each failure with its story, then how many checks pass. */
static void tell_results(SRunner *runner)
{
    TestResult **failures = srunner_failures(runner);
    int run = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    for (int i = 0; i < failed; i++) {
        const char *cause = cause_of(failures[i]);
        bool told = false;
        for (int k = 0; k < i && cause != NULL && !told; k++)
            told = cause_of(failures[k]) != NULL && strcmp(cause_of(failures[k]), cause) == 0;
        if (told)
            tell_in_short(tr_msg(failures[i]));
        else
            printf("%s\n", tr_msg(failures[i]));
    }
    printf("%d of %d checks pass", run - failed, run);
    if (skipped_checks() > 0) printf(", %d of them skipped", skipped_checks());
    printf("\n");
    free(failures);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    begin_run();
    const char *lacks = loopback_lacks();
    if (lacks != NULL) {
        printf("%s\n", lacks);
        return SKIPPED;
    }
    begin_grading();
    signal(SIGUSR1, end_run);
    SRunner *runner = srunner_create(suite_01());
    srunner_add_suite(runner, suite_02());
    srunner_add_suite(runner, suite_03());
    srunner_add_suite(runner, suite_04());
    srunner_add_suite(runner, suite_05());
    srunner_add_suite(runner, suite_06());
    srunner_add_suite(runner, suite_07());
    srunner_add_suite(runner, suite_08());
    srunner_add_suite(runner, suite_udp_echo());
    srunner_add_suite(runner, suite_raw_ping());
    srunner_add_suite(runner, suite_poll_echo());
    srunner_add_suite(runner, suite_epoll_echo());
    srunner_add_suite(runner, suite_dual_stack_echo());
    srunner_add_suite(runner, suite_port_scanner());
    srunner_add_suite(runner, suite_graceful_stop());
    srunner_add_suite(runner, suite_line_chat());
    add_variations(runner);
    bool stories = getenv("STORY") != NULL;
    srunner_run_all(runner, stories ? CK_SILENT : CK_ENV);
    end_progress();
    if (graded()) tell_grading(runner);
    if (stories) tell_results(runner);
    int run = srunner_ntests_run(runner);
    bool passed = run > 0 && srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    if (passed && skipped_checks() == run) {
        printf("no check can be made here: %s\n", why_skipped());
        return SKIPPED;
    }
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
