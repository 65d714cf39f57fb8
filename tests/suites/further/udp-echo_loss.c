/* further/udp-echo: what the client does with datagrams that are lost, late, doubled or of others. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness.h"
#include "suites.h"
#include "udp-echo.h"

/* The third try is answered twice; the client has gone then, or ignores what is late. */
static void answer_the_third_try(int sock, const struct request *first,
                                 const struct request *before, const struct request *request)
{
    static int tries;
    (void)first, (void)before;
    if (++tries < 3) return;
    give(sock, request, request->length);
    give(sock, request, request->length);
}

/* Two clients at once, so that their waiting counts only once. */
TEST(what_is_lost_is_sent_again_and_given_up_after_three_tries)
{
    in_port_t port, dead_port;
    int peer = answer_requests(own_socket(&port), answer_the_third_try);
    int dead = own_socket(&dead_port);
    double begun = now();
    struct program *client = start_client(port, NULL), *unlucky = start_client(dead_port, NULL);
    type_line(unlucky, "same\n");
    struct request old = take(dead);
    give(dead, &old, old.length);
    wait_line(unlucky, "same");
    type_line(unlucky, "same\n"); /* from now on only echoes of the first line come */

    type_line(client, "hello\n");
    end_input(client);
    struct request lost = taken(peer), again;
    for (int i = 0; i < 2; i++) {
        again = taken(peer);
        expect_same(&lost, &again);
    }
    expect(now() - begun >= 1.4, "expected half a second and a whole one between the tries");
    expect_exit(client, 0);
    expect_output(client, "hello\n", 6);
    wait_errors(client, "no reply yet: try 2 of 3\nno reply yet: try 3 of 3\n");

    while (strstr(errors_of(unlucky), "no reply after") == NULL) {
        expect(now() - begun < at_most(3.5), "expected it to give up although old echoes come");
        sendto(dead, "", 0, 0, (struct sockaddr *)&old.from, sizeof old.from);
        sendto(dead, &old.number, 4, 0, (struct sockaddr *)&old.from, sizeof old.from);
        look_again_soon();
    }
    expect(now() - begun >= 3.4, "expected it to wait longer for each try, saw %.1f s in all",
           now() - begun);
    expect_exit(unlucky, 1);
    expect(strstr(errors_of(unlucky),
                  "\nno reply yet: try 3 of 3\nrecv: no reply after 3 tries\n") != NULL,
           "expected it to say that it gives up");
    expect_output(unlucky, "same\n", 5);
    for (int i = 0; i < 3; i++) {
        struct request request = take_next(dead, old.number);
        expect(request.length == old.length, "expected the second line");
    }
    expect(!readable(dead, 0), "expected three tries and no more");
}

/* The echo of the first line comes three times; the second line's gets lost, and then comes behind one more of the first. */
static void answer_late(int sock, const struct request *first, const struct request *before,
                        const struct request *request)
{
    if (request->number == first->number)
        for (int i = 0; i < 3; i++) give(sock, first, first->length);
    else if (request->number == before->number) {
        give(sock, first, first->length);
        give(sock, request, request->length);
    }
}

TEST(a_late_copy_is_not_taken_for_the_echo_of_a_newer_line)
{
    in_port_t port;
    int peer = answer_requests(own_socket(&port), answer_late);
    struct program *client = start_client(port, NULL);
    type_line(client, "same\nsame\n");
    end_input(client);
    struct request first = taken(peer), second = taken(peer);
    while (second.number == first.number) second = taken(peer);
    struct request again = taken(peer);
    expect_same(&second, &again);
    expect_exit(client, 0);
    expect_output(client, "same\nsame\n", 10);
}

TEST(datagrams_of_strangers_and_scraps_are_ignored)
{
    in_port_t port;
    int peer = own_socket(&port), stranger = own_socket(NULL);
    struct program *client = start_client(port, NULL);
    type_line(client, "hello\n");
    end_input(client);
    struct request request = take(peer), forged = request;
    memcpy(forged.line, "HELLO\n", 6);
    give(stranger, &forged, forged.length);
    for (size_t length = 0; length < 4; length++) give(peer, &request, length);
    give(peer, &request, request.length);
    expect_exit(client, 0);
    expect_output(client, "hello\n", 6);
}

TEST(an_echo_that_differs_is_told_and_exits_1)
{
    static const size_t lengths[] = {10, 8, 11}; /* another byte, two less, one more */
    char wanted[64];
    in_port_t port;
    int peer = own_socket(&port);
    struct program *client = start_client(port, NULL);
    type_line(client, "hello\n");
    struct request request = take(peer);
    if (_i == 0) request.line[5]++;
    give(peer, &request, lengths[_i]);
    expect_exit(client, 1);
    snprintf(wanted, sizeof wanted, "recv: the reply differs: %zu bytes for 10\n", lengths[_i]);
    wait_errors(client, wanted);
    expect_output(client, "", 0);
}

void add_datagram_loss(TCase *loss)
{
    tcase_add_test(loss, what_is_lost_is_sent_again_and_given_up_after_three_tries);
    tcase_add_test(loss, a_late_copy_is_not_taken_for_the_echo_of_a_newer_line);
    tcase_add_test(loss, datagrams_of_strangers_and_scraps_are_ignored);
    tcase_add_loop_test(loss, an_echo_that_differs_is_told_and_exits_1, 0, 3);
}
