/* Sockets, from the side of the check. */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

int with_deadline(int sock)
{
    long milliseconds = (long)(1000 * patience());
    struct timeval limit = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return sock;
}

static int connections;

int connections_made(void)
{
    return connections;
}

/* Where nobody listens the kernel may choose that port for the client: its SYN then meets itself. RFC 9293, section 3.5. */
static bool is_connected_to_itself(int sock, const struct address *address)
{
    struct sockaddr_in own = {.sin_port = 0}, remote;
    socklen_t length = sizeof own;
    if (address->place.ss_family != AF_INET) return false;
    memcpy(&remote, &address->place, sizeof remote);
    return getsockname(sock, (struct sockaddr *)&own, &length) == 0 &&
           own.sin_port == remote.sin_port && own.sin_addr.s_addr == remote.sin_addr.s_addr;
}

static int connect_to(struct address address)
{
    did("connected to %s", address.text);
    int sock = need_socket(address.place.ss_family, SOCK_STREAM);
    with_deadline(sock);
    int error = 0;
    if (connect(sock, (struct sockaddr *)&address.place, address.length) == -1)
        error = errno;
    else if (is_connected_to_itself(sock, &address))
        error = ECONNREFUSED;
    if (error == 0) {
        connections++;
        return sock;
    }
    close(sock);
    errno = error;
    return -1;
}

int try_dial(in_port_t port)
{
    return connect_to(address_of(port));
}

int try_dial_at(const char *host, in_port_t port)
{
    return connect_to(address_at(host, port));
}

int dial(in_port_t port)
{
    int sock = try_dial(port);
    if (sock == -1 && errno == EADDRNOTAVAIL) need(false, "connect");
    saw.error = errno;
    expect_or(NOT_CONNECTED, sock != -1, "connected to %s: expected success, saw: %s",
              address_of(port).text, seen_as(errno));
    return sock;
}

bool await(int sock, short events)
{
    struct waiting wait = begin_wait();
    struct pollfd fd = {sock, events, 0};
    while (poll(&fd, 1, 50) != 1)
        if (in_vain(&wait)) {
            errno = EAGAIN;
            return false;
        }
    return true;
}

static bool came; /* a client to the check */

bool somebody_came(void)
{
    return came || (noted_listener() != -1 && readable(noted_listener(), 0));
}

int accept_one(int listener)
{
    int sock = await(listener, POLLIN) ? accept(listener, NULL, NULL) : -1;
    if (sock == -1 && errno != EAGAIN) need(false, "accept"); /* EAGAIN: the deadline */
    struct program *program = checked_program();
    if (sock == -1 && program != NULL && !is_running(program)) {
        saw.kind = ENDED, saw.wanted = NULL;
        tell(__FILE__, __LINE__, "expected the client to connect to the test; it ended, with %s",
             how_it_ended(program));
    }
    expect_or(NOT_ACCEPTED, sock != -1, "expected the client to connect to the test: %s",
              seen_as(errno));
    came = true;
    return with_deadline(sock);
}

void send_bytes(int sock, const void *data, size_t length)
{
    const char *bytes = data;
    did(length == 1 ? "sent a byte" : "sent %zu bytes", length);
    note_sent(data, length);
    for (size_t done = 0; done < length;) {
        ssize_t sent =
            await(sock, POLLOUT) ? send(sock, bytes + done, length - done, MSG_DONTWAIT) : -1;
        expect(sent != -1, "sent %zu bytes: expected all %zu to go, saw: %s", done, length,
               seen_as(errno));
        done += (size_t)sent;
    }
}

static void tell_wrong_byte(size_t place, char wanted, char seen)
{
    char texts[2][16];
    for (int i = 0; i < 2; i++) {
        unsigned char byte = (unsigned char)(i == 0 ? wanted : seen);
        snprintf(texts[i], sizeof texts[i], isprint(byte) ? "'%c'" : "0x%02x", byte);
    }
    saw.kind = OTHER_BYTE;
    saw.byte = (unsigned char)seen;
    tell(__FILE__, __LINE__, "byte %zu: expected %s, saw %s", place, texts[0], texts[1]);
}

static size_t came_back;

size_t bytes_back(void)
{
    return came_back;
}

void expect_bytes(int sock, const void *data, size_t length)
{
    char chunk[16 * 1024];
    const char *bytes = data;
    did(length == 1 ? "waited for a byte" : "waited for %zu bytes", length);
    for (size_t done = 0; done < length;) {
        size_t want = length - done < sizeof chunk ? length - done : sizeof chunk;
        ssize_t got = await(sock, POLLIN) ? recv(sock, chunk, want, 0) : -1;
        saw.expected = length, saw.back = done, saw.sock = sock, saw.error = errno;
        expect_or(errno == EAGAIN ? NO_BYTES : BYTES_RESET, got != -1,
                  "expected %zu byte%s, saw %zu and then: %s", length, length == 1 ? "" : "s", done,
                  seen_as(errno));
        expect_or(BYTES_ENDED, got != 0, "expected %zu byte%s, saw %zu and then the end of file",
                  length, length == 1 ? "" : "s", done);
        for (ssize_t i = 0; i < got; i++)
            if (chunk[i] != bytes[done + (size_t)i])
                tell_wrong_byte(done + (size_t)i, bytes[done + (size_t)i], chunk[i]);
        done += (size_t)got;
        came_back += (size_t)got;
    }
}

void expect_end(int sock)
{
    char byte;
    did("waited for the end of file");
    ssize_t got = await(sock, POLLIN) ? recv(sock, &byte, 1, 0) : -1;
    saw.sock = sock, saw.error = errno;
    expect_or(got == 1          ? MORE_BYTES
              : errno == EAGAIN ? NO_END
                                : END_RESET,
              got == 0, "expected the end of file, saw %s",
              got == 1 ? "one more byte" : seen_as(errno));
}

void expect_next_line(int sock, const char *wanted)
{
    char line[128];
    size_t length = 0;
    ssize_t got = 1;
    did("waited for the line '%s'", wanted);
    while (length < sizeof line - 1 &&
           (got = await(sock, POLLIN) ? recv(sock, line + length, 1, 0) : -1) == 1)
        if (line[length++] == '\n') break;
    bool whole = length > 0 && line[length - 1] == '\n';
    line[length - whole] = '\0';
    saw.expected = strlen(wanted) + 1, saw.back = length, saw.sock = sock, saw.error = errno;
    expect_or(got == 0          ? BYTES_ENDED
              : got == 1        ? OTHER
              : errno == EAGAIN ? NO_BYTES
                                : BYTES_RESET,
              whole && strcmp(line, wanted) == 0, "expected the line '%s', saw '%s'%s", wanted,
              line,
              whole       ? ""
              : got == 0  ? " and then the end of file"
              : got == -1 ? " and nothing more"
                          : " and more");
}

void expect_echo(int sock, const char *text)
{
    send_bytes(sock, text, strlen(text));
    expect_bytes(sock, text, strlen(text));
}

bool readable(int sock, double seconds)
{
    struct pollfd fd = {sock, POLLIN, 0};
    return poll(&fd, 1, (int)(seconds * 1000)) == 1;
}

void half_close(int sock)
{
    did("closed the sending half");
    expect(shutdown(sock, SHUT_WR) == 0, "shutdown: %s", strerror(errno));
}

void reset(int sock)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    did("reset the connection");
    setsockopt(sock, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(sock);
}
