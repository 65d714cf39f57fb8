/* further/udp-echo: datagrams keep their boundaries, get lost, come twice, and need no connection. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

enum { LARGEST = 65507 }; /* 65535 less the headers of IPv4 and UDP: udp(7) */

static void enter(void)
{
    lesson = "further/udp-echo";
    facts = (struct facts){.takes_address = true};
    own_pause = 2; /* the last and longest wait for a reply */
}

/* ---- sockets of the test ---- */

/* A datagram socket with the deadline of all events; bound to a port of loopback. */
static int own_socket(in_port_t *port)
{
    struct sockaddr_in address = loopback(0);
    int sock = need_socket(AF_INET, SOCK_DGRAM);
    with_deadline(sock);
    expect(bind(sock, (struct sockaddr *)&address, sizeof address) == 0, "bind: %s",
           strerror(errno));
    if (port != NULL) *port = local_port(sock);
    return sock;
}

/* One that talks to this port only. */
static int visitor(in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int sock = own_socket(NULL);
    expect(connect(sock, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    return sock;
}

static void send_one(int sock, const void *data, size_t length)
{
    expect(send(sock, data, length, 0) == (ssize_t)length, "send: %s", strerror(errno));
}

/* The next datagram is this one, no byte less and no byte more. */
static void expect_one(int sock, const void *data, size_t length)
{
    static char got[LARGEST];
    ssize_t received = recv(sock, got, sizeof got, 0);
    expect(received != -1, "expected a datagram of %zu bytes, saw: %s", length, seen_as(errno));
    expect((size_t)received == length, "expected a datagram of %zu bytes, saw %zd", length,
           received);
    expect(memcmp(got, data, length) == 0, "expected the datagram as it was sent");
}

static void expect_there_and_back(int sock, const void *data, size_t length)
{
    send_one(sock, data, length);
    expect_one(sock, data, length);
}

/* ---- the server ---- */

static struct program *start_bound(const char *faults, in_port_t *port)
{
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "0"}, .faults = faults};
    struct program *server = start(run);
    *port = wait_port(server, "bound to ");
    return server;
}

static void expect_still_served(struct program *server, in_port_t port)
{
    int sock = visitor(port);
    expect_there_and_back(sock, "still here", 10);
    close(sock);
    stop(server, SIGTERM);
}

TEST(each_datagram_comes_back_alone_and_whole)
{
    static const size_t lengths[] = {0, 1, 0, 2, 512, 1472, 2048, 3};
    enum { COUNT = sizeof lengths / sizeof lengths[0] };
    char data[2048];
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    int sock = visitor(port);
    fill_pattern(data, sizeof data, 0);
    for (int i = 0; i < COUNT; i++) send_one(sock, data, lengths[i]);
    for (int i = 0; i < COUNT; i++) expect_one(sock, data, lengths[i]);
    expect_still_served(server, port);
}

TEST(every_byte_value_comes_back)
{
    char all[256];
    for (int i = 0; i < 256; i++) all[i] = (char)i;
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    expect_there_and_back(visitor(port), all, sizeof all);
    expect_still_served(server, port);
}

TEST(it_tells_the_length_and_the_sender_of_each_datagram)
{
    char wanted[64];
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    int one = visitor(port), two = visitor(port);
    expect_there_and_back(one, "hello", 5);
    expect_there_and_back(two, "", 0);
    snprintf(wanted, sizeof wanted, "5 bytes from 127.0.0.1:%d", local_port(one));
    ck_assert_str_eq(wait_line(server, ""), wanted);
    snprintf(wanted, sizeof wanted, "0 bytes from 127.0.0.1:%d", local_port(two));
    ck_assert_str_eq(wait_line(server, ""), wanted);
    expect_still_served(server, port);
}

TEST(it_says_when_a_datagram_was_cut_and_only_then)
{
    static char data[LARGEST], back[LARGEST];
    char wanted[128];
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    int sock = visitor(port);
    fill_pattern(data, sizeof data, 0);
    send_one(sock, data, sizeof data);
    ssize_t kept = recv(sock, back, sizeof back, 0);
    expect(kept > 0 && kept < LARGEST, "expected the beginning of the datagram, saw %zd bytes",
           kept);
    expect(memcmp(data, back, (size_t)kept) == 0, "expected the beginning of what was sent");
    snprintf(wanted, sizeof wanted, "%zd bytes from 127.0.0.1:%d, the rest is cut off", kept,
             local_port(sock));
    ck_assert_str_eq(wait_line(server, ""), wanted);

    expect_there_and_back(sock, data, (size_t)kept); /* exactly the buffer: nothing is cut */
    snprintf(wanted, sizeof wanted, "%zd bytes from 127.0.0.1:%d", kept, local_port(sock));
    ck_assert_str_eq(wait_line(server, ""), wanted);

    send_one(sock, data, (size_t)kept + 1);
    expect_one(sock, data, (size_t)kept);
    expect(strstr(wait_line(server, ""), "cut off") != NULL, "expected one byte too many told");
    expect_still_served(server, port);
}

TEST(one_socket_serves_all_peers)
{
    enum { PEERS = 100 };
    int socks[PEERS];
    char text[32];
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    long before = count_of(server, "fd");
    for (int i = 0; i < PEERS; i++) {
        socks[i] = visitor(port);
        send_one(socks[i], text, (size_t)snprintf(text, sizeof text, "peer %d", i));
    }
    for (int i = PEERS - 1; i >= 0; i--)
        expect_one(socks[i], text, (size_t)snprintf(text, sizeof text, "peer %d", i));
    expect(count_of(server, "fd") == before, "expected no more descriptors");
    expect_still_served(server, port);
}

TEST(a_peer_that_has_gone_before_its_echo_costs_nobody_else)
{
    in_port_t port;
    own_network(); /* where it can be made: there no stranger takes the port of one that has gone, and its echo */
    struct program *server = start_bound(NULL, &port);
    for (int i = 0; i < 100; i++) {
        int sock = visitor(port);
        send_one(sock, "bye", 3);
        close(sock); /* what comes back now is answered with ICMP: port unreachable */
    }
    for (int i = 0; i < 100; i++) wait_line(server, "3 bytes from ");
    expect_still_served(server, port);
}

TEST(a_failed_call_for_one_datagram_is_told_and_the_next_is_served)
{
    static const struct failing failing[] = {
        {"recvmsg", "recvmsg=ECONNREFUSED@1", ECONNREFUSED},
        {"recvmsg", "recvmsg=ENOMEM@1", ENOMEM},
        {"recvmsg", "recvmsg=ENOBUFS@1", ENOBUFS},
        {"recvmsg", "recvmsg=ENETDOWN@1", ENETDOWN},
        {"sendto", "sendto=ECONNREFUSED@1", ECONNREFUSED},
        {"sendto", "sendto=EMSGSIZE@1", EMSGSIZE},
        {"sendto", "sendto=ENOBUFS@1", ENOBUFS},
        {"sendto", "sendto=ENETUNREACH@1", ENETUNREACH},
        {"sendto", "sendto=EPERM@1", EPERM},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    char wanted[256];
    in_port_t port;
    struct program *server = start_bound(failing[_i].fault, &port);
    int sock = visitor(port);
    send_one(sock, "one", 3);
    snprintf(wanted, sizeof wanted, "%s: %s\n", failing[_i].call, reason(failing[_i].error));
    wait_errors(server, wanted);
    if (strcmp(failing[_i].call, "recvmsg") == 0) expect_one(sock, "one", 3); /* not taken yet */
    expect_there_and_back(sock, "two", 3);
    expect_still_served(server, port);
    ck_assert_str_eq(errors_of(server), wanted);
}

TEST(a_recvmsg_that_goes_on_failing_makes_no_busy_loop)
{
    if (skip_faults()) return;
    in_port_t port;
    struct program *server = start_bound("recvmsg=ENOMEM@1+", &port);
    wait_errors(server, "recvmsg: ");
    expect_calm(server);
    stop(server, SIGTERM);
}

TEST(a_signal_is_not_even_told_and_loses_no_datagram)
{
    if (skip_faults()) return;
    in_port_t port;
    struct program *server = start_bound("recvmsg=EINTR@%2 sendto=EINTR@%2", &port);
    int sock = visitor(port);
    for (int i = 0; i < 10; i++) expect_there_and_back(sock, &i, sizeof i);
    expect_still_served(server, port);
    ck_assert_str_eq(errors_of(server), "");
}

TEST(a_second_copy_is_refused_and_the_port_is_free_at_once_after_the_first)
{
    char text[8];
    in_port_t port;
    bool alone = own_network();
    struct program *server = start_bound(NULL, &port);
    int sock = visitor(port);
    expect_there_and_back(sock, "hello", 5);
    snprintf(text, sizeof text, "%d", port);
    struct run again = {.program = "server", .arguments = {"127.0.0.1", text}};
    expect_failure(start(again), "bind", EADDRINUSE);
    stop(server, SIGTERM);
    if (skip_unless(alone, "no network namespace of our own, where a port stays free")) return;
    server = start(again);
    expect(wait_port(server, "bound to ") == port, "expected the same port %d again", port);
    expect_still_served(server, port);
}

/* At port 5000, where servers without arguments are: nobody reads which port a deaf one has. */
TEST(a_stdout_that_cannot_be_written_does_not_stop_the_server)
{
    if (skip_unless(own_network(), "no network namespace of our own for port 5000")) return;
    struct run run = {.program = "server"};
    if (_i == 0)
        run.output_gone = true;
    else
        run.output_file = "/dev/full";
    struct program *server = start(run);
    int sock = visitor(5000);
    char back[8];
    struct waiting wait = begin_wait();
    do { /* refused until it is bound */
        expect(!in_vain(&wait), "expected an echo at port 5000: %s", strerror(errno));
        look_again_soon();
    } while (send(sock, "hello", 5, 0) != 5 || recv(sock, back, sizeof back, 0) != 5);
    expect_still_served(server, 5000);
}

/* ---- the client ---- */

/* What came from the client: a number of four bytes and a line. */
struct request {
    uint32_t number;
    size_t length; /* of both */
    struct sockaddr_in from;
    char line[LARGEST];
};

/* False: none has come. */
static bool receive(int sock, struct request *request)
{
    socklen_t size = sizeof request->from;
    char data[LARGEST];
    ssize_t got = recvfrom(sock, data, sizeof data, 0, (struct sockaddr *)&request->from, &size);
    if (got == -1) return false;
    request->length = (size_t)got;
    if (got < 4) return true;
    memcpy(&request->number, data, 4);
    memcpy(request->line, data + 4, request->length - 4);
    return true;
}

static void expect_whole(const struct request *request)
{
    expect(request->length >= 4, "expected a number of four bytes and a line, saw %zu bytes",
           request->length);
}

static struct request take(int sock)
{
    struct request request = {.length = 0};
    expect(receive(sock, &request), "expected a datagram of the client: %s", seen_as(errno));
    expect_whole(&request);
    return request;
}

/* The next one with another number: when the test is slow, the client sends the same one again. */
static struct request take_next(int sock, uint32_t before)
{
    struct request request;
    do request = take(sock);
    while (request.number == before);
    return request;
}

/* Sends the first `length` bytes of the request back, and NULs where it has no more. */
static void give(int sock, const struct request *request, size_t length)
{
    char data[LARGEST] = {0};
    memcpy(data, &request->number, 4);
    memcpy(data + 4, request->line, request->length - 4);
    ssize_t sent = sendto(sock, data, length, 0, (const struct sockaddr *)&request->from,
                          sizeof request->from);
    expect(sent == (ssize_t)length, "sendto: %s", strerror(errno));
}

/*
 * A process that does nothing but answer the requests to `sock`, because the client waits half a second, one and two,
 * and the test may be held up for longer. Check ends it with the test. Returns where each request comes after it was
 * answered: taken().
 *   answer  gets the first request, the one before and this one
 */
static int answer_apart(int sock,
                        void (*answer)(int sock, const struct request *first,
                                       const struct request *before, const struct request *request))
{
    static struct request first, before, request;
    int ends[2];
    expect(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair: %s", strerror(errno));
    with_deadline(ends[0]);
    pid_t apart = fork();
    expect(apart != -1, "fork: %s", strerror(errno));
    if (apart != 0) {
        close(ends[1]);
        return ends[0];
    }
    setpriority(PRIO_PROCESS, 0, -20); /* where it may */
    const struct timeval no_limit = {0};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &no_limit, sizeof no_limit);
    for (; receive(sock, &request); before = request) {
        if (first.length == 0) first = before = request;
        if (request.length >= 4) answer(sock, &first, &before, &request);
        send(ends[1], &request, offsetof(struct request, line) + request.length, 0);
    }
    _exit(0);
}

static struct request taken(int requests)
{
    struct request request = {.length = 0};
    expect(recv(requests, &request, sizeof request, 0) > 0, "expected a datagram of the client: %s",
           seen_as(errno));
    expect_whole(&request);
    return request;
}

static void expect_same(const struct request *one, const struct request *other)
{
    expect(one->length == other->length && one->number == other->number &&
               memcmp(one->line, other->line, one->length - 4) == 0,
           "expected the same datagram again");
}

static void type_line(struct program *client, const char *line)
{
    type_text(client, line, strlen(line));
}

TEST(every_line_comes_back_on_stdout_alone)
{
    static char text[40 * 1000];
    for (size_t i = 0; i < sizeof text; i++) /* lines of 0 to 299 bytes, NUL among them */
        text[i] = (char)(i % 300 == 299 || i % 1234 == 7 ? '\n' : (i * 7) % 256);
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    struct program *client = start_client(port, NULL);
    type_text(client, text, sizeof text - 1); /* the last line has no end */
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, text, sizeof text - 1);
    char wanted[128];
    int from = 0;
    sscanf(wait_line(server, ""), "%*d bytes from 127.0.0.1:%d", &from);
    snprintf(wanted, sizeof wanted, "connected to 127.0.0.1:%d from 127.0.0.1:%d\n", port, from);
    ck_assert_str_eq(errors_of(client), wanted);
    expect_still_served(server, port);
}

TEST(each_line_is_one_datagram_and_waits_for_the_echo_of_the_one_before)
{
    static const char *const lines[] = {"first\n", "\n", "third"};
    in_port_t port;
    int peer = own_socket(&port);
    struct program *client = start_client(port, NULL);
    type_line(client, "first\n\nthird");
    uint32_t before = 0; /* in network byte order, as they come */
    for (int i = 0; i < 3; i++) {
        if (i == 2) end_input(client);
        struct request request = take_next(peer, before);
        expect(request.length == 4 + strlen(lines[i]) &&
                   memcmp(request.line, lines[i], request.length - 4) == 0,
               "expected line %d and nothing else in the datagram", i);
        expect(ntohl(request.number) == ntohl(before) + 1, "expected number %u, saw %u",
               ntohl(before) + 1, ntohl(request.number));
        before = request.number;
        give(peer, &request, request.length);
    }
    expect_exit(client, 0);
    expect_output(client, "first\n\nthird", 12);
}

TEST(with_no_input_it_sends_nothing_and_ends_with_0)
{
    in_port_t port;
    int peer = own_socket(&port);
    struct program *client = start_client(port, NULL);
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, "", 0);
    expect(!readable(peer, 0), "expected no datagram");
}

/* The third try is answered twice; the client has gone then, or ignores what is late. */
static void answer_the_third_try(int sock, const struct request *first,
                                 const struct request *before, const struct request *request)
{
    static int tries;
    (void)first, (void)before;
    if (++tries < 3) return;
    give(sock, request, request->length);
    give(sock, request, request->length);
}

/* Two clients at once, so that their waiting counts only once. */
TEST(what_is_lost_is_sent_again_and_given_up_after_three_tries)
{
    in_port_t port, dead_port;
    int peer = answer_apart(own_socket(&port), answer_the_third_try);
    int dead = own_socket(&dead_port);
    double begun = now();
    struct program *client = start_client(port, NULL), *unlucky = start_client(dead_port, NULL);
    type_line(unlucky, "same\n");
    struct request old = take(dead);
    give(dead, &old, old.length);
    wait_line(unlucky, "same");
    type_line(unlucky, "same\n"); /* from now on only echoes of the first line come */

    type_line(client, "hello\n");
    end_input(client);
    struct request lost = taken(peer), again;
    for (int i = 0; i < 2; i++) {
        again = taken(peer);
        expect_same(&lost, &again);
    }
    expect(now() - begun >= 1.4, "expected half a second and a whole one between the tries");
    expect_exit(client, 0);
    expect_output(client, "hello\n", 6);
    wait_errors(client, "no reply yet: try 2 of 3\nno reply yet: try 3 of 3\n");

    while (strstr(errors_of(unlucky), "no reply after") == NULL) {
        expect(now() - begun < patience(), "expected it to give up although old echoes come");
        sendto(dead, "", 0, 0, (struct sockaddr *)&old.from, sizeof old.from);
        sendto(dead, &old.number, 4, 0, (struct sockaddr *)&old.from, sizeof old.from);
        look_again_soon();
    }
    expect(now() - begun >= 3.4, "expected it to wait longer for each try, saw %.1f s in all",
           now() - begun);
    expect_exit(unlucky, 1);
    expect(strstr(errors_of(unlucky),
                  "\nno reply yet: try 3 of 3\nrecv: no reply after 3 tries\n") != NULL,
           "expected it to say that it gives up");
    expect_output(unlucky, "same\n", 5);
    for (int i = 0; i < 3; i++) {
        struct request request = take_next(dead, old.number);
        expect(request.length == old.length, "expected the second line");
    }
    expect(!readable(dead, 0), "expected three tries and no more");
}

/* The echo of the first line comes three times; the second line's gets lost, and then comes behind one more of the first. */
static void answer_late(int sock, const struct request *first, const struct request *before,
                        const struct request *request)
{
    if (request->number == first->number)
        for (int i = 0; i < 3; i++) give(sock, first, first->length);
    else if (request->number == before->number) {
        give(sock, first, first->length);
        give(sock, request, request->length);
    }
}

TEST(a_late_copy_is_not_taken_for_the_echo_of_a_newer_line)
{
    in_port_t port;
    int peer = answer_apart(own_socket(&port), answer_late);
    struct program *client = start_client(port, NULL);
    type_line(client, "same\nsame\n");
    end_input(client);
    struct request first = taken(peer), second = taken(peer);
    while (second.number == first.number) second = taken(peer);
    struct request again = taken(peer);
    expect_same(&second, &again);
    expect_exit(client, 0);
    expect_output(client, "same\nsame\n", 10);
}

TEST(datagrams_of_strangers_and_scraps_are_ignored)
{
    in_port_t port;
    int peer = own_socket(&port), stranger = own_socket(NULL);
    struct program *client = start_client(port, NULL);
    type_line(client, "hello\n");
    end_input(client);
    struct request request = take(peer), forged = request;
    memcpy(forged.line, "HELLO\n", 6);
    give(stranger, &forged, forged.length);
    for (size_t length = 0; length < 4; length++) give(peer, &request, length);
    give(peer, &request, request.length);
    expect_exit(client, 0);
    expect_output(client, "hello\n", 6);
}

TEST(an_echo_that_differs_is_told_and_exits_1)
{
    static const size_t lengths[] = {10, 8, 11}; /* another byte, two less, one more */
    char wanted[64];
    in_port_t port;
    int peer = own_socket(&port);
    struct program *client = start_client(port, NULL);
    type_line(client, "hello\n");
    struct request request = take(peer);
    if (_i == 0) request.line[5]++;
    give(peer, &request, lengths[_i]);
    expect_exit(client, 1);
    snprintf(wanted, sizeof wanted, "recv: the reply differs: %zu bytes for 10\n", lengths[_i]);
    wait_errors(client, wanted);
    expect_output(client, "", 0);
}

TEST(a_line_longer_than_any_datagram_is_refused_by_the_kernel)
{
    static char line[LARGEST];
    memset(line, 'x', sizeof line);
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    struct program *client = start_client(port, NULL);
    type_text(client, line, sizeof line - 3); /* and a number of four bytes: one too many */
    end_input(client);
    expect_failure(client, "sendmsg", EMSGSIZE);
    expect_still_served(server, port);
}

TEST(a_port_where_nobody_is_bound_refuses)
{
    if (skip_unless(own_network(), "no network namespace of our own, where no port is taken"))
        return;
    struct program *client = start((struct run){.program = "client"});
    wait_errors(client, "connected to 127.0.0.1:5000 from 127.0.0.1:");
    expect_running(client); /* nothing was sent: nothing is known */
    type_line(client, "hello\n");
    expect_failure(client, "recv", ECONNREFUSED);
}

TEST(a_server_that_ends_between_two_lines_is_told)
{
    in_port_t port;
    int peer = own_socket(&port);
    struct program *client = start_client(port, NULL);
    type_line(client, "hello\n");
    struct request request = take(peer);
    give(peer, &request, request.length);
    wait_line(client, "hello");
    /* Connected to itself, it takes nothing of the client: as if it were gone, and nobody else gets its port. */
    struct sockaddr_in itself = loopback(port);
    expect(connect(peer, (struct sockaddr *)&itself, sizeof itself) == 0, "connect");
    type_line(client, "again\n");
    expect_failure(client, "recv", ECONNREFUSED);
}

TEST(a_failing_call_of_the_client_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"connect", "connect=ENETUNREACH@1", ENETUNREACH},
        {"connect", "connect=EINTR@1", EINTR},
        {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
        {"sendmsg", "sendmsg=ENOBUFS@1", ENOBUFS},
        {"sendmsg", "sendmsg=ECONNREFUSED@1", ECONNREFUSED},
        {"setsockopt", "setsockopt=EINVAL@1", EINVAL},
        {"recv", "recv=EHOSTUNREACH@1", EHOSTUNREACH},
        {"close", "close=EIO@1", EIO},
        {"close", "close=EINTR@1", EINTR},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    struct program *client = start_client(port, failing[_i].fault);
    type_line(client, "hello\n");
    end_input(client);
    expect_failure(client, failing[_i].call, failing[_i].error);
    expect_still_served(server, port);
}

TEST(an_input_that_cannot_be_read_is_a_failing_call)
{
    struct run run = {.program = "client", .input_file = "/"}; /* a folder: EISDIR */
    expect_failure(start(run), "getline", EISDIR);
}

TEST(a_stdout_that_cannot_be_written_is_a_failing_call)
{
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    char text[8];
    snprintf(text, sizeof text, "%d", port);
    struct run run = {.program = "client", .arguments = {"127.0.0.1", text}};
    if (_i == 0)
        run.output_file = "/dev/full";
    else
        run.output_gone = true;
    struct program *client = start(run);
    type_line(client, "hello");
    end_input(client);
    expect_failure(client, "write", _i == 0 ? ENOSPC : EPIPE);
    expect_still_served(server, port);
}

TEST(signals_lose_no_line_in_the_client)
{
    if (skip_faults()) return;
    in_port_t port;
    struct program *server = start_bound(NULL, &port);
    struct program *client = start_client(port, "recv=EINTR@%2 sendmsg=EINTR@%2");
    type_line(client, "one\ntwo\nthree\n");
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, "one\ntwo\nthree\n", 14);
    expect_still_served(server, port);
}

TEST(sigint_and_sigterm_end_the_client_while_it_waits)
{
    static const int signals[] = {SIGINT, SIGTERM};
    in_port_t port;
    int peer = own_socket(&port);
    struct program *client = start_client(port, NULL);
    type_line(client, "hello\n");
    take(peer);
    stop(client, signals[_i]);
}

Suite *suite_udp_echo(void)
{
    Suite *suite = suite_create("further/udp-echo");
    add_server_arguments(suite, enter);
    add_client_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 3);
    TCase *server = add_case(suite, "server", enter);
    tcase_add_test(server, each_datagram_comes_back_alone_and_whole);
    tcase_add_test(server, every_byte_value_comes_back);
    tcase_add_test(server, it_tells_the_length_and_the_sender_of_each_datagram);
    tcase_add_test(server, it_says_when_a_datagram_was_cut_and_only_then);
    tcase_add_test(server, one_socket_serves_all_peers);
    tcase_add_test(server, a_peer_that_has_gone_before_its_echo_costs_nobody_else);
    tcase_add_loop_test(server, a_failed_call_for_one_datagram_is_told_and_the_next_is_served, 0,
                        9);
    tcase_add_test(server, a_recvmsg_that_goes_on_failing_makes_no_busy_loop);
    tcase_add_test(server, a_signal_is_not_even_told_and_loses_no_datagram);
    tcase_add_test(server, a_second_copy_is_refused_and_the_port_is_free_at_once_after_the_first);
    tcase_add_loop_test(server, a_stdout_that_cannot_be_written_does_not_stop_the_server, 0, 2);
    TCase *client = add_case(suite, "client", enter);
    tcase_add_test(client, every_line_comes_back_on_stdout_alone);
    tcase_add_test(client, each_line_is_one_datagram_and_waits_for_the_echo_of_the_one_before);
    tcase_add_test(client, with_no_input_it_sends_nothing_and_ends_with_0);
    tcase_add_test(client, what_is_lost_is_sent_again_and_given_up_after_three_tries);
    tcase_add_test(client, a_late_copy_is_not_taken_for_the_echo_of_a_newer_line);
    tcase_add_test(client, datagrams_of_strangers_and_scraps_are_ignored);
    tcase_add_loop_test(client, an_echo_that_differs_is_told_and_exits_1, 0, 3);
    tcase_add_test(client, a_line_longer_than_any_datagram_is_refused_by_the_kernel);
    tcase_add_test(client, a_port_where_nobody_is_bound_refuses);
    tcase_add_test(client, a_server_that_ends_between_two_lines_is_told);
    tcase_add_loop_test(client, a_failing_call_of_the_client_is_named_and_exits_1, 0, 10);
    tcase_add_test(client, an_input_that_cannot_be_read_is_a_failing_call);
    tcase_add_loop_test(client, a_stdout_that_cannot_be_written_is_a_failing_call, 0, 2);
    tcase_add_test(client, signals_lose_no_line_in_the_client);
    tcase_add_loop_test(client, sigint_and_sigterm_end_the_client_while_it_waits, 0, 2);
    return suite;
}
