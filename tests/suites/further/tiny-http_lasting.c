/* further/tiny-http: slow clients, many clients, and clients that break off. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"
#include "tiny-http.h"

enum { SECONDS = 10 }; /* a request has so long to arrive */

/*
 * Three clients at once: one says nothing, one stops in the middle, one sends a byte now and then. A time for each recv
 * would never be over for the last one.
 */
TEST(a_request_has_ten_seconds_to_arrive_however_it_comes)
{
    static const char request[] = GET("/");
    enum { SILENT, STOPPED, SLOW, CLIENTS };
    int clients[CLIENTS];
    double begun = now(), ended[CLIENTS] = {0}, last = begun;
    char seen[CLIENTS][64] = {""};
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port_of(server));
    send_bytes(clients[STOPPED], request, 9);
    size_t sent = 0;
    double pause = scaled(SECONDS + 4) / (sizeof request - 2); /* its bytes last to the end */
    int left = CLIENTS;
    while (left > 0 && now() - begun < scaled(SECONDS + 4)) {
        if (ended[SLOW] == 0 && now() - last >= pause && sent < sizeof request - 2) {
            send(clients[SLOW], request + sent++, 1, MSG_NOSIGNAL);
            last = now();
        }
        for (int i = 0; i < CLIENTS; i++) {
            size_t length = strlen(seen[i]);
            if (ended[i] != 0 || !readable(clients[i], 0.05)) continue;
            ssize_t got = length < 32 ? recv(clients[i], seen[i] + length, 32 - length, 0) : 0;
            if (got > 0) continue;
            ended[i] = now() - begun;
            left--;
        }
    }
    static const char *const names[] = {"says nothing", "stops in its request",
                                        "sends a byte now and then"};
    for (int i = 0; i < CLIENTS; i++) {
        if (i == SLOW) /* the others were ended in time */
            SUSPECTS({OTHER, NULL,
                      "The seconds begin anew with each byte: note the end once, when the request "
                      "begins, and wait no\n"
                      "longer than to that.",
                      NULL});
        expect(ended[i] != 0,
               "a client that %s: expected the end after %d seconds, and it is still held",
               names[i], SECONDS);
        suspect(NULL);
        expect(ended[i] > SECONDS - 2,
               "a client that %s: expected the end after %d seconds, saw it after %.1f", names[i],
               SECONDS, ended[i]);
        expect(i == SILENT || strncmp(seen[i], "HTTP/1.1 408 ", 13) == 0,
               "a client that %s: expected the status 408, saw '%s'", names[i], seen[i]);
    }
    int client = dial(port_of(server));
    expect_status(client, request, 200);
    expect_running(server);
}

TEST(twenty_clients_are_served_at_once)
{
    enum { CLIENTS = 20, ROUNDS = 5 };
    int clients[CLIENTS];
    struct answer answer;
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port_of(server));
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++)
            send_text(clients[i], i % 2 == 0 ? GET("/") : GET("/none"));
        for (int i = CLIENTS - 1; i >= 0; i--) {
            read_answer(clients[i], &answer, "GET");
            expect(answer.status == (i % 2 == 0 ? 200 : 404),
                   "client %d: expected its own reply, saw the status %d", i, answer.status);
        }
    }
    for (int i = 0; i < CLIENTS; i++) close(clients[i]);
    expect_running(server);
}

static void ask_often(struct program *server, int times)
{
    for (int i = 0; i < times; i++) {
        int client = dial(port_of(server));
        expect_status(client, i % 3 == 0 ? GET("/none") : GET("/sub/"), i % 3 == 0 ? 404 : 200);
        if (i % 2 == 0)
            reset(client);
        else
            close(client);
    }
}

TEST(a_thousand_connections_leave_nothing_behind)
{
    enum { WARM = 100, COUNT = 1000 };
    int round = 0;
    struct program *server = start_server(NULL);
    wait_asleep(server);
    long at_start = count_of(server, "fd"), descriptors;
    if (skip_unless(at_start != -1, why_unseen("no /proc to see what is left behind"))) return;
    ask_often(server, WARM);
    long memory = memory_of(server);
    do {
        ask_often(server, COUNT);
        struct waiting wait = begin_wait();
        while ((descriptors = count_of(server, "fd")) != at_start && !in_vain(&wait))
            look_again_soon();
        expect(descriptors == at_start, "expected %ld descriptors, saw %ld", at_start, descriptors);
        if (own_programs() && instrumented()) return; /* LeakSanitizer looks for what is left */
        if (skip_unless(!instrumented(), "a sanitizer has memory of its own")) return;
    } while (has_grown(server, &memory) && ++round < GROWTHS);
    expect(round < GROWTHS, "expected no growth, saw more memory after each %d connections", COUNT);
    expect_running(server);
}

TEST(a_client_that_breaks_off_costs_only_itself)
{
    struct program *server = start_server(NULL);
    make_file("big.bin", 4 * 1024 * 1024);
    for (int i = 0; i < 20; i++) {
        struct answer answer;
        int client = dial(port_of(server));
        send_text(client, GET("/big.bin"));
        if (i % 2 == 0) read_head(client, &answer, GET("/big.bin"));
        reset(client);
    }
    int client = dial(port_of(server));
    expect_status(client, GET("/"), 200);
    expect_running(server);
}

TEST(a_failed_call_for_one_client_is_told_and_the_next_is_served)
{
    static const struct failing failing[] = {
        {"recv", "recv=ETIMEDOUT@1", ETIMEDOUT},
        {"send", "send=EPIPE@1", EPIPE},
        {"send", "send=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@%2", EIO},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct program *server = start_server(failing[_i].fault);
    int client = dial(port_of(server));
    send_text(client, GET("/"));
    half_close(client);
    char data[4096];
    while (await(client, POLLIN) && recv(client, data, sizeof data, 0) > 0) continue;
    close(client);
    client = dial(port_of(server));
    expect_status(client, GET("/sub/"), 200);
    expect_running(server);
}

void add_lasting_http(Suite *suite)
{
    TCase *tests = add_folder_case(suite, "clients");
    tcase_add_test(tests, a_request_has_ten_seconds_to_arrive_however_it_comes);
    tcase_add_test(tests, a_client_that_breaks_off_costs_only_itself);
    tcase_add_loop_test(tests, a_failed_call_for_one_client_is_told_and_the_next_is_served, 0, 4);
    tcase_add_test(tests, a_thousand_connections_leave_nothing_behind);
    tcase_add_test(tests, twenty_clients_are_served_at_once);
    tcase_set_tags(tests, "at-once");
}
