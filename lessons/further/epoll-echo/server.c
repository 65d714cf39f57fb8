#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "server [ADDRESS [PORT]]";

/* The call was not possible at this moment. It is no failure: epoll says when to try again. */
static bool not_now(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* One client. What it does not take yet waits here, at most one buffer full: nothing more is
   received before all of it is sent. */
struct client {
    int sock;
    char *unsent; /* NULL when nothing waits */
    size_t done, left;
};

/* Sends what the kernel takes at this moment. Returns how much, or -1 after it has said why. */
static ssize_t send_some(int sock, const char *data, size_t length)
{
    ssize_t sent = send(sock, data, length, 0);
    if (sent == -1 && not_now()) return 0;
    if (sent == -1) perror("send");
    return sent;
}

/* One turn of one client. Returns false when the client is to be closed. */
static bool take_turn(struct client *client)
{
    static char buffer[64 * 1024]; /* one for all: between two turns nothing is in it */
    ssize_t sent, received = sizeof buffer;

    if (client->unsent != NULL) {
        sent = send_some(client->sock, client->unsent + client->done, client->left);
        if (sent == -1) return false;
        client->done += (size_t)sent;
        client->left -= (size_t)sent;
        if (client->left > 0) return true;
        free(client->unsent);
        client->unsent = NULL;
    }

    /* A full buffer promises more. But after 16 of them the others have waited long enough. */
    for (int i = 0; i < 16 && received == sizeof buffer; i++) {
        received = recv(client->sock, buffer, sizeof buffer, 0);
        if (received == -1 && not_now()) return true;
        if (received == -1) perror("recv");
        if (received <= 0) return false;
        sent = send_some(client->sock, buffer, (size_t)received);
        if (sent == -1) return false;
        if (sent == received) continue;

        client->done = 0;
        client->left = (size_t)(received - sent);
        client->unsent = malloc(client->left);
        if (client->unsent == NULL) perror("malloc");
        if (client->unsent == NULL) return false;
        memcpy(client->unsent, buffer + sent, client->left);
        return true;
    }
    return true;
}

/* The kernel's list of the sockets that it watches for us, as a descriptor. */
static int epoll;

/* clients[sock] is the client of that socket: descriptors are small numbers. */
static struct client *clients;
static size_t room;

/* Has epoll watch one more socket, as one that never waits. Returns NULL, or the call that failed
   and errno. */
static const char *watch(int sock)
{
    if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1) return "fcntl";
    if ((size_t)sock >= room) {
        size_t more = 16 + 2 * (size_t)sock;
        struct client *more_clients = realloc(clients, more * sizeof *clients);
        if (more_clients == NULL) return "realloc";
        clients = more_clients;
        room = more;
    }
    clients[sock] = (struct client){.sock = sock};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = sock};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, sock, &event) == -1) return "epoll_ctl";
    return NULL;
}

/* Closes a client. A socket that is closed leaves epoll by itself. */
static void drop(struct client *client)
{
    if (close(client->sock) == -1) perror("close");
    free(client->unsent);
}

/* Has epoll report other events of a socket that it watches. Returns false after it has said why not. */
static bool change(int sock, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = sock};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, sock, &event) == 0) return true;
    perror("epoll_ctl");
    return false;
}

/* A turn for a client that can do something now. */
static void serve(struct client *client)
{
    bool waited = client->unsent != NULL;
    bool stays = take_turn(client);
    bool waits = client->unsent != NULL;
    if (stays && waits != waited) stays = change(client->sock, waits ? EPOLLOUT : EPOLLIN);
    if (!stays) drop(client);
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

/* After a failed accept: descriptors or memory may be free again a little later. Until then epoll
   reports no event of the listener, and the clients are served as before. */
static void pause_listener(int listener)
{
    change(listener, 0);
    listener_paused_until = microseconds() + PAUSE;
}

/* Ends the pause when its time has come. Returns how long epoll_wait may wait for that, in
   milliseconds; -1, for ever, when there is no pause. */
static int resume_listener(int listener)
{
    if (listener_paused_until == 0) return -1;
    long long left = listener_paused_until - microseconds();
    if (left > 0) return (int)(left / 1000) + 1;
    if (!change(listener, EPOLLIN)) {
        listener_paused_until = microseconds() + PAUSE;
        return PAUSE / 1000;
    }
    listener_paused_until = 0;
    return -1;
}

/* Accepts some of those who wait: a crowd at the door must not hold up those who are in. */
static void accept_some(int listener)
{
    for (int i = 0; i < 64; i++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &length);
        if (client == -1 && not_now()) return;
        if (client == -1) {
            perror("accept");
            pause_listener(listener);
            return;
        }
        char text[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
        printf("connection from %s:%d\n", text, ntohs(peer.sin_port));

        const char *failed = watch(client);
        if (failed != NULL) {
            perror(failed);
            if (close(client) == -1) perror("close");
        }
    }
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

    socklen_t length = sizeof local;
    if (getsockname(listener, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    printf("listening on %s:%d\n", text, ntohs(local.sin_port));

    epoll = epoll_create1(0);
    if (epoll == -1) die("epoll_create1");
    /* The listener too: the client that epoll saw may be gone by the time of accept. */
    const char *failed = watch(listener);
    if (failed != NULL) die(failed);

    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, resume_listener(listener));
        if (ready == -1) {
            if (errno == EINTR) continue;
            perror("epoll_wait");
            nanosleep(&backoff, NULL);
            continue;
        }
        bool knocked = false;
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener)
                knocked = true;
            else
                serve(&clients[events[i].data.fd]);
        }
        if (knocked) accept_some(listener);
    }
}
