#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "client [ADDRESS [PORT]]";
static const char wanted_address[] = "ADDRESS must be a name or a numeric address, such as ::1";
static const char wanted_port[] =
    "PORT must be a number from 1 to 65535 or a service, such as http";

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
    return parse_port(text) > 0 || strpbrk(text, "abcdefghijklmnopqrstuvwxyz") != NULL;
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

/* Prints what comes back next. Returns its length; 0, the end of file, only when nothing is due. */
static ssize_t print_reply(int sock, ssize_t due)
{
    char buffer[16 * 1024];
    ssize_t received;
    while ((received = recv(sock, buffer, sizeof buffer, 0)) == -1)
        if (errno != EINTR) die("recv");
    if (received == 0 && due > 0) {
        fprintf(stderr, "recv: connection closed by server\n");
        exit(EXIT_FAILURE);
    }
    fwrite(buffer, 1, (size_t)received, stdout);
    if (fflush(stdout) == EOF || ferror(stdout)) die("write");
    return received;
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

    int sock;
    char there[END_LENGTH];
    for (const struct addrinfo *remote = found;; remote = remote->ai_next) {
        write_end(there, remote->ai_addr, remote->ai_addrlen);
        sock = socket(remote->ai_family, remote->ai_socktype, remote->ai_protocol);
        if (sock == -1 && errno != EAFNOSUPPORT) die("socket");
        if (sock != -1 && connect(sock, remote->ai_addr, remote->ai_addrlen) == 0) break;

        int reason = errno;
        fprintf(stderr, "connect to %s: %s\n", there, strerror(reason));
        /* After a failed connect the state of a socket is unspecified: the next try has its own. */
        if (sock != -1 && close(sock) == -1) die("close");
        errno = reason;
        if (remote->ai_next == NULL) die("connect");
    }
    freeaddrinfo(found);

    struct sockaddr_storage local;
    socklen_t length = sizeof local;
    if (getsockname(sock, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char here[END_LENGTH];
    write_end(here, (struct sockaddr *)&local, length);
    fprintf(stderr, "connected to %s from %s\n", there, here);

    char buffer[16 * 1024];
    ssize_t typed;
    while ((typed = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
        if (send_all(sock, buffer, (size_t)typed) == -1) die("send");
        for (ssize_t due = typed; due > 0;) due -= print_reply(sock, due);
    }
    if (typed == -1) die("read");
    if (shutdown(sock, SHUT_WR) == -1) die("shutdown");
    while (print_reply(sock, 0) > 0) continue;

    if (close(sock) == -1) die("close");
    return 0;
}
