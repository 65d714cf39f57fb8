/* The server that is measured: its start, its end, and what it costs. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

const char *at_path;
struct sockaddr_storage address;
socklen_t address_length;
double patience = 10;

static volatile pid_t server;

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

_Noreturn void fail(const char *format, ...)
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

_Noreturn void fail_call(const char *call)
{
    fail("%s: %s", call, strerror(errno));
}

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Its sockets are closed a little before its end can be seen. */
_Noreturn void lose(const char *what, const char *why)
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

/* A thread whose only work is to read the server's narration, so that its pipe never fills. */
static void *swallow(void *argument)
{
    FILE *narration = argument;
    while (getc(narration) != EOF) continue;
    return NULL;
}

/* In the child: becomes the command with its address, and prints into the pipe. */
static _Noreturn void become(char *command[], int words, const int ends[2])
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    char **arguments = calloc((size_t)words + 3, sizeof *arguments);
    if (arguments == NULL) _exit(127);
    memcpy(arguments, command, (size_t)words * sizeof *arguments);
    arguments[words] = at_path != NULL ? (char *)at_path : "127.0.0.1";
    arguments[words + 1] = at_path != NULL ? NULL : "0";
    execvp(arguments[0], arguments);
    perror(arguments[0]);
    _exit(127);
}

static void set_port(in_port_t port)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&address, &place, sizeof place);
    address_length = sizeof place;
}

static void set_path(void)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    if (strlen(at_path) >= sizeof place.sun_path)
        fail("'%s': a path has at most %zu bytes", at_path, sizeof place.sun_path - 1);
    memcpy(place.sun_path, at_path, strlen(at_path) + 1);
    memcpy(&address, &place, sizeof place);
    address_length = sizeof place;
}

/* Whether this line of the server says where it listens. Then the address is set. */
static bool is_where(const char *line)
{
    static const char begin[] = "listening on ";
    unsigned port;
    if (at_path != NULL) {
        if (strncmp(line, begin, sizeof begin - 1) != 0 ||
            strcmp(line + sizeof begin - 1, at_path) != 0)
            return false;
        set_path();
        return true;
    }
    if (sscanf(line, "listening on %*[0-9.]:%u", &port) != 1) return false;
    set_port((in_port_t)port);
    return true;
}

/* Reads what the server prints until it says where it listens. */
static void read_address(int narration)
{
    struct pollfd fd = {.fd = narration, .events = POLLIN};
    const char *wanted = at_path != NULL ? at_path : "A:P";
    char line[256];
    do {
        size_t length;
        for (length = 0; length < sizeof line - 1; length++) {
            if (poll(&fd, 1, (int)(patience * 1000)) == 0)
                fail("no line `listening on %s` in %g s", wanted, patience);
            if (read(narration, line + length, 1) != 1)
                fail("the server ended without a line `listening on %s`", wanted);
            if (line[length] == '\n') break;
        }
        line[length] = '\0';
    } while (!is_where(line));
}

void start_server(char *command[], int words)
{
    int ends[2];
    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    if (pipe(ends) == -1) fail_call("pipe");
    server = fork();
    if (server == -1) fail_call("fork");
    if (server == 0) become(command, words, ends);
    setpgid(server, server);
    close(ends[1]);
    read_address(ends[0]);
    FILE *rest = fdopen(ends[0], "r");
    pthread_t reader;
    if (rest == NULL || pthread_create(&reader, NULL, swallow, rest) != 0)
        fail("no thread to read what the server prints");
}

double server_cpu(void)
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

double user_memory(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)server);
    return kib(path, "Rss:");
}

double kernel_memory(void)
{
    const char *path = "/proc/meminfo";
    return kib(path, "Slab:") + kib(path, "KernelStack:") + kib(path, "PageTables:");
}

/* Sends back what the first client sends, and ends. */
static _Noreturn void echo_bare(int listener)
{
    char buffer[MESSAGE];
    ssize_t length;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int client = accept(listener, NULL, NULL);
    while ((length = recv(client, buffer, sizeof buffer, 0)) > 0)
        if (send(client, buffer, (size_t)length, MSG_NOSIGNAL) == -1) break;
    _exit(0);
}

void start_bare(void)
{
    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    set_port(0);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (listener == -1 || bind(listener, (struct sockaddr *)&address, address_length) == -1 ||
        setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1 ||
        listen(listener, 1) == -1 ||
        getsockname(listener, (struct sockaddr *)&address, &address_length) == -1)
        fail_call("listen");
    server = fork();
    if (server == -1) fail_call("fork");
    if (server == 0) echo_bare(listener);
    close(listener);
}

void stop_server(void)
{
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
}
