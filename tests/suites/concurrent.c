/* What every server promises that serves its clients side by side. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static int first_client, next_client;

#define NEVER_SERVED                                                                               \
    "It is accepted and never served, not even when the others have gone. Do the threads share "   \
    "one\n"                                                                                        \
    "variable, where accept puts the next client before a thread has looked? Give each thread a "  \
    "value of its own."

/* The server has told the address of the client that was waited for. */
static bool is_accepted(struct program *program)
{
    const char *output;
    char line[64];
    output_of(program, &output);
    if (facts.takes_path) return times_in(output, "connection on ") > 1; /* it has no name */
    snprintf(line, sizeof line, "connection from 127.0.0.1:%d\n", local_port(saw.sock));
    return strstr(output, line) != NULL;
}

static bool is_served_after_the_first(struct program *program)
{
    (void)program; /* which of the two was served first is left to the server */
    shutdown(saw.sock == next_client ? first_client : next_client, SHUT_WR);
    return readable(saw.sock, scaled(0.7));
}

static bool is_not_accepted(struct program *program)
{
    return !is_accepted(program) && is_served_after_the_first(program);
}

TEST(the_second_client_does_not_wait)
{
    struct program *server = start_server(NULL);
    int idle = dial(port_of(server));
    int second = dial(port_of(server));
    first_client = idle, next_client = second;
    if (facts.threads)
        SUSPECTS({NO_BYTES, is_not_accepted,
                  "The next client is accepted only when this one has gone.\n"
                  "Give each client a thread, and no pthread_join in the accept loop.",
                  NULL},
                 {NO_BYTES, is_served_after_the_first,
                  "It is accepted, and served only when the first client has gone. Is a mutex "
                  "locked around the\n"
                  "whole echo, or is there one thread for all clients?",
                  NULL},
                 {NO_BYTES, is_accepted, NEVER_SERVED, NULL});
    expect_echo(second, "second");
    expect_echo(idle, "not idle any more");
    expect_echo(second, "second");
    stop(server, SIGTERM);
}

static bool is_left_in_the_queue(struct program *program)
{
    return !facts.takes_path && !is_accepted(program);
}

TEST(a_client_that_never_reads_holds_up_nobody_else)
{
    static char data[256 * 1024];
    struct program *server = start_server(NULL);
    int greedy = dial(port_of(server));
    struct pollfd fd = {greedy, POLLOUT, 0};
    while (poll(&fd, 1, 100) == 1)
        if (send(greedy, data, sizeof data, MSG_DONTWAIT) == -1 && errno != EAGAIN) break;
    for (int i = 0; i < 100; i++) {
        int active = dial(port_of(server));
        SUSPECTS({NO_BYTES, is_left_in_the_queue,
                  "One client sends and does not read, and the next one is not accepted. Does the "
                  "server wait "
                  "for the end of\n"
                  "a thread (pthread_join), or in send, before it accepts again?",
                  NULL},
                 {NO_BYTES, NULL,
                  "One client sends and does not read, and others are not served: the server waits "
                  "for it in send.\n"
                  "Do clients share a lock, a thread, or an array that has an end?",
                  NULL});
        expect_echo(active, "quick");
        half_close(active);
        expect_end(active);
        close(active);
    }
    expect_served(server, port_of(server));
}

/* Descriptors near 1,020: an array that a descriptor is the index of has an end. */
TEST(a_client_with_a_high_descriptor_is_served)
{
    enum { HELD = 1015 };
    struct rlimit limit;
    bool room = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > HELD + 32;
    if (skip_unless(room, "this machine allows fewer than 1,050 descriptors")) return;
    struct run run = server_at(0);
    run.held = HELD;
    struct program *server = start(run);
    in_port_t port = wait_port(server, "listening on ");
    SUSPECTS({OTHER, NULL,
              "Its descriptors are high here, about 1,020: is an array that has the descriptor for "
              "its index long\n"
              "enough? There can be as many as the limit on descriptors allows (ulimit -n).",
              NULL});
    visit(port, 1);
    expect_running(server);
}

/* What the clients send differs in digits alone. */
static bool is_of_another_client(struct program *program)
{
    (void)program;
    return saw.byte >= '0' && saw.byte <= '9';
}

static const int *all_clients;
static int all_count;

static bool has_threads(struct program *program)
{
    (void)program;
    return facts.threads;
}

/* Also when all others have ended their sending. */
static bool is_never_served(struct program *program)
{
    for (int i = 0; i < all_count; i++)
        if (all_clients[i] != saw.sock) shutdown(all_clients[i], SHUT_WR);
    return facts.threads && !readable(saw.sock, patience()) && is_accepted(program);
}

TEST(clients_that_take_turns_each_get_their_own_bytes)
{
    enum { CLIENTS = 40, ROUNDS = 10 };
    int clients[CLIENTS];
    char text[64];
    struct program *server = start_server(NULL);
    SUSPECTS({OTHER_BYTE, is_of_another_client,
              "The bytes are another client's: do all threads share one buffer? Make it a local "
              "variable of the\n"
              "thread.",
              NULL},
             {NO_BYTES, is_never_served, NEVER_SERVED, NULL},
             {NO_BYTES, has_threads, ONE_AFTER_ANOTHER, NULL});
    all_clients = clients, all_count = CLIENTS;
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

/* Some are accepted, and when they leave others are. */
static bool are_accepted_in_groups(struct program *program)
{
    const char *output;
    size_t before = output_of(program, &output);
    const char *first = strstr(output, "connection from ");
    if (first == NULL || strstr(first + 1, "connection from ") == NULL) return false;
    for (int i = 0; i < all_count; i++) shutdown(all_clients[i], SHUT_WR);
    struct waiting wait = begin_wait();
    while (output_of(program, &output) == before && !in_vain(&wait)) look_again_soon();
    return output_of(program, &output) > before;
}

TEST(each_of_300_clients_is_named_by_its_own_address)
{
    if (facts.takes_path) return; /* a client's socket has no address there */
    /* ThreadSanitizer makes threads slow, and sees a race in few. */
    enum { CLIENTS = 300, WITH_THREAD_SANITIZER = 60 };
    int clients[CLIENTS], count = clients_here(options.at_once ? WITH_THREAD_SANITIZER : CLIENTS);
    static bool named[65536];
    struct program *server = start_server(NULL);
    all_clients = clients, all_count = count;
    if (facts.threads)
        SUSPECTS(
            {NO_LINE, are_accepted_in_groups,
             "Some clients are accepted, and the next ones wait until these have gone: is there "
             "a fixed number\n"
             "of threads? Each client gets a thread of its own.",
             NULL},
            {OTHER_PEER, NULL,
             "Do threads share the variable with the client's address? The next accept "
             "overwrites it, perhaps\n"
             "before a thread has printed it. Print it before the thread begins, or give each "
             "thread its own.",
             NULL});
    for (int i = 0; i < count; i++) clients[i] = dial(port_of(server));
    for (int i = 0; i < count; i++) {
        in_port_t port = wait_port(server, "connection from ");
        expect_or(OTHER_PEER, !named[port],
                  "expected each client to be named once, saw 127.0.0.1:%d twice", port);
        named[port] = true;
    }
    for (int i = 0; i < count; i++)
        expect_or(OTHER_PEER, named[local_port(clients[i])],
                  "expected a client from 127.0.0.1:%d to be named", local_port(clients[i]));
    for (int i = 0; i < count; i++) close(clients[i]);
    expect_served(server, port_of(server));
}

void add_concurrent(Suite *suite, SFun enter)
{
    TCase *tests = add_at_once_case(suite, "side by side", enter);
    tcase_add_test(tests, the_second_client_does_not_wait);
    tcase_add_test(tests, a_client_that_never_reads_holds_up_nobody_else);
    tcase_add_test(tests, a_client_with_a_high_descriptor_is_served);
    tcase_add_test(tests, each_of_300_clients_is_named_by_its_own_address);
    tcase_add_test(tests, clients_that_take_turns_each_get_their_own_bytes);
}
