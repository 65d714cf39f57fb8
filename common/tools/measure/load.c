/*
 * load: drives an echo server from outside and prints what it does and costs, a `figure value` a line. Linux.
 *
 *   load talk TALKING SILENT BYTES SECONDS COMMAND...   connections that send a message, wait for its
 *                                                       echo and send the next, beside silent ones
 *   load connect IN_FLIGHT SECONDS COMMAND...           connections with one message of 64 bytes
 *   load bulk CONNECTIONS SECONDS COMMAND...            all that the server takes, on each of them
 *   load pair SECONDS [COMMAND...]                      one connection, blocking calls; without COMMAND
 *                                                       between two processes that do nothing else
 *
 * Starts `COMMAND... 127.0.0.1 0`, reads its port from the line `listening on A:P`, and ends it. Each
 * byte that comes back is compared. A byte that is wrong, missing or too many, and a server that
 * does not answer for PATIENCE seconds (10), is an error with exit 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 128 * 1024, MESSAGE = 64, EVENTS = 512 };

/* What every connection sends, each from a place of its own. The length is a prime number, so that
   no piece which is lost, doubled or swapped leaves the same bytes behind it. */
enum { PERIOD = 65521 };
static char pattern[PERIOD + CHUNK];

static volatile pid_t server;
static double patience = 10;
static struct sockaddr_in address = {.sin_family = AF_INET};

/* Ends the server and whatever it has started: they are a process group. */
static void end_server(void)
{
    if (server > 0) kill(-server, SIGKILL);
}

static void interrupted(int number)
{
    end_server();
    _exit(128 + number);
}

/* Says why the measurement stopped, ends the server and exits with 1. */
static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    end_server();
    if (server > 0) waitpid(server, NULL, 0);
    exit(EXIT_FAILURE);
}

static _Noreturn void fail_call(const char *call)
{
    fail("%s: %s", call, strerror(errno));
}

/* Seconds on a clock that never goes back. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The same where a connection is lost: what the call says depends on the moment, but mostly the server has ended. Its
   sockets are closed a little before its end can be seen. */
static _Noreturn void lose(const char *what, const char *why)
{
    int status;
    for (double until = now() + 2; now() < until; poll(NULL, 0, 5)) {
        if (waitpid(server, &status, WNOHANG) <= 0) continue;
        fail("the server has ended, with %s %d (%s: %s)",
             WIFEXITED(status) ? "exit status" : "signal",
             WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), what, why);
    }
    fail("%s: %s", what, why);
}

/* ---- the server ---- */

/* A thread whose only work is to read the server's narration, so that its pipe never fills. */
static void *swallow(void *argument)
{
    FILE *narration = argument;
    while (getc(narration) != EOF) continue;
    return NULL;
}

/* Starts `command... 127.0.0.1 0`, as a group of its own, and waits for its port. */
static void start_server(char *command[], int words)
{
    int ends[2];
    if (pipe(ends) == -1) fail_call("pipe");
    server = fork();
    if (server == -1) fail_call("fork");
    if (server == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        char **arguments = calloc((size_t)words + 3, sizeof *arguments);
        if (arguments == NULL) _exit(127);
        memcpy(arguments, command, (size_t)words * sizeof *arguments);
        arguments[words] = "127.0.0.1";
        arguments[words + 1] = "0";
        execvp(arguments[0], arguments);
        perror(arguments[0]);
        _exit(127);
    }
    setpgid(server, server);
    close(ends[1]);

    struct pollfd narration = {.fd = ends[0], .events = POLLIN};
    char line[256];
    unsigned port;
    do {
        size_t length;
        for (length = 0; length < sizeof line - 1; length++) {
            if (poll(&narration, 1, (int)(patience * 1000)) == 0)
                fail("no line `listening on A:P` in %g s", patience);
            if (read(ends[0], line + length, 1) != 1)
                fail("the server ended without a line `listening on A:P`");
            if (line[length] == '\n') break;
        }
        line[length] = '\0';
    } while (sscanf(line, "listening on %*[0-9.]:%u", &port) != 1);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((in_port_t)port);
    FILE *rest = fdopen(ends[0], "r");
    pthread_t reader;
    if (rest == NULL || pthread_create(&reader, NULL, swallow, rest) != 0)
        fail("no thread to read what the server prints");
}

/* Seconds of CPU time that the server has used, user and system, in all its threads. */
static double server_cpu(void)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(server, &clock) != 0 || clock_gettime(clock, &used) == -1)
        fail("the server has ended");
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* The KiB that a file of /proc gives under this name. */
static double kib(const char *path, const char *name)
{
    char line[256];
    double found = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) lose(path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0) found = strtod(line + strlen(name), NULL);
    fclose(file);
    return found;
}

static double user_memory(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)server);
    return kib(path, "Rss:");
}

/* Of the whole machine, so with the sockets of both ends: the kernel keeps no account for a process. */
static double kernel_memory(void)
{
    const char *path = "/proc/meminfo";
    return kib(path, "Slab:") + kib(path, "KernelStack:") + kib(path, "PageTables:");
}

/* ---- the connections ---- */

struct connection {
    int sock; /* -1 when it is closed */
    bool half_closed, watched_out;
    size_t shift; /* where in the pattern it begins */
    size_t goal, sent, received;
    double since;
};

static struct connection *connections;
static int epoll, count, open_count;
static struct epoll_event events[EVENTS];

static void watch(struct connection *c, int operation, bool out)
{
    struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0U), .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->sock, &event) == -1) fail_call("epoll_ctl");
    c->watched_out = out;
}

/* Connects from one of 250 loopback addresses: ports are enough for each of them. */
static int dial(void)
{
    static unsigned dialled;
    int on = 1, sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) fail_call("socket");
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x100 + dialled++ % 250);
    struct timeval limit = {.tv_sec = (time_t)patience + 1};
    if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1 ||
        setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1 ||
        setsockopt(sock, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == -1)
        fail_call("setsockopt");
    if (bind(sock, (struct sockaddr *)&from, sizeof from) == -1) fail_call("bind");
    if (connect(sock, (struct sockaddr *)&address, sizeof address) == -1)
        lose("connect", errno == EINPROGRESS ? "the server's queue is full" : strerror(errno));
    return sock;
}

/* Sends what the kernel takes of what is to be sent; the rest when it takes more. */
static void push(struct connection *c)
{
    bool full = false;
    for (int i = 0; i < 16 && c->sent < c->goal && !full; i++) {
        size_t left = c->goal - c->sent;
        ssize_t sent = send(c->sock, pattern + (c->shift + c->sent) % PERIOD,
                            left < CHUNK ? left : CHUNK, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == -1 && errno != EAGAIN) lose("send", strerror(errno));
        full = sent == -1;
        if (!full) c->sent += (size_t)sent;
    }
    if (c->watched_out != (c->sent < c->goal)) watch(c, EPOLL_CTL_MOD, c->sent < c->goal);
}

static void open_connection(struct connection *c, size_t bytes)
{
    static size_t opened;
    *c = (struct connection){.sock = dial(), .shift = opened++ * 7919 % PERIOD, .goal = bytes};
    open_count++;
    watch(c, EPOLL_CTL_ADD, false);
    c->since = now();
    push(c);
}

static void half_close(struct connection *c)
{
    if (shutdown(c->sock, SHUT_WR) == -1) lose("shutdown", strerror(errno));
    c->half_closed = true;
}

/* Compares what has come back. */
static void compare(struct connection *c, const char *back, size_t length)
{
    const char *wanted = pattern + (c->shift + c->received) % PERIOD;
    if (c->received + length > c->sent)
        fail("%zu bytes came back, and only %zu were sent", c->received + length, c->sent);
    if (memcmp(back, wanted, length) != 0) {
        size_t i = 0;
        while (back[i] == wanted[i]) i++;
        fail("byte %zu of a connection came back as 0x%02x instead of 0x%02x", c->received + i,
             (unsigned char)back[i], (unsigned char)wanted[i]);
    }
    c->received += length;
}

static void pull(struct connection *c)
{
    static char back[CHUNK];
    ssize_t received = recv(c->sock, back, sizeof back, MSG_DONTWAIT);
    if (received == -1 && errno == EAGAIN) return;
    if (received == -1) lose("recv", strerror(errno));
    if (received > 0) {
        compare(c, back, (size_t)received);
        return;
    }
    if (!c->half_closed || c->received < c->sent) {
        char missing[64];
        snprintf(missing, sizeof missing, "%zu bytes are missing", c->sent - c->received);
        lose("the server closed a connection", missing);
    }
    if (close(c->sock) == -1) fail_call("close");
    c->sock = -1;
    open_count--;
}

/* Waits so many seconds for something to happen. Returns how many events there are. */
static int wait_events(double seconds)
{
    int ready;
    do ready = epoll_wait(epoll, events, EVENTS, (int)(seconds * 1000));
    while (ready == -1 && errno == EINTR);
    if (ready == -1) fail_call("epoll_wait");
    return ready;
}

/* The same, for events that must come. */
static int need_events(void)
{
    int ready = wait_events(patience);
    if (ready > 0) return ready;
    size_t missing = 0;
    int waiting = 0;
    for (int i = 0; i < count; i++) {
        if (connections[i].sock == -1) continue;
        missing += connections[i].goal - connections[i].received;
        waiting++;
    }
    fail("nothing came back for %g s: %zu bytes are missing, and %d connections are open", patience,
         missing, waiting);
}

/* Sends and receives what an event allows. Returns the connection. */
static struct connection *serve(const struct epoll_event *event)
{
    struct connection *c = event->data.ptr;
    if (event->events & EPOLLOUT) push(c);
    if (event->events & ~(unsigned)EPOLLOUT) pull(c);
    return c;
}

static bool complete(const struct connection *c)
{
    return c->received == c->goal;
}

static void make_connections(long number)
{
    count = (int)number;
    connections = calloc((size_t)count, sizeof *connections);
    epoll = epoll_create1(0);
    if (connections == NULL || epoll == -1) fail("no memory for %d connections", count);
    for (int i = 0; i < count; i++) connections[i].sock = -1;
}

/* Waits until every byte is back, and for the server's end of file on each connection. */
static void finish(void)
{
    for (int i = 0; i < count; i++)
        if (connections[i].sock != -1 && complete(&connections[i]) && !connections[i].half_closed)
            half_close(&connections[i]);
    while (open_count > 0) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = serve(&events[i]);
            if (c->sock != -1 && complete(c) && !c->half_closed) half_close(c);
        }
    }
}

/* ---- the loads ---- */

/* What is counted between two moments: the first tenth is not, because it begins all at once. */
static double begin, end, cpu_before, cpu_after;
static bool counting;

static void plan(double seconds)
{
    begin = now() + seconds / 10;
    end = begin + seconds;
    counting = false;
}

/* Whether to go on: until the end, and until something was counted. */
static bool running(double moment, double counted)
{
    if (!counting && moment >= begin) {
        counting = true;
        end += moment - begin;
        begin = moment;
        cpu_before = server_cpu();
    }
    if (moment < end || counted == 0) return true;
    end = moment;
    cpu_after = server_cpu();
    return false;
}

static void figure(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
}

static float *latencies;
static size_t latency_count, latency_room;

static void note_latency(double seconds)
{
    if (latency_count == latency_room) {
        latency_room = latency_room == 0 ? 1 << 16 : 2 * latency_room;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (latencies == NULL) fail("no memory for the latencies");
    }
    latencies[latency_count++] = (float)(seconds * 1e6);
}

static int by_size(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

static void talk(long talking, long silent, size_t bytes, double seconds)
{
    make_connections(talking + silent);
    double user = user_memory(), kernel = kernel_memory();

    /* Everybody sends one message, a hundred at a time so that they fit into the server's queue. A
       server for one client at a time answers the first only: go on when nothing happens. */
    int answered = 0;
    for (int i = 0; i < count; i++) {
        open_connection(&connections[i], bytes);
        if (i % 100 != 99 && i != count - 1) continue;
        int ready = 1;
        while (answered <= i && ready > 0) {
            ready = wait_events(0.5);
            for (int k = 0; k < ready; k++)
                if (complete(serve(&events[k]))) answered++;
        }
    }
    user = user_memory() - user;
    kernel = kernel_memory() - kernel;

    plan(seconds);
    for (int i = 0; i < talking; i++) {
        struct connection *c = &connections[i];
        c->since = now();
        if (!complete(c)) continue;
        c->goal += bytes;
        push(c);
    }
    double moment = now();
    while (running(moment, (double)latency_count)) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = serve(&events[i]);
            if (!complete(c)) continue;
            moment = now();
            if (counting) note_latency(moment - c->since);
            c->goal += bytes;
            c->since = moment;
            push(c);
        }
    }
    size_t messages = latency_count;
    /* Those who have had no answer at all have waited until now. */
    for (int i = 0; i < talking; i++)
        if (connections[i].received == 0) note_latency(moment - connections[i].since);
    finish();

    qsort(latencies, latency_count, sizeof *latencies, by_size);
    figure("messages_s", (double)messages / (end - begin));
    figure("p50_us", latencies[latency_count / 2]);
    figure("p99_us", latencies[latency_count * 99 / 100]);
    figure("max_us", latencies[latency_count - 1]);
    figure("cpu_us", (cpu_after - cpu_before) * 1e6 / (double)messages);
    figure("served", answered);
    figure("user_kib", user / count);
    figure("kernel_kib", kernel / count);
}

static void connect_many(long in_flight, double seconds)
{
    make_connections(in_flight);
    long done = 0;
    plan(seconds);
    for (int i = 0; i < count; i++) open_connection(&connections[i], MESSAGE);
    double moment = now();
    while (running(moment, (double)done)) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = serve(&events[i]);
            if (c->sock != -1 && complete(c) && !c->half_closed) half_close(c);
            if (c->sock != -1) continue;
            if (counting) done++;
            open_connection(c, MESSAGE);
        }
        moment = now();
    }
    finish();
    figure("connections_s", (double)done / (end - begin));
    figure("cpu_us", (cpu_after - cpu_before) * 1e6 / (double)done);
}

static void bulk(long number, double seconds)
{
    make_connections(number);
    for (int i = 0; i < count; i++) open_connection(&connections[i], (size_t)1 << 62);
    double bytes = 0;
    plan(seconds);
    while (running(now(), bytes)) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            size_t before = c->received;
            serve(&events[i]);
            if (counting) bytes += (double)(c->received - before);
        }
    }
    for (int i = 0; i < count; i++) {
        connections[i].goal = connections[i].sent;
        push(&connections[i]);
    }
    finish();
    figure("gb_s", bytes / 1e9 / (end - begin));
    figure("cpu_ms", (cpu_after - cpu_before) * 1e3 / (bytes / 1e9));
}

/* The bare server of `pair`: a child that sends back what it receives. */
static void start_bare(void)
{
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (listener == -1 || bind(listener, (struct sockaddr *)&address, sizeof address) == -1 ||
        setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1 ||
        listen(listener, 1) == -1 ||
        getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        fail_call("listen");
    server = fork();
    if (server == -1) fail_call("fork");
    if (server > 0) {
        close(listener);
        return;
    }
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char buffer[MESSAGE];
    ssize_t length_back;
    int client = accept(listener, NULL, NULL);
    while ((length_back = recv(client, buffer, sizeof buffer, 0)) > 0)
        if (send(client, buffer, (size_t)length_back, MSG_NOSIGNAL) == -1) break;
    _exit(0);
}

static void pair(double seconds)
{
    struct connection c = {.sock = dial()};
    struct timeval limit = {.tv_sec = (time_t)patience,
                            .tv_usec = (suseconds_t)(patience * 1e6) % 1000000};
    if (setsockopt(c.sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
        fail_call("setsockopt");
    long messages = 0;
    plan(seconds);
    while (running(now(), (double)messages)) {
        char back[2 * MESSAGE];
        if (send(c.sock, pattern + c.sent % PERIOD, MESSAGE, MSG_NOSIGNAL) != MESSAGE)
            lose("send", strerror(errno));
        c.sent += MESSAGE;
        while (c.received < c.sent) {
            ssize_t received = recv(c.sock, back, sizeof back, 0);
            if (received == -1 && errno == EAGAIN)
                fail("nothing came back for %g s: %zu bytes are missing", patience,
                     c.sent - c.received);
            if (received == -1) lose("recv", strerror(errno));
            if (received == 0) lose("the server closed the connection", "too early");
            compare(&c, back, (size_t)received);
        }
        if (counting) messages++;
    }
    figure("messages_s", (double)messages / (end - begin));
    figure("cpu_us", (cpu_after - cpu_before) * 1e6 / (double)messages);
}

static double number(const char *text, double least)
{
    char *rest;
    double value = strtod(text, &rest);
    if (rest == text || *rest != '\0' || !(value >= least) || value > 1e9) {
        fprintf(stderr, "load: '%s': give a number of %g or more\n", text, least);
        exit(2);
    }
    return value;
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        int numbers, words;
        double least[4];
    } loads[] = {{"talk", 4, 1, {1, 0, 1, 0.01}},
                 {"connect", 2, 1, {1, 0.01}},
                 {"bulk", 2, 1, {1, 0.01}},
                 {"pair", 1, 0, {0.01}}};
    int load = 0;
    while (load < 4 && (argc < 2 || strcmp(argv[1], loads[load].name) != 0)) load++;
    if (load == 4 || argc < 2 + loads[load].numbers + loads[load].words) {
        fprintf(stderr, "usage: load talk TALKING SILENT BYTES SECONDS COMMAND...\n"
                        "       load connect IN_FLIGHT SECONDS COMMAND...\n"
                        "       load bulk CONNECTIONS SECONDS COMMAND...\n"
                        "       load pair SECONDS [COMMAND...]\n");
        return 2;
    }
    double n[4] = {0};
    for (int i = 0; i < loads[load].numbers; i++) n[i] = number(argv[2 + i], loads[load].least[i]);
    const char *given = getenv("PATIENCE");
    if (given != NULL) patience = number(given, 0.1);
    for (size_t i = 0; i < sizeof pattern; i++) {
        size_t place = i % PERIOD;
        pattern[i] = (char)((place * 2654435761U >> 13) ^ place);
    }

    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    int words = argc - 2 - loads[load].numbers;
    if (words > 0)
        start_server(argv + argc - words, words);
    else
        start_bare();
    if (load == 0) talk((long)n[0], (long)n[1], (size_t)n[2], n[3]);
    if (load == 1) connect_many((long)n[0], n[1]);
    if (load == 2) bulk((long)n[0], n[1]);
    if (load == 3) pair(n[0]);

    /* First the friendly way, in which also a tracer around the server can end its report. Ten
       thousand threads take their time: the next measurement begins when they are gone. */
    bool gone = false;
    kill(-server, SIGTERM);
    for (int i = 0; i < 200 && !gone; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        gone = waitpid(server, NULL, WNOHANG) != 0;
    }
    end_server();
    if (!gone) waitpid(server, NULL, 0);
    return 0;
}
