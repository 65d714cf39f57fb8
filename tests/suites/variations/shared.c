/* What the variations share: variation.h. */
#include <stdio.h>
#include <string.h>

#include <unistd.h>

#include "variation.h"

void enter_variation(const char *name, struct facts about)
{
    lesson = name;
    facts = about;
    task_file = "variation.md";
}

struct program *start_at(in_port_t port, const char *third)
{
    static char text[8];
    snprintf(text, sizeof text, "%d", port);
    return start((struct run){.program = "server", .arguments = {"127.0.0.1", text, third}});
}

void expect_next(struct program *program, const char *wanted)
{
    const char *seen = wait_line(program, "");
    expect(strcmp(seen, wanted) == 0, "expected the line '%s' on stdout, saw '%s'", wanted, seen);
}

int greeted(struct program *server, const char *form, int number)
{
    char line[64];
    int client = dial(port_of(server));
    snprintf(line, sizeof line, form, number);
    expect_next_line(client, line);
    expect_echo(client, "hello");
    return client;
}

void leave(int client)
{
    half_close(client);
    expect_end(client);
    close(client);
}

/* A third argument that must be a number from 1 to 65535. */
static const char *const wrong_numbers[] = {
    "0", "abc", "-1", "+3", "", "3x", " 3", "65536", "99999999999999999999", "000001",
};
enum { NUMBERS = sizeof wrong_numbers / sizeof wrong_numbers[0] };

TEST(a_third_argument_that_is_no_such_number_is_named_and_exits_2)
{
    SUSPECTS({OTHER, NULL,
              "It is no number from 1 to 65535, so it ends in usage and exit status 2, before any "
              "socket "
              "is made:\ntest all of the text, as parse_port does.",
              NULL});
    expect_usage(
        (struct run){.program = "server", .arguments = {"127.0.0.1", "0", wrong_numbers[_i]}},
        wrong_numbers[_i]);
}

TEST(a_fourth_argument_is_named_and_exits_2)
{
    SUSPECTS({OTHER, NULL,
              "A fourth argument ends in usage, which repeats it, and exit status 2: look at argc.",
              NULL});
    expect_usage((struct run){.program = "server", .arguments = {"127.0.0.1", "0", "1", "extra"}},
                 "extra");
}

void add_third_argument(TCase *tests)
{
    tcase_add_loop_test(tests, a_third_argument_that_is_no_such_number_is_named_and_exits_2, 0,
                        NUMBERS);
    tcase_add_test(tests, a_fourth_argument_is_named_and_exits_2);
}
