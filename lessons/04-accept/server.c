#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/die.h"

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

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1) die("socket");

    /* A connection of the last run may still be in TIME_WAIT on this port. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) die("setsockopt");

    if (bind(listener, (struct sockaddr *)&local, sizeof local) == -1) die("bind");
    if (listen(listener, SOMAXCONN) == -1) die("listen");

    socklen_t length = sizeof local;
    if (getsockname(listener, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    printf("listening on %s:%d\n", text, ntohs(local.sin_port));

    int client;
    struct sockaddr_in peer;
    length = sizeof peer;
    while ((client = accept(listener, (struct sockaddr *)&peer, &length)) == -1)
        if (errno != EINTR) die("accept");
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    printf("connection from %s:%d\n", text, ntohs(peer.sin_port));

    if (close(client) == -1) die("close");
    if (close(listener) == -1) die("close");
    return 0;
}
