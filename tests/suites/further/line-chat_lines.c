/* further/line-chat: a message is a line, whatever way its bytes arrive. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "line-chat.h"
#include "suites.h"

TEST(everybody_else_gets_a_line_and_its_sender_does_not)
{
    int c[4];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 4);
    for (int from = 0; from < 4; from++) {
        say(c[from], "one\ntwo\n");
        for (int to = 0; to < 4; to++)
            if (to != from) {
                expect_line(c[to], local_port(c[from]), ": one");
                expect_line(c[to], local_port(c[from]), ": two");
            }
    }
    stop(server, SIGTERM);
    for (int i = 0; i < 4; i++) expect_end(c[i]); /* and nothing else has come */
}

/* The third client's line comes when the first part has been received, and nobody has seen it. */
TEST(a_line_cut_anywhere_is_one_message)
{
    static const char text[] = "cut me\nand me\r\n";
    int c[3];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 3);
    in_port_t from = local_port(c[0]), other = local_port(c[2]);
    for (size_t cut = 1; cut < sizeof text - 1; cut++) {
        send_bytes(c[0], text, cut);
        if (cut >= 7) expect_line(c[1], from, ": cut me");
        wait_asleep(server); /* it has received the part */
        say(c[2], "between\n");
        expect_line(c[1], other, ": between");
        send_bytes(c[0], text + cut, sizeof text - 1 - cut);
        if (cut < 7) expect_line(c[1], from, ": cut me");
        expect_line(c[1], from, ": and me");
    }
    stop(server, SIGTERM);
    expect_end(c[1]); /* and nothing else has come */
}

TEST(many_lines_in_one_segment_are_as_many_messages)
{
    int c[2];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 2);
    in_port_t from = local_port(c[0]);
    say(c[0], "a\n\nb\r\n\r\n\n c\nd\r\r\ne\rf\nlast");
    static const char *const wanted[] = {": a", ": ", ": b", ": ", ": ", ":  c", ": d\r", ": e\rf"};
    for (int i = 0; i < 8; i++) expect_line(c[1], from, wanted[i]);
    say(c[0], " one\n");
    expect_line(c[1], from, ": last one");
    stop(server, SIGTERM);
}

TEST(every_byte_but_the_newline_is_text_nul_too)
{
    char all[259] = ": ";
    int c[2];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 2);
    for (int i = 0; i < 256; i++) all[2 + i] = (char)(i == '\n' ? 0 : i);
    all[258] = '\n';
    send_bytes(c[0], all + 2, 257);
    expect_said(c[1], local_port(c[0]), all, 258);
    stop(server, SIGTERM);
}

static const char *const short_io[] = {
    NULL,
    "SEND=1",
    "RECV=1",
    "SEND=3 RECV=10 recv=EINTR@%2 send=EINTR@%2 accept=EINTR@%2 poll=EINTR@%2",
    "SEND=700 send=EAGAIN@%2 recv=EAGAIN@%2 accept=EAGAIN@%2",
};

/* A line has at most 1023 bytes before its end; more come in pieces of so many, and the sender is told. */
TEST(a_line_that_is_too_long_comes_in_pieces)
{
    static const size_t lengths[] = {LINE - 2, LINE - 1,     LINE,         LINE + 1,
                                     2000,     2 * LINE - 2, 2 * LINE - 1, 10000};
    static const char notice[] = "your line is too long: the others get it in pieces\n";
    static char line[10001];
    if (short_io[_i] != NULL && skip_faults()) return;
    int c[2];
    struct program *server = start_server(short_io[_i]);
    meet(port_of(server), c, 2);
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        for (size_t i = 0; i < lengths[k]; i++) line[i] = (char)('a' + (i + i / 26) % 26);
        line[lengths[k]] = '\n';
        send_bytes(c[0], line, lengths[k] + 1);
        for (size_t done = 0; done < lengths[k];) {
            char piece[LINE + 2] = ": ";
            size_t length = lengths[k] - done < LINE - 1 ? lengths[k] - done : LINE - 1;
            memcpy(piece + 2, line + done, length);
            expect_said(c[1], local_port(c[0]), piece, length + 2);
            done += length;
            if (done < lengths[k]) expect_bytes(c[0], notice, sizeof notice - 1);
        }
    }
    say(c[1], "understood\n");
    expect_line(c[0], local_port(c[1]), ": understood");
    stop(server, SIGTERM);
}

/* Many talk at once, in parts of a line: all readers get the same messages in the same order, each one whole. */
TEST(no_line_is_lost_torn_or_out_of_order)
{
    enum { SPEAKERS = 6, READERS = 2, LINES = 60 };
    if (short_io[_i] != NULL && skip_faults()) return;
    int c[READERS + SPEAKERS], next[SPEAKERS] = {0};
    char text[SPEAKERS][LINES * 40], first[128], second[128];
    size_t sent[SPEAKERS] = {0};
    struct program *server = start_server(short_io[_i]);
    meet(port_of(server), c, READERS + SPEAKERS);
    for (int s = 0; s < SPEAKERS; s++) {
        text[s][0] = '\0';
        for (int i = 0; i < LINES; i++)
            sprintf(text[s] + strlen(text[s]), "line %d of %d%.*s\n", i, s, i % 20,
                    "....................");
    }
    for (bool more = true; more;) {
        more = false;
        for (int s = 0; s < SPEAKERS; s++) {
            size_t left = strlen(text[s]) - sent[s], part = 1 + (sent[s] * 7 + (size_t)s) % 90;
            if (part > left) part = left;
            send_bytes(c[READERS + s], text[s] + sent[s], part);
            sent[s] += part;
            more |= part > 0;
        }
    }
    for (int i = 0; i < SPEAKERS * LINES; i++) {
        int port, number, s, end = 0;
        read_line(c[0], first, sizeof first);
        read_line(c[1], second, sizeof second);
        expect_text(first, second);
        sscanf(first, "127.0.0.1:%d: line %d of %d%n", &port, &number, &s, &end);
        expect(end > 0 && s >= 0 && s < SPEAKERS && port == local_port(c[READERS + s]),
               "expected a line of its sender, saw '%s'", first);
        expect(number == next[s], "expected line %d, saw '%s'", next[s], first);
        expect(strlen(first + end) == (size_t)(number % 20), "expected all of it, saw '%s'", first);
        next[s]++;
    }
    stop(server, SIGTERM);
}

void add_chat_lines(TCase *lines)
{
    enum { SHORT_IO = sizeof short_io / sizeof short_io[0] };
    tcase_add_test(lines, everybody_else_gets_a_line_and_its_sender_does_not);
    tcase_add_test(lines, a_line_cut_anywhere_is_one_message);
    tcase_add_test(lines, many_lines_in_one_segment_are_as_many_messages);
    tcase_add_test(lines, every_byte_but_the_newline_is_text_nul_too);
    tcase_add_loop_test(lines, a_line_that_is_too_long_comes_in_pieces, 0, SHORT_IO);
    tcase_add_loop_test(lines, no_line_is_lost_torn_or_out_of_order, 0, SHORT_IO);
}
