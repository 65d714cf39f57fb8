/* 04-accept: one connection, and the peer's address. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "04-accept";
    facts = (struct facts){.number = 4, .takes_address = true, .serves = ONE_CLIENT};
}

TEST(it_blocks_until_a_client_comes_and_names_its_port)
{
    look_for_leaks();
    struct program *server = start_server(NULL);
    wait_asleep(server);
    expect_running(server);
    if (count_of(server, "fd") != -1)
        expect(count_of(server, "fd") == 4,
               "expected 4 descriptors, three streams and the listener, saw %ld",
               count_of(server, "fd"));

    int client = dial(port_of(server));
    expect_peer(server, client); /* with this line all before it has been read */
    const char *output;
    output_of(server, &output);
    SUSPECTS({OTHER, NULL,
              "It waits in accept now, and no more for Enter: that line belongs to lesson 03.",
              NULL});
    expect(strstr(output, "press Enter") == NULL, "expected no line 'press Enter', saw it");
    expect_end(client);
    expect_exit(server, 0);
}

TEST(it_takes_one_connection_and_ends)
{
    own_network(); /* where it can be made: nobody else takes ports there */
    struct program *server = start_server(NULL);
    in_port_t port = port_of(server);
    expect_end(dial(port));
    expect_exit(server, 0);
    expect_refused(port);
}

static in_port_t serve_and_close_first(void)
{
    struct program *server = start_server(NULL);
    in_port_t port = port_of(server);
    int client = dial(port);
    expect_end(client); /* the server has closed first */
    close(client);
    expect_exit(server, 0);
    return port;
}

TEST(it_restarts_at_once_although_its_own_close_left_time_wait)
{
    expect_restart_after(serve_and_close_first);
}

static const struct failing failing[] = {
    {"accept", "accept=ECONNABORTED@1", ECONNABORTED},
    {"accept", "accept=EMFILE@1", EMFILE},
    {"close", "close=EIO@1", EIO},
    {"close", "close=EINTR@1", EINTR},
    {"close", "close=EIO@2", EIO},
};

TEST(a_call_that_fails_with_a_client_is_named_and_exits_1)
{
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct program *server = start_server(failing[_i].fault);
    try_dial(port_of(server)); /* refused when accept has failed and ended the server by now */
    expect_failure(server, failing[_i].call, failing[_i].error);
}

TEST(a_signal_during_accept_loses_no_client)
{
    if (skip_faults()) return;
    struct program *server = start_server("accept=EINTR@1 accept=EINTR@2 accept=EINTR@3");
    int client = dial(port_of(server));
    expect_peer(server, client);
    expect_exit(server, 0);
    expect_errors(server, "");
}

Suite *suite_04(void)
{
    Suite *suite = suite_create("04-accept");
    TCase *state = add_case(suite, "state", enter);
    tcase_add_test(state, it_blocks_until_a_client_comes_and_names_its_port);
    tcase_add_test(state, it_takes_one_connection_and_ends);
    tcase_add_test(state, it_restarts_at_once_although_its_own_close_left_time_wait);
    add_accepting_port(suite, enter);
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 5);
    add_narration(suite, enter);
    TCase *calls = add_case(suite, "failing calls", enter);
    tcase_add_loop_test(calls, a_call_that_fails_with_a_client_is_named_and_exits_1, 0,
                        sizeof failing / sizeof failing[0]);
    tcase_add_test(calls, a_signal_during_accept_loses_no_client);
    return suite;
}
