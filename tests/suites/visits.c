/* One client after another, whatever accept says: what 07, 08 and all servers of many clients promise. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

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

TEST(clients_are_served_one_after_another)
{
    struct program *server = start_server(NULL);
    for (int i = 0; i < 20; i++) visit(port_of(server), i);
    expect_served(server, port_of(server));
    expect_errors(server, "");
}

/* None was served after it. */
static bool has_ended_with_it(struct program *program)
{
    return has_ended(program) && bytes_back() == 0;
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
        {OTHER, has_ended_with_it,
         "A failed accept is no reason to end the server: tell it, rest a little, accept again.",
         PAGE_07});
    struct program *server = start_server(failing[_i].fault);
    int client = dial(port_of(server)); /* a server that polls accepts nobody before one comes */
    wait_errors(server, told("accept", failing[_i].error));
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
    double took = now() - begun;
    int tries = times_in(errors_of(server), "accept: ");
    expect(tries < 10 + 1000 * took,
           "expected a rest after a failed accept, saw %d tries in %.2f s", tries, took);
    stop(server, SIGTERM);
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

static void visit_often(struct program *server, int times)
{
    double begun = now();
    /* A machine with much to do serves fewer in the time that a check has. */
    for (int i = 0; i < times && now() - begun < 4 * patience(); i++) visit(port_of(server), i);
}

TEST(thousands_of_connections_leave_nothing_behind)
{
    enum { WARM = 2000 };
    /* A sanitizer makes each one ten times as long. Threads can be left behind, too. */
    int count = instrumented() ? 1000 : facts.threads ? 18000 : 4000, round = 0;
    struct program *server = start_server(NULL);
    wait_asleep(server); /* it has opened all that it opens for itself */
    long at_start = count_of(server, "fd"), descriptors, threads;
    if (skip_unless(at_start != -1, why_unseen("no /proc to see what is left behind"))) return;
    visit_often(server, WARM);
    wait_asleep(server);
    long memory = memory_of(server);
    do {
        visit_often(server, count);
        struct waiting wait = begin_wait();
        do { /* the last thread may still be on its way out */
            descriptors = count_of(server, "fd");
            threads = count_of(server, "task");
        } while ((descriptors != at_start || (threads != 1 && !instrumented())) &&
                 !in_vain(&wait) && (look_again_soon(), true));
        expect(descriptors == at_start, "expected %ld descriptors, saw %ld", at_start, descriptors);
        if (skip_unless(!instrumented(), "a sanitizer has threads and memory of its own")) return;
        expect(threads == 1, "expected 1 thread, saw %ld", threads);
    } while (has_grown(server, &memory) && ++round < GROWTHS);
    expect(round < GROWTHS, "expected no growth, saw more memory after each %d connections", count);
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
