/* The connections to the server: each sends a pattern, and each byte that comes back is compared with it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "load.h"

/* What every connection sends, each from a place of its own. */
static char pattern[PERIOD + CHUNK];

struct connection *connections;
int count;
struct epoll_event events[EVENTS];

static int epoll, open_count;

const char *bytes_at(size_t place)
{
    return pattern + place % PERIOD;
}

void fill_pattern(void)
{
    for (size_t i = 0; i < sizeof pattern; i++) {
        size_t place = i % PERIOD;
        pattern[i] = (char)((place * 2654435761U >> 13) ^ place);
    }
}

static void watch(struct connection *c, int operation, bool out)
{
    struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0U), .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->sock, &event) == -1) fail_call("epoll_ctl");
    c->watched_out = out;
}

/* From one of 250 loopback addresses: ports are enough for each of them. */
static void bind_own_end(int sock)
{
    static unsigned dialled;
    int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x100 + dialled++ % 250);
    if (setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1 ||
        setsockopt(sock, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == -1)
        fail_call("setsockopt");
    if (bind(sock, (struct sockaddr *)&from, sizeof from) == -1) fail_call("bind");
}

int dial(void)
{
    int sock = socket(address.ss_family, SOCK_STREAM, 0);
    if (sock == -1) fail_call("socket");
    struct timeval limit = {.tv_sec = (time_t)patience + 1};
    if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1)
        fail_call("setsockopt");
    if (address.ss_family == AF_INET) bind_own_end(sock);
    if (connect(sock, (struct sockaddr *)&address, address_length) == -1)
        lose("connect", errno == EINPROGRESS || errno == EAGAIN ? "the server's queue is full"
                                                                : strerror(errno));
    return sock;
}

void push(struct connection *c)
{
    bool full = false;
    for (int i = 0; i < 16 && c->sent < c->goal && !full; i++) {
        size_t left = c->goal - c->sent;
        ssize_t sent = send(c->sock, bytes_at(c->shift + c->sent), left < CHUNK ? left : CHUNK,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == -1 && errno != EAGAIN) lose("send", strerror(errno));
        full = sent == -1;
        if (!full) c->sent += (size_t)sent;
    }
    if (c->watched_out != (c->sent < c->goal)) watch(c, EPOLL_CTL_MOD, c->sent < c->goal);
}

void open_connection(struct connection *c, size_t bytes)
{
    static size_t opened;
    *c = (struct connection){.sock = dial(), .shift = opened++ * 7919 % PERIOD, .goal = bytes};
    open_count++;
    watch(c, EPOLL_CTL_ADD, false);
    c->since = now();
    push(c);
}

void half_close(struct connection *c)
{
    if (shutdown(c->sock, SHUT_WR) == -1) lose("shutdown", strerror(errno));
    c->half_closed = true;
}

void compare(struct connection *c, const char *back, size_t length)
{
    const char *wanted = bytes_at(c->shift + c->received);
    if (c->received + length > c->sent)
        fail("%zu bytes came back, and only %zu were sent", c->received + length, c->sent);
    if (memcmp(back, wanted, length) != 0) {
        size_t i = 0;
        while (back[i] == wanted[i]) i++;
        fail("byte %zu of a connection came back as 0x%02x instead of 0x%02x", c->received + i,
             (unsigned char)back[i], (unsigned char)wanted[i]);
    }
    c->received += length;
}

static void pull(struct connection *c)
{
    static char back[CHUNK];
    ssize_t received = recv(c->sock, back, sizeof back, MSG_DONTWAIT);
    if (received == -1 && errno == EAGAIN) return;
    if (received == -1) lose("recv", strerror(errno));
    if (received > 0) {
        compare(c, back, (size_t)received);
        return;
    }
    if (!c->half_closed || c->received < c->sent) {
        char missing[64];
        snprintf(missing, sizeof missing, "%zu bytes are missing", c->sent - c->received);
        lose("the server closed a connection", missing);
    }
    if (close(c->sock) == -1) fail_call("close");
    c->sock = -1;
    open_count--;
}

int wait_events(double seconds)
{
    int ready;
    do ready = epoll_wait(epoll, events, EVENTS, (int)(seconds * 1000));
    while (ready == -1 && errno == EINTR);
    if (ready == -1) fail_call("epoll_wait");
    return ready;
}

int need_events(void)
{
    int ready = wait_events(patience);
    if (ready > 0) return ready;
    size_t missing = 0;
    int waiting = 0;
    for (int i = 0; i < count; i++) {
        if (connections[i].sock == -1) continue;
        missing += connections[i].goal - connections[i].received;
        waiting++;
    }
    fail("nothing came back for %g s: %zu bytes are missing, and %d connections are open", patience,
         missing, waiting);
}

struct connection *serve(const struct epoll_event *event)
{
    struct connection *c = event->data.ptr;
    if (event->events & EPOLLOUT) push(c);
    if (event->events & ~(unsigned)EPOLLOUT) pull(c);
    return c;
}

bool complete(const struct connection *c)
{
    return c->received == c->goal;
}

void make_connections(long number)
{
    count = (int)number;
    connections = calloc((size_t)count, sizeof *connections);
    epoll = epoll_create1(0);
    if (connections == NULL || epoll == -1) fail("no memory for %d connections", count);
    for (int i = 0; i < count; i++) connections[i].sock = -1;
}

void finish(void)
{
    for (int i = 0; i < count; i++)
        if (connections[i].sock != -1 && complete(&connections[i]) && !connections[i].half_closed)
            half_close(&connections[i]);
    while (open_count > 0) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = serve(&events[i]);
            if (c->sock != -1 && complete(c) && !c->half_closed) half_close(c);
        }
    }
}
