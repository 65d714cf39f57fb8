#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/die.h"

/* Makes one socket, prints what the kernel says of it, and closes it. */
static void show(const char *name, int type, int protocol)
{
    int sock = socket(AF_INET, type, protocol);
    if (sock == -1 && type == SOCK_RAW && (errno == EPERM || errno == EACCES)) {
        printf("%s: socket: %s\n", name, strerror(errno));
        return;
    }
    if (sock == -1) die("socket");

    int kind, space;
    socklen_t length = sizeof kind;
    if (getsockopt(sock, SOL_SOCKET, SO_TYPE, &kind, &length) == -1) die("getsockopt");
    length = sizeof space;
    if (getsockopt(sock, SOL_SOCKET, SO_RCVBUF, &space, &length) == -1) die("getsockopt");
    printf("%s: descriptor %d, type %d, receive buffer %d bytes\n", name, sock, kind, space);

    if (close(sock) == -1) die("close");
}

int main(int argc, char *argv[])
{
    if (argc > 1) usage("types", argv[1], "no argument is wanted");

    show("stream", SOCK_STREAM, IPPROTO_TCP);
    show("datagram", SOCK_DGRAM, IPPROTO_UDP);
    show("raw", SOCK_RAW, IPPROTO_ICMP);
    return 0;
}
