/* The task beyond 08: how many are here?. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "variation.h"

static void enter_08(void)
{
    enter_variation("08-threaded-echo", (struct facts){.number = 8,
                                                       .takes_address = true,
                                                       .serves = MANY_CLIENTS,
                                                       .echoes = true,
                                                       .threads = true});
}

static const char connected[] = "%d connected";

TEST(each_newcomer_is_told_how_many_are_connected)
{
    enum { CLIENTS = 12 };
    int clients[CLIENTS];
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = greeted(server, connected, i + 1);
    for (int i = 0; i < CLIENTS; i++) expect_echo(clients[i], "still here");
    stop(server, SIGTERM);
}

TEST(who_has_left_does_not_count)
{
    struct program *server = start_server(NULL);
    int first = greeted(server, connected, 1);
    for (int i = 0; i < 20; i++) leave(greeted(server, connected, 2));
    int second = greeted(server, connected, 2);
    leave(first);
    leave(greeted(server, connected, 2));
    leave(second);
    leave(greeted(server, connected, 1));
    stop(server, SIGTERM);
}

/* Nothing tells when the server has seen a reset: newcomers ask until it has. */
TEST(who_has_reset_the_connection_does_not_count)
{
    struct program *server = start_server(NULL);
    struct waiting wait = begin_wait();
    int number = 0;
    reset(greeted(server, connected, 1));
    for (;;) {
        char line[64] = "";
        size_t length = 0;
        int client = dial(port_of(server));
        while (length < sizeof line - 1 && recv(client, line + length, 1, 0) == 1)
            if (line[length++] == '\n') break;
        expect(sscanf(line, "%d connected", &number) == 1, "expected 'N connected', saw '%s'",
               line);
        leave(client);
        if (number == 1) break;
        expect(!in_vain(&wait), "expected '1 connected' after a reset, saw '%d connected'", number);
    }
    stop(server, SIGTERM);
}

TEST(two_who_come_at_the_same_time_get_different_numbers)
{
    enum { CLIENTS = 40 };
    int clients[CLIENTS];
    bool seen[CLIENTS + 1] = {false};
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port_of(server));
    for (int i = 0; i < CLIENTS; i++) {
        char line[64] = "";
        int number = 0;
        for (size_t length = 0; length < sizeof line - 1; length++)
            if (recv(clients[i], line + length, 1, 0) != 1 || line[length] == '\n') break;
        sscanf(line, "%d connected", &number);
        expect(number >= 1 && number <= CLIENTS && !seen[number],
               "expected each number from 1 to %d once, saw '%d connected'%s", CLIENTS, number,
               number >= 1 && number <= CLIENTS ? " twice" : "");
        seen[number] = true;
    }
    stop(server, SIGTERM);
}

TEST(a_client_without_a_thread_does_not_count)
{
    char byte;
    if (skip_faults()) return;
    struct program *server = start_server("pthread_create=EAGAIN@2");
    int first = greeted(server, connected, 1);
    int turned_away = dial(port_of(server));
    while (recv(turned_away, &byte, 1, 0) == 1) continue;
    leave(greeted(server, connected, 2));
    leave(first);
    stop(server, SIGTERM);
}

TEST(short_sends_leave_the_line_whole)
{
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1 send=EINTR@%2");
    int first = greeted(server, connected, 1);
    leave(greeted(server, connected, 2));
    leave(first);
    stop(server, SIGTERM);
}

Suite *variation_08(void)
{
    Suite *suite = suite_create("variation/08-threaded-echo");
    TCase *tests = add_at_once_case(suite, "how many", enter_08);
    tcase_add_test(tests, each_newcomer_is_told_how_many_are_connected);
    tcase_add_test(tests, who_has_left_does_not_count);
    tcase_add_test(tests, who_has_reset_the_connection_does_not_count);
    tcase_add_test(tests, two_who_come_at_the_same_time_get_different_numbers);
    TCase *faults = add_case(suite, "how many, with faults", enter_08);
    tcase_add_test(faults, a_client_without_a_thread_does_not_count);
    tcase_add_test(faults, short_sends_leave_the_line_whole);
    return suite;
}
