/*
 * Programs that are wrong in one way each, and some that are nearly so: what tests/suites/evidence looks at.
 *   programs NAME [ADDRESS PORT]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static in_port_t asked; /* PORT */

static struct sockaddr_in loopback(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1",
              &address.sin_addr); /* macOS hides INADDR_LOOPBACK from POSIX programs */
    return address;
}

static void rest(void)
{
    for (;;) pause();
}

/* A socket at a port of its own, which this line tells. */
static int bound(const char *line)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(sock, (struct sockaddr *)&address, sizeof address) == -1) exit(1);
    getsockname(sock, (struct sockaddr *)&address, &length);
    if (line != NULL) printf("%s127.0.0.1:%d\n", line, ntohs(address.sin_port));
    fflush(stdout);
    return sock;
}

static int listening(void)
{
    int sock = bound(NULL);
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    listen(sock, 5);
    getsockname(sock, (struct sockaddr *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return sock;
}

static int accepted(void)
{
    int client = accept(listening(), NULL, NULL);
    printf("accepted\n");
    fflush(stdout);
    return client;
}

static int connected(in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sock, (struct sockaddr *)&address, sizeof address) == -1) rest();
    printf("connected\n");
    fflush(stdout);
    return sock;
}

/* ---- what they do ---- */

static void spin(void)
{
    for (volatile int turn = 0;; turn++) continue;
}

static void doze(void)
{
    for (;;) nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
}

static void print_late(void)
{
    printf("a line\n");
    rest();
}

static void crash(void)
{
    raise(SIGSEGV);
}

static void ignore_failure(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void never_call(void)
{
}

/* ---- with a socket ---- */

static void bind_only(void)
{
    bound("listening on ");
    rest();
}

static void keep_until_the_end(void)
{
    char bytes[64];
    size_t length = 0;
    ssize_t got;
    int client = accepted();
    while ((got = recv(client, bytes + length, sizeof bytes - length, 0)) > 0)
        length += (size_t)got;
    send(client, bytes, length, 0);
    rest();
}

static void keep_for_ever(void)
{
    char bytes[64];
    int client = accepted();
    while (recv(client, bytes, sizeof bytes, 0) > 0) continue;
    rest();
}

static void serve_one(void)
{
    char byte;
    recv(accepted(), &byte, 1, 0);
}

static void close_client(void)
{
    close(accepted());
    rest();
}

static void stay_connected(void)
{
    connected(asked);
    rest();
}

static void half_close(void)
{
    shutdown(connected(asked), SHUT_WR);
    rest();
}

static void swap_port(void)
{
    connected((in_port_t)(asked >> 8 | asked << 8));
    rest();
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*act)(void);
    } programs[] = {
        {"rest", rest},
        {"spin", spin},
        {"doze", doze},
        {"print_late", print_late},
        {"crash", crash},
        {"ignore_failure", ignore_failure},
        {"never_call", never_call},
        {"bind_only", bind_only},
        {"keep_until_the_end", keep_until_the_end},
        {"keep_for_ever", keep_for_ever},
        {"close_client", close_client},
        {"serve_one", serve_one},
        {"stay_connected", stay_connected},
        {"half_close", half_close},
        {"swap_port", swap_port},
    };
    if (argc > 3) asked = (in_port_t)atoi(argv[3]);
    for (size_t i = 0; argc > 1 && i < sizeof programs / sizeof programs[0]; i++)
        if (strcmp(argv[1], programs[i].name) == 0) {
            programs[i].act();
            return 0;
        }
    fprintf(stderr, "programs: no such one\n");
    return 2;
}
