/* 05-connect: the client's side, and the five parts of a connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "05-connect";
    facts = (struct facts){.number = 5, .takes_address = true, .serves = NO_CLIENT};
}

static in_port_t peer_port(int sock)
{
    struct sockaddr_in peer = {0};
    socklen_t length = sizeof peer;
    expect(getpeername(sock, (struct sockaddr *)&peer, &length) == 0, "getpeername");
    return ntohs(peer.sin_port);
}

static int of_the_client = -1; /* the end that it should tell apart */

static bool prints_one_twice(struct program *program)
{
    struct sockaddr_in peer = {0};
    socklen_t length = sizeof peer;
    const char *output;
    getpeername(of_the_client, (struct sockaddr *)&peer, &length);
    if (peer.sin_addr.s_addr != htonl(INADDR_LOOPBACK)) return false; /* it has two alike */
    char remote[64] = "", local[64] = "";
    output_of(program, &output);
    sscanf(output, "connected to %63[0-9.]:%*d from %63[0-9.]:", remote, local);
    return remote[0] != '\0' && strcmp(remote, local) == 0;
}

/* The ports in its line; 0: there is none. */
static void read_ends(struct program *program, int *remote, int *local)
{
    const char *output;
    *remote = *local = 0;
    output_of(program, &output);
    sscanf(output, "connected to %*[0-9.]:%d from %*[0-9.]:%d", remote, local);
}

static bool swaps_the_ends(struct program *program)
{
    int remote, local;
    read_ends(program, &remote, &local);
    return local == asked_port(program) && remote != local;
}

/* The line that the client prints: remote end, then local end; the ports as the test sees them. */
static void expect_both_ends(struct program *client, const char *address, in_port_t remote,
                             in_port_t local)
{
    char wanted[128];
    const char *output;
    snprintf(wanted, sizeof wanted, "connected to %s:%d from 127.0.0.1:%d\n", address, remote,
             local);
    expect_exit(client, 0);
    output_of(client, &output);
    int seen_remote, seen_local;
    read_ends(client, &seen_remote, &seen_local);
    bool one_port = (seen_remote == remote) != (seen_local == local); /* is another one */
    saw.back = (size_t)(seen_remote == remote ? seen_local : seen_remote);
    saw.expected = seen_remote == remote ? local : remote;
    SUSPECTS(
        {OTHER, prints_one_twice,
         "inet_ntoa has one buffer for all its calls: the second address overwrites the "
         "first.\n"
         "Use inet_ntop, with an array of your own for each address.",
         NULL},
        {OTHER, swaps_the_ends,
         "The two ends are swapped: getsockname tells the own one, which stands behind `from`.",
         NULL});
    expect_or(one_port ? OTHER_PORT : OTHER, strcmp(output, wanted) == 0, "expected on stdout: %s",
              wanted);
}

TEST(it_tells_the_two_addresses_apart)
{
    look_for_leaks();
    struct sockaddr_in address = loopback(0);
    int listener = with_deadline(need_socket(AF_INET, SOCK_STREAM));
    char port[8];
    inet_pton(AF_INET, "127.0.0.2", &address.sin_addr);
    bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0;
    if (skip_unless(bound, "this system has no address 127.0.0.2")) return;
    expect(listen(listener, 1) == 0, "listen");
    snprintf(port, sizeof port, "%d", local_port(listener));
    struct program *client =
        start((struct run){.program = "client", .arguments = {"127.0.0.2", port}});
    int sock = of_the_client = accept_one(listener);
    expect_both_ends(client, "127.0.0.2", local_port(listener), peer_port(sock));
}

static bool prints_one_end_twice(struct program *program)
{
    const char *output;
    int remote = 0, local = 0;
    output_of(program, &output);
    sscanf(output, "connected to %*[0-9.]:%d from %*[0-9.]:%d", &remote, &local);
    return remote != 0 && remote == local;
}

TEST(it_names_both_ends_of_its_connection_and_exits)
{
    in_port_t port, before = 0;
    SUSPECTS({OTHER, prints_one_end_twice,
              "It prints one end for both: getsockname gives its own end, the one whose port the "
              "kernel has chosen.",
              NULL});
    int listener = own_listener(&port);
    for (int run = 0; run < 3; run++) {
        struct program *client = start_client(port, NULL);
        int sock = accept_one(listener);
        in_port_t local = peer_port(sock);
        expect_both_ends(client, "127.0.0.1", port, local);
        expect_end(sock);
        expect(local != before, "expected a new ephemeral port for each run, saw %d twice", local);
        before = local;
    }
}

#define IGNORED                                                                                    \
    "Nobody listens there, and the program went on as if nothing had happened.\n"                  \
    "Check what connect returns."

#define TRIED_AGAIN                                                                                \
    "Nobody listens there, and the program does not end: is connect tried again and again? Here "  \
    "its "                                                                                         \
    "failure is\n"                                                                                 \
    "told, with its reason, and ends the program with exit status 1."

/* Its own end is nowhere, or not told; a datagram socket would have one. */
static bool said_nothing(struct program *program)
{
    const char *output;
    output_of(program, &output);
    bool connected =
        strstr(output, "connected to ") != NULL && strstr(output, " from 0.0.0.0:") == NULL;
    return errors_of(program)[0] == '\0' && !connected && !is_connecting(program);
}

TEST(a_port_where_nobody_listens_refuses)
{
    in_port_t port;
    int reserved = reserve_port(&port);
    SUSPECTS({OTHER_STATUS, said_nothing, IGNORED, NULL},
             {STILL_RUNS, said_nothing, TRIED_AGAIN, NULL});
    expect_failure(start_client(port, NULL), "connect", ECONNREFUSED);
    close(reserved);
}

TEST(without_arguments_it_connects_to_port_5000_of_loopback)
{
    if (skip_unless(own_network(), "no network namespace of our own for port 5000")) return;
    SUSPECTS({OTHER_STATUS, said_nothing, IGNORED, NULL},
             {STILL_RUNS, said_nothing, TRIED_AGAIN, NULL});
    expect_failure(start((struct run){.program = "client"}), "connect", ECONNREFUSED);
    suspect(NULL);

    struct program *server = start((struct run){.lesson = "03-listen", .program = "server"});
    wait_line(server, "listening on 127.0.0.1:5000");
    struct program *client = start((struct run){.program = "client", .arguments = {"127.0.0.1"}});
    wait_line(client, "connected to 127.0.0.1:5000 from 127.0.0.1:");
    expect_exit(client, 0);
}

TEST(a_stdout_that_cannot_be_written_is_a_failing_call)
{
    in_port_t port;
    int listener = own_listener(&port);
    char text[8];
    snprintf(text, sizeof text, "%d", port);
    SUSPECTS({OTHER_STATUS, NULL,
              "Its line cannot be written here, and the program did not notice: printf returns a "
              "negative "
              "number then,\n"
              "if setvbuf has made stdout write each line at once.",
              NULL});
    struct run run = {.program = "client", .arguments = {"127.0.0.1", text}};
    struct run full = run, gone = run;
    full.output_file = "/dev/full";
    gone.output_gone = true;
    expect_failure(start(full), "write", ENOSPC);
    expect_failure(start(gone), "write", EPIPE);
    close(listener);
}

TEST(sigint_and_sigterm_end_the_client_while_it_connects)
{
    static const int signals[] = {SIGINT, SIGTERM};
    in_port_t port;
    int listener = own_listener(&port), waiting[8];
    expect(listen(listener, 0) == 0, "listen");
    struct sockaddr_in address = loopback(port);
    for (int i = 0; i < 8; i++) { /* fill the queue: the next connect has to wait */
        waiting[i] = need_socket(AF_INET, SOCK_STREAM);
        fcntl(waiting[i], F_SETFL, O_NONBLOCK);
        (void)connect(waiting[i], (struct sockaddr *)&address, sizeof address);
    }
    struct program *client = start_client(port, NULL);
    wait_asleep(client);
    stop(client, signals[_i]);
}

static const struct failing failing[] = {
    {"socket", "socket=EMFILE@1", EMFILE}, {"connect", "connect=ETIMEDOUT@1", ETIMEDOUT},
    {"connect", "connect=EINTR@1", EINTR}, {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
    {"close", "close=EIO@1", EIO},         {"close", "close=EINTR@1", EINTR},
};

TEST(a_failing_call_is_named_and_exits_1)
{
    if (skip_faults() || skip_call(failing[_i].call)) return;
    in_port_t port;
    int listener = own_listener(&port);
    expect_failure(start_client(port, failing[_i].fault), failing[_i].call, failing[_i].error);
    close(listener);
}

Suite *suite_05(void)
{
    Suite *suite = suite_create("05-connect");
    TCase *state = add_case(suite, "state", enter);
    tcase_add_test(state, it_names_both_ends_of_its_connection_and_exits);
    tcase_add_test(state, it_tells_the_two_addresses_apart);
    tcase_add_test(state, a_port_where_nobody_listens_refuses);
    tcase_add_test(state, without_arguments_it_connects_to_port_5000_of_loopback);
    tcase_add_test(state, a_stdout_that_cannot_be_written_is_a_failing_call);
    tcase_add_loop_test(state, sigint_and_sigterm_end_the_client_while_it_connects, 0, 2);
    add_client_arguments(suite, enter);
    tcase_add_loop_test(add_case(suite, "failing calls", enter),
                        a_failing_call_is_named_and_exits_1, 0, sizeof failing / sizeof failing[0]);
    return suite;
}
