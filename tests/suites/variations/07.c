/* The task beyond 07: each client has a number. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "variation.h"

static void enter_07(void)
{
    enter_variation(
        "07-multi-echo",
        (struct facts){.number = 7, .takes_address = true, .serves = MANY_CLIENTS, .echoes = true});
}

static const char you_are[] = "you are client %d";

TEST(each_client_is_told_its_number)
{
    struct program *server = start_server(NULL);
    for (int i = 1; i <= 12; i++) leave(greeted(server, you_are, i));
    stop(server, SIGTERM);
}

TEST(a_client_that_leaves_without_a_word_or_with_a_reset_counts)
{
    struct program *server = start_server(NULL);
    int silent = dial(port_of(server));
    expect_next_line(silent, "you are client 1");
    leave(silent);
    reset(greeted(server, you_are, 2));
    leave(greeted(server, you_are, 3));
    stop(server, SIGTERM);
}

TEST(an_accept_that_fails_does_not_count)
{
    if (skip_faults()) return;
    struct program *server = start_server("accept=EMFILE@%2");
    leave(greeted(server, you_are, 1));
    leave(greeted(server, you_are, 2));
    stop(server, SIGTERM);
}

TEST(short_sends_leave_the_greeting_whole)
{
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1 send=EINTR@%2");
    leave(greeted(server, you_are, 1));
    leave(greeted(server, you_are, 2));
    stop(server, SIGTERM);
}

TEST(a_greeting_that_cannot_be_sent_costs_only_its_client)
{
    char wanted[128];
    if (skip_faults()) return;
    struct program *server = start_server("send=EPIPE@1");
    int client = dial(port_of(server));
    expect_end(client);
    snprintf(wanted, sizeof wanted, "send: %s\n", reason(EPIPE));
    wait_errors(server, wanted);
    leave(greeted(server, you_are, 2));
    stop(server, SIGTERM);
}

Suite *variation_07(void)
{
    Suite *suite = suite_create("variation/07-multi-echo");
    TCase *tests = add_case(suite, "the greeting", enter_07);
    tcase_add_test(tests, each_client_is_told_its_number);
    tcase_add_test(tests, a_client_that_leaves_without_a_word_or_with_a_reset_counts);
    tcase_add_test(tests, an_accept_that_fails_does_not_count);
    tcase_add_test(tests, short_sends_leave_the_greeting_whole);
    tcase_add_test(tests, a_greeting_that_cannot_be_sent_costs_only_its_client);
    return suite;
}
