/* The servers with one thread and non-blocking sockets, when a call fails: every client that can be served is. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

/* Faults with the name of the waiting call in the place of %s. */
static const char *waiting_fault(const char *format)
{
    static char faults[128];
    snprintf(faults, sizeof faults, format, facts.waits_in);
    return faults;
}

/* Short in both directions at once, with every reason why a call may have to be made again. */
TEST(short_sends_and_receives_on_several_clients_lose_no_byte)
{
    static const char *const faults[] = {
        "SEND=3 RECV=7 recv=EINTR@%2 send=EINTR@%2",
        "SEND=3 RECV=7 recv=EAGAIN@%2 send=EAGAIN@%2 accept=EAGAIN@%2",
        "SEND=1 RECV=1000 send=EAGAIN@%3 recv=EINTR@%5 accept=EINTR@%2",
        "SEND=1000 RECV=60000 send=EAGAIN@%2",
    };
    enum { CLIENTS = 4, LENGTH = 6000 };
    static char data[CLIENTS * LENGTH];
    int clients[CLIENTS];
    if (skip_faults()) return;
    char all[160];
    snprintf(all, sizeof all, "%s %s", faults[_i], waiting_fault("%s=EINTR@%%3"));
    struct program *server = start_server(all);
    fill_pattern(data, sizeof data, 0);
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port_of(server));
    for (int i = 0; i < CLIENTS; i++) {
        send_bytes(clients[i], data + i * LENGTH, LENGTH);
        half_close(clients[i]); /* what is unsent then is sent before the server closes */
    }
    for (int i = CLIENTS - 1; i >= 0; i--) {
        expect_bytes(clients[i], data + i * LENGTH, LENGTH);
        expect_end(clients[i]);
    }
    expect_served(server, port_of(server));
    expect_errors(server, "");
}

static double time_of_echoes(int client, int echoes)
{
    double begun = now();
    for (int i = 0; i < echoes; i++) expect_echo(client, "not held up");
    return now() - begun;
}

TEST(without_a_free_descriptor_the_clients_go_on_and_the_next_one_comes_in_later)
{
    enum { CLIENTS = 30, ECHOES = 20 };
    int clients[CLIENTS];
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "0"}, .descriptors = 24};
    struct program *server = start(run);
    in_port_t port = wait_port(server, "listening on ");
    double from = now();
    clients[0] = dial(port);
    double before = time_of_echoes(clients[0], ECHOES);
    for (int i = 1; i < CLIENTS; i++) clients[i] = dial(port);
    wait_errors(server, told("accept", EMFILE));

    /* However slow the machine is: a server that does not rest for all of them does not try to accept before each echo. */
    int tries = times_in(errors_of(server), told("accept", EMFILE));
    double took = time_of_echoes(clients[0], ECHOES);
    tries = times_in(errors_of(server), told("accept", EMFILE)) - tries;
    SUSPECTS(
        {OTHER, NULL,
         "While accept fails the server rests, and the clients that it has wait with it: leave "
         "the listener alone\n"
         "for a while, and go on waiting for the others.",
         NULL});
    expect(tries < ECHOES * 3 / 4 || took < 5 * before + 0.1,
           "expected the clients to be served as before while accept fails: %d echoes took %.2f s "
           "before, and %.2f s now, with %d tries to accept",
           ECHOES, before, took, tries);
    suspect(NULL);
    int times = times_in(errors_of(server), told("accept", EMFILE));
    expect(times <= (now() - from) * 10 + 5,
           "expected a tenth of a second between two tries of "
           "accept, saw %d tries in %.2f s",
           times, now() - from);

    /* The listener comes back although there is always something to do. */
    for (int i = 1; i <= 15; i++) close(clients[i]);
    send_bytes(clients[CLIENTS - 1], "x", 1);
    struct waiting wait = begin_wait();
    while (!readable(clients[CLIENTS - 1], 0)) {
        expect(!in_vain(&wait), "expected the last client to be accepted");
        expect_echo(clients[0], "always busy");
    }
    expect_bytes(clients[CLIENTS - 1], "x", 1);
    expect_served(server, port);
}

TEST(a_wait_that_goes_on_failing_is_told_and_makes_no_busy_loop)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults()) return;
    struct program *server = start_server(waiting_fault("%s=ENOMEM@1+"));
    wait_errors(server, told(facts.waits_in, ENOMEM));
    expect_calm(server);
    stop(server, SIGTERM);
}

TEST(a_wait_that_fails_now_and_then_ends_nothing)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults()) return;
    struct program *server = start_server(waiting_fault("%s=ENOMEM@%%10"));
    for (int i = 0; i < 4; i++) visit(port_of(server), i);
    expect_served(server, port_of(server));
}

/* The first client is served; the second one cannot be, and is closed; the third one is served. */
static void expect_one_turned_away(const char *faults, const char *call, int error)
{
    if (skip_faults()) return;
    struct program *server = start_server(faults);
    int first = dial(port_of(server));
    expect_echo(first, "first");
    expect_end(dial(port_of(server)));
    visit(port_of(server), 3);
    expect_echo(first, "first again");
    wait_errors(server, told(call, error));
    expect_errors(server, told(call, error)); /* once */
    stop(server, SIGTERM);
}

TEST(a_client_that_cannot_be_made_non_blocking_costs_only_itself)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    expect_one_turned_away("fcntl=EINVAL@3", "fcntl", EINVAL);
}

TEST(a_client_without_memory_for_what_is_unsent_costs_only_itself)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults() ||
        skip_unless(!instrumented(), "a sanitizer's malloc comes before the fault library's"))
        return;
    /* A C library may ask for memory too, for stdout, and the server for each client. */
    struct program *server = start_server("SEND=1 malloc=ENOMEM@4+");
    int client = dial(port_of(server));
    for (int i = 0; i < 8; i++) {
        char byte;
        int greedy = dial(port_of(server));
        send(greedy, "much", 4, 0);
        while (recv(greedy, &byte, 1, 0) > 0 && byte != 'h') continue;
        close(greedy);
    }
    wait_errors(server, told("malloc", ENOMEM));
    expect_echo(client, "x");
    stop(server, SIGTERM);
}

/* The server's room for clients grows a few times. One time there is no memory for it. */
TEST(without_memory_for_one_more_only_that_client_is_turned_away)
{
    enum { CLIENTS = 150 };
    static const char *const faults[] = {"realloc=ENOMEM@3", "realloc=ENOMEM@4"};
    int clients[CLIENTS], turned_away = 0;
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults() ||
        skip_unless(!instrumented(), "a sanitizer's realloc comes before the fault library's"))
        return;
    struct program *server = start_server(faults[_i]);
    for (int i = 0; i < CLIENTS; i++) {
        char byte;
        clients[i] = dial(port_of(server));
        send_bytes(clients[i], "x", 1);
        if (recv(clients[i], &byte, 1, 0) == 1) continue;
        turned_away++;
        close(clients[i]);
        clients[i] = dial(port_of(server));
    }
    expect(turned_away == 1, "expected one client to be turned away, saw %d", turned_away);
    for (int i = 0; i < CLIENTS; i++) expect_echo(clients[i], "still here");
    wait_errors(server, told("realloc", ENOMEM));
    expect_served(server, port_of(server));
}

TEST(a_failing_fcntl_at_the_start_is_named_and_exits_1)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    expect_failing_set_up(&(struct failing){"fcntl", "fcntl=EINVAL@1", EINVAL});
}

void add_event_loop_failures(TCase *tests)
{
    tcase_add_test(tests, a_failing_fcntl_at_the_start_is_named_and_exits_1);
    tcase_add_loop_test(tests, short_sends_and_receives_on_several_clients_lose_no_byte, 0, 4);
    tcase_add_test(tests,
                   without_a_free_descriptor_the_clients_go_on_and_the_next_one_comes_in_later);
    tcase_add_test(tests, a_wait_that_goes_on_failing_is_told_and_makes_no_busy_loop);
    tcase_add_test(tests, a_wait_that_fails_now_and_then_ends_nothing);
    tcase_add_test(tests, a_client_that_cannot_be_made_non_blocking_costs_only_itself);
    tcase_add_loop_test(tests, without_memory_for_one_more_only_that_client_is_turned_away, 0, 2);
    tcase_add_test(tests, a_client_without_memory_for_what_is_unsent_costs_only_itself);
}
