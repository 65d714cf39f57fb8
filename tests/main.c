/* Runs the suites; CK_RUN_SUITE and CK_EXCLUDE_TAGS choose among them (Check's manual, Environment Variable Reference). */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

/* A check has told why it failed, and no further one is wanted: STORY=first. */
static void end_run(int signal)
{
    (void)signal;
    _exit(EXIT_FAILURE);
}

/* Each failure with its story, then how many checks pass. */
static void tell_results(SRunner *runner)
{
    TestResult **failures = srunner_failures(runner);
    int run = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    for (int i = 0; i < failed; i++) printf("%s\n", tr_msg(failures[i]));
    printf("%d of %d checks pass\n", run - failed, run);
    free(failures);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    begin_run();
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
    if (graded()) tell_grading(runner);
    if (stories) tell_results(runner);
    bool passed = srunner_ntests_run(runner) > 0 && srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
