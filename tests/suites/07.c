/* 07-multi-echo: clients are served one after another. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "07-multi-echo";
    facts =
        (struct facts){.number = 7, .takes_address = true, .serves = MANY_CLIENTS, .echoes = true};
}

TEST(the_second_client_waits_until_the_first_has_left)
{
    struct program *server = start_server(NULL);
    int first = dial(port_of(server));
    expect_echo(first, "first");
    int second = dial(port_of(server)); /* the kernel connects it: it is in the queue */
    send_bytes(second, "second", 6);
    for (int i = 0; i < 20; i++) expect_echo(first, "still the first");
    expect(!readable(second, 0), "expected the second client to wait");

    half_close(first);
    expect_end(first);
    expect_bytes(second, "second", 6);
    stop(server, SIGTERM);
}

Suite *suite_07(void)
{
    Suite *suite = suite_create("07-multi-echo");
    add_echo(suite, enter);
    tcase_add_test(add_case(suite, "state", enter),
                   the_second_client_waits_until_the_first_has_left);
    add_accepting_port(suite, enter);
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    add_lasting(suite, enter);
    return suite;
}
