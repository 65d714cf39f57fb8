/* Runs the suites; CK_RUN_SUITE and CK_EXCLUDE_TAGS choose among them (Check's manual, Environment Variable Reference). */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
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
    srunner_run_all(runner, CK_ENV);
    bool passed = srunner_ntests_run(runner) > 0 && srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
