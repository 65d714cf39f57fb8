/* The task beyond 05: how long did it take?. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "variation.h"

static void enter_05(void)
{
    enter_variation("05-connect",
                    (struct facts){.number = 5, .takes_address = true, .serves = NO_CLIENT});
}

/* The number in its second line, which is the last one. */
static double measured(struct program *client)
{
    char wanted[128];
    const char *output;
    long long number = -1;
    wait_line(client, "connected to ");
    const char *line = wait_line(client, "");
    sscanf(line, "connect took %lld", &number);
    snprintf(wanted, sizeof wanted, "connect took %lld microseconds", number);
    expect(number >= 0 && strcmp(line, wanted) == 0,
           "expected the line 'connect took N microseconds', saw '%s'", line);
    expect_exit(client, 0);
    output_of(client, &output);
    const char *last = strstr(output, "\nconnect took ");
    expect(last != NULL && strlen(last + 1) == strlen(line) + 1, "expected two lines on stdout");
    return (double)number;
}

/* When a client was held up, in microseconds: all of this time it could not run. */
struct hold {
    double begun, over;
};

/* The client stops before a call, as FAULTS says, and goes on after a moment. */
static struct hold hold(struct program *client)
{
    int status = 0;
    struct waiting wait = begin_wait();
    while (waitpid(pid_of(client), &status, WNOHANG | WUNTRACED) == 0 && !in_vain(&wait))
        look_again_soon();
    expect(WIFSTOPPED(status), "expected the client to come to the call where it is held");
    struct hold hold = {.begun = now() * 1e6};
    poll(NULL, 0, (int)(1000 * scaled(0.2))); /* the time to be measured */
    hold.over = now() * 1e6;
    kill(pid_of(client), SIGCONT);
    return hold;
}

TEST(the_time_that_connect_took_is_told)
{
    look_for_leaks();
    in_port_t port;
    own_listener(&port);
    double begun = now();
    double number = measured(start_client(port, NULL)), all = (now() - begun) * 1e6;
    expect(number <= all, "the whole run took %.0f microseconds: expected no more, saw %.0f", all,
           number);
}

TEST(a_connect_that_is_held_up_takes_longer)
{
    if (skip_faults()) return;
    in_port_t port;
    own_listener(&port);
    double begun = now();
    struct program *client = start_client(port, "connect=STOP@1");
    struct hold held_up = hold(client);
    double held = held_up.over - held_up.begun, number = measured(client),
           all = (now() - begun) * 1e6;
    expect(number >= held && number <= all,
           "connect was held up for %.0f microseconds, and the whole run took %.0f: saw %.0f", held,
           all, number);
}

TEST(what_comes_before_and_after_connect_does_not_count)
{
    if (skip_faults()) return;
    in_port_t port;
    own_listener(&port);
    struct program *client = start_client(port, "socket=STOP@1 getsockname=STOP@1");
    double from = hold(client).over, between = hold(client).begun - from;
    double number = measured(client);
    expect(number <= between,
           "socket and getsockname were held up, and between them passed %.0f microseconds: saw "
           "%.0f",
           between, number);
}

TEST(a_connect_that_fails_tells_no_time)
{
    in_port_t port;
    const char *output;
    int reserved = reserve_port(&port);
    struct program *client = start_client(port, NULL);
    expect_failure(client, "connect", ECONNREFUSED);
    expect(output_of(client, &output) == 0, "expected nothing on stdout");
    close(reserved);
}

Suite *variation_05(void)
{
    Suite *suite = suite_create("variation/05-connect");
    TCase *tests = add_case(suite, "how long", enter_05);
    tcase_add_test(tests, the_time_that_connect_took_is_told);
    tcase_add_test(tests, a_connect_that_is_held_up_takes_longer);
    tcase_add_test(tests, what_comes_before_and_after_connect_does_not_count);
    tcase_add_test(tests, a_connect_that_fails_tells_no_time);
    return suite;
}
