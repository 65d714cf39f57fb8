#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "client [ADDRESS [PORT]]";

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
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    int port = parse_port(argc > 2 ? argv[2] : "5000");
    if (port < 1) usage(synopsis, argv[2], "PORT must be a number from 1 to 65535");
    struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    if (inet_pton(AF_INET, address, &remote.sin_addr) != 1)
        usage(synopsis, address, "ADDRESS must be a numeric IPv4 address, such as 127.0.0.1");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) die("socket");

    if (connect(sock, (struct sockaddr *)&remote, sizeof remote) == -1) die("connect");

    struct sockaddr_in local;
    socklen_t length = sizeof local;
    if (getsockname(sock, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    int ephemeral = ntohs(local.sin_port);
    fprintf(stderr, "connected to %s:%d from %s:%d\n", address, port, text, ephemeral);

    struct pollfd events[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = sock, .events = POLLIN}};
    char buffer[16 * 1024];
    for (;;) {
        if (poll(events, 2, -1) == -1) {
            if (errno == EINTR) continue;
            die("poll");
        }
        /* While there is something to type, the end of file comes too early. */
        ssize_t due = events[0].fd == -1 ? 0 : 1;
        if (events[1].revents != 0 && print_reply(sock, due) == 0) break;
        if (events[0].revents == 0) continue;

        ssize_t typed = read(STDIN_FILENO, buffer, sizeof buffer);
        if (typed == -1) die("read");
        if (send_all(sock, buffer, (size_t)typed) == -1) die("send");
        if (typed == 0) {
            if (shutdown(sock, SHUT_WR) == -1) die("shutdown");
            events[0].fd = -1;
        }
    }

    if (close(sock) == -1) die("close");
    return 0;
}
