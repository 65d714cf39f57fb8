/* What 07 and 08 promise beyond one client: nothing that one client does, or meets, ends the server. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

/* Of several lines only the first is the wanted one. */
static bool said_more(struct program *program)
{
    const char *errors = errors_of(program);
    size_t length = saw.wanted != NULL ? strlen(saw.wanted) : 0;
    return length > 0 && strncmp(errors, saw.wanted, length) == 0 && errors[length] != '\0';
}

#define ONE_CLIENT_FAILED                                                                          \
    "One client's failure has ended the server, and the next client waits.\n"                      \
    "Tell what failed, close this client's socket, and accept again."

/* 1,030 clients in a row, and then exit(3), where a sanitizer looks for what nobody can free any more. */
TEST(a_thousand_clients_leave_no_memory_behind)
{
    look_for_leaks();
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
        expect_echo(client, "x");
        pid_t peer = fork_helper();
        if (peer == 0) { /* sends for ever and never reads */
            while (send(client, data, sizeof data, MSG_DONTWAIT) > 0) continue;
            if (write(ready[1], "", 1) != 1) _exit(1);
            while (send(client, data, sizeof data, 0) != -1) continue;
            _exit(0);
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

TEST(a_failed_call_for_one_client_is_told_and_the_next_is_served)
{
    const struct failing failing[] = {
        {"recv", "recv=ECONNRESET@1", ECONNRESET},
        {"recv", "recv=ETIMEDOUT@1", ETIMEDOUT},
        {"send", "send=EPIPE@1", EPIPE},
        {"send", "send=ENOBUFS@1", ENOBUFS},
        {"close", facts.takes_path ? "close=EIO@2" : "close=EIO@1", EIO}, /* after the probe's */
        {"close", facts.takes_path ? "close=EINTR@2" : "close=EINTR@1", EINTR},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    if (facts.takes_path && own_programs() && failing[_i].call[0] == 'c') return; /* has it one? */
    SUSPECTS({OTHER, has_ended, ONE_CLIENT_FAILED, PAGE_07},
             {OTHER_ERRORS, said_more,
              "After the failed call it went on with this client: leave the loop and close.",
              PAGE_07});
    struct program *server = start_server(failing[_i].fault);
    char byte;
    int client = dial(port_of(server));
    send(client, "x", 1, 0); /* both fail when the server has let it go by now */
    shutdown(client, SHUT_WR);
    ssize_t got;
    while ((got = recv(client, &byte, 1, 0)) > 0) continue;
    saw.sock = client;
    expect_or(NO_END, got == 0 || errno != EAGAIN, "expected the end of file, saw %s",
              seen_as(errno));
    close(client);
    wait_errors(server, told(failing[_i].call, failing[_i].error));
    expect_served(server, port_of(server));
    expect_errors(server,
                  told(failing[_i].call, failing[_i].error)); /* once: close is not tried again */
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
    struct run run = server_at(0);
    run.descriptors = 24;
    struct program *server = start(run);
    in_port_t port = wait_port(server, "listening on ");
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port);
    expect_echo(clients[0], "the first is served");
    expect_calm(server);
    for (int i = 0; i < CLIENTS; i++) close(clients[i]);
    visit(port, 1);
    expect_served(server, port);
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
