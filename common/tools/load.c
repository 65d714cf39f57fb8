/*
 * load: what a server costs, measured from outside.
 *
 *   load bulk CONNECTIONS MIB PROGRAM       CPU ms of the server for each GiB echoed
 *   load connect COUNT IN_FLIGHT PROGRAM    CPU us of the server for each connection with one message
 *   load message CONNECTIONS COUNT PROGRAM  CPU us of the server for each 64-byte message
 *   load stalls MIB ROUNDS PROGRAM          how many of so many echoes of a message took over 30 ms
 *   load hold COUNT PROGRAM                 KiB of user memory for each held connection
 *
 * Starts `PROGRAM 127.0.0.1 0`, reads its port from the line `listening on A:P`, checks every byte
 * that comes back, prints one number and ends the server.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, MESSAGE = 64 };

static pid_t server;
static struct sockaddr_in address = {.sin_family = AF_INET};

/* Prints why the measurement stopped, ends the server and exits with 1. */
static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, errno != 0 ? strerror(errno) : "not what was expected");
    if (server > 0) kill(server, SIGKILL);
    exit(EXIT_FAILURE);
}

/* A thread whose only work is to read the server's narration, so that its pipe never fills. */
static void *swallow(void *argument)
{
    FILE *narration = argument;
    while (getc(narration) != EOF) continue;
    return NULL;
}

/* Starts `program 127.0.0.1 0` and waits for its port. */
static void start_server(char *program)
{
    int ends[2];
    if (pipe(ends) == -1) fail("pipe");
    server = fork();
    if (server == -1) fail("fork");
    if (server == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, "127.0.0.1", "0", (char *)NULL);
        perror(program);
        _exit(127);
    }
    close(ends[1]);
    FILE *narration = fdopen(ends[0], "r");
    if (narration == NULL) fail("fdopen");
    char line[256];
    unsigned port;
    do {
        errno = 0;
        if (fgets(line, sizeof line, narration) == NULL) fail("no line `listening on A:P`");
    } while (sscanf(line, "listening on %*[0-9.]:%u", &port) != 1);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((in_port_t)port);
    pthread_t reader;
    if (pthread_create(&reader, NULL, swallow, narration) != 0) fail("pthread_create");
}

/* Seconds of CPU time that the server has used, user and system. */
static double server_cpu(void)
{
    clockid_t clock;
    struct timespec used;
    errno = clock_getcpuclockid(server, &clock);
    if (errno != 0 || clock_gettime(clock, &used) == -1) fail("clock_gettime");
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* KiB of the server's memory that /proc/PID/status gives under this name. */
static long server_memory(const char *name)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)server);
    FILE *status = fopen(path, "r");
    if (status == NULL) fail(path);
    long kib = -1;
    while (kib == -1 && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, name, strlen(name)) == 0) kib = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(status);
    return kib;
}

static int dial(void)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) fail("socket");
    if (connect(sock, (struct sockaddr *)&address, sizeof address) == -1) fail("connect");
    return sock;
}

static void send_all(int sock, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(sock, data, length, MSG_NOSIGNAL);
        if (sent == -1) fail("send");
        data += sent;
        length -= (size_t)sent;
    }
}

static void expect(int sock, const char *data, size_t length)
{
    char back[CHUNK];
    while (length > 0) {
        errno = 0;
        ssize_t received = recv(sock, back, length < CHUNK ? length : CHUNK, 0);
        if (received <= 0) fail("recv");
        if (memcmp(back, data, (size_t)received) != 0) fail("the echo differs");
        data += received;
        length -= (size_t)received;
    }
}

static char pattern[CHUNK];
static long chunks;

static void *bulk_sender(void *argument)
{
    for (long i = 0; i < chunks; i++) send_all((int)(intptr_t)argument, pattern, sizeof pattern);
    return NULL;
}

static void *bulk_receiver(void *argument)
{
    for (long i = 0; i < chunks; i++) expect((int)(intptr_t)argument, pattern, sizeof pattern);
    return NULL;
}

static double bulk(long connections, long mib)
{
    pthread_t *threads = calloc((size_t)connections * 2, sizeof *threads);
    if (threads == NULL) fail("calloc");
    chunks = mib * 1024 * 1024 / CHUNK / connections;
    double before = server_cpu();
    for (long i = 0; i < connections; i++) {
        void *sock = (void *)(intptr_t)dial();
        if (pthread_create(&threads[2 * i], NULL, bulk_sender, sock) != 0) fail("pthread_create");
        if (pthread_create(&threads[2 * i + 1], NULL, bulk_receiver, sock) != 0)
            fail("pthread_create");
    }
    for (long i = 0; i < connections * 2; i++) pthread_join(threads[i], NULL);
    free(threads);
    double gib = (double)chunks * (double)connections * CHUNK / (1024.0 * 1024 * 1024);
    return (server_cpu() - before) * 1e3 / gib;
}

static int *dial_many(long count)
{
    int *socks = calloc((size_t)count, sizeof *socks);
    if (socks == NULL) fail("calloc");
    for (long i = 0; i < count; i++) socks[i] = dial();
    return socks;
}

static void exchange(const int *socks, long count)
{
    for (long i = 0; i < count; i++) send_all(socks[i], pattern, MESSAGE);
    for (long i = 0; i < count; i++) expect(socks[i], pattern, MESSAGE);
}

static double connections(long count, long in_flight)
{
    double before = server_cpu();
    for (long done = 0; done < count; done += in_flight) {
        int *socks = dial_many(in_flight);
        exchange(socks, in_flight);
        for (long i = 0; i < in_flight; i++) close(socks[i]);
        free(socks);
    }
    return (server_cpu() - before) * 1e6 / (double)count;
}

static double messages(long connections, long count)
{
    int *socks = dial_many(connections);
    exchange(socks, connections);
    double before = server_cpu();
    for (long done = 0; done < count; done += connections) exchange(socks, connections);
    free(socks);
    return (server_cpu() - before) * 1e6 / (double)count;
}

/* One connection, whole messages there and back; Nagle's algorithm shows as a wait for a late ACK. */
static double stalls(long mib, long rounds)
{
    int sock = dial(), on = 1;
    if (setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1) fail("setsockopt");
    long chunk_count = mib * 1024 * 1024 / CHUNK, slow = 0;
    for (long round = 0; round < rounds; round++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (long i = 0; i < chunk_count; i++) send_all(sock, pattern, sizeof pattern);
        for (long i = 0; i < chunk_count; i++) expect(sock, pattern, sizeof pattern);
        clock_gettime(CLOCK_MONOTONIC, &to);
        double took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
        if (took > 0.03) slow++;
    }
    close(sock);
    return (double)slow;
}

static double hold(long count)
{
    long before = server_memory("VmRSS");
    int *socks = dial_many(count);
    exchange(socks, count);
    free(socks);
    return (double)(server_memory("VmRSS") - before) / (double)count;
}

static long number(const char *text)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < 1 || value > 1000000000) {
        fprintf(stderr, "load: '%s' is not a count: give a number of 1 or more\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char *argv[])
{
    const char *what = argc > 1 ? argv[1] : "";
    int numbers = strcmp(what, "hold") == 0 ? 1 : 2;
    if (argc != 3 + numbers) {
        fprintf(stderr, "usage: load bulk CONNECTIONS MIB PROGRAM\n"
                        "       load connect COUNT IN_FLIGHT PROGRAM\n"
                        "       load message CONNECTIONS COUNT PROGRAM\n"
                        "       load stalls MIB ROUNDS PROGRAM\n"
                        "       load hold COUNT PROGRAM\n");
        return 2;
    }
    long first = number(argv[2]), second = numbers == 2 ? number(argv[3]) : 0;
    for (size_t i = 0; i < sizeof pattern; i++) pattern[i] = (char)(i * 31 + i / 251);

    start_server(argv[argc - 1]);
    double result = 0;
    if (strcmp(what, "bulk") == 0)
        result = bulk(first, second);
    else if (strcmp(what, "connect") == 0)
        result = connections(first, second);
    else if (strcmp(what, "message") == 0)
        result = messages(first, second);
    else if (strcmp(what, "stalls") == 0)
        result = stalls(first, second);
    else
        result = hold(first);
    printf("%.2f\n", result);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}
