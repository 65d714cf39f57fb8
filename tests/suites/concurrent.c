/* What every server promises that serves its clients side by side. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

TEST(the_second_client_does_not_wait)
{
    struct program *server = start_server(NULL);
    int idle = dial(port_of(server));
    int second = dial(port_of(server));
    expect_echo(second, "second");
    expect_echo(idle, "not idle any more");
    expect_echo(second, "second");
    stop(server, SIGTERM);
}

TEST(a_client_that_never_reads_holds_up_nobody_else)
{
    static char data[256 * 1024];
    struct program *server = start_server(NULL);
    int greedy = dial(port_of(server));
    struct pollfd fd = {greedy, POLLOUT, 0};
    while (poll(&fd, 1, 100) == 1) send(greedy, data, sizeof data, MSG_DONTWAIT);
    for (int i = 0; i < 100; i++) {
        int active = dial(port_of(server));
        expect_echo(active, "quick");
        half_close(active);
        expect_end(active);
        close(active);
    }
    expect_served(server, port_of(server));
}

TEST(clients_that_take_turns_each_get_their_own_bytes)
{
    enum { CLIENTS = 40, ROUNDS = 10 };
    int clients[CLIENTS];
    char text[64];
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port_of(server));
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            snprintf(text, sizeof text, "client %d in round %d", i, round);
            send_bytes(clients[i], text, strlen(text));
        }
        for (int i = CLIENTS - 1; i >= 0; i--) {
            snprintf(text, sizeof text, "client %d in round %d", i, round);
            expect_bytes(clients[i], text, strlen(text));
        }
    }
    expect_served(server, port_of(server));
}

void add_concurrent(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "side by side", enter);
    tcase_add_test(tests, the_second_client_does_not_wait);
    tcase_add_test(tests, a_client_that_never_reads_holds_up_nobody_else);
    tcase_add_test(tests, clients_that_take_turns_each_get_their_own_bytes);
}
