/* further/line-chat: a message is a line, whatever way its bytes arrive, and everybody else gets it. */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "line-chat.h"
#include "suites.h"

void read_line(int sock, char *line, size_t size)
{
    for (size_t length = 0;;) {
        ssize_t seen = recv(sock, line + length, size - 1 - length, MSG_PEEK);
        if (seen <= 0) line[length] = '\0';
        expect(seen > 0, "expected a line, saw '%s' and then %s", line,
               seen == 0 ? "the end of file, or too much" : seen_as(errno));
        char *end = memchr(line + length, '\n', (size_t)seen);
        if (end != NULL) seen = end + 1 - (line + length);
        length += (size_t)recv(sock, line + length, (size_t)seen, 0);
        if (end == NULL) continue;
        *end = '\0';
        return;
    }
}

void expect_said(int sock, in_port_t from, const char *text, size_t length)
{
    char name[32];
    snprintf(name, sizeof name, "127.0.0.1:%d", from);
    expect_bytes(sock, name, strlen(name));
    expect_bytes(sock, text, length);
    expect_bytes(sock, "\n", 1);
}

void expect_line(int sock, in_port_t from, const char *text)
{
    expect_said(sock, from, text, strlen(text));
}

void wait_said(int sock, in_port_t from, const char *text)
{
    char line[LINE + 64], wanted[LINE + 64];
    snprintf(wanted, sizeof wanted, "127.0.0.1:%d%s", from, text);
    do read_line(sock, line, sizeof line);
    while (strcmp(line, wanted) != 0);
}

void say(int sock, const char *text)
{
    send_bytes(sock, text, strlen(text));
}

void meet(in_port_t port, int *socks, int count)
{
    int on = 1;
    for (int i = 0; i < count; i++) {
        socks[i] = dial(port);
        setsockopt(socks[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* a part leaves at once */
        for (int k = 0; k < i; k++) expect_line(socks[k], local_port(socks[i]), " joined");
    }
}

/* What is said on a connection in the shared tests: somebody else comes, both say something, the other one leaves. */
static void chat(int sock, in_port_t port)
{
    int other = dial(port);
    in_port_t here = local_port(sock), there = local_port(other);
    expect_line(sock, there, " joined");
    say(other, "hello\n");
    expect_line(sock, there, ": hello");
    say(sock, "to you too\n");
    expect_line(other, here, ": to you too");
    half_close(other);
    expect_line(sock, there, " left");
    expect_end(other);
    close(other);
}

static void enter(void)
{
    lesson = "further/line-chat";
    facts = (struct facts){.takes_address = true, .serves = MANY_CLIENTS, .echoes = true};
    converse = chat;
}

TEST(a_failed_call_for_one_client_is_told_and_the_others_chat_on)
{
    static const struct failing failing[] = {
        {"recv", "recv=ECONNRESET@1", ECONNRESET},
        {"recv", "recv=ETIMEDOUT@1", ETIMEDOUT},
        {"send", "send=EPIPE@1", EPIPE},
        {"send", "send=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@1", EIO},
        {"close", "close=EINTR@1", EINTR},
        {"fcntl", "fcntl=EACCES@2", EACCES}, /* the first is the listener's */
    };
    if (own_programs() && strcmp(failing[_i].call, "fcntl") == 0)
        return; /* how it is done inside is left to the learner */
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct program *server = start_server(failing[_i].fault);
    char byte;
    int first = dial(port_of(server)), second = dial(port_of(server));
    send(first, "x\n", 2, 0);
    shutdown(first, SHUT_WR); /* fails when the server has let it go by now */
    while (recv(first, &byte, 1, 0) > 0) continue;
    close(first);
    shutdown(second, SHUT_WR);
    while (recv(second, &byte, 1, 0) > 0) continue; /* bytes unread would make it a reset */
    close(second);
    wait_errors(server, told(failing[_i].call, failing[_i].error));
    expect_errors(server,
                  told(failing[_i].call, failing[_i].error)); /* once: close is not tried again */
    for (int i = 0; i < 3; i++) {
        int client = dial(port_of(server));
        int other = dial(port_of(server));
        in_port_t there = local_port(other);
        wait_said(client, there, " joined"); /* those before may leave only now */
        say(other, "hello\n");
        expect_line(client, there, ": hello");
        close(other);
        expect_line(client, there, " left");
        half_close(client);
        expect_end(client);
        close(client);
    }
    stop(server, SIGTERM);
}

TEST(a_failed_poll_is_told_and_does_not_end_it)
{
    if (skip_faults()) return;
    struct program *server = start_server("poll=ENOMEM@1");
    wait_errors(server, "poll: ");
    expect_served(server, port_of(server));
}

TEST(with_24_descriptors_60_clients_make_no_exit_and_no_busy_loop)
{
    enum { CLIENTS = 60 };
    int clients[CLIENTS];
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "0"}, .descriptors = 24};
    struct program *server = start(run);
    in_port_t port = wait_port(server, "listening on ");
    meet(port, clients, 2);
    for (int i = 2; i < CLIENTS; i++) clients[i] = dial(port);
    wait_errors(server, "accept: ");
    for (int i = 2; i < 20; i++) {
        expect_line(clients[0], local_port(clients[i]), " joined");
        expect_line(clients[1], local_port(clients[i]), " joined");
    }
    expect_calm(server);
    double said = now();
    for (int i = 0; i < 50; i++) { /* who is in does not rest with the listener */
        say(clients[0], "hello\n");
        expect_line(clients[1], local_port(clients[0]), ": hello");
    }
    expect(instrumented() || now() - said < scaled(50 * 0.1),
           "expected 50 lines in no time, saw %.1f s", now() - said);
    in_port_t last = local_port(clients[CLIENTS - 1]);
    for (int i = 2; i < CLIENTS; i++) close(clients[i]);
    half_close(clients[1]);
    wait_said(clients[0], last, " left");
    close(clients[0]);
    expect_served(server, port);
}

TEST(when_all_places_are_taken_the_next_one_waits)
{
    static int clients[PLACES];
    struct program *server = start_server(NULL);
    for (int i = 0; i < PLACES; i++) clients[i] = dial(port_of(server));
    for (int i = 1; i < PLACES - 1; i++) expect_line(clients[0], local_port(clients[i]), " joined");
    say(clients[PLACES - 2], "full\n");
    expect_line(clients[0], local_port(clients[PLACES - 2]), ": full");
    expect_calm(server);
    say(clients[PLACES - 1],
        "too early\n"); /* what the first one gets next tells whether it waits */
    half_close(clients[100]);
    expect_line(clients[0], local_port(clients[100]), " left");
    expect_line(clients[0], local_port(clients[PLACES - 1]), " joined");
    expect_line(clients[0], local_port(clients[PLACES - 1]), ": too early");
    say(clients[PLACES - 1], "at last\n");
    expect_line(clients[0], local_port(clients[PLACES - 1]), ": at last");
    stop(server, SIGTERM);
}

TEST(it_names_the_client_by_its_own_port)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect(wait_port(server, "connection from ") == local_port(client),
           "expected the client's port");
    expect_served(server, port_of(server));
}

static in_port_t serve_and_close_first(void)
{
    int c[2];
    struct program *server = start_server(NULL);
    meet(port_of(server), c, 2);
    stop(server, SIGTERM); /* the server's ends are closed first */
    expect_end(c[0]);
    expect_end(c[1]);
    close(c[0]);
    close(c[1]);
    return port_of(server);
}

TEST(it_restarts_at_once_although_its_own_close_left_time_wait)
{
    expect_restart_after(serve_and_close_first);
}

TEST(a_failing_fcntl_of_the_listener_is_named_and_exits_1)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults()) return;
    expect_failure(start((struct run){.program = "server",
                                      .arguments = {"127.0.0.1", "0"},
                                      .faults = "fcntl=EACCES@1"}),
                   "fcntl", EACCES);
}

Suite *suite_line_chat(void)
{
    Suite *suite = suite_create("further/line-chat");
    add_server_arguments(suite, enter);
    add_client_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    add_visits(suite, enter);
    add_chat_lines(add_case(suite, "lines", enter));
    add_chat_leaving(add_case(suite, "leaving", enter));
    TCase *others = add_case(suite, "others", enter);
    tcase_add_loop_test(others, a_failed_call_for_one_client_is_told_and_the_others_chat_on, 0, 7);
    tcase_add_test(others, a_failed_poll_is_told_and_does_not_end_it);
    tcase_add_test(others, it_names_the_client_by_its_own_port);
    tcase_add_test(others, it_restarts_at_once_although_its_own_close_left_time_wait);
    tcase_add_test(others, a_failing_fcntl_of_the_listener_is_named_and_exits_1);
    TCase *soak = add_soak_case(suite, "places", enter);
    tcase_add_test(soak, with_24_descriptors_60_clients_make_no_exit_and_no_busy_loop);
    tcase_add_test(soak, when_all_places_are_taken_the_next_one_waits);
    add_chat_client(add_case(suite, "client", enter));
    return suite;
}
