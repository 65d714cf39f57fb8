/* further/graceful-stop: signals at any moment, while clients come and go. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graceful-stop.h"
#include "harness.h"
#include "suites.h"

static const int signals[] = {SIGTERM, SIGINT};

/*
 * Connects, sends, reads, again and again, until it is refused. A connection that was accepted gets every byte back;
 * one that was still in the queue is reset before its first byte. Exits with 1 when anything else happens.
 */
static pid_t start_load(in_port_t port)
{
    pid_t load = fork_helper();
    if (load != 0) return load;
    char token[2000], back[sizeof token];
    fill_pattern(token, sizeof token, 0);
    for (;;) {
        int client = try_dial(port);
        if (client == -1) _exit(errno == ECONNREFUSED || errno == ECONNRESET ? 0 : 1);
        ssize_t got = 0;
        size_t length = 0;
        if (send(client, token, sizeof token, 0) == (ssize_t)sizeof token) {
            shutdown(client, SHUT_WR);
            while ((got = recv(client, back + length, sizeof back - length, 0)) > 0)
                length += (size_t)got;
            bool whole = length == sizeof token && memcmp(token, back, length) == 0;
            if (!whole && (length > 0 || got == 0)) _exit(1);
        }
        close(client);
    }
}

/* Once in hundreds of runs ThreadSanitizer keeps a signal for as long as the load lasts. */
TEST(signals_at_any_moment_under_load_lose_no_accepted_client)
{
    enum { LOADS = 3 };
    pid_t loads[LOADS];
    if (thread_sanitizer() && own_programs()) return; /* checked before, without it */
    if (skip_unless(!thread_sanitizer(), "ThreadSanitizer holds signals back")) return;
    struct program *server = start_server(NULL);
    for (int i = 0; i < LOADS; i++) loads[i] = start_load(port_of(server));
    wait_line(server, "connection from ");
    double until = now() + (_i * 7919 % 100) * 0.0002; /* from 0 to 20 ms */
    while (now() < until) continue;
    stop(server, signals[_i % 2]);
    expect_errors(server, "");
    expect_text(wait_line(server, "stopped: "), "0 still connected");
    for (int i = 0; i < LOADS; i++) {
        int status;
        waitpid(loads[i], &status, 0);
        expect(WIFEXITED(status) && WEXITSTATUS(status) == 0,
               "expected each accepted client to get all its bytes");
    }
}

void add_stops_under_load(TCase *tests, int from, int to)
{
    if (thread_sanitizer()) to = from + 1; /* to be told once */
    tcase_add_loop_test(tests, signals_at_any_moment_under_load_lose_no_accepted_client, from, to);
}
