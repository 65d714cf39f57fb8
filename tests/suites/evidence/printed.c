/* Evidence in what a program printed: tests/checker/evidence.c. */
#include <errno.h>
#include <stdio.h>

#include "looks.h"
#include "program.h"
#include "suites.h"

TEST(a_call_that_has_worked_and_one_that_has_failed)
{
    char command[256];
    snprintf(command, sizeof command, SHELL("echo \"socket: %s\" >&2"), reason(0));
    SHOWN(call_succeeded, ended(command), "the call has worked");
    snprintf(command, sizeof command, SHELL("echo \"socket: %s\" >&2"), reason(EMFILE));
    NOT_SHOWN(call_succeeded, ended(command));
}

TEST(usage_although_the_arguments_are_right_and_where_it_is_wanted)
{
    struct program *program = ended(SHELL("echo \"usage: server\" >&2; exit 2"));
    see(ENDED, NULL, NULL);
    SHOWN(said_usage, program, "its arguments are right");
    see(OTHER_STATUS, NULL, NULL);
    saw.expected = 2;
    NOT_SHOWN(said_usage, program);
}

TEST(a_failure_that_ends_with_status_0_and_one_with_2)
{
    char command[256];
    see(OTHER_STATUS, NULL, NULL);
    saw.expected = 1;
    snprintf(command, sizeof command, SHELL("echo \"bind: %s\" >&2"), reason(EADDRINUSE));
    SHOWN(told_and_ended_well, ended(command), "ends with exit status 0");
    snprintf(command, sizeof command, SHELL("echo \"bind: %s\" >&2; exit 2"), reason(EADDRINUSE));
    NOT_SHOWN(told_and_ended_well, ended(command));
    NOT_SHOWN(told_and_ended_well, ended(SHELL("echo \"debug: now bind\" >&2")));
    NOT_SHOWN(told_and_ended_well, ended(SHELL("echo bind")));
}

TEST(a_line_on_the_other_stream_and_a_part_of_one)
{
    see(ENDED, "bound to ", NULL);
    SHOWN(line_elsewhere, ended(SHELL("echo bound to 127.0.0.1:7 >&2")), "stands on stderr");
    NOT_SHOWN(line_elsewhere, ended(SHELL("echo not bound to 127.0.0.1:7 >&2")));
    SHOWN(line_elsewhere, ended(SHELL("echo Bound to 127.0.0.1:7")), "large and small letters");
    see(NO_LINE, "listening on ", NULL);
    SHOWN(line_elsewhere, ended(SHELL("echo listening at 127.0.0.1:7")), "has to begin with '");
    NOT_SHOWN(line_elsewhere, ended(SHELL("echo listener: 127.0.0.1:7")));
    see(OTHER_ERRORS, "bind: no\n", NULL);
    SHOWN(line_elsewhere, ended(SHELL("echo bind: no")), "stands on stdout");
    NOT_SHOWN(line_elsewhere, ended(SHELL("echo bind: yes")));
}

TEST(a_line_without_an_end_and_one_with_it)
{
    see(ENDED, "bound to ", NULL);
    SHOWN(no_newline, ended(SHELL("printf \"bound to 127.0.0.1:7\"")), "does not end");
    NOT_SHOWN(no_newline, ended(SHELL("echo Bound to 127.0.0.1:7")));
    NOT_SHOWN(no_newline, ended(SHELL("printf \"server bound to 127.0.0.1:7\\n> \"")));
    see(OTHER_LINE, "bound to ", "127.0.0.1:7listening");
    SHOWN(no_newline, run(PROGRAM("rest")), "The line goes on behind the port: ");
    see(OTHER_LINE, "bound to ", "127.0.0.1:7");
    NOT_SHOWN(no_newline, run(PROGRAM("rest")));
}

TEST(the_reason_in_other_words_and_the_line_that_is_wanted)
{
    char command[256], wanted[128];
    snprintf(wanted, sizeof wanted, "%s", told("bind", EADDRINUSE));
    see(OTHER_ERRORS, wanted, NULL);
    snprintf(command, sizeof command, SHELL("echo \"error: %s\" >&2"), reason(EADDRINUSE));
    SHOWN(other_words, ended(command), "The reason is right, and the line is 'error: ");
    SHOWN(other_words, ended(SHELL("echo bind: it is taken >&2")), "in the words of strerror");
    snprintf(command, sizeof command, SHELL("echo \"bind: %s\" >&2"), reason(EBADF));
    struct program *program = ended(command);
    SHOWN(other_words, program, "Has another call come in between");
    program->run.faults = "bind=EADDRINUSE@1"; /* now it is known what has failed */
    SHOWN(other_words, program, "another call came in between");
    snprintf(command, sizeof command, SHELL("echo \"bind: %s\" >&2"), reason(EADDRINUSE));
    NOT_SHOWN(other_words, ended(command));
    NOT_SHOWN(other_words, ended(SHELL("echo listen: it is taken >&2")));
}

TEST(a_line_that_came_at_the_end_and_another_one)
{
    see(NO_LINE, "bound to ", NULL);
    struct program *program = ended(SHELL("echo bound to 127.0.0.1:7"));
    SHOWN(came_at_the_end, program, "only when the program ended");
    see(NO_LINE, "listening on ", NULL);
    NOT_SHOWN(came_at_the_end, program);
    see(NO_LINE, "to ", NULL); /* in the line, and not where it begins */
    NOT_SHOWN(came_at_the_end, program);
}

TEST(an_exit_status_without_a_word_and_one_with_its_reason)
{
    see(OTHER_STATUS, NULL, NULL);
    SHOWN(ended_badly_in_silence, ended(SHELL("exit 1")), "told no failure");
    NOT_SHOWN(ended_badly_in_silence, ended(SHELL("echo bind: no >&2; exit 1")));
    NOT_SHOWN(ended_badly_in_silence, ended(SHELL("exit 3")));
}

void add_printed(TCase *printed)
{
    tcase_add_test(printed, a_call_that_has_worked_and_one_that_has_failed);
    tcase_add_test(printed, usage_although_the_arguments_are_right_and_where_it_is_wanted);
    tcase_add_test(printed, a_failure_that_ends_with_status_0_and_one_with_2);
    tcase_add_test(printed, a_line_on_the_other_stream_and_a_part_of_one);
    tcase_add_test(printed, a_line_without_an_end_and_one_with_it);
    tcase_add_test(printed, the_reason_in_other_words_and_the_line_that_is_wanted);
    tcase_add_test(printed, a_line_that_came_at_the_end_and_another_one);
    tcase_add_test(printed, an_exit_status_without_a_word_and_one_with_its_reason);
}
