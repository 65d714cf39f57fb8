/* The task beyond 06: the server counts. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "variation.h"

static void enter_06(void)
{
    enter_variation(
        "06-single-echo",
        (struct facts){.number = 6, .takes_address = true, .serves = ONE_CLIENT, .echoes = true});
}

/* After the half-close: the count, the end of file, and the end of the server. */
static void expect_count(int client, struct program *server, const char *line)
{
    half_close(client);
    expect_next_line(client, line);
    expect_end(client);
    expect_exit(server, 0);
}

TEST(the_count_comes_after_the_end_of_file)
{
    look_for_leaks();
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    expect_echo(client, "world!");
    expect_count(client, server, "11 bytes");
}

TEST(no_byte_at_all_is_counted)
{
    struct program *server = start_server(NULL);
    expect_count(dial(port_of(server)), server, "0 bytes");
}

TEST(every_byte_of_a_long_message_is_counted_nul_too)
{
    static char data[128 * 1024 + 1]; /* more than one recv gives */
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    for (int i = 0; i < 3; i++) {
        fill_pattern(data, sizeof data, 0);
        send_bytes(client, data, sizeof data);
        expect_bytes(client, data, sizeof data);
    }
    expect_count(client, server, "393219 bytes");
}

TEST(short_sends_receives_and_signals_change_no_count)
{
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1 RECV=3 recv=EINTR@%2 send=EINTR@%2");
    int client = dial(port_of(server));
    expect_echo(client, "hello, world");
    expect_count(client, server, "12 bytes");
}

TEST(a_count_that_cannot_be_sent_is_a_failing_call)
{
    if (skip_faults()) return;
    struct program *server = start_server("send=EPIPE@2"); /* the first one is the echo */
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    half_close(client);
    expect_failure(server, "send", EPIPE);
}

TEST(the_client_prints_the_count_last)
{
    look_for_leaks();
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), NULL);
    type_text(client, "hello\n", 6);
    expect_next(client, "hello");
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, "hello\n6 bytes\n", 14);
    expect_exit(server, 0);
}

Suite *variation_06(void)
{
    Suite *suite = suite_create("variation/06-single-echo");
    TCase *tests = add_case(suite, "the count", enter_06);
    tcase_add_test(tests, the_count_comes_after_the_end_of_file);
    tcase_add_test(tests, no_byte_at_all_is_counted);
    tcase_add_test(tests, every_byte_of_a_long_message_is_counted_nul_too);
    tcase_add_test(tests, short_sends_receives_and_signals_change_no_count);
    tcase_add_test(tests, a_count_that_cannot_be_sent_is_a_failing_call);
    tcase_add_test(tests, the_client_prints_the_count_last);
    return suite;
}
