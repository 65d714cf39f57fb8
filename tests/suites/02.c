/* 02-bind-address: the socket has a name, and nobody else can take it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "02-bind-address";
    facts =
        (struct facts){.number = 2, .takes_address = true, .only_binds = true, .serves = NO_CLIENT};
}

static struct program *start_bound(const char *address, in_port_t port)
{
    static char text[8];
    snprintf(text, sizeof text, "%d", port);
    return start((struct run){.program = "server", .arguments = {address, text}});
}

TEST(it_says_the_address_and_the_port_that_the_kernel_chose)
{
    own_network(); /* where it can be made: there nobody else has the port that a wrong program prints */
    struct program *server = start_bound("127.0.0.1", 0);
    in_port_t port = wait_port(server, "bound to ");
    expect(port != 0, "expected the real port, not 0");
    saw.back = port;
    expect_or(OTHER_PORT, is_taken(port), "it says port %d, and that port is free", port);
    end_input(server);
    expect_exit(server, 0);
}

TEST(its_port_refuses_connections)
{
    struct program *server = start_bound("127.0.0.1", 0);
    in_port_t port = wait_port(server, "bound to ");
    wait_line(server, "descriptor");
    int sock = try_dial(port);
    expect(sock == -1 && errno == ECONNREFUSED, "expected connection refused, saw %s",
           sock == -1 ? strerror(errno) : "a connection");
    expect_running(server);
}

TEST(its_port_cannot_be_bound_a_second_time)
{
    bool alone = own_network();
    struct program *server = start_bound("127.0.0.1", 0);
    in_port_t port = wait_port(server, "bound to ");
    struct program *second = start_bound("127.0.0.1", port);
    SUSPECTS(
        {STILL_RUNS, is_at_the_asked_port,
         "The port was taken, and bind said so: check what it returns.", NULL},
        {STILL_RUNS, NULL,
         "It was asked for a port that is taken, and goes on with another one: check what bind "
         "returns. Is PORT\n"
         "in sin_port, through htons?",
         NULL});
    expect_failure(second, "bind", EADDRINUSE);

    end_input(server);
    expect_exit(server, 0);
    if (skip_unless(alone, "no network namespace of our own, where a port stays free")) return;
    struct program *third = start_bound("127.0.0.1", port); /* free again */
    expect_port(wait_port(third, "bound to "), port);
}

TEST(it_binds_the_address_that_is_asked_for)
{
    static const char *const addresses[] = {"127.0.0.1", "0.0.0.0", "127.0.0.2"};
    struct program *server = start_bound(addresses[_i], 0);
    char address[64] = "";
    int port = 0;
    sscanf(wait_line(server, "bound to "), "%63[^:]:%d", address, &port);
    SUSPECTS({OTHER, NULL,
              "It is bound to another address than it was asked for: inet_pton puts ADDRESS into "
              "sin_addr.",
              NULL});
    expect(strcmp(address, addresses[_i]) == 0 && port > 0, "expected 'bound to %s:P', saw '%s:%d'",
           addresses[_i], address, port);
}

TEST(an_address_of_another_machine_is_a_failing_call)
{
    /* 192.0.2.1 is in TEST-NET-1 (RFC 5737): nobody's. */
    SUSPECTS(
        {STILL_RUNS, NULL,
         "ADDRESS is not used, or bind is not checked: inet_pton puts it into sin_addr.", NULL},
        {OTHER_STATUS, NULL,
         "ADDRESS is not used, or bind is not checked: inet_pton puts it into sin_addr.", NULL});
    expect_failure(start_bound("192.0.2.1", 0), "bind", EADDRNOTAVAIL);
}

TEST(without_arguments_it_binds_port_5000_of_loopback)
{
    if (skip_unless(own_network(), "no network namespace of our own for port 5000")) return;
    struct program *server = start((struct run){.program = "server"});
    expect_port(wait_port(server, "bound to "), 5000);
    struct program *second = start((struct run){.program = "server", .arguments = {"127.0.0.1"}});
    expect_failure(second, "bind", EADDRINUSE);
}

TEST(leading_zeros_do_not_change_a_port)
{
    if (skip_unless(own_network(), "no network namespace of our own for port 1080")) return;
    struct program *server =
        start((struct run){.program = "server", .arguments = {"127.0.0.1", "01080"}});
    expect_port(wait_port(server, "bound to "), 1080);
}

Suite *suite_02(void)
{
    Suite *suite = suite_create("02-bind-address");
    TCase *state = add_case(suite, "state", enter);
    tcase_add_test(state, it_says_the_address_and_the_port_that_the_kernel_chose);
    tcase_add_test(state, its_port_refuses_connections);
    tcase_add_test(state, its_port_cannot_be_bound_a_second_time);
    tcase_add_loop_test(state, it_binds_the_address_that_is_asked_for, 0, 3);
    tcase_add_test(state, an_address_of_another_machine_is_a_failing_call);
    tcase_add_test(state, without_arguments_it_binds_port_5000_of_loopback);
    tcase_add_test(state, leading_zeros_do_not_change_a_port);
    add_bound_port(suite, enter);
    add_holding(suite, enter);
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 3);
    add_narration(suite, enter);
    return suite;
}
