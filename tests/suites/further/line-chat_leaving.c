/* further/line-chat: clients that half-close, reset, or do not read. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "line-chat.h"
#include "suites.h"

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
                expect_text(line, talk);
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

void add_chat_leaving(TCase *leaving)
{
    tcase_add_loop_test(leaving, after_a_half_close_the_last_words_are_told_and_all_is_read, 0, 2);
    tcase_add_test(leaving, after_a_half_close_its_queue_is_sent);
    tcase_add_test(leaving, a_reset_costs_only_its_client);
    tcase_add_test(leaving, a_slow_reader_is_dropped_and_nobody_waits);
}
