/* further/line-chat: a message is a line, whatever way its bytes arrive, and everybody else gets it. */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

enum { LINE = 1024, PLACES = 256 }; /* of the server */

/* Reads one line, without its end. */
static void read_line(int sock, char *line, size_t size)
{
    for (size_t length = 0;;) {
        ssize_t seen = recv(sock, line + length, size - 1 - length, MSG_PEEK);
        if (seen <= 0) line[length] = '\0';
        expect(seen > 0, "expected a line, saw '%s' and then %s", line,
               seen == 0 ? "the end of file, or too much" : seen_as(errno));
        char *end = memchr(line + length, '\n', (size_t)seen);
        if (end != NULL) seen = end + 1 - (line + length);
        length += (size_t)recv(sock, line + length, (size_t)seen, 0);
        if (end == NULL) continue;
        *end = '\0';
        return;
    }
}

/* The next that this client gets is exactly this, from the client whose port is given. */
static void expect_said(int sock, in_port_t from, const char *text, size_t length)
{
    char name[32];
    snprintf(name, sizeof name, "127.0.0.1:%d", from);
    expect_bytes(sock, name, strlen(name));
    expect_bytes(sock, text, length);
    expect_bytes(sock, "\n", 1);
}

static void expect_line(int sock, in_port_t from, const char *text)
{
    expect_said(sock, from, text, strlen(text));
}

/* The same after whatever else. */
static void wait_said(int sock, in_port_t from, const char *text)
{
    char line[LINE + 64], wanted[LINE + 64];
    snprintf(wanted, sizeof wanted, "127.0.0.1:%d%s", from, text);
    do read_line(sock, line, sizeof line);
    while (strcmp(line, wanted) != 0);
}

static void say(int sock, const char *text)
{
    send_bytes(sock, text, strlen(text));
}

/* Connects so many clients; each knows of those that came after it. */
static void meet(in_port_t port, int *socks, int count)
{
    int on = 1;
    for (int i = 0; i < count; i++) {
        socks[i] = dial(port);
        setsockopt(socks[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* a part leaves at once */
        for (int k = 0; k < i; k++) expect_line(socks[k], local_port(socks[i]), " joined");
    }
}

/* What is said on a connection in the shared tests: somebody else comes, both say something, the other one leaves. */
static void chat(int sock, in_port_t port)
{
    int other = dial(port);
    in_port_t here = local_port(sock), there = local_port(other);
    expect_line(sock, there, " joined");
    say(other, "hello\n");
    expect_line(sock, there, ": hello");
    say(sock, "to you too\n");
    expect_line(other, here, ": to you too");
    half_close(other);
    expect_line(sock, there, " left");
    expect_end(other);
    close(other);
}

static void enter(void)
{
    lesson = "further/line-chat";
    facts = (struct facts){.takes_address = true, .serves = MANY_CLIENTS, .echoes = true};
    converse = chat;
}

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
        ck_assert_str_eq(first, second);
        sscanf(first, "127.0.0.1:%d: line %d of %d%n", &port, &number, &s, &end);
        expect(end > 0 && s >= 0 && s < SPEAKERS && port == local_port(c[READERS + s]),
               "expected a line of its sender, saw '%s'", first);
        expect(number == next[s], "expected line %d, saw '%s'", next[s], first);
        expect(strlen(first + end) == (size_t)(number % 20), "expected all of it, saw '%s'", first);
        next[s]++;
    }
    stop(server, SIGTERM);
}

TEST(after_a_half_close_the_last_words_are_told_and_all_is_read)
{
    int c[3];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 3);
    in_port_t from = local_port(c[0]);
    say(c[1], "for the one who leaves\n");
    expect_line(c[2], local_port(c[1]), ": for the one who leaves");
    say(c[0], _i == 0 ? "bye" : "bye\n");
    half_close(c[0]);
    expect_line(c[1], from, ": bye");
    expect_line(c[1], from, " left");
    expect_line(c[0], local_port(c[1]), ": for the one who leaves");
    expect_end(c[0]);
    say(c[1], "alone\n");
    expect_line(c[2], from, ": bye");
    expect_line(c[2], from, " left");
    expect_line(c[2], local_port(c[1]), ": alone");
    stop(server, SIGTERM);
}

/* One byte goes with each send: most of the message is still in the queue when its reader half-closes. */
TEST(after_a_half_close_its_queue_is_sent)
{
    static char line[LINE];
    char said[LINE + 1] = ": ";
    int c[2];
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1");
    memset(line, 'x', LINE - 1);
    memcpy(said + 2, line, LINE - 1);
    for (int i = 0; i < 5; i++) {
        c[0] = dial(port_of(server));
        c[1] = dial(port_of(server));
        wait_said(c[0], local_port(c[1]), " joined");
        line[LINE - 1] = '\n';
        send_bytes(c[1], line, LINE);
        expect_bytes(c[0], "1", 1);
        half_close(c[0]);
        char rest[16];
        int length = snprintf(rest, sizeof rest, "27.0.0.1:%d", local_port(c[1]));
        expect_bytes(c[0], rest, (size_t)length);
        expect_bytes(c[0], said, LINE + 1);
        expect_bytes(c[0], "\n", 1);
        expect_end(c[0]);
        close(c[0]);
        close(c[1]);
    }
    stop(server, SIGTERM);
}

TEST(a_reset_costs_only_its_client)
{
    int c[2];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 2);
    for (int i = 0; i < 50; i++) {
        int bad = dial(port_of(server));
        in_port_t from = local_port(bad);
        wait_said(c[0], from, " joined");
        wait_said(c[1], from, " joined");
        say(bad, i % 2 == 0 ? "half a line" : "line\nhalf a line");
        if (i % 3 == 0) half_close(bad);
        /* A reset takes what was not read along, so let it be read first. */
        say(c[0], "unread\n");
        wait_said(c[1], local_port(c[0]), ": unread");
        reset(bad);
        if (i % 2 == 1) wait_said(c[0], from, ": line"); /* nothing of the one before it */
        wait_said(c[0], from, " left");
    }
    stop(server, SIGTERM);
}

/* Talks until the one who does not read is dropped. */
TEST(a_slow_reader_is_dropped_and_nobody_waits)
{
    enum { BATCH = 32, MOST = 64 * 1024 * 1024 };
    static char batch[BATCH * LINE], wanted[LINE + 1] = ": ";
    int c[3];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 3);
    in_port_t from = local_port(c[0]), slow = local_port(c[2]);
    char name[32], line[LINE + 64], gone[64], talk[LINE + 64];
    snprintf(name, sizeof name, "127.0.0.1:%d", from);
    snprintf(gone, sizeof gone, "127.0.0.1:%d left", slow);
    for (size_t i = 0; i < sizeof batch; i++) batch[i] = i % LINE == LINE - 1 ? '\n' : 'x';
    memcpy(wanted + 2, batch, LINE - 1);
    snprintf(talk, sizeof talk, "%s%s", name, wanted);
    long memory = memory_of(server);
    bool left = false;
    size_t said = 0;
    for (; !left; said += sizeof batch) {
        expect(said < MOST, "expected the slow reader to be dropped after %d bytes", MOST);
        send_bytes(c[0], batch, sizeof batch);
        for (int i = 0; i < BATCH; i++) {
            read_line(c[1], line, sizeof line);
            if (strcmp(line, gone) == 0) {
                left = true;
                i--;
            } else
                ck_assert_str_eq(line, talk);
        }
    }
    wait_line(server, "127.0.0.1:");
    expect(instrumented() || memory == -1 || memory_of(server) - memory < 512,
           "expected no growth, saw %ld KiB more", memory_of(server) - memory);

    /* What it has got are whole lines, but for the last one. */
    char right[LINE + 64];
    size_t whole = (size_t)snprintf(right, sizeof right, "%s\n", talk), at = 0;
    for (;;) {
        static char bytes[64 * 1024];
        ssize_t got = recv(c[2], bytes, sizeof bytes, 0);
        expect(got != -1 || errno == ECONNRESET, "recv: %s", strerror(errno));
        if (got <= 0) break;
        for (ssize_t i = 0; i < got; i++, at = (at + 1) % whole)
            expect(bytes[i] == right[at], "expected whole lines");
    }
    expect_line(c[0], slow, " left");
    say(c[1], "still here\n");
    expect_line(c[0], local_port(c[1]), ": still here");
    stop(server, SIGTERM);
}

TEST(a_failed_call_for_one_client_is_told_and_the_others_chat_on)
{
    static const struct failing failing[] = {
        {"recv", "recv=ECONNRESET@1", ECONNRESET},
        {"recv", "recv=ETIMEDOUT@1", ETIMEDOUT},
        {"send", "send=EPIPE@1", EPIPE},
        {"send", "send=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@1", EIO},
        {"close", "close=EINTR@1", EINTR},
        {"fcntl", "fcntl=EACCES@2", EACCES}, /* the first is the listener's */
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct program *server = start_server(failing[_i].fault);
    char wanted[128], byte;
    int first = dial(port_of(server)), second = dial(port_of(server));
    send(first, "x\n", 2, 0);
    shutdown(first, SHUT_WR); /* fails when the server has let it go by now */
    while (recv(first, &byte, 1, 0) > 0) continue;
    snprintf(wanted, sizeof wanted, "%s: %s\n", failing[_i].call, reason(failing[_i].error));
    close(first);
    shutdown(second, SHUT_WR);
    while (recv(second, &byte, 1, 0) > 0) continue; /* bytes unread would make it a reset */
    close(second);
    wait_errors(server, wanted);
    expect_errors(server, wanted); /* once: close is not tried again */
    for (int i = 0; i < 3; i++) {
        int client = dial(port_of(server));
        int other = dial(port_of(server));
        in_port_t there = local_port(other);
        wait_said(client, there, " joined"); /* those before may leave only now */
        say(other, "hello\n");
        expect_line(client, there, ": hello");
        close(other);
        expect_line(client, there, " left");
        half_close(client);
        expect_end(client);
        close(client);
    }
    stop(server, SIGTERM);
}

TEST(a_failed_poll_is_told_and_does_not_end_it)
{
    if (skip_faults()) return;
    struct program *server = start_server("poll=ENOMEM@1");
    wait_errors(server, "poll: ");
    expect_served(server, port_of(server));
}

TEST(with_24_descriptors_60_clients_make_no_exit_and_no_busy_loop)
{
    enum { CLIENTS = 60 };
    int clients[CLIENTS];
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "0"}, .descriptors = 24};
    struct program *server = start(run);
    in_port_t port = wait_port(server, "listening on ");
    meet(port, clients, 2);
    for (int i = 2; i < CLIENTS; i++) clients[i] = dial(port);
    wait_errors(server, "accept: ");
    for (int i = 2; i < 20; i++) {
        expect_line(clients[0], local_port(clients[i]), " joined");
        expect_line(clients[1], local_port(clients[i]), " joined");
    }
    expect_calm(server);
    double said = now();
    for (int i = 0; i < 50; i++) { /* who is in does not rest with the listener */
        say(clients[0], "hello\n");
        expect_line(clients[1], local_port(clients[0]), ": hello");
    }
    expect(instrumented() || now() - said < scaled(50 * 0.1),
           "expected 50 lines in no time, saw %.1f s", now() - said);
    in_port_t last = local_port(clients[CLIENTS - 1]);
    for (int i = 2; i < CLIENTS; i++) close(clients[i]);
    half_close(clients[1]);
    wait_said(clients[0], last, " left");
    close(clients[0]);
    expect_served(server, port);
}

TEST(when_all_places_are_taken_the_next_one_waits)
{
    static int clients[PLACES];
    struct program *server = start_server(NULL);
    for (int i = 0; i < PLACES; i++) clients[i] = dial(port_of(server));
    for (int i = 1; i < PLACES - 1; i++) expect_line(clients[0], local_port(clients[i]), " joined");
    say(clients[PLACES - 2], "full\n");
    expect_line(clients[0], local_port(clients[PLACES - 2]), ": full");
    expect_calm(server);
    say(clients[PLACES - 1],
        "too early\n"); /* what the first one gets next tells whether it waits */
    half_close(clients[100]);
    expect_line(clients[0], local_port(clients[100]), " left");
    expect_line(clients[0], local_port(clients[PLACES - 1]), " joined");
    expect_line(clients[0], local_port(clients[PLACES - 1]), ": too early");
    say(clients[PLACES - 1], "at last\n");
    expect_line(clients[0], local_port(clients[PLACES - 1]), ": at last");
    stop(server, SIGTERM);
}

TEST(it_names_the_client_by_its_own_port)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect(wait_port(server, "connection from ") == local_port(client),
           "expected the client's port");
    expect_served(server, port_of(server));
}

static in_port_t serve_and_close_first(void)
{
    int c[2];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 2);
    stop(server, SIGTERM); /* the server's ends are closed first */
    expect_end(c[0]);
    expect_end(c[1]);
    close(c[0]);
    close(c[1]);
    return port_of(server);
}

TEST(it_restarts_at_once_although_its_own_close_left_time_wait)
{
    expect_restart_after(serve_and_close_first);
}

TEST(a_failing_fcntl_of_the_listener_is_named_and_exits_1)
{
    if (skip_faults()) return;
    expect_failure(start((struct run){.program = "server",
                                      .arguments = {"127.0.0.1", "0"},
                                      .faults = "fcntl=EACCES@1"}),
                   "fcntl", EACCES);
}

/* ---- the client ---- */

TEST(the_client_prints_what_comes_while_nothing_is_typed)
{
    char line[64], said[64];
    struct program *server = start_server(NULL);
    int other = dial(port_of(server));
    struct program *client = start_client(port_of(server), NULL);
    read_line(other, line, sizeof line);
    snprintf(said, sizeof said, "127.0.0.1:%d: ", local_port(other));
    say(other, "one\ntwo\n");
    ck_assert_str_eq(wait_line(client, said), "one");
    ck_assert_str_eq(wait_line(client, said), "two");
    *strchr(line, ' ') = '\0'; /* its name */
    type_text(client, "typed\n", 6);
    char echoed[64], wanted[160];
    read_line(other, echoed, sizeof echoed);
    snprintf(wanted, sizeof wanted, "%s: typed", line);
    ck_assert_str_eq(echoed, wanted);
    say(other, "three\n");
    ck_assert_str_eq(wait_line(client, said), "three");
    type_text(client, "no end", 6);
    end_input(client);
    expect_exit(client, 0);
    read_line(other, echoed, sizeof echoed);
    snprintf(wanted, sizeof wanted, "%s: no end", line);
    ck_assert_str_eq(echoed, wanted);
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

Suite *suite_line_chat(void)
{
    enum { SHORT_IO = sizeof short_io / sizeof short_io[0] };
    Suite *suite = suite_create("further/line-chat");
    add_server_arguments(suite, enter);
    add_client_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    add_visits(suite, enter);
    TCase *lines = add_case(suite, "lines", enter);
    tcase_add_test(lines, everybody_else_gets_a_line_and_its_sender_does_not);
    tcase_add_test(lines, a_line_cut_anywhere_is_one_message);
    tcase_add_test(lines, many_lines_in_one_segment_are_as_many_messages);
    tcase_add_test(lines, every_byte_but_the_newline_is_text_nul_too);
    tcase_add_loop_test(lines, a_line_that_is_too_long_comes_in_pieces, 0, SHORT_IO);
    tcase_add_loop_test(lines, no_line_is_lost_torn_or_out_of_order, 0, SHORT_IO);
    tcase_add_loop_test(lines, after_a_half_close_the_last_words_are_told_and_all_is_read, 0, 2);
    TCase *others = add_case(suite, "others", enter);
    tcase_add_test(others, after_a_half_close_its_queue_is_sent);
    tcase_add_test(others, a_reset_costs_only_its_client);
    tcase_add_test(others, a_slow_reader_is_dropped_and_nobody_waits);
    tcase_add_loop_test(others, a_failed_call_for_one_client_is_told_and_the_others_chat_on, 0, 7);
    tcase_add_test(others, a_failed_poll_is_told_and_does_not_end_it);
    tcase_add_test(others, it_names_the_client_by_its_own_port);
    tcase_add_test(others, it_restarts_at_once_although_its_own_close_left_time_wait);
    tcase_add_test(others, a_failing_fcntl_of_the_listener_is_named_and_exits_1);
    TCase *soak = add_soak_case(suite, "places", enter);
    tcase_add_test(soak, with_24_descriptors_60_clients_make_no_exit_and_no_busy_loop);
    tcase_add_test(soak, when_all_places_are_taken_the_next_one_waits);
    TCase *client = add_case(suite, "client", enter);
    tcase_add_test(client, the_client_prints_what_comes_while_nothing_is_typed);
    tcase_add_loop_test(client, the_client_passes_a_whole_file_on, 0, 2);
    tcase_add_test(client, the_client_half_closes_and_prints_what_still_comes);
    tcase_add_loop_test(client, the_client_complains_when_the_server_closes_first, 0, 2);
    tcase_add_loop_test(client, the_client_names_a_stdout_that_cannot_be_written, 0, 2);
    tcase_add_loop_test(client, a_failing_call_of_the_client_is_named_and_exits_1, 0, 9);
    tcase_add_loop_test(client, sigint_and_sigterm_end_the_client, 0, 2);
    return suite;
}
