#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "server [ADDRESS [PORT]]";

/* The limits: clients and the listener; bytes of a line, its end too; bytes that wait for a reader. */
enum { PLACES = 256, LINE = 1024, QUEUE = 64 * 1024 };

struct client {
    char name[INET_ADDRSTRLEN + 8]; /* A:P */
    char line[LINE];                /* what has come of its next line */
    size_t length;
    char queue[QUEUE]; /* whole messages that it has not taken yet */
    size_t queued;
    bool ended; /* it sends nothing more, and leaves when its queue is empty */
    bool lost;  /* it leaves now */
};

/* A client has the same place in both. Place 0 is the listener's; descriptor -1 is a free place. */
static struct pollfd fds[PLACES];
static struct client clients[PLACES];

/* The call was not possible at this moment. It is no failure: poll says when to try again. */
static bool not_now(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Sends what the kernel takes now of a client's queue. */
static void flush_queue(int place)
{
    struct client *client = &clients[place];
    ssize_t sent = send(fds[place].fd, client->queue, client->queued, 0);
    if (sent == -1) {
        if (not_now()) return;
        perror("send");
        client->lost = true;
        return;
    }
    client->queued -= (size_t)sent;
    memmove(client->queue, client->queue + sent, client->queued);
}

/* Puts a message into a client's queue, all of it. A reader who is too slow for that is lost. */
static void enqueue(int place, const char *message, size_t length)
{
    struct client *client = &clients[place];
    if (client->queued + length > QUEUE) flush_queue(place);
    if (client->queued + length > QUEUE) {
        if (!client->lost) printf("%s reads too slowly\n", client->name);
        client->lost = true;
        return;
    }
    memcpy(client->queue + client->queued, message, length);
    client->queued += length;
}

/* Says to everybody else what a client does: its name, a mark, a text and the end of the line. */
static void tell_others(int from, const char *mark, const char *text, size_t length)
{
    char message[sizeof clients[0].name + 8 + LINE];
    size_t head = (size_t)snprintf(message, sizeof message, "%s%s", clients[from].name, mark);
    memcpy(message + head, text, length);
    message[head + length] = '\n';
    for (int to = 1; to < PLACES; to++)
        if (to != from && fds[to].fd != -1 && !clients[to].ended && !clients[to].lost)
            enqueue(to, message, head + length + 1);
}

/* Receives once, and tells each line that is whole now. The rest waits for its end. */
static void receive_lines(int place)
{
    struct client *client = &clients[place];
    ssize_t received = recv(fds[place].fd, client->line + client->length, LINE - client->length, 0);
    if (received == -1) {
        if (not_now()) return;
        perror("recv");
        client->lost = true;
        return;
    }
    if (received == 0) {
        if (client->length > 0) tell_others(place, ": ", client->line, client->length);
        client->length = 0;
        client->lost = client->ended; /* told again: the connection is broken */
        client->ended = true;
        return;
    }
    client->length += (size_t)received;

    const char *rest = client->line, *end;
    while ((end = memchr(rest, '\n', client->length)) != NULL) {
        size_t length = (size_t)(end - rest);
        client->length -= length + 1;
        if (length > 0 && rest[length - 1] == '\r') length--;
        tell_others(place, ": ", rest, length);
        rest = end + 1;
    }
    if (client->length == LINE) {
        static const char notice[] = "your line is too long: the others get it in pieces\n";
        tell_others(place, ": ", rest, LINE - 1);
        enqueue(place, notice, sizeof notice - 1);
        rest += LINE - 1;
        client->length = 1;
    }
    memmove(client->line, rest, client->length);
}

/* Closes what has ended. To tell the others may lose one more of them: then look again. */
static void close_ended(void)
{
    for (bool again = true; again;) {
        again = false;
        for (int place = 1; place < PLACES; place++) {
            struct client *client = &clients[place];
            if (fds[place].fd == -1) continue;
            if (!client->lost && !(client->ended && client->queued == 0)) continue;
            if (close(fds[place].fd) == -1) perror("close");
            fds[place].fd = -1;
            tell_others(place, " left", "", 0);
            again = true;
        }
    }
}

/* The lowest free place, or 0. */
static int free_place(void)
{
    for (int place = 1; place < PLACES; place++)
        if (fds[place].fd == -1) return place;
    return 0;
}

/* Asks poll for what each client can do next. Returns how many places it has to look at. */
static int ask_for_clients(void)
{
    int used = 1;
    for (int place = 1; place < PLACES; place++) {
        if (fds[place].fd == -1) continue;
        fds[place].events = clients[place].ended ? 0 : POLLIN;
        if (clients[place].queued > 0) fds[place].events |= POLLOUT;
        used = place + 1;
    }
    return used;
}

/* Does what poll has found that the clients can do. */
static void serve_clients(int used)
{
    for (int place = 1; place < used; place++) {
        if (!clients[place].lost && fds[place].revents & POLLOUT) flush_queue(place);
        if (!clients[place].lost && fds[place].revents & ~POLLOUT) receive_lines(place);
    }
}

/* The time on a clock that nobody sets, in microseconds. */
static long long microseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

enum { PAUSE = 100 * 1000 }; /* of the listener, in microseconds */

/* When the pause of the listener is over; 0 when there is none. */
static long long listener_paused_until;

/* Has poll ignore the listener while it is paused, or while there is no place. Returns how long poll
   may wait for the end of a pause, in milliseconds; -1, for ever, when there is none. */
static int ask_for_listener(void)
{
    long long left = listener_paused_until == 0 ? 0 : listener_paused_until - microseconds();
    if (left <= 0) listener_paused_until = 0;
    fds[0].events = left <= 0 && free_place() != 0 ? POLLIN : 0;
    return left > 0 ? (int)(left / 1000) + 1 : -1;
}

/* Accepts one client, and tells the others. */
static void welcome(int listener)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int sock = accept(listener, (struct sockaddr *)&peer, &length);
    if (sock == -1) {
        if (not_now()) return;
        perror("accept");
        /* Descriptors or memory may be free again a little later; the clients go on. */
        listener_paused_until = microseconds() + PAUSE;
        return;
    }
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    printf("connection from %s:%d\n", text, ntohs(peer.sin_port));
    if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1) {
        perror("fcntl");
        if (close(sock) == -1) perror("close");
        return;
    }
    int place = free_place();
    fds[place].fd = sock;
    struct client *client = &clients[place];
    client->length = client->queued = 0;
    client->ended = client->lost = false;
    snprintf(client->name, sizeof client->name, "%s:%d", text, ntohs(peer.sin_port));
    tell_others(place, " joined", "", 0);
}

int main(int argc, char *argv[])
{
    if (argc > 3) usage(synopsis, argv[3], "one argument too many");
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    int port = parse_port(argc > 2 ? argv[2] : "5000");
    if (port == -1) usage(synopsis, argv[2], "PORT must be a number from 0 to 65535");
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    if (inet_pton(AF_INET, address, &local.sin_addr) != 1)
        usage(synopsis, address, "ADDRESS must be a numeric IPv4 address, such as 127.0.0.1");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1) die("socket");

    /* A connection of the last run may still be in TIME_WAIT on this port. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) die("setsockopt");
    /* Replies leave at once; the sockets that accept returns inherit this. */
    if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1) die("setsockopt");

    if (bind(listener, (struct sockaddr *)&local, sizeof local) == -1) die("bind");
    if (listen(listener, SOMAXCONN) == -1) die("listen");
    /* The client may have left between poll and accept: then accept must not wait for the next. */
    if (fcntl(listener, F_SETFL, O_NONBLOCK) == -1) die("fcntl");

    socklen_t length = sizeof local;
    if (getsockname(listener, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    printf("listening on %s:%d\n", text, ntohs(local.sin_port));

    fds[0].fd = listener;
    for (int place = 1; place < PLACES; place++) fds[place].fd = -1;

    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};
    for (;;) {
        int used = ask_for_clients();
        if (poll(fds, (nfds_t)used, ask_for_listener()) == -1) {
            if (errno == EINTR) continue;
            perror("poll");
            nanosleep(&backoff, NULL);
            continue;
        }
        serve_clients(used);
        close_ended();
        if (fds[0].revents != 0) welcome(listener);
    }
}
