/* further/poll-echo: one thread, non-blocking sockets, poll. */
#include <errno.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "further/poll-echo";
}

START_TEST(without_memory_for_the_set_it_does_not_start)
{
    if (skip_unless(!instrumented(), "a sanitizer's realloc comes before the fault library's"))
        return;
    expect_failing_set_up(&(struct failing){"realloc", "realloc=ENOMEM@1", ENOMEM});
}
END_TEST

/* The set grows at 16, 32, 64 ... sockets. Either of its two halves may find no memory. */
START_TEST(a_set_that_cannot_grow_costs_only_the_client_that_was_too_many)
{
    enum { CLIENTS = 40 };
    static const char *const faults[] = {"realloc=ENOMEM@3", "realloc=ENOMEM@4"};
    int clients[CLIENTS], turned_away = 0;
    if (skip_faults() ||
        skip_unless(!instrumented(), "a sanitizer's realloc comes before the fault library's"))
        return;
    struct program *server = start_server(faults[_i]);
    for (int i = 0; i < CLIENTS; i++) {
        char byte;
        clients[i] = dial(port_of(server));
        send_bytes(clients[i], "x", 1);
        if (recv(clients[i], &byte, 1, 0) != 1) turned_away = i;
    }
    expect(turned_away == 15, "expected the 16th client to be turned away, saw %d",
           turned_away + 1);
    for (int i = 0; i < CLIENTS; i++)
        if (i != turned_away) expect_echo(clients[i], "still here");
    wait_errors(server, "realloc: ");
    expect_served(server, port_of(server));
}
END_TEST

Suite *suite_poll_echo(void)
{
    Suite *suite = suite_create("further/poll-echo");
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    add_echo(suite, enter);
    add_lasting(suite, enter);
    add_concurrent(suite, enter);
    add_event_loop(suite, enter);
    TCase *state = add_case(suite, "state", enter);
    tcase_add_test(state, without_memory_for_the_set_it_does_not_start);
    tcase_add_loop_test(state, a_set_that_cannot_grow_costs_only_the_client_that_was_too_many, 0,
                        2);
    return suite;
}
