/* The task beyond 04: several clients, numbered. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "variation.h"

static void enter_04(void)
{
    enter_variation("04-accept",
                    (struct facts){.number = 4, .takes_address = true, .serves = ONE_CLIENT});
}

/* Clients 1 to `count` come and are closed one after another; then the server ends. */
static void expect_numbered(struct program *server, int count)
{
    char wanted[64];
    in_port_t port = wait_port(server, "listening on ");
    for (int i = 1; i <= count; i++) {
        expect_running(server);
        int client = dial(port);
        snprintf(wanted, sizeof wanted, "connection %d from 127.0.0.1:%d", i, local_port(client));
        expect_next(server, wanted);
        expect_end(client);
        close(client);
    }
    expect_exit(server, 0);
    expect_refused(port);
}

TEST(so_many_clients_are_accepted_numbered_and_closed)
{
    look_for_leaks();
    static const char *const texts[] = {"3", "12", NULL};
    static const int counts[] = {3, 12, 1};
    own_network(); /* where it can be made: nobody else takes ports there */
    expect_numbered(start_at(0, texts[_i]), counts[_i]);
}

TEST(a_signal_during_accept_is_no_client)
{
    if (skip_faults()) return;
    own_network();
    expect_numbered(start((struct run){.program = "server",
                                       .arguments = {"127.0.0.1", "0", "3"},
                                       .faults = "accept=EINTR@%2"}),
                    3);
}

Suite *variation_04(void)
{
    Suite *suite = suite_create("variation/04-accept");
    TCase *tests = add_case(suite, "several clients", enter_04);
    tcase_add_loop_test(tests, so_many_clients_are_accepted_numbered_and_closed, 0, 3);
    tcase_add_test(tests, a_signal_during_accept_is_no_client);
    add_third_argument(tests);
    return suite;
}
