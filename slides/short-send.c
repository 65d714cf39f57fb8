/*
 * short-send: one send that takes only a part. A connection to itself, nobody reads, so send fills the queues and waits.
 * Then a signal handler runs, and send returns what it has taken: send(2), signal(7).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/die.h"

static char data[64 * 1024 * 1024];

static void wake_up(int number)
{
    (void)number;
}

int main(void)
{
    struct sockaddr_in local = {.sin_family = AF_INET};
    inet_pton(AF_INET, "127.0.0.1", &local.sin_addr);
    socklen_t length = sizeof local;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1) die("socket");
    if (bind(listener, (struct sockaddr *)&local, sizeof local) == -1) die("bind");
    if (listen(listener, 1) == -1) die("listen");
    if (getsockname(listener, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) die("socket");
    if (connect(sock, (struct sockaddr *)&local, sizeof local) == -1) die("connect");

    struct sigaction action = {.sa_handler = wake_up};
    if (sigaction(SIGALRM, &action, NULL) == -1) die("sigaction");
    alarm(1);
    ssize_t sent = send(sock, data, sizeof data, 0);
    if (sent == -1) die("send");
    printf("send took %zd of %zu bytes\n", sent, sizeof data);
    return 0;
}
