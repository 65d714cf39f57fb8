/* further/epoll-echo: the same with epoll, which is Linux only, and ten thousand connections. */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "further/epoll-echo";
    facts = (struct facts){
        .takes_address = true, .serves = MANY_CLIENTS, .echoes = true, .waits_in = "epoll_wait"};
}

#ifdef __linux__

TEST(a_failing_epoll_call_at_the_start_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"epoll_create1", "epoll_create1=EMFILE@1", EMFILE},
        {"epoll_ctl", "epoll_ctl=ENOMEM@1", ENOMEM},
    };
    expect_failing_set_up(&failing[_i]);
}

/* epoll takes no more sockets, or does not change what it watches: epoll_ctl(2), ENOMEM. */
TEST(a_client_that_epoll_does_not_take_costs_only_itself)
{
    static const char *const faults[] = {"epoll_ctl=ENOMEM@3", "SEND=1 epoll_ctl=ENOMEM@4"};
    if (skip_faults()) return;
    struct program *server = start_server(faults[_i]);
    int first = dial(port_of(server));
    expect_echo(first, "x");
    int second = dial(port_of(server));
    if (_i == 0) {
        expect_end(second);
    } else { /* its second byte has to wait: this is the change that fails */
        send_bytes(second, "xy", 2);
        expect_bytes(second, "x", 1);
        expect_end(second);
    }
    wait_errors(server, "epoll_ctl: ");
    expect_echo(first, "y");
    visit(port_of(server), 1);
    expect_served(server, port_of(server));
}

/* CPU seconds of the server for so many messages on these connections. */
static double cost_of_messages(struct program *server, const int *clients, int count, int step)
{
    enum { MESSAGES = 4000 };
    double before = cpu_seconds(server);
    for (int i = 0; i < MESSAGES; i++) expect_echo(clients[i * step % count], "sixteen bytes ..");
    return cpu_seconds(server) - before;
}

TEST(ten_thousand_connections_are_held_and_do_not_slow_each_other_down)
{
    enum { CLIENTS = 10000, FEW = 10 };
    static int clients[CLIENTS];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (skip_unless(limit.rlim_max >= CLIENTS + 100,
                    "the limit on descriptors forbids 10,000 connections (ulimit -Hn)"))
        return;
    limit.rlim_cur = limit.rlim_max;
    expect(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit"); /* the server inherits it */

    struct program *server = start_server(NULL);
    for (int i = 0; i < FEW; i++) clients[i] = dial(port_of(server));
    double alone = cost_of_messages(server, clients, FEW, 1);
    long memory = memory_of(server);
    for (int i = FEW; i < CLIENTS; i++) {
        clients[i] = try_dial(port_of(server));
        if (clients[i] == -1 && errno == EADDRNOTAVAIL) {
            skip_unless(false, "not enough free ports for 10,000 connections");
            return;
        }
        expect(clients[i] != -1, "expected connection %d to be made", i + 1);
    }
    expect_echo(clients[CLIENTS - 1], "the last one is served");
    long held = memory_of(server) - memory;
    double among = cost_of_messages(server, clients, CLIENTS, 7919);
    for (int i = 0; i < CLIENTS; i++) expect_echo(clients[i], "all are served");
    if (!skip_unless(!instrumented(), "memory and CPU time mean nothing under a sanitizer")) {
        expect(held < CLIENTS / 10,
               "expected at most 0.1 KiB for each idle connection, saw %ld KiB", held);
        expect(among < 3 * alone,
               "expected messages to cost the same among 10,000 connections, "
               "saw %.0f ms of CPU, and %.0f ms among 10",
               among * 1000, alone * 1000);
    }
    for (int i = 0; i < CLIENTS; i++) close(clients[i]);
    expect_served(server, port_of(server));
}

#else

TEST(it_is_tested_on_linux)
{
    skip_unless(false, "epoll exists on Linux only");
}

#endif

Suite *suite_epoll_echo(void)
{
    Suite *suite = suite_create("further/epoll-echo");
#ifdef __linux__
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    add_echo(suite, enter);
    add_lasting(suite, enter);
    add_concurrent(suite, enter);
    add_event_loop(suite, enter);
    TCase *state = add_case(suite, "state", enter);
    tcase_add_loop_test(state, a_failing_epoll_call_at_the_start_is_named_and_exits_1, 0, 2);
    tcase_add_loop_test(state, a_client_that_epoll_does_not_take_costs_only_itself, 0, 2);
    tcase_add_test(add_soak_case(suite, "ten thousand", enter),
                   ten_thousand_connections_are_held_and_do_not_slow_each_other_down);
#else
    tcase_add_test(add_case(suite, "elsewhere", enter), it_is_tested_on_linux);
#endif
    return suite;
}
