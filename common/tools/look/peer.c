/*
 * peer: a client that behaves badly, for `make trace SCENARIO=reset`.
 *
 *   peer ADDRESS PORT    connects, sends a line and closes with a reset (SO_LINGER, RFC 9293 section 3.6)
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../die.h"

int main(int argc, char *argv[])
{
    struct sockaddr_in remote = {.sin_family = AF_INET};
    int port = argc == 3 ? parse_port(argv[2]) : -1;
    if (port < 1 || inet_pton(AF_INET, argv[1], &remote.sin_addr) != 1)
        usage("peer ADDRESS PORT", argc > 1 ? argv[1] : "", "two arguments are wanted");
    remote.sin_port = htons((in_port_t)port);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) die("socket");
    if (connect(sock, (struct sockaddr *)&remote, sizeof remote) == -1) die("connect");
    if (send(sock, "hello\n", 6, 0) == -1) die("send");
    char byte;
    if (recv(sock, &byte, 1, 0) == -1) die("recv");

    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(sock, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == -1) die("setsockopt");
    if (close(sock) == -1) die("close");
    return 0;
}
