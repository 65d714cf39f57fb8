/* further/udp-echo: the client sends each line as a datagram and waits for its echo. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness.h"
#include "suites.h"
#include "udp-echo.h"

TEST(every_line_comes_back_on_stdout_alone)
{
    look_for_leaks();
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
    expect_text(errors_of(client), wanted);
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

void add_datagram_client(TCase *client)
{
    tcase_add_test(client, every_line_comes_back_on_stdout_alone);
    tcase_add_test(client, each_line_is_one_datagram_and_waits_for_the_echo_of_the_one_before);
    tcase_add_test(client, with_no_input_it_sends_nothing_and_ends_with_0);
    tcase_add_test(client, a_line_longer_than_any_datagram_is_refused_by_the_kernel);
    tcase_add_test(client, a_port_where_nobody_is_bound_refuses);
    tcase_add_test(client, a_server_that_ends_between_two_lines_is_told);
    tcase_add_loop_test(client, a_failing_call_of_the_client_is_named_and_exits_1, 0, 10);
    tcase_add_test(client, an_input_that_cannot_be_read_is_a_failing_call);
    tcase_add_loop_test(client, a_stdout_that_cannot_be_written_is_a_failing_call, 0, 2);
    tcase_add_test(client, signals_lose_no_line_in_the_client);
    tcase_add_loop_test(client, sigint_and_sigterm_end_the_client_while_it_waits, 0, 2);
}
