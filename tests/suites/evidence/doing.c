/* Evidence in what a program does: tests/checker/evidence_doing.c. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "looks.h"
#include "program.h"
#include "suites.h"

TEST(a_busy_loop_and_a_program_that_waits)
{
    if (skip_unless(state_of(run(PROGRAM("rest"))) != 0, "no /proc to see what a program does"))
        return;
    struct program *spins = run(PROGRAM("spin"));
    struct waiting wait = begin_wait(); /* until it has started, and been at it for a moment */
    while (cpu_seconds(spins) < 0.05 && !in_vain(&wait)) look_again_soon();
    SHOWN(busy_loop, spins, "It is busy where it should wait");
    struct program *waits = run(PROGRAM("rest"));
    wait_asleep(waits);
    NOT_SHOWN(busy_loop, waits);
}

TEST(a_sleep_and_a_call_that_waits)
{
    struct program *dozes = run(PROGRAM("doze")), *waits = run(PROGRAM("rest"));
    if (skip_unless(state_of(waits) != 0, "no /proc to see what a program does")) return;
    wait_asleep(dozes);
    wait_asleep(waits);
    see(NO_BYTES, NULL, NULL);
    struct waiting wait = begin_wait(); /* until its first sleep after the start */
    while (!is_in_a_sleep(dozes) && !in_vain(&wait)) look_again_soon();
    SHOWN(sleeping, dozes, "It sleeps");
    NOT_SHOWN(sleeping, waits);
    see(TOO_SLOW, NULL, NULL);
    SHOWN(sleeping, waits, "It is too slow");
}

TEST(an_event_loop_that_waits_for_one_and_one_that_waits_for_all)
{
    int client;
    struct program *receives = run_accepting(PROGRAM("keep_for_ever"), &client);
    struct program *waits = run(PROGRAM("rest"));
    wait_asleep(receives);
    if (skip_unless(access("/proc/self/wchan", R_OK) == 0 && is_in_a_socket_call(receives),
                    "no /proc to see in which call a program waits"))
        return;
    see(NO_BYTES, NULL, NULL);
    facts.waits_in = "poll";
    SHOWN(waits_for_one, receives, "and not for all of them in poll");
    NOT_SHOWN(waits_for_one, waits);
    facts.waits_in = NULL; /* not an event loop */
    NOT_SHOWN(waits_for_one, receives);
}

TEST(bytes_that_come_at_the_end_and_bytes_that_never_come)
{
    int client;
    struct program *until_the_end = run_accepting(PROGRAM("keep_until_the_end"), &client);
    send_bytes(client, "hello", 5);
    saw = (struct saw){.kind = NO_BYTES, .expected = 5, .sock = client};
    SHOWN(keeps_bytes, until_the_end, "had ended its sending");
    struct program *for_ever = run_accepting(PROGRAM("keep_for_ever"), &client);
    send_bytes(client, "hello", 5);
    saw = (struct saw){.kind = NO_BYTES, .expected = 5, .sock = client};
    NOT_SHOWN(keeps_bytes, for_ever);
}

TEST(a_byte_that_was_not_sent_and_one_that_is_wrong)
{
    see(OTHER_BYTE, NULL, NULL);
    SHOWN(too_many_bytes, NULL, "that were not sent");
    saw.byte = 'x';
    NOT_SHOWN(too_many_bytes, NULL);
}

TEST(a_text_that_only_a_terminal_gets_and_none)
{
    see(NO_LINE, "a line", NULL);
    struct program *late = run(PROGRAM("print_late"));
    SHOWN(unflushed, late, "stdout is not flushed");
    NOT_SHOWN(unflushed, run(PROGRAM("rest")));
}

TEST(a_failure_that_nobody_noticed_and_a_run_without_one)
{
    static char ignores[] = PROGRAM("ignore_failure"), never[] = PROGRAM("never_call");
    struct run faulty = {.program = "server", .faults = "socket=EMFILE@1"};
    options.server = options.client = ignores;
    if (skip_faults()) return;
    struct program *program = start(faulty);
    expect_exit(program, 0);
    see(OTHER_STATUS, NULL, NULL);
    saw.expected = 1;
    SHOWN(unnoticed_failure, program, "went on as if nothing had happened");
    options.server = options.client = never;
    program = start(faulty);
    expect_exit(program, 0);
    see(OTHER_STATUS, NULL, NULL);
    saw.expected = 1;
    SHOWN(never_called, program, "socket was not called");
    NOT_SHOWN(unnoticed_failure, program);
    options.server = options.client = ignores;
    faulty.faults = "socket=EMFILE@2"; /* it makes one */
    program = start(faulty);
    expect_exit(program, 0);
    see(OTHER_STATUS, NULL, NULL);
    saw.expected = 1;
    NOT_SHOWN(never_called, program);
    NOT_SHOWN(unnoticed_failure, program);
    NOT_SHOWN(unnoticed_failure, ended(PROGRAM("ignore_failure")));
}

TEST(a_reset_and_another_error)
{
    struct program *program = run(PROGRAM("rest"));
    see(END_RESET, NULL, NULL);
    saw.error = ECONNRESET;
    SHOWN(went_on_after_reset, program, "The connection was reset");
    saw.error = ETIMEDOUT;
    NOT_SHOWN(went_on_after_reset, program);
}

/* The second client was in the queue when the server ended: reset, or refused when it comes later. */
TEST(a_server_of_one_client_and_one_that_was_told_to_end)
{
    struct program *program = run(PROGRAM("serve_one"));
    in_port_t port = wait_port(program, "listening on ");
    int first = dial(port), second = dial(port);
    half_close(first);
    expect_end(first);
    expect_exit(program, 0);
    facts.serves = MANY_CLIENTS;
    see(BYTES_RESET, NULL, NULL);
    saw.sock = second;
    SHOWN(served_some, program, "accept stands in a loop");
    see(NOT_CONNECTED, NULL, NULL);
    NOT_SHOWN(served_some, program); /* two were connected */
    see(BYTES_RESET, NULL, NULL);
    facts.serves = ONE_CLIENT;
    NOT_SHOWN(served_some, program);
}

void add_doing(TCase *does)
{
    tcase_add_test(does, a_busy_loop_and_a_program_that_waits);
    tcase_add_test(does, a_sleep_and_a_call_that_waits);
    tcase_add_test(does, an_event_loop_that_waits_for_one_and_one_that_waits_for_all);
    tcase_add_test(does, bytes_that_come_at_the_end_and_bytes_that_never_come);
    tcase_add_test(does, a_byte_that_was_not_sent_and_one_that_is_wrong);
    tcase_add_test(does, a_text_that_only_a_terminal_gets_and_none);
    tcase_add_test(does, a_failure_that_nobody_noticed_and_a_run_without_one);
    tcase_add_test(does, a_reset_and_another_error);
    tcase_add_test(does, a_server_of_one_client_and_one_that_was_told_to_end);
}
