/* further/line-chat: the client prints what comes while nothing is typed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "line-chat.h"
#include "suites.h"

TEST(the_client_prints_what_comes_while_nothing_is_typed)
{
    look_for_leaks();
    char line[64], said[64];
    struct program *server = start_server(NULL);
    int other = dial(port_of(server));
    struct program *client = start_client(port_of(server), NULL);
    read_line(other, line, sizeof line);
    snprintf(said, sizeof said, "127.0.0.1:%d: ", local_port(other));
    say(other, "one\ntwo\n");
    expect_text(wait_line(client, said), "one");
    expect_text(wait_line(client, said), "two");
    *strchr(line, ' ') = '\0'; /* its name */
    type_text(client, "typed\n", 6);
    char echoed[64], wanted[160];
    read_line(other, echoed, sizeof echoed);
    snprintf(wanted, sizeof wanted, "%s: typed", line);
    expect_text(echoed, wanted);
    say(other, "three\n");
    expect_text(wait_line(client, said), "three");
    type_text(client, "no end", 6);
    end_input(client);
    expect_exit(client, 0);
    read_line(other, echoed, sizeof echoed);
    snprintf(wanted, sizeof wanted, "%s: no end", line);
    expect_text(echoed, wanted);
    const char *output;
    expect(strstr(errors_of(client), "connected to 127.0.0.1:") == errors_of(client) &&
               output_of(client, &output) == 3 * strlen(said) + strlen("one\ntwo\nthree\n"),
           "expected the others' lines alone on stdout");
    close(other);
    expect_served(server, port_of(server));
}

TEST(the_client_passes_a_whole_file_on)
{
    enum { LINES = 20 * 1000 };
    static const char *const faults[] = {
        NULL, "SEND=100 RECV=50 recv=EINTR@%2 send=EINTR@%2 poll=EINTR@%3"};
    static char text[LINES * 16];
    char line[64], wanted[64];
    if (faults[_i] != NULL && skip_faults()) return;
    size_t length = 0;
    for (int i = 0; i < LINES; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "line %d\n", i);
    struct program *server = start_server(NULL);
    int other = dial(port_of(server));
    struct program *client = start_client(port_of(server), faults[_i]);
    read_line(other, line, sizeof line);
    type_text(client, text, length);
    end_input(client);
    char *space = strchr(line, ' ');
    for (int i = 0; i < LINES; i++) {
        snprintf(wanted, sizeof wanted, "%.*s: line %d\n", (int)(space - line), line, i);
        expect_bytes(other, wanted, strlen(wanted));
    }
    expect_exit(client, 0);
    close(other);
    expect_served(server, port_of(server));
}

TEST(the_client_half_closes_and_prints_what_still_comes)
{
    in_port_t port;
    int listener = own_listener(&port);
    struct program *client = start_client(port, NULL);
    int sock = accept_one(listener);
    type_text(client, "abc", 3);
    end_input(client);
    expect_bytes(sock, "abc", 3);
    expect_end(sock);
    send_bytes(sock, "late", 4);
    expect_running(client); /* it waits for the server's end of file */
    close(sock);
    expect_exit(client, 0);
    const char *output;
    expect(output_of(client, &output) == 4 && strcmp(output, "late") == 0, "expected 'late'");
}

TEST(the_client_complains_when_the_server_closes_first)
{
    in_port_t port;
    int listener = own_listener(&port);
    struct program *client = start_client(port, NULL);
    int sock = accept_one(listener);
    if (_i == 0) {
        close(sock);
        expect_exit(client, 1);
        expect(strstr(errors_of(client), "\nrecv: connection closed by server\n") != NULL,
               "expected 'recv: connection closed by server'");
    } else {
        reset(sock);
        expect_failure(client, "recv", ECONNRESET);
    }
}

TEST(the_client_names_a_stdout_that_cannot_be_written)
{
    struct program *server = start_server(NULL);
    char text[8], line[64];
    snprintf(text, sizeof text, "%d", port_of(server));
    struct run run = {.program = "client", .arguments = {"127.0.0.1", text}};
    if (_i == 0)
        run.output_file = "/dev/full";
    else
        run.output_gone = true;
    int other = dial(port_of(server));
    struct program *client = start(run);
    read_line(other, line, sizeof line);
    say(other, "hello\n");
    expect_failure(client, "write", _i == 0 ? ENOSPC : EPIPE);
}

TEST(a_failing_call_of_the_client_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"connect", "connect=ETIMEDOUT@1", ETIMEDOUT},
        {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
        {"poll", "poll=ENOMEM@1", ENOMEM},
        {"read", "read=EIO@1", EIO},
        {"send", "send=EPIPE@1", EPIPE},
        {"recv", "recv=ECONNRESET@1", ECONNRESET},
        {"shutdown", "shutdown=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@1", EIO},
    };
    expect_failing_client(&failing[_i]);
}

TEST(sigint_and_sigterm_end_the_client)
{
    char line[64];
    struct program *server = start_server(NULL);
    int other = dial(port_of(server));
    struct program *client = start_client(port_of(server), NULL);
    read_line(other, line, sizeof line);
    stop(client, _i == 0 ? SIGINT : SIGTERM);
    read_line(other, line, sizeof line);
    expect(strstr(line, " left") != NULL, "expected the others to hear of it");
    close(other);
    expect_served(server, port_of(server));
}

void add_chat_client(TCase *client)
{
    tcase_add_test(client, the_client_prints_what_comes_while_nothing_is_typed);
    tcase_add_loop_test(client, the_client_passes_a_whole_file_on, 0, 2);
    tcase_add_test(client, the_client_half_closes_and_prints_what_still_comes);
    tcase_add_loop_test(client, the_client_complains_when_the_server_closes_first, 0, 2);
    tcase_add_loop_test(client, the_client_names_a_stdout_that_cannot_be_written, 0, 2);
    tcase_add_loop_test(client, a_failing_call_of_the_client_is_named_and_exits_1, 0, 9);
    tcase_add_loop_test(client, sigint_and_sigterm_end_the_client, 0, 2);
}
