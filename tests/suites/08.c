/* 08-threaded-echo: clients are served side by side. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

static void enter(void)
{
    lesson = "08-threaded-echo";
    facts = (struct facts){.number = 8,
                           .takes_address = true,
                           .serves = MANY_CLIENTS,
                           .echoes = true,
                           .threads = true};
}

#define RETURNS_THE_ERROR "pthread_create returns the error, never -1, and leaves errno alone:"

/* The first of every two calls has failed, and not each of these is told. */
static bool is_silent_about_one(struct program *program)
{
    int told = times_in(errors_of(program), "pthread_create:");
    return told < (calls_of(program, "pthread_create") + 1) / 2;
}

bool makes_a_thread_first(struct program *server)
{
    struct waiting wait = begin_wait();
    while (is_running(server) && state_of(server) != 'S' && state_of(server) != 0 &&
           !in_vain(&wait))
        look_again_soon();
    return own_programs() && calls_of(server, "pthread_create") > 0;
}

TEST(a_thread_that_cannot_be_made_costs_only_its_client)
{
    if (skip_faults()) return;
    SUSPECTS(
        {ENDED, has_ended,
         "A thread could not be made, and the server has ended: only the client of this thread is "
         "turned away.",
         NULL});
    struct program *server = start_server("pthread_create=EAGAIN@%2");
    if (makes_a_thread_first(server)) return;
    suspect(NULL);
    int served = 0, turned_away = 0;
    for (int i = 0; i < 6; i++) {
        char byte;
        int client = dial(port_of(server));
        send(client, "x", 1, 0); /* it may be closed by now */
        ssize_t got = await(client, POLLIN) ? recv(client, &byte, 1, 0) : -1;
        if (own_programs() && got == 1 && calls_of(server, "pthread_create") == 0)
            return; /* it uses no threads */
        if (got == -1 && errno == EAGAIN) {
            SUSPECTS(
                {OTHER_ERRORS, is_silent_about_one, RETURNS_THE_ERROR " compare with 0.", NULL});
            wait_errors(server, "pthread_create: ");
            SUSPECTS({OTHER, NULL,
                      "The client whose thread could not be made is not closed: close it before "
                      "you go on.",
                      NULL});
            tell(__FILE__, __LINE__,
                 "expected an echo or the end of the connection, saw nothing: is it not closed?");
        }
        if (got == 1)
            served++;
        else
            turned_away++;
        close(client);
    }
    SUSPECTS({OTHER, is_silent_about_one, RETURNS_THE_ERROR " compare with 0.", NULL});
    expect(served == 3 && turned_away == 3, "expected 3 clients served and 3 closed, saw %d and %d",
           served, turned_away);
    SUSPECTS({OTHER_ERRORS, NULL,
              RETURNS_THE_ERROR "\nput what it returned into errno before perror.", NULL});
    static char wanted[128];
    snprintf(wanted, sizeof wanted, "pthread_create: %s\n", reason(EAGAIN));
    wait_errors(server, wanted);
    stop(server, SIGTERM);
}

enum { LATE = 8 };
static int late_clients[LATE];

/* It has to wait for the others, and has not been lost. */
static bool is_lost(struct program *program)
{
    (void)program;
    for (int i = 0; i < LATE; i++)
        if (late_clients[i] != saw.sock) shutdown(late_clients[i], SHUT_WR);
    return !readable(saw.sock, scaled(0.7));
}

TEST(each_thread_serves_its_own_client_however_late_it_starts)
{
    char text[32];
    if (skip_faults()) return;
    struct program *server = start_server("THREAD=50");
    for (int i = 0; i < LATE; i++) late_clients[i] = dial(port_of(server));
    SUSPECTS({NO_BYTES, is_lost,
              "Each thread begins a little late here, and a client is not served: the threads "
              "share one variable,\n"
              "and accept has put the next client there before a thread has looked. Give each a "
              "value of its own.",
              NULL},
             {NO_BYTES, NULL, ONE_AFTER_ANOTHER, NULL},
             {BYTES_ENDED, NULL,
              "Each thread begins a little late here, and a client is not served: the threads "
              "share one variable,\n"
              "and accept has put the next client there before a thread has looked. Give each a "
              "value of its own.",
              NULL});
    for (int i = 0; i < LATE; i++) {
        snprintf(text, sizeof text, "client %d", i);
        expect_echo(late_clients[i], text);
    }
    expect_served(server, port_of(server));
}

TEST(its_threads_end_with_their_clients)
{
    enum { CLIENTS = 30 };
    int clients[CLIENTS];
    struct program *server = start_server(NULL);
    if (skip_unless(count_of(server, "task") != -1, why_unseen("no /proc to count threads")))
        return;
    long before = count_of(server, "task");
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = dial(port_of(server));
        if (i > 1)
            SUSPECTS({NO_BYTES, NULL,
                      "Some clients are served, and the next one waits: is there a fixed number of "
                      "threads? Each client\n"
                      "gets a thread of its own.",
                      NULL});
        expect_echo(clients[i], "hello");
    }
    suspect(NULL);
    if (own_programs() && count_of(server, "task") <= before + instrumented())
        return; /* it uses none */
    expect(count_of(server, "task") >= before + CLIENTS, "expected a thread for each client");
    for (int i = 0; i < CLIENTS; i++) close(clients[i]);
    struct waiting wait = begin_wait();
    long after; /* a sanitizer starts a thread of its own with the first one */
    while ((after = count_of(server, "task")) > before + instrumented()) {
        expect(!in_vain(&wait), "expected %ld threads, saw %ld", before, after);
        look_again_soon();
    }
    expect_served(server, port_of(server));
}

/* A thread closes its client's socket, and only then ends: until then it has its stack. */
static void wait_threads(struct program *server, long most)
{
    struct waiting wait = begin_wait();
    while (count_of(server, "task") > most && !in_vain(&wait)) look_again_soon();
}

/* The stack of a thread that nobody joins or detaches stays until the end of the program: pthread_join(3). */
TEST(its_threads_leave_nothing_behind)
{
    enum { CLIENTS = 100 };
    if (skip_unless(!instrumented() || own_programs(), "a sanitizer has memory of its own")) return;
    struct program *server = start_server(NULL);
    long threads = count_of(server, "task");
    if (skip_unless(threads != -1, why_unseen("no /proc to see the memory of threads"))) return;
    visit(port_of(server), 0);
    wait_threads(server, threads);
    long before = mappings_of(server);
    for (int i = 0; i < CLIENTS; i++) visit(port_of(server), i);
    wait_threads(server, threads);
    long more = mappings_of(server) - before;
    SUSPECTS({OTHER, NULL,
              "The threads are neither joined nor detached: each keeps its stack after its end.",
              NULL});
    expect(more < CLIENTS / 2, "served %d clients, and the server has %ld memory areas more",
           CLIENTS, more);
    stop(server, SIGTERM);
}

/* They end while the server is stopped: then one SIGCHLD stands for all of them. */
TEST(its_processes_leave_nothing_behind)
{
    enum { CLIENTS = 10 };
    int clients[CLIENTS];
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = dial(port_of(server));
        expect_echo(clients[i], "hello");
    }
    long children = children_of(server, 0);
    if (skip_unless(children != -1, "no /proc to see processes") || children == 0) return;
    kill(pid_of(server), SIGSTOP);
    for (int i = 0; i < CLIENTS; i++) close(clients[i]);
    struct waiting wait = begin_wait();
    while (children_of(server, 'Z') < children && !in_vain(&wait)) look_again_soon();
    kill(pid_of(server), SIGCONT);
    SUSPECTS({OTHER, NULL,
              "Processes that have ended stay as zombies: ps calls them defunct. One SIGCHLD may "
              "stand for many of\n"
              "them, so its handler waits again and again: while (waitpid(-1, NULL, WNOHANG) > 0) "
              "continue;",
              NULL});
    wait = begin_wait();
    while ((children = children_of(server, 'Z')) > 0) {
        expect(!in_vain(&wait), "expected no process that has ended, saw %ld", children);
        look_again_soon();
    }
    expect_served(server, port_of(server));
}

void add_threads(Suite *suite, SFun enter_suite)
{
    add_concurrent(suite, enter_suite);
    TCase *state = add_case(suite, "state", enter_suite);
    tcase_add_test(state, a_thread_that_cannot_be_made_costs_only_its_client);
    tcase_add_test(state, each_thread_serves_its_own_client_however_late_it_starts);
    tcase_add_test(state, its_threads_end_with_their_clients);
    tcase_add_test(state, its_threads_leave_nothing_behind);
    tcase_add_test(state, its_processes_leave_nothing_behind);
}

Suite *suite_08(void)
{
    Suite *suite = suite_create("08-threaded-echo");
    add_threads(suite, enter);
    add_echo(suite, enter);
    add_accepting_port(suite, enter);
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 9);
    add_narration(suite, enter);
    add_lasting(suite, enter);
    return suite;
}
