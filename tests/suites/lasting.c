/* What 07 and 08 promise beyond one client: nothing that one client does, or meets, ends the server. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

static bool has_ended(struct program *program)
{
    return !is_running(program) && ending_signal(program) == 0;
}

/* Of several lines only the first is the wanted one. */
static bool said_more(struct program *program)
{
    const char *errors = errors_of(program);
    size_t length = saw.wanted != NULL ? strlen(saw.wanted) : 0;
    return length > 0 && strncmp(errors, saw.wanted, length) == 0 && errors[length] != '\0';
}

void visit(in_port_t port, int number)
{
    char token[32];
    snprintf(token, sizeof token, "token %d", number);
    int client = dial(port);
    if (converse != NULL)
        converse(client, port);
    else
        expect_echo(client, token);
    half_close(client);
    expect_end(client);
    close(client);
}

/* What a quarter of a second shows of a program. */
struct look {
    int ready; /* how often it was ready to run, of LOOKS */
    double used,
        time; /* seconds of CPU, and of the clock; used is below 0 where nothing tells it */
};
enum { LOOKS = 50 };

static struct look look_at(struct program *program)
{
    struct look look = {0};
    double begun = now(), before = cpu_seconds(program);
    for (int i = 0; i < LOOKS; i++) { /* the time to measure, not a wait for something */
        poll(NULL, 0, (int)(scaled(0.25) * 1000 / LOOKS));
        look.ready += is_busy(program);
    }
    look.used = before >= 0 ? cpu_seconds(program) - before : -1;
    look.time = now() - begun;
    return look;
}

/* A machine with much to do hides a busy loop's CPU time, but not that it is always ready to run. */
static bool is_calm(struct look look)
{
    bool measured = look.used >= 0 && (!instrumented() || own_programs());
    return look.ready < LOOKS / 2 && !(measured && look.used >= 0.2 * look.time);
}

void expect_calm(struct program *server)
{
    /* It may still have something to do, most of all on a busy machine; a busy loop never ends. */
    double deadline = now() + (own_programs() ? scaled(1) : patience());
    struct look look;
    do look = look_at(server);
    while (!is_calm(look) && is_running(server) && now() < deadline);
    expect_running(server);
    skip_unless(look.used >= 0, "no clock of another program's CPU time");
    expect(is_calm(look), "expected it to wait, saw it busy at %d of %d looks, with %.0f %% CPU",
           look.ready, LOOKS, look.used / look.time * 100);
}

TEST(clients_are_served_one_after_another)
{
    struct program *server = start_server(NULL);
    for (int i = 0; i < 20; i++) visit(port_of(server), i);
    expect_served(server, port_of(server));
    expect_errors(server, "");
}

#define ONE_CLIENT_FAILED                                                                          \
    "One client's failure has ended the server, and the next client waits.\n"                      \
    "Tell what failed, close this client's socket, and accept again."

/* 1,030 clients in a row, and then exit(3), where a sanitizer looks for what nobody can free any more. */
TEST(a_thousand_clients_leave_no_memory_behind)
{
    enum { CLIENTS = 1030 };
    if (!own_programs() || !instrumented() || skip_faults()) return;
    struct program *server = start_server("EXIT=1");
    SUSPECTS(
        {OTHER, has_ended, "It ended after many clients: has an array an end, or a limit?", NULL});
    for (int i = 0; i < CLIENTS; i++) visit(port_of(server), i);
    struct waiting wait = begin_wait();
    while (count_of(server, "task") > 2 && !in_vain(&wait)) look_again_soon();
    expect_running(server);
    kill(pid_of(server), SIGUSR2);
    expect_exit(server, 0);
}

TEST(a_hundred_resets_in_the_middle_of_a_transfer_do_not_end_it)
{
    static char data[300 * 1000];
    SUSPECTS({OTHER, has_ended, ONE_CLIENT_FAILED, PAGE_07});
    struct program *server = start_server(NULL);
    for (int i = 0; i < 100; i++) {
        int client = dial(port_of(server));
        send(client, data, (size_t)(i + 1) * 2500, MSG_DONTWAIT);
        if (i % 2 == 0) expect_bytes(client, data, 100);
        reset(client);
    }
    expect_served(server, port_of(server));
}

TEST(a_client_killed_while_the_server_sends_does_not_end_it)
{
    static char data[4 * 1024 * 1024];
    SUSPECTS({OTHER, has_ended, ONE_CLIENT_FAILED, PAGE_07});
    struct program *server = start_server(NULL);
    for (int i = 0; i < 3; i++) {
        int ready[2];
        need(pipe(ready) == 0, "pipe");
        int client = dial(port_of(server));
        pid_t peer = fork();
        need(peer != -1, "fork");
        if (peer == 0) { /* sends for ever and never reads */
            expect_echo(client, "x");
            while (send(client, data, sizeof data, MSG_DONTWAIT) > 0) continue;
            expect(write(ready[1], "", 1) == 1, "write");
            for (;;) send(client, data, sizeof data, 0);
        }
        close(client);
        close(ready[1]); /* a peer that dies ends the wait */
        char byte;
        expect(read(ready[0], &byte, 1) == 1, "the peer did not start");
        kill(peer, SIGKILL);
        waitpid(peer, NULL, 0);
        close(ready[0]);
    }
    expect_served(server, port_of(server));
}

TEST(a_failed_accept_is_told_and_does_not_end_it)
{
    static const struct failing failing[] = {
        {"accept", "accept=ECONNABORTED@1", ECONNABORTED},
        {"accept", "accept=EPROTO@1", EPROTO},
        {"accept", "accept=EMFILE@1", EMFILE},
        {"accept", "accept=ENFILE@1", ENFILE},
        {"accept", "accept=ENOBUFS@1", ENOBUFS},
        {"accept", "accept=ENOMEM@1", ENOMEM},
        {"accept", "accept=ENETDOWN@1", ENETDOWN},
        {"accept", "accept=EPERM@1", EPERM},
        {"accept", "accept=EMFILE@%2", EMFILE},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    SUSPECTS(
        {OTHER, has_ended,
         "A failed accept is no reason to end the server: tell it, rest a little, accept again.",
         PAGE_07});
    struct program *server = start_server(failing[_i].fault);
    static char wanted[256];
    int client = dial(port_of(server)); /* a server that polls accepts nobody before one comes */
    snprintf(wanted, sizeof wanted, "accept: %s\n", reason(failing[_i].error));
    wait_errors(server, wanted);
    close(client);
    visit(port_of(server), 1);
    visit(port_of(server), 2);
    expect_served(server, port_of(server));
}

TEST(an_accept_that_goes_on_failing_makes_no_busy_loop)
{
    if (skip_faults()) return;
    struct program *server = start_server("accept=ENFILE@1+");
    double begun = now();
    dial(port_of(server));
    wait_errors(server, "accept: ");
    expect_calm(server);
    stop(server, SIGTERM);
    double took = now() - begun;
    int tries = 0;
    for (const char *at = errors_of(server); (at = strstr(at, "accept: ")) != NULL; at++) tries++;
    expect(tries < 10 + 1000 * took,
           "expected a rest after a failed accept, saw %d tries in %.2f s", tries, took);
}

TEST(a_signal_during_accept_is_not_even_told)
{
    if (skip_faults()) return;
    struct program *server = start_server("accept=EINTR@%2");
    visit(port_of(server), 1);
    visit(port_of(server), 2);
    expect_served(server, port_of(server));
    expect_errors(server, "");
}

TEST(a_failed_call_for_one_client_is_told_and_the_next_is_served)
{
    static const struct failing failing[] = {
        {"recv", "recv=ECONNRESET@1", ECONNRESET},
        {"recv", "recv=ETIMEDOUT@1", ETIMEDOUT},
        {"send", "send=EPIPE@1", EPIPE},
        {"send", "send=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@1", EIO},
        {"close", "close=EINTR@1", EINTR},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    SUSPECTS({OTHER, has_ended, ONE_CLIENT_FAILED, PAGE_07},
             {OTHER_ERRORS, said_more,
              "After the failed call it went on with this client: leave the loop and close.",
              PAGE_07});
    struct program *server = start_server(failing[_i].fault);
    static char wanted[256];
    char byte;
    int client = dial(port_of(server));
    send_bytes(client, "x", 1);
    shutdown(client, SHUT_WR); /* fails when the server has let it go by now */
    ssize_t got;
    while ((got = recv(client, &byte, 1, 0)) > 0) continue;
    saw.sock = client;
    expect_or(NO_END, got == 0 || errno != EAGAIN, "expected the end of file, saw %s",
              seen_as(errno));
    close(client);
    snprintf(wanted, sizeof wanted, "%s: %s\n", failing[_i].call, reason(failing[_i].error));
    wait_errors(server, wanted);
    expect_served(server, port_of(server));
    expect_errors(server, wanted); /* once: close is not tried again */
}

TEST(each_of_500_clients_at_once_gets_its_own_bytes)
{
    enum { CLIENTS = 500 };
    static int clients[CLIENTS];
    static char tokens[CLIENTS][32];
    int count = clients_here(CLIENTS);
    struct program *server = start_server(NULL);
    for (int i = 0; i < count; i++) {
        clients[i] = dial(port_of(server));
        snprintf(tokens[i], sizeof tokens[i], "token %d of a burst", i);
        send_bytes(clients[i], tokens[i], strlen(tokens[i]));
        half_close(clients[i]);
    }
    for (int i = 0; i < count; i++) {
        expect_bytes(clients[i], tokens[i], strlen(tokens[i]));
        expect_end(clients[i]);
        close(clients[i]);
    }
    expect_served(server, port_of(server));
}

TEST(with_24_descriptors_60_clients_make_no_exit_and_no_busy_loop)
{
    enum { CLIENTS = 60 };
    int clients[CLIENTS];
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "0"}, .descriptors = 24};
    struct program *server = start(run);
    in_port_t port = wait_port(server, "listening on ");
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port);
    expect_echo(clients[0], "the first is served");
    expect_calm(server);
    for (int i = 0; i < CLIENTS; i++) close(clients[i]);
    visit(port, 1);
    expect_served(server, port);
}

TEST(thousands_of_connections_leave_nothing_behind)
{
    enum { WARM = 2000 };
    /* A sanitizer makes each one ten times as long. Threads can be left behind, too. */
    int count = instrumented() ? 3000 : facts.threads ? 20000 : 6000;
    struct program *server = start_server(NULL);
    wait_asleep(server); /* it has opened all that it opens for itself */
    long at_start = count_of(server, "fd");
    if (skip_unless(at_start != -1, "no /proc to see what is left behind")) return;
    int served = 0;
    double begun = now();
    while (served < WARM) visit(port_of(server), served++);
    wait_asleep(server);
    long memory = memory_of(server), seen_memory;
    /* A machine with much to do serves fewer in the time that a check has. */
    while (served < count && now() - begun < 5 * patience()) visit(port_of(server), served++);

    long descriptors, threads;
    struct waiting wait = begin_wait();
    do { /* the last thread may still be on its way out */
        descriptors = count_of(server, "fd");
        threads = count_of(server, "task");
    } while ((descriptors != at_start || (threads != 1 && !instrumented())) && !in_vain(&wait) &&
             (look_again_soon(), true));
    seen_memory = memory_of(server);
    expect(descriptors == at_start, "expected %ld descriptors, saw %ld", at_start, descriptors);
    if (skip_unless(!instrumented(), "threads and memory are a sanitizer's too")) return;
    expect(threads == 1, "expected 1 thread, saw %ld", threads);
    expect(seen_memory - memory < 512, "expected no growth, saw %ld KiB more",
           seen_memory - memory);
    expect_served(server, port_of(server));
}

void add_visits(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "visits", enter);
    tcase_add_test(tests, clients_are_served_one_after_another);
    tcase_add_loop_test(tests, a_failed_accept_is_told_and_does_not_end_it, 0, 9);
    tcase_add_test(tests, an_accept_that_goes_on_failing_makes_no_busy_loop);
    tcase_add_test(tests, a_signal_during_accept_is_not_even_told);
    tcase_add_test(add_soak_case(suite, "visits soak", enter),
                   thousands_of_connections_leave_nothing_behind);
}

void add_lasting(Suite *suite, SFun enter)
{
    add_visits(suite, enter);
    TCase *tests = add_case(suite, "lasting", enter);
    tcase_add_test(tests, a_hundred_resets_in_the_middle_of_a_transfer_do_not_end_it);
    tcase_add_test(tests, a_client_killed_while_the_server_sends_does_not_end_it);
    tcase_add_test(tests, a_thousand_clients_leave_no_memory_behind);
    tcase_add_loop_test(tests, a_failed_call_for_one_client_is_told_and_the_next_is_served, 0, 6);
    tcase_add_test(tests, each_of_500_clients_at_once_gets_its_own_bytes);
    tcase_add_test(add_soak_case(suite, "soak", enter),
                   with_24_descriptors_60_clients_make_no_exit_and_no_busy_loop);
}
