/* The task beyond 02: the next free port. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "variation.h"

static void enter_02(void)
{
    enter_variation("02-bind-address",
                    (struct facts){.number = 2, .takes_address = true, .serves = NO_CLIENT});
}

/* A listener of the test at this port, or -1: somebody else has it. */
static int take(in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    if (bind(sock, (struct sockaddr *)&address, sizeof address) == 0 && listen(sock, 1) == 0)
        return sock;
    close(sock);
    return -1;
}

/* Takes so many ports in a row. Returns the first. */
static in_port_t take_row(int count)
{
    for (;;) {
        in_port_t first;
        own_listener(&first);
        int taken = 1;
        while (taken < count && first + taken < 65000 && take((in_port_t)(first + taken)) != -1)
            taken++;
        if (taken == count) return first;
    }
}

TEST(a_free_port_is_taken_as_before)
{
    look_for_leaks();
    /* Where nobody else takes ports it asks for one; elsewhere the kernel chooses one that is free. */
    in_port_t port = own_network() ? 6000 : 0;
    struct program *server = start_at(port, NULL);
    const char *line = wait_line(server, "");
    int seen = 0, end = 0;
    sscanf(line, "bound to 127.0.0.1:%d%n", &seen, &end);
    expect(end > 0 && line[end] == '\0' && (port == 0 ? seen > 0 : seen == port),
           "expected the line 'bound to 127.0.0.1:%d' on stdout, saw '%s'", port, line);
    end_input(server);
    expect_exit(server, 0);
}

TEST(when_the_port_is_taken_it_binds_the_next_free_one)
{
    look_for_leaks();
    static const int rows[] = {1, 3};
    own_network(); /* where it can be made: nobody else takes ports there */
    in_port_t first = take_row(rows[_i]), port = first;
    struct program *server = start_at(first, NULL);
    for (;; port++) {
        char taken[64], bound[64];
        snprintf(taken, sizeof taken, "port %d is taken", port);
        snprintf(bound, sizeof bound, "bound to 127.0.0.1:%d", port);
        const char *line = wait_line(server, "");
        if (port >= first + rows[_i] && strcmp(line, bound) == 0) break;
        expect(strcmp(line, taken) == 0, "expected '%s', saw '%s'",
               port < first + rows[_i] ? taken : bound, line);
    }
    expect(take(port) == -1 && errno == EADDRINUSE, "expected it to hold port %d", port);
    end_input(server);
    expect_exit(server, 0);
}

TEST(above_65535_there_is_no_port)
{
    own_network();
    take(65535); /* or somebody else has it */
    struct program *server = start_at(65535, NULL);
    expect_next(server, "port 65535 is taken");
    expect_failure(server, "bind", EADDRINUSE);
}

TEST(another_failure_of_bind_ends_it_at_once)
{
    const char *output;
    struct run run = {.program = "server", .arguments = {"192.0.2.1", "0"}};
    if (_i == 1 && skip_faults()) return;
    if (_i == 1)
        run = (struct run){
            .program = "server", .arguments = {"127.0.0.1", "0"}, .faults = "bind=EACCES@1"};
    struct program *server = start(run);
    end_input(server);
    expect_failure(server, "bind", _i == 1 ? EACCES : EADDRNOTAVAIL);
    expect(output_of(server, &output) == 0, "expected nothing on stdout");
}

Suite *variation_02(void)
{
    Suite *suite = suite_create("variation/02-bind-address");
    TCase *tests = add_case(suite, "the next free port", enter_02);
    tcase_add_test(tests, a_free_port_is_taken_as_before);
    tcase_add_loop_test(tests, when_the_port_is_taken_it_binds_the_next_free_one, 0, 2);
    tcase_add_test(tests, above_65535_there_is_no_port);
    tcase_add_loop_test(tests, another_failure_of_bind_ends_it_at_once, 0, 2);
    return suite;
}
