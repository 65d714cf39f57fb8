/* What the client of 06, 07 and 08 promises about bytes. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

TEST(a_line_typed_into_the_client_comes_back_at_once)
{
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), NULL);
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
    type_text(client, "again\n", 6);
    expect_text(wait_line(client, ""), "again");
    end_input(client);
    expect_exit(client, 0);
    expect_good_end(server);
}

TEST(the_client_with_no_input_ends_with_0)
{
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), NULL);
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, "", 0);
    expect_good_end(server);
}

/* A client of the check's own listener, which has typed this text and sent it. Returns the connection, from which so many of the
   bytes have been read. */
static int start_typing(struct program **client, const char *text, size_t length)
{
    in_port_t port;
    int listener = own_listener(&port);
    *client = start_client(port, NULL);
    int sock = accept_one(listener);
    type_text(*client, text, strlen(text));
    expect_bytes(sock, text, length);
    return sock;
}

static bool came_short(struct program *program)
{
    (void)program;
    return saw.back < saw.expected;
}

#define STILL_TO_COME                                                                              \
    "After the end of its input the client stopped receiving: shutdown(sock, SHUT_WR), and\n"      \
    "then receive until recv returns 0. SHUT_RDWR closes the receiving half, too."

TEST(the_client_half_closes_and_prints_what_still_comes)
{
    struct program *client;
    SUSPECTS(
        {NO_BYTES, NULL,
         "Bytes without a newline were typed: fgets, getline and scanf wait for more. Use read.",
         NULL});
    int sock = start_typing(&client, "abc", 3);
    send_bytes(sock, "abc", 3);
    end_input(client);
    SUSPECTS({NO_END, NULL,
              "Its input has ended, and it does not tell the server: shutdown(sock, SHUT_WR) does.",
              NULL});
    expect_end(sock);
    SUSPECTS({ENDED, NULL, STILL_TO_COME, NULL}, {OTHER_OUTPUT, came_short, STILL_TO_COME, NULL},
             {OTHER_STATUS, NULL, STILL_TO_COME, NULL});
    send_bytes(sock, "late", 4);
    expect_running(client); /* it waits for the server's end of file */
    close(sock);
    expect_exit(client, 0);
    expect_output(client, "abclate", 7);
}

TEST(the_client_complains_when_the_server_closes_early)
{
    struct program *client;
    int sock = start_typing(&client, "hello\n", 6);
    send_bytes(sock, "hel", 3);
    close(sock);
    static const char unprinted[] =
        "Bytes came before the server closed, and they are not printed: print what each recv has "
        "brought\n"
        "before you receive again.";
    SUSPECTS({OTHER_STATUS, NULL,
              "The server has closed although bytes were still to come. recv returns 0 then, too: "
              "here it is a\n"
              "failure, told on stderr, and the exit status is 1.",
              NULL},
             {STILL_RUNS, NULL,
              "It does not receive, although bytes are still to come: it reads its input again.\n"
              "Receive until as many bytes are back as were sent.",
              NULL});
    expect_exit(client, 1);
    const char *errors = strchr(errors_of(client), '\n');
    expect(errors != NULL, "expected a line on stderr after 'connected to'");
    SUSPECTS({OTHER_ERRORS, NULL,
              "The words are those of the task: 'recv: connection closed by server'.", NULL},
             {OTHER_OUTPUT, NULL, unprinted, NULL});
    saw.wanted = "recv: connection closed by server\n";
    expect_or(OTHER_ERRORS, is_message(errors + 1, saw.wanted),
              "expected 'recv: connection closed by server' on stderr, and nothing after it");
    expect_output(client, "hel", 3);
}

TEST(the_client_names_a_reset)
{
    struct program *client;
    int sock =
        start_typing(&client, "hello\n", 3); /* what is unread makes it one for AF_UNIX, too */
    reset(sock);
    expect_failure(client, "recv", ECONNRESET);
}

TEST(the_client_is_refused_where_nobody_listens)
{
    in_port_t port;
    int reserved = reserve_port(&port);
    expect_failure(start_client(port, NULL), "connect", ECONNREFUSED);
    close(reserved);
}

#define UNWRITTEN                                                                                  \
    "Its output cannot be written here, and the program went on as if nothing had happened. "      \
    "Check\n"                                                                                      \
    "what fwrite returns, and fflush after it: what is written may still stand in stdio's buffer."

TEST(the_client_names_a_stdout_that_cannot_be_written)
{
    static char data[100 * 1000] = "line\n";
    /* Into stdio's buffer, a line that it writes at once, and past the buffer. */
    static const size_t lengths[] = {1, 5, 16 * 1024, sizeof data};
    struct program *server = start_server(NULL);
    struct run run = client_at(port_of(server));
    if (_i < 4)
        run.output_file = "/dev/full";
    else
        run.output_gone = true;
    SUSPECTS({OTHER_STATUS, NULL, UNWRITTEN, NULL}, {STILL_RUNS, NULL, UNWRITTEN, NULL});
    struct program *client = start(run);
    type_text(client, data, lengths[_i % 4]);
    end_input(client);
    expect_failure(client, "write", _i < 4 ? ENOSPC : EPIPE);
}

void expect_failing_client(const struct failing *failing)
{
    if (skip_faults() || skip_call(failing->call)) return;
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), failing->fault);
    type_text(client, "hello\n", 6);
    end_input(client);
    expect_failure(client, failing->call, failing->error);
}

TEST(a_failing_call_of_the_client_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"connect", "connect=ETIMEDOUT@1", ETIMEDOUT},
        {"connect", "connect=EINTR@1", EINTR},
        {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
        {"read", "read=EIO@1", EIO},
        {"send", "send=EPIPE@1", EPIPE},
        {"recv", "recv=ECONNRESET@1", ECONNRESET},
        {"shutdown", "shutdown=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@1", EIO},
        {"close", "close=EINTR@1", EINTR},
    };
    if (facts.takes_path && strcmp(failing[_i].call, "getsockname") == 0)
        return; /* it has no name */
    expect_failing_client(&failing[_i]);
}

#define PART_SENT                                                                                  \
    "send took only a part of the bytes, and the rest was never sent: go on until all is sent."
#define PLACES                                                                                     \
    "As many bytes are printed as were sent, and they are others. A reply comes in pieces: the "   \
    "next piece\n"                                                                                 \
    "goes behind the last one (at reply + received), or each piece is printed at once."

/* What is typed into it. Over AF_UNIX each send has a place of its own in the queue, however short it is; and this client sends
   all that was typed before it receives. */
static size_t typed_length(void)
{
    return facts.takes_path ? 100 : 10 * 1000;
}

static bool hardly_any_came_back(struct program *program)
{
    const char *output;
    return output_of(program, &output) < typed_length() / 10;
}

TEST(short_sends_receives_and_signals_lose_no_byte_in_the_client)
{
    static const char *const faults[] = {"SEND=1", "RECV=1",
                                         "SEND=3 RECV=7 recv=EINTR@%2 send=EINTR@%2"};
    static char data[10 * 1000];
    if (skip_faults()) return;
    fill_pattern(data, sizeof data, 0);
    for (size_t i = 0; i < sizeof data; i++) data[i] = (char)('a' + (unsigned char)data[i] % 26);
    if (_i == 0)
        SUSPECTS({STILL_RUNS, hardly_any_came_back, PART_SENT, PAGE_06},
                 {OTHER_OUTPUT, hardly_any_came_back, PART_SENT, PAGE_06},
                 {OTHER_STATUS, hardly_any_came_back, PART_SENT, PAGE_06},
                 {MIXED_BYTES, NULL, PLACES, PAGE_06});
    else
        SUSPECTS({MIXED_BYTES, NULL, PLACES, PAGE_06});
    /* The lesson's own: what is lost here is lost by the client. A sandbox of make grade has no answers in it. */
    struct run run = server_at(0);
    run.lesson = graded() ? NULL : lesson;
    run.faults = faults[2];
    struct program *server = start(run);
    struct program *client = start_client(wait_port(server, "listening on "), faults[_i]);
    type_text(client, data, typed_length());
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, data, typed_length());
}

TEST(sigint_and_sigterm_end_the_client)
{
    static const int signals[] = {SIGINT, SIGTERM};
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), NULL);
    type_text(client, "hello\n", 6);
    wait_line(client, "hello");
    stop(client, signals[_i]);
    expect_good_end(server);
}

void add_echo_client(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "echo client", enter);
    add_client_output(tests);
    tcase_add_test(tests, a_line_typed_into_the_client_comes_back_at_once);
    tcase_add_test(tests, the_client_with_no_input_ends_with_0);
    tcase_add_test(tests, the_client_half_closes_and_prints_what_still_comes);
    tcase_add_loop_test(tests, short_sends_receives_and_signals_lose_no_byte_in_the_client, 0, 3);
    tcase_add_test(tests, the_client_complains_when_the_server_closes_early);
    tcase_add_test(tests, the_client_names_a_reset);
    tcase_add_test(tests, the_client_is_refused_where_nobody_listens);
    tcase_add_loop_test(tests, the_client_names_a_stdout_that_cannot_be_written, 0, 8);
    tcase_add_loop_test(tests, a_failing_call_of_the_client_is_named_and_exits_1, 0, 10);
    tcase_add_loop_test(tests, sigint_and_sigterm_end_the_client, 0, 2);
}
