#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "client [ADDRESS [PORT]]";

enum { TRIES = 3, FIRST_WAIT = 500 * 1000 }; /* in microseconds, doubled for each further try */

/* The time on a clock that nobody sets, in microseconds. */
static long long microseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Receives the echo with this number. Returns its length, or -1 when none has come until `due`. */
static ssize_t wait_echo(int sock, uint32_t number, char *reply, size_t size, long long due)
{
    for (;;) {
        int left = (int)(due - microseconds());
        if (left <= 0) return -1;
        struct timeval limit = {.tv_sec = left / 1000000, .tv_usec = left % 1000000};
        if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
            die("setsockopt");
        ssize_t received = recv(sock, reply, size, 0);
        if (received == -1 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            die("recv");
        /* A late echo of an older line still carries the number of that line. */
        if (received < (ssize_t)sizeof number) continue;
        if (memcmp(reply, &number, sizeof number) == 0) return received;
    }
}

/* Sends a line behind its number and prints its echo; sends it again when none comes. */
static void echo_line(int sock, uint32_t number, char *line, size_t length)
{
    struct iovec parts[] = {{&number, sizeof number}, {line, length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    size_t sent = sizeof number + length;
    char reply[64 * 1024];
    ssize_t received = -1;

    for (int try = 1, wait = FIRST_WAIT; received == -1; try++, wait *= 2) {
        if (try > TRIES) {
            fprintf(stderr, "recv: no reply after %d tries\n", TRIES);
            exit(EXIT_FAILURE);
        }
        if (try > 1) fprintf(stderr, "no reply yet: try %d of %d\n", try, TRIES);
        while (sendmsg(sock, &message, 0) == -1)
            if (errno != EINTR) die("sendmsg");
        received = wait_echo(sock, number, reply, sizeof reply, microseconds() + wait);
    }

    if ((size_t)received != sent || memcmp(reply + sizeof number, line, length) != 0) {
        fprintf(stderr, "recv: the reply differs: %zd bytes for %zu\n", received, sent);
        exit(EXIT_FAILURE);
    }
    fwrite(reply + sizeof number, 1, length, stdout);
    if (fflush(stdout) == EOF || ferror(stdout)) die("write");
}

int main(int argc, char *argv[])
{
    if (argc > 3) usage(synopsis, argv[3], "one argument too many");
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    int port = parse_port(argc > 2 ? argv[2] : "5000");
    if (port < 1) usage(synopsis, argv[2], "PORT must be a number from 1 to 65535");
    struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    if (inet_pton(AF_INET, address, &remote.sin_addr) != 1)
        usage(synopsis, address, "ADDRESS must be a numeric IPv4 address, such as 127.0.0.1");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) die("socket");

    if (connect(sock, (struct sockaddr *)&remote, sizeof remote) == -1) die("connect");

    struct sockaddr_in local;
    socklen_t length = sizeof local;
    if (getsockname(sock, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    int ephemeral = ntohs(local.sin_port);
    fprintf(stderr, "connected to %s:%d from %s:%d\n", address, port, text, ephemeral);

    char *line = NULL;
    size_t size = 0;
    ssize_t typed;
    for (uint32_t number = 1; (typed = getline(&line, &size, stdin)) != -1; number++)
        echo_line(sock, htonl(number), line, (size_t)typed);
    if (!feof(stdin)) die("getline");
    free(line);

    if (close(sock) == -1) die("close");
    return 0;
}
