#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "server [ADDRESS [PORT [SECONDS]]]";

/* A signal comes through this pipe, so that poll can wait for it and for clients at once. Later
   the last client that leaves writes into it, too. */
static int stop_pipe[2];

/* How many clients are connected, and whether somebody waits until none is. */
static int clients;
static bool stopping;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Sends all of it: one send may take only a part. Returns 0, or -1 with errno set. */
static int send_all(int sock, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(sock, data, length, 0);
        if (sent == -1 && errno == EINTR) continue;
        if (sent == -1) return -1;
        data += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/* Sends every byte back until the end of file. Returns NULL, or the call that failed and errno. */
static const char *echo(int client)
{
    char buffer[64 * 1024];
    for (;;) {
        ssize_t received = recv(client, buffer, sizeof buffer, 0);
        if (received == -1 && errno == EINTR) continue;
        if (received == -1) return "recv";
        if (received == 0) return NULL;
        if (send_all(client, buffer, (size_t)received) == -1) return "send";
    }
}

/* Counts a client that comes, 1, or one that leaves, -1. */
static void count(int change)
{
    pthread_mutex_lock(&lock);
    clients += change;
    if (stopping && clients == 0 && write(stop_pipe[1], "", 1) == -1) perror("write");
    pthread_mutex_unlock(&lock);
}

/* The life of one thread: one client, whose descriptor is the value of the pointer itself. */
static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    const char *failed = echo(client);
    if (failed != NULL) perror(failed);
    if (close(client) == -1) perror("close");
    count(-1);
    return NULL;
}

/* The first signal asks for a stop; the next one of either kind ends the program at once. */
static void ask_to_stop(int number)
{
    int saved = errno;
    (void)number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (write(stop_pipe[1], "", 1) == -1) _exit(EXIT_FAILURE);
    errno = saved;
}

int main(int argc, char *argv[])
{
    if (argc > 4) usage(synopsis, argv[4], "one argument too many");
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    int port = parse_port(argc > 2 ? argv[2] : "5000");
    if (port == -1) usage(synopsis, argv[2], "PORT must be a number from 0 to 65535");
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    if (inet_pton(AF_INET, address, &local.sin_addr) != 1)
        usage(synopsis, address, "ADDRESS must be a numeric IPv4 address, such as 127.0.0.1");
    int seconds = parse_number(argc > 3 ? argv[3] : "5", 65535);
    if (seconds == -1) usage(synopsis, argv[3], "SECONDS must be a number from 0 to 65535");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    if (pipe(stop_pipe) == -1) die("pipe");
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1) die("sigaction");
    if (sigaction(SIGTERM, &action, NULL) == -1) die("sigaction");

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

    /* Pause after a failed accept: descriptors or memory may be free again after it. */
    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};

    pthread_attr_t attributes;
    errno = pthread_attr_init(&attributes);
    if (errno != 0) die("pthread_attr_init");
    errno = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (errno != 0) die("pthread_attr_setdetachstate");
    errno = pthread_attr_setstacksize(&attributes, 256 * 1024);
    if (errno != 0) die("pthread_attr_setstacksize");

    struct pollfd events[] = {{.fd = stop_pipe[0], .events = POLLIN},
                              {.fd = listener, .events = POLLIN}};
    for (;;) {
        if (poll(events, 2, -1) == -1) {
            if (errno == EINTR) continue;
            perror("poll");
            nanosleep(&backoff, NULL);
            continue;
        }
        if (events[0].revents != 0) break;

        struct sockaddr_in peer;
        length = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &length);
        if (client == -1) {
            if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) continue;
            perror("accept");
            nanosleep(&backoff, NULL);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
        printf("connection from %s:%d\n", text, ntohs(peer.sin_port));
        /* Some systems hand the listener's O_NONBLOCK on. */
        if (fcntl(client, F_SETFL, 0) == -1) perror("fcntl");

        count(1);
        pthread_t thread;
        errno = pthread_create(&thread, &attributes, serve, (void *)(intptr_t)client);
        if (errno != 0) {
            perror("pthread_create");
            if (close(client) == -1) perror("close");
            count(-1);
        }
    }

    /* From here on a connect is refused. */
    if (close(listener) == -1) perror("close");
    char byte;
    if (read(stop_pipe[0], &byte, 1) == -1) perror("read"); /* the next one is the last client's */
    pthread_mutex_lock(&lock);
    stopping = true;
    int left = clients;
    pthread_mutex_unlock(&lock);
    printf("stopping: %d connected, %d seconds to finish\n", left, seconds);
    while (left > 0 && poll(events, 1, seconds * 1000) == -1) {
        if (errno == EINTR) continue;
        perror("poll");
        break;
    }
    pthread_mutex_lock(&lock);
    printf("stopped: %d still connected\n", clients);
    pthread_mutex_unlock(&lock);
    return 0; /* The end of main ends the other threads, and the kernel closes their sockets. */
}
