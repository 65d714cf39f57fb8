#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "server [ADDRESS [PORT]]";
static const char wanted_address[] = "ADDRESS must be a name or a numeric address, such as ::1";
static const char wanted_port[] =
    "PORT must be a number from 0 to 65535 or a service, such as http";

/*
 * Whether text can be a name or an address at all. What ends in a number must be a whole IPv4
 * address, because no name does (RFC 3696, section 2): getaddrinfo also takes 127.1 and 0x7f.1.
 */
static bool is_host(const char *text)
{
    if (text[0] == '\0' || text[0] == '-' || strpbrk(text, " \t") != NULL) return false;
    const char *dot = strrchr(text, '.'), *last = dot != NULL ? dot + 1 : text;
    if (strchr(text, ':') != NULL || last[strspn(last, "0123456789")] != '\0') return true;
    struct in_addr whole;
    return inet_pton(AF_INET, text, &whole) == 1;
}

/* Whether text can be a port: a number, or a name, which has a letter: RFC 6335, section 5.1. */
static bool is_port(const char *text)
{
    return parse_port(text) != -1 || strpbrk(text, "abcdefghijklmnopqrstuvwxyz") != NULL;
}

enum { END_LENGTH = INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof "[]:65535" };

/* Writes one end of a connection: 127.0.0.1:5000, or [::1]:5000 as RFC 5952, section 6, wants it. */
static void write_end(char *text, const struct sockaddr *end, socklen_t length)
{
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE], port[sizeof "65535"];
    const int numeric = NI_NUMERICHOST | NI_NUMERICSERV;
    if (getnameinfo(end, length, host, sizeof host, port, sizeof port, numeric) != 0)
        snprintf(text, END_LENGTH, "an unknown end");
    else
        snprintf(text, END_LENGTH, end->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* Where an address keeps its port, in network byte order. */
static in_port_t *port_of(struct sockaddr *end)
{
    if (end->sa_family == AF_INET6) return &((struct sockaddr_in6 *)end)->sin6_port;
    return &((struct sockaddr_in *)end)->sin_port;
}

/* Whether an address stands in the list before: a hosts file may name one twice. */
static bool is_repeated(const struct addrinfo *list, const struct addrinfo *address)
{
    for (; list != address; list = list->ai_next)
        if (list->ai_addrlen == address->ai_addrlen &&
            memcmp(list->ai_addr, address->ai_addr, address->ai_addrlen) == 0)
            return true;
    return false;
}

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

/* The life of one thread: one client, whose descriptor is the value of the pointer itself. */
static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    const char *failed = echo(client);
    if (failed != NULL) perror(failed);
    if (close(client) == -1) perror("close");
    return NULL;
}

/* The life of a listener's thread: one listener, passed in the same way. It never returns. */
static void *accept_clients(void *argument)
{
    int listener = (int)(intptr_t)argument;

    /* Pause after a failed accept: descriptors or memory may be free again after it. */
    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};

    pthread_attr_t attributes;
    errno = pthread_attr_init(&attributes);
    if (errno != 0) die("pthread_attr_init");
    errno = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (errno != 0) die("pthread_attr_setdetachstate");
    errno = pthread_attr_setstacksize(&attributes, 256 * 1024);
    if (errno != 0) die("pthread_attr_setstacksize");

    for (;;) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &length);
        if (client == -1) {
            if (errno == EINTR) continue;
            perror("accept");
            nanosleep(&backoff, NULL);
            continue;
        }
        char text[END_LENGTH];
        write_end(text, (struct sockaddr *)&peer, length);
        printf("connection from %s\n", text);

        pthread_t thread;
        errno = pthread_create(&thread, &attributes, serve, (void *)(intptr_t)client);
        if (errno != 0) {
            perror("pthread_create");
            if (close(client) == -1) perror("close");
        }
    }
}

int main(int argc, char *argv[])
{
    if (argc > 3) usage(synopsis, argv[3], "one argument too many");
    const char *address = argc > 1 ? argv[1] : NULL; /* NULL: loopback, of both families */
    const char *port = argc > 2 ? argv[2] : "5000";
    if (address != NULL && !is_host(address)) usage(synopsis, address, wanted_address);
    if (!is_port(port)) usage(synopsis, port, wanted_port);
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(address, port, &hints, &found);
    if (error == EAI_SERVICE) usage(synopsis, port, wanted_port);
    if (error == EAI_SYSTEM) die("getaddrinfo");
    if (error != 0) {
        fprintf(stderr, "getaddrinfo: %s: '%s'\n", gai_strerror(error),
                address != NULL ? address : "");
        return EXIT_FAILURE;
    }

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int listeners[16], count = 0; /* no machine has a name with so many addresses */
    in_port_t chosen = 0;
    for (struct addrinfo *local = found; local != NULL && count < 16; local = local->ai_next) {
        /* For port 0 the kernel chooses once: the next addresses take what the first one got. */
        if (*port_of(local->ai_addr) == 0) *port_of(local->ai_addr) = chosen;
        if (is_repeated(found, local)) continue;

        int listener = socket(local->ai_family, local->ai_socktype, local->ai_protocol);
        if (listener == -1 && errno == EAFNOSUPPORT) { /* a kernel without IPv6 */
            perror("socket");
            continue;
        }
        if (listener == -1) die("socket");

        /* A connection of the last run may still be in TIME_WAIT on this port. */
        int on = 1;
        if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) die("setsockopt");
        /* Replies leave at once; the sockets that accept returns inherit this. */
        if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1) die("setsockopt");
        /* IPv6 alone: on some systems :: would take the port of the IPv4 listener as well. */
        if (local->ai_family == AF_INET6 &&
            setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
            die("setsockopt");

        if (bind(listener, local->ai_addr, local->ai_addrlen) == -1) {
            if (errno != EADDRNOTAVAIL) die("bind");
            perror("bind"); /* this machine has no such address: IPv6 may be switched off */
            if (close(listener) == -1) die("close");
            continue;
        }
        if (listen(listener, SOMAXCONN) == -1) die("listen");

        struct sockaddr_storage bound;
        socklen_t length = sizeof bound;
        if (getsockname(listener, (struct sockaddr *)&bound, &length) == -1) die("getsockname");
        *port_of(local->ai_addr) = chosen = *port_of((struct sockaddr *)&bound);
        char text[END_LENGTH];
        write_end(text, (struct sockaddr *)&bound, length);
        printf("listening on %s\n", text);
        listeners[count++] = listener;
    }
    freeaddrinfo(found);
    if (count == 0) return EXIT_FAILURE; /* each address has had its line */

    for (int i = 1; i < count; i++) {
        pthread_t thread;
        errno = pthread_create(&thread, NULL, accept_clients, (void *)(intptr_t)listeners[i]);
        if (errno != 0) die("pthread_create");
    }
    accept_clients((void *)(intptr_t)listeners[0]);
}
