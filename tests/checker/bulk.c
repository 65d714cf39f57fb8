/* Many bytes through an echo, both directions at once. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

void fill_pattern(char *data, size_t length, size_t offset)
{
    for (size_t i = 0; i < length; i++) {
        size_t n = offset + i;
        data[i] = (char)(n ^ n >> 8 ^ n >> 16); /* no two places near each other are alike */
    }
}

void echo_bulk(int sock, size_t length)
{
    static char out[64 * 1024], in[64 * 1024], right[64 * 1024];
    did("sent %zu bytes and read what came back", length);
    size_t sent = 0, back = 0, first_wrong = length;
    while (back < length) {
        struct pollfd fd = {sock, POLLIN, 0};
        if (sent < length) fd.events |= POLLOUT;
        bool ready = await(sock, fd.events);
        if (!ready && first_wrong < length) break;
        saw.sock = sock, saw.expected = sent, saw.back = back, saw.place = first_wrong;
        expect_or(NO_BYTES, ready, "sent %zu bytes and got %zu back: nothing moves any more", sent,
                  back);
        poll(&fd, 1, 0);
        if (fd.revents & POLLOUT) {
            size_t want = length - sent < sizeof out ? length - sent : sizeof out;
            fill_pattern(out, want, sent);
            ssize_t got = send(sock, out, want, MSG_DONTWAIT);
            expect(got != -1 || errno == EAGAIN, "after %zu bytes: send: %s", sent,
                   strerror(errno));
            if (got > 0) sent += (size_t)got;
            if (got > 0 && sent == length) half_close(sock);
        }
        if (fd.revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t got = recv(sock, in, sizeof in, MSG_DONTWAIT);
            if (got == -1 && errno == EAGAIN) continue;
            if (got <= 0 && first_wrong < length) break;
            saw.expected = length, saw.back = back, saw.error = errno, saw.place = first_wrong;
            expect_or(got == 0 ? LOST_BYTES : BYTES_RESET, got > 0,
                      "expected %zu bytes back, saw %zu and then: %s", length, back,
                      got == 0 ? "the end of file" : strerror(errno));
            fill_pattern(right, (size_t)got, back);
            if (first_wrong == length && memcmp(in, right, (size_t)got) != 0)
                for (first_wrong = back; in[first_wrong - back] == right[first_wrong - back];)
                    first_wrong++;
            back += (size_t)got;
        }
    }
    /* How many came says more: are some lost, or are they others? */
    saw.expected = sent, saw.back = back, saw.place = first_wrong;
    expect_or(back < sent ? LOST_BYTES : MIXED_BYTES, first_wrong == length,
              "sent %zu bytes and got %zu back; they differ from byte %zu on", sent, back,
              first_wrong);
    if (length == 0) half_close(sock);
}
