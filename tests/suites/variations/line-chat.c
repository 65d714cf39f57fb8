/* The task beyond line-chat: a message is a length, 4 bytes in network byte order, and so many bytes. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "variation.h"

enum { HEADER = 4, TEXT = 1024 };

static void enter_line_chat(void)
{
    enter_variation("further/line-chat",
                    (struct facts){.takes_address = true, .serves = MANY_CLIENTS});
}

/* Puts a message there. Returns its length. */
static size_t put_message(char *place, const void *text, size_t length)
{
    uint32_t size = htonl((uint32_t)length);
    memcpy(place, &size, HEADER);
    memcpy(place + HEADER, text, length);
    return HEADER + length;
}

static void say(int sock, const void *text, size_t length)
{
    char message[HEADER + TEXT];
    send_bytes(sock, message, put_message(message, text, length));
}

/* The next message is what this client has said or done: `mark` stands behind its name. */
static void expect_message(int sock, in_port_t from, const char *mark, const void *text,
                           size_t length)
{
    char whole[64 + TEXT], message[HEADER + sizeof whole];
    size_t head = (size_t)snprintf(whole, sizeof whole, "127.0.0.1:%d%s", from, mark);
    memcpy(whole + head, text, length);
    expect_bytes(sock, message, put_message(message, whole, head + length));
}

static void expect_said(int sock, int from, const char *text)
{
    expect_message(sock, local_port(from), ": ", text, strlen(text));
}

/* Two clients; the first one knows of the second. */
static struct program *meet_two(int clients[2], const char *faults)
{
    int on = 1;
    struct program *server = start_server(faults);
    for (int i = 0; i < 2; i++) {
        clients[i] = dial(port_of(server));
        setsockopt(clients[i], IPPROTO_TCP, TCP_NODELAY, &on,
                   sizeof on); /* a part leaves at once */
    }
    expect_message(clients[0], local_port(clients[1]), " joined", "", 0);
    return server;
}

/* The second one leaves; nothing else has come to the first one. */
static void expect_left(int clients[2], struct program *server)
{
    in_port_t port = local_port(clients[1]);
    half_close(clients[1]);
    expect_message(clients[0], port, " left", "", 0);
    expect_end(clients[1]);
    stop(server, SIGTERM);
}

TEST(a_message_comes_with_its_length)
{
    int clients[2];
    struct program *server = meet_two(clients, NULL);
    say(clients[1], "hello", 5);
    expect_said(clients[0], clients[1], "hello");
    say(clients[0], "to you too", 10);
    expect_said(clients[1], clients[0], "to you too");
    expect_left(clients, server);
}

/* After 1, 2, 3 and 4 bytes of the header and in the middle of the text; in the last round after each of the first bytes. The message
   before has a length of 255, and this one of 1024: where the last byte of this header is missing, its first three and what may
   still stand behind them say 1279, which is above the limit. */
TEST(a_header_that_arrives_in_parts_is_waited_for)
{
    static char text[TEXT], message[HEADER + TEXT];
    int clients[2];
    fill_pattern(text, sizeof text, 0);
    size_t length = put_message(message, text, sizeof text);
    struct program *server = meet_two(clients, NULL);
    in_port_t port = local_port(clients[1]);
    say(clients[1], text, 255);
    expect_message(clients[0], port, ": ", text, 255);
    for (size_t done = 0; done < length;) {
        bool single = _i == 5 && done < 8;
        size_t part = single ? 1 : done == 0 ? (size_t)_i + 1 + (_i == 4) : length - done;
        send_bytes(clients[1], message + done, part);
        done += part;
        if (done < length) wait_asleep(server);
    }
    expect_message(clients[0], port, ": ", text, sizeof text);
    say(clients[1], "after", 5);
    expect_said(clients[0], clients[1], "after");
    expect_left(clients, server);
}

TEST(several_messages_in_one_send_are_several)
{
    char messages[256];
    int clients[2];
    size_t length = put_message(messages, "one", 3);
    length += put_message(messages + length, "two", 3);
    length += put_message(messages + length, "three", 5);
    struct program *server = meet_two(clients, NULL);
    send_bytes(clients[1], messages, length - 2); /* and the beginning of a third */
    expect_said(clients[0], clients[1], "one");
    expect_said(clients[0], clients[1], "two");
    send_bytes(clients[1], messages + length - 2, 2);
    expect_said(clients[0], clients[1], "three");
    expect_left(clients, server);
}

TEST(a_text_is_any_bytes_and_may_be_empty)
{
    static const char bytes[] = "a\0b\nc\r\nd\xff";
    int clients[2];
    struct program *server = meet_two(clients, NULL);
    say(clients[1], bytes, sizeof bytes - 1);
    expect_message(clients[0], local_port(clients[1]), ": ", bytes, sizeof bytes - 1);
    say(clients[1], "", 0);
    expect_message(clients[0], local_port(clients[1]), ": ", "", 0);
    say(clients[1], "\n", 1);
    expect_message(clients[0], local_port(clients[1]), ": ", "\n", 1);
    expect_left(clients, server);
}

TEST(texts_up_to_the_limit_are_passed_on_whole)
{
    static const size_t lengths[] = {255, 256, 257, TEXT - 1, TEXT, 1};
    static char text[TEXT];
    int clients[2];
    fill_pattern(text, sizeof text, 0);
    struct program *server = meet_two(clients, NULL);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        say(clients[1], text, lengths[i]);
        expect_message(clients[0], local_port(clients[1]), ": ", text, lengths[i]);
    }
    expect_left(clients, server);
}

static const uint32_t too_long[] = {
    TEXT + 1, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffb, 0xfffffffc, 0xffffffff,
};
enum { TOO_LONG = sizeof too_long / sizeof too_long[0] };

/* Only the header comes: who waits for the text waits for ever. */
TEST(a_length_above_the_limit_ends_the_connection_at_once)
{
    char name[32];
    int clients[2];
    uint32_t size = htonl(too_long[_i]);
    struct program *server = meet_two(clients, NULL);
    in_port_t port = local_port(clients[1]);
    say(clients[1], "hello", 5);
    expect_said(clients[0], clients[1], "hello");
    SUSPECTS({NO_END, NULL,
              "The header says more than the limit, and the connection goes on: compare as soon as "
              "all 4 bytes are\n"
              "there. The length is a number without a sign: uint32_t.",
              NULL},
             {OTHER, has_ended,
              "The header says more than the limit, and the server has ended: compare before you "
              "use the length.\n"
              "It is a number without a sign: uint32_t.",
              NULL});
    send_bytes(clients[1], &size, HEADER);
    expect_end(clients[1]);
    expect_message(clients[0], port, " left", "", 0);
    suspect(NULL);
    snprintf(name, sizeof name, "127.0.0.1:%d", port);
    wait_line(server, name);
    int next = dial(port_of(server));
    expect_message(clients[0], local_port(next), " joined", "", 0);
    stop(server, SIGTERM);
}

TEST(a_message_that_is_not_whole_is_passed_on_to_nobody)
{
    static const size_t parts[] = {1, 3, HEADER, HEADER + 1, HEADER + 4};
    char message[HEADER + TEXT];
    int clients[2];
    put_message(message, "hello", 5);
    struct program *server = meet_two(clients, NULL);
    say(clients[1], "whole", 5);
    expect_said(clients[0], clients[1], "whole");
    send_bytes(clients[1], message, parts[_i]);
    expect_left(clients, server);
}

TEST(short_sends_receives_and_signals_lose_no_byte)
{
    static const char *const faults[] = {"SEND=1", "RECV=1",
                                         "SEND=3 RECV=2 recv=EINTR@%2 send=EINTR@%2"};
    static char text[TEXT];
    int clients[2];
    if (skip_faults()) return;
    fill_pattern(text, sizeof text, 0);
    struct program *server = meet_two(clients, faults[_i]);
    for (int i = 0; i < 3; i++) say(clients[1], text, sizeof text);
    for (int i = 0; i < 3; i++)
        expect_message(clients[0], local_port(clients[1]), ": ", text, sizeof text);
    expect_left(clients, server);
}

Suite *variation_line_chat(void)
{
    Suite *suite = suite_create("variation/further/line-chat");
    TCase *tests = add_case(suite, "a length before each message", enter_line_chat);
    tcase_add_test(tests, a_message_comes_with_its_length);
    tcase_add_loop_test(tests, a_header_that_arrives_in_parts_is_waited_for, 0, 6);
    tcase_add_test(tests, several_messages_in_one_send_are_several);
    tcase_add_test(tests, a_text_is_any_bytes_and_may_be_empty);
    tcase_add_test(tests, texts_up_to_the_limit_are_passed_on_whole);
    tcase_add_loop_test(tests, a_length_above_the_limit_ends_the_connection_at_once, 0, TOO_LONG);
    tcase_add_loop_test(tests, a_message_that_is_not_whole_is_passed_on_to_nobody, 0, 5);
    tcase_add_loop_test(tests, short_sends_receives_and_signals_lose_no_byte, 0, 3);
    return suite;
}
