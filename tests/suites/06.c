/* 06-single-echo: one client's bytes come back, then both end. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "06-single-echo";
    facts =
        (struct facts){.number = 6, .takes_address = true, .serves = ONE_CLIENT, .echoes = true};
}

/* The client has gone the hard way: a message that names the call, exit status 1, no signal. */
static void expect_lost_client(struct program *server)
{
    SUSPECTS({OTHER_STATUS, NULL,
              "The client has reset the connection: recv or send has failed, and that is no end of "
              "file. -1 is a\n"
              "failure, told with its reason, and the exit status is 1.",
              NULL});
    expect_exit(server, 1);
    const char *errors = errors_of(server);
    bool named = false;
    static const char *const calls[] = {"recv", "send"};
    static const int reasons[] = {ECONNRESET, EPIPE};
    for (int c = 0; c < 2; c++)
        for (int r = 0; r < 2; r++)
            named |=
                names_call(errors, calls[c]) && strncmp(strchr(errors, ':') + 2, reason(reasons[r]),
                                                        strlen(reason(reasons[r]))) == 0;
    expect(named, "expected 'recv: …' or 'send: …' with the reason");
}

TEST(a_reset_ends_it_with_1_and_the_failed_call)
{
    static char data[2 * 1024 * 1024];
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    if (_i == 0)
        expect_echo(client, "hello");
    else
        send(client, data, sizeof data, MSG_DONTWAIT); /* more than is ever read */
    wait_asleep(server);
    reset(client);
    expect_lost_client(server);
}

TEST(a_client_killed_while_the_server_sends_ends_it_with_1)
{
    static char data[2 * 1024 * 1024];
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    while (send(client, data, sizeof data, MSG_DONTWAIT) > 0) continue;
    wait_asleep(server); /* blocked in send: nobody reads */
    close(client); /* what the kernel does for a killed process: unread data makes it a reset */
    expect_lost_client(server);
}

static const struct failing failing[] = {
    {"accept", "accept=ECONNABORTED@1", ECONNABORTED},
    {"accept", "accept=EMFILE@1", EMFILE},
    {"recv", "recv=ECONNRESET@1", ECONNRESET},
    {"recv", "recv=ETIMEDOUT@2", ETIMEDOUT},
    {"send", "send=EPIPE@1", EPIPE},
    {"close", "close=EIO@1", EIO},
    {"close", "close=EINTR@1", EINTR},
    {"close", "close=EIO@2", EIO},
};

TEST(a_call_that_fails_with_a_client_is_named_and_exits_1)
{
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct program *server = start_server(failing[_i].fault);
    int client = try_dial(port_of(server)); /* -1 when accept has failed and ended it by now */
    send(client, "x", 1, 0);
    shutdown(client, SHUT_WR);
    expect_failure(server, failing[_i].call, failing[_i].error);
}

Suite *suite_06(void)
{
    Suite *suite = suite_create("06-single-echo");
    add_echo(suite, enter);
    add_echo_client(suite, enter);
    add_accepting_port(suite, enter);
    add_server_arguments(suite, enter);
    add_client_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    TCase *calls = add_case(suite, "failing calls", enter);
    tcase_add_loop_test(calls, a_reset_ends_it_with_1_and_the_failed_call, 0, 2);
    tcase_add_test(calls, a_client_killed_while_the_server_sends_ends_it_with_1);
    tcase_add_loop_test(calls, a_call_that_fails_with_a_client_is_named_and_exits_1, 0,
                        sizeof failing / sizeof failing[0]);
    return suite;
}
