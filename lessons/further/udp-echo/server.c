#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "server [ADDRESS [PORT]]";

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

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) die("socket");

    if (bind(sock, (struct sockaddr *)&local, sizeof local) == -1) die("bind");

    socklen_t length = sizeof local;
    if (getsockname(sock, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    printf("bound to %s:%d\n", text, ntohs(local.sin_port));

    /* Pause after a failed recvmsg: memory or the network may be back after it. */
    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};

    for (;;) {
        /* More than one Ethernet packet carries. The kernel cuts what is longer. */
        char buffer[2048];
        struct sockaddr_in peer;
        struct iovec part = {.iov_base = buffer, .iov_len = sizeof buffer};
        struct msghdr message = {
            .msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part, .msg_iovlen = 1};
        ssize_t received = recvmsg(sock, &message, 0);
        if (received == -1) {
            if (errno == EINTR) continue;
            perror("recvmsg");
            nanosleep(&backoff, NULL);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
        const char *cut = message.msg_flags & MSG_TRUNC ? ", the rest is cut off" : "";
        printf("%zd bytes from %s:%d%s\n", received, text, ntohs(peer.sin_port), cut);

        size_t filled = (size_t)received;
        while (sendto(sock, buffer, filled, 0, (struct sockaddr *)&peer, sizeof peer) == -1) {
            if (errno == EINTR) continue;
            perror("sendto");
            break;
        }
    }
}
