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

/* The call was not possible at this moment. It is no failure: poll says when to try again. */
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

/* What poll watches: polled[0] is the listener, and polled[i] the socket of clients[i]. */
static struct pollfd *polled;
static struct client *clients;
static nfds_t count, room;

/* Adds a socket to them, as one that never waits. Returns NULL, or the call that failed and errno. */
static const char *watch(int sock)
{
    if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1) return "fcntl";
    if (count == room) {
        nfds_t more = room == 0 ? 16 : 2 * room;
        struct pollfd *more_polled = realloc(polled, more * sizeof *polled);
        if (more_polled == NULL) return "realloc";
        polled = more_polled;
        struct client *more_clients = realloc(clients, more * sizeof *clients);
        if (more_clients == NULL) return "realloc";
        clients = more_clients;
        room = more;
    }
    polled[count] = (struct pollfd){.fd = sock, .events = POLLIN};
    clients[count] = (struct client){.sock = sock};
    count++;
    return NULL;
}

/* Closes a client. The last one takes its place, so that there is never a gap to look for. */
static void drop(nfds_t i)
{
    if (close(clients[i].sock) == -1) perror("close");
    free(clients[i].unsent);
    count--;
    polled[i] = polled[count];
    clients[i] = clients[count];
}

/* The time on a clock that nobody sets, in microseconds. */
static long long microseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

enum { PAUSE = 100 * 1000 }; /* of the listener, in microseconds */

/* When the pause of the listener is over. */
static long long listener_paused_until;

/* After a failed accept: descriptors or memory may be free again a little later. Until then poll
   ignores the listener (poll(2): a negative descriptor), and the clients are served as before. */
static void pause_listener(void)
{
    polled[0].fd = -1;
    listener_paused_until = microseconds() + PAUSE;
}

/* Ends the pause when its time has come. Returns how long poll may wait for that, in milliseconds;
   -1, for ever, when there is no pause. */
static int resume_listener(int listener)
{
    if (polled[0].fd == listener) return -1;
    long long left = listener_paused_until - microseconds();
    if (left > 0) return (int)(left / 1000) + 1;
    polled[0].fd = listener;
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
            pause_listener();
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

/* A turn for each client that can do something now. From the end, because drop puts the last client
   into the place of another. */
static void serve_clients(void)
{
    for (nfds_t i = count - 1; i > 0; i--) {
        if (polled[i].revents == 0) continue;
        if (take_turn(&clients[i]))
            polled[i].events = clients[i].unsent != NULL ? POLLOUT : POLLIN;
        else
            drop(i);
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

    /* The listener too: the client that poll saw may be gone by the time of accept. */
    const char *failed = watch(listener);
    if (failed != NULL) die(failed);

    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};
    for (;;) {
        if (poll(polled, count, resume_listener(listener)) == -1) {
            if (errno == EINTR) continue;
            perror("poll");
            nanosleep(&backoff, NULL);
            continue;
        }
        serve_clients();
        if (polled[0].revents != 0) accept_some(listener);
    }
}
