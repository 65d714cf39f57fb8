/* further/udp-echo: datagrams keep their boundaries, get lost, come twice, and need no connection. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"
#include "udp-echo.h"

static void enter(void)
{
    lesson = "further/udp-echo";
    facts = (struct facts){.takes_address = true, .serves = MANY_CLIENTS};
    own_pause = 2; /* the last and longest wait for a reply */
}

int own_socket(in_port_t *port)
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

struct program *start_bound(const char *faults, in_port_t *port)
{
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "0"}, .faults = faults};
    struct program *server = start(run);
    *port = wait_port(server, "bound to ");
    return server;
}

void type_line(struct program *client, const char *line)
{
    type_text(client, line, strlen(line));
}

void expect_still_served(struct program *server, in_port_t port)
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
    expect_text(wait_line(server, ""), wanted);
    snprintf(wanted, sizeof wanted, "0 bytes from 127.0.0.1:%d", local_port(two));
    expect_text(wait_line(server, ""), wanted);
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
    expect_text(wait_line(server, ""), wanted);

    expect_there_and_back(sock, data, (size_t)kept); /* exactly the buffer: nothing is cut */
    snprintf(wanted, sizeof wanted, "%zd bytes from 127.0.0.1:%d", kept, local_port(sock));
    expect_text(wait_line(server, ""), wanted);

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
    in_port_t port;
    struct program *server = start_bound(failing[_i].fault, &port);
    int sock = visitor(port);
    send_one(sock, "one", 3);
    wait_errors(server, told(failing[_i].call, failing[_i].error));
    if (strcmp(failing[_i].call, "recvmsg") == 0) expect_one(sock, "one", 3); /* not taken yet */
    expect_there_and_back(sock, "two", 3);
    expect_still_served(server, port);
    expect_errors(server, told(failing[_i].call, failing[_i].error));
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
    expect_text(errors_of(server), "");
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
    add_datagram_client(add_case(suite, "client", enter));
    add_datagram_loss(add_case(suite, "loss", enter));
    return suite;
}
