/* What the servers with one thread and non-blocking sockets promise beyond those with threads. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void wait_frozen(struct program *server)
{
    siginfo_t how = {.si_pid = 0};
    struct waiting wait = begin_wait();
    while (waitid(P_PID, (id_t)pid_of(server), &how, WSTOPPED | WEXITED | WNOWAIT | WNOHANG) == 0 &&
           how.si_pid == 0 && !in_vain(&wait))
        look_again_soon();
    expect_running(server); /* how it has ended stays to be told */
    expect(how.si_pid != 0 && waitid(P_PID, (id_t)pid_of(server), &how, WSTOPPED) == 0,
           "expected the server to stop");
}

/* Stops the server until SIGCONT, so that several things are ready when it looks again. */
static void freeze(struct program *server)
{
    kill(pid_of(server), SIGSTOP);
    wait_frozen(server);
}

static void thaw(struct program *server)
{
    kill(pid_of(server), SIGCONT);
}

TEST(one_thread_serves_thirty_clients)
{
    enum { CLIENTS = 30 };
    int clients[CLIENTS];
    struct program *server = start_server(NULL);
    if (skip_unless(count_of(server, "task") != -1, why_unseen("no /proc to count threads")))
        return;
    wait_asleep(server);
    long before = count_of(server, "task");
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = dial(port_of(server));
        expect_echo(clients[i], "hello");
    }
    expect(count_of(server, "task") == before, "expected no thread for a client");
    for (int i = 0; i < CLIENTS; i += 2) close(clients[i]);
    for (int i = 1; i < CLIENTS; i += 2) expect_echo(clients[i], "still here");
    expect_served(server, port_of(server));
}

/* Two clients have more to be read than fits into many receives. Before its thousandth one the
   server stops: by then both have had about the same. */
TEST(clients_with_much_to_read_take_turns)
{
    enum { LENGTH = 3000, ENOUGH = 900 };
    static char data[LENGTH];
    int clients[2], had[2] = {0, 0};
    if (skip_faults()) return;
    struct program *server = start_server("RECV=1 recv=STOP@1000");
    for (int i = 0; i < 2; i++) {
        clients[i] = dial(port_of(server));
        expect_echo(clients[i], "x");
    }
    freeze(server);
    for (int i = 0; i < 2; i++) send_bytes(clients[i], data, LENGTH);
    thaw(server);
    wait_frozen(server);
    struct waiting wait = begin_wait();
    while (had[0] + had[1] < ENOUGH) {
        expect(!in_vain(&wait), "expected %d bytes back, saw %d and %d", ENOUGH, had[0], had[1]);
        for (int i = 0; i < 2; i++) {
            ssize_t got = recv(clients[i], data, sizeof data, MSG_DONTWAIT);
            if (got > 0) had[i] += (int)got;
        }
        look_again_soon();
    }
    expect(had[0] > ENOUGH / 3 && had[1] > ENOUGH / 3,
           "expected turns: saw %d bytes for one client and %d for the other", had[0], had[1]);
    thaw(server);
    expect_served(server, port_of(server));
}

/* Sends without reading until, at three looks in a row, nothing moves. */
static int stuffed(in_port_t port)
{
    enum { MOST = 64 * 1024 * 1024 };
    static char data[256 * 1024];
    int greedy = dial(port), quiet = 0;
    size_t sent = 0;
    while (quiet < 3) {
        ssize_t got = send(greedy, data, sizeof data, MSG_DONTWAIT);
        quiet = got > 0 ? 0 : quiet + 1;
        if (got > 0) sent += (size_t)got;
        if (got <= 0) look_again_soon();
        expect(sent < MOST, "expected the server to stop reading, it took %zu bytes", sent);
    }
    return greedy;
}

static void read_to_the_end(int client)
{
    static char data[256 * 1024];
    half_close(client);
    while (recv(client, data, sizeof data, 0) > 0) continue;
    close(client);
}

TEST(slow_readers_are_not_read_from_and_cost_no_cpu_and_little_memory)
{
    enum { WAVES = 6, CLIENTS = 8, EACH = 64, SLACK = 256 };
    int greedy[CLIENTS];
    struct program *server = start_server(NULL);
    expect_echo(dial(port_of(server)), "this one is idle");
    long memory = memory_of(server);
    for (int wave = 1; wave <= WAVES; wave++) {
        for (int i = 0; i < CLIENTS; i++) greedy[i] = stuffed(port_of(server));
        if (wave == WAVES) expect_calm(server);
        for (int i = 0; i < CLIENTS; i++) { /* half of the waves read all in the end */
            if (wave % 2 == 0)
                reset(greedy[i]);
            else
                read_to_the_end(greedy[i]);
        }
        visit(port_of(server), wave);
    }
    long grown = memory_of(server) - memory;
    if (!skip_unless(memory != -1 && !instrumented(), "memory of the server not to be seen"))
        expect(grown < CLIENTS * EACH + SLACK,
               "expected %d KiB for each of %d slow readers, saw %ld KiB", EACH, CLIENTS, grown);
    expect_served(server, port_of(server));
}

TEST(a_client_gone_before_accept_holds_up_nobody)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    freeze(server);
    for (int i = 0; i < 3; i++) reset(dial(port_of(server)));
    thaw(server);
    expect_echo(client, "hello again");
    expect_served(server, port_of(server));
}

void add_event_loop(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "event loop", enter);
    tcase_add_test(tests, one_thread_serves_thirty_clients);
    tcase_add_test(tests, clients_with_much_to_read_take_turns);
    tcase_add_test(tests, slow_readers_are_not_read_from_and_cost_no_cpu_and_little_memory);
    tcase_add_test(tests, a_client_gone_before_accept_holds_up_nobody);
    add_event_loop_failures(tests);
}
