/* What the echo servers promise about many bytes: those of a whole transfer, those that wait, and those of short sends. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

TEST(all_of_32_mib_come_back_after_the_half_close)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    echo_bulk(client, 32 * 1024 * 1024);
    expect_end(client);
    close(client);
    expect_good_end(server);
}

/* Sends without reading until nothing moves: the server is then blocked in send. */
static size_t stuff(int client, struct program *server)
{
    static char chunk[64 * 1024];
    size_t sent = 0;
    for (;;) {
        struct pollfd fd = {client, POLLOUT, 0};
        if (poll(&fd, 1, 100) == 0)
            break; /* full, as far as 100 ms can tell; more would do no harm */
        fill_pattern(chunk, sizeof chunk, sent);
        ssize_t got = send(client, chunk, sizeof chunk, MSG_DONTWAIT);
        expect(got != -1 || errno == EAGAIN, "send: %s", strerror(errno));
        if (got > 0) sent += (size_t)got;
    }
    wait_asleep(server);
    return sent;
}

TEST(a_client_that_reads_late_and_slowly_gets_every_byte)
{
    static char piece[1000], right[1000];
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    size_t sent = stuff(client, server), back = 0;
    half_close(client);
    while (back < sent) {
        ssize_t got = recv(client, piece, sizeof piece, 0);
        expect(got > 0, "expected %zu bytes back, saw %zu", sent, back);
        fill_pattern(right, (size_t)got, back);
        expect(memcmp(piece, right, (size_t)got) == 0, "the echo is another one near byte %zu",
               back);
        back += (size_t)got;
    }
    expect_end(client);
    close(client);
    expect_good_end(server);
}

enum { FEW = 3000 };

/* The same server again, whose sends take all: no byte is lost. */
static bool loses_only_what_was_not_sent(struct program *program)
{
    static char bytes[FEW];
    size_t back = 0;
    (void)program;
    if (saw.back == 0 || saw.place == 0) return false;
    int client = dial(port_of(start_server(NULL)));
    fill_pattern(bytes, FEW, 0);
    if (send(client, bytes, FEW, 0) != FEW) return false;
    shutdown(client, SHUT_WR);
    for (ssize_t got; (got = recv(client, bytes, FEW, 0)) > 0;) back += (size_t)got;
    return back == FEW;
}

TEST(short_sends_receives_and_signals_lose_no_byte)
{
    static const struct {
        const char *faults;
        size_t length;
    } cases[] = {
        {"SEND=1", FEW},
        {"RECV=1", FEW},
        {"SEND=3 RECV=10 recv=EINTR@%2 send=EINTR@%2 accept=EINTR@%2", 6000},
        {"SEND=700 RECV=1000 recv=EINTR@%3 send=EINTR@%3", 1024 * 1024},
        {"recv=EINTR@%2 send=EINTR@%2", 1024 * 1024},
        {"recv=EINTR@2 recv=EINTR@3 recv=EINTR@4 send=EINTR@2 send=EINTR@3 send=EINTR@4", 6000},
        {"accept=EINTR@1 accept=EINTR@2 accept=EINTR@3", 10},
    };
    if (skip_faults()) return;
    if (_i == 0)
        SUSPECTS(
            {LOST_BYTES, loses_only_what_was_not_sent,
             "send took only a part of the bytes, and the rest is lost: go on until all is sent.",
             PAGE_06},
            {MIXED_BYTES, NULL,
             "send took only a part, and the rest was sent from its first byte again.\n"
             "Go on where it stopped: at data + sent.",
             PAGE_06});
    struct program *server = start_server(cases[_i].faults);
    int client = dial(port_of(server));
    echo_bulk(client, cases[_i].length);
    expect_end(client);
    close(client);
    expect_good_end(server);
    expect_errors(server, "");
}

void add_much_echo(TCase *tests)
{
    tcase_add_test(tests, all_of_32_mib_come_back_after_the_half_close);
    tcase_add_test(tests, a_client_that_reads_late_and_slowly_gets_every_byte);
    tcase_add_loop_test(tests, short_sends_receives_and_signals_lose_no_byte, 0, 7);
}
