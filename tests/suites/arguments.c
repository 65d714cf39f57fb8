/* What every lesson promises about its arguments: what is wrong is named, with a usage line and exit status 2. */
#include <string.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

static const char *const wrong_ports[] = {
    "abc",   "-1",   "+80", "0x50", "8.0",    "65536",      "99999999999999999999",
    "",      "12x",  " 80", "80 ",  "000080", "4294967376", "--help",
    "5,000", "\t80",
};
/* The first three are wrong only where a numeric IPv4 address is wanted. */
static const char *const wrong_addresses[] = {
    "abc",         "localhost", "::1",        "--help",     "",           "127.0.0",
    "127.0.0.1.1", "256.0.0.1", " 127.0.0.1", "127.0.0.1 ", "0x7f.0.0.1", "5000",
};
enum { PORTS = sizeof wrong_ports / sizeof wrong_ports[0] };
enum { ADDRESSES = sizeof wrong_addresses / sizeof wrong_addresses[0] };
enum { NAMES = 3 };

struct program *expect_usage(struct run run, const char *bad)
{
    if (run.faults == NULL && !skip_faults()) run.faults = "socket=EIO@1"; /* nothing is opened */
    struct program *program = start(run);
    expect_exit(program, 2);

    const char *errors = errors_of(program), *output;
    expect(strncmp(errors, "usage:", 6) == 0, "expected stderr to start with 'usage:'");
    const char *second = strchr(errors, '\n');
    expect(second != NULL && second[1] != '\0', "expected a second line that says what is wanted");
    expect(strstr(second + 1, bad) != NULL, "expected the second line to repeat '%s'", bad);
    expect(output_of(program, &output) == 0, "expected nothing on stdout");
    return program;
}

/* Both ways in which an argument is not refused. */
#define UNREFUSED(text, page)                                                                      \
    SUSPECTS({STILL_RUNS, NULL, text, page}, {OTHER_STATUS, NULL, text, page})
#define IN_C                                                                                       \
    "parse_port in common/die.h returns -1 for all that is not a port: test for it, and call\n"    \
    "usage before socket. atoi takes the digits at the start and says nothing of the rest."
#define IN_ANY_LANGUAGE                                                                            \
    "PORT is one to five decimal digits, at most 65535, and nothing else: test that before a "     \
    "socket is\nmade."
#define WRONG_PORT                                                                                 \
    SUSPECTS({STILL_RUNS, is_in_c, IN_C, "common/die.h"},                                          \
             {OTHER_STATUS, is_in_c, IN_C, "common/die.h"},                                        \
             {STILL_RUNS, NULL, IN_ANY_LANGUAGE, NULL},                                            \
             {OTHER_STATUS, NULL, IN_ANY_LANGUAGE, NULL})
static bool is_in_c(struct program *program)
{
    (void)program;
    return !foreign();
}
#define WRONG_ADDRESS                                                                              \
    UNREFUSED("The text is no address: inet_pton returns 0 for it. Check that it returns 1, "      \
              "before socket.",                                                                    \
              PAGE_02)
#define ONE_TOO_MANY                                                                               \
    UNREFUSED(                                                                                     \
        "One argument too many ends in usage, too, before any socket is made: look at argc.",      \
        NULL)

TEST(a_wrong_port_is_named_and_exits_2)
{
    WRONG_PORT;
    expect_usage((struct run){.program = "server", .arguments = {"127.0.0.1", wrong_ports[_i]}},
                 wrong_ports[_i]);
}

TEST(a_wrong_address_is_named_and_exits_2)
{
    WRONG_ADDRESS;
    expect_usage((struct run){.program = "server", .arguments = {wrong_addresses[_i]}},
                 wrong_addresses[_i]);
}

TEST(one_argument_too_many_is_named_and_exits_2)
{
    ONE_TOO_MANY;
    struct run run = {.program = "server", .arguments = {"127.0.0.1", "5000", third_argument}};
    run.arguments[third_argument == NULL ? 2 : 3] = "extra";
    expect_usage(run, "extra");
}

TEST(the_client_refuses_a_wrong_port)
{
    WRONG_PORT;
    expect_usage((struct run){.program = "client", .arguments = {"127.0.0.1", wrong_ports[_i]}},
                 wrong_ports[_i]);
}

TEST(the_client_refuses_a_wrong_address)
{
    WRONG_ADDRESS;
    expect_usage((struct run){.program = "client", .arguments = {wrong_addresses[_i]}},
                 wrong_addresses[_i]);
}

TEST(the_client_refuses_one_argument_too_many)
{
    ONE_TOO_MANY;
    expect_usage((struct run){.program = "client", .arguments = {"127.0.0.1", "5000", "extra"}},
                 "extra");
}

TEST(the_client_refuses_port_0)
{
    UNREFUSED("Nobody can connect to port 0. Only a server may ask for it.", NULL);
    expect_usage((struct run){.program = "client", .arguments = {"127.0.0.1", "0"}}, "0");
}

static void add_refusals(Suite *suite, SFun enter, int first_address)
{
    TCase *tests = add_case(suite, "arguments", enter);
    tcase_add_loop_test(tests, a_wrong_port_is_named_and_exits_2, 0, PORTS);
    tcase_add_loop_test(tests, a_wrong_address_is_named_and_exits_2, first_address, ADDRESSES);
    tcase_add_test(tests, one_argument_too_many_is_named_and_exits_2);
}

static void add_client_refusals(Suite *suite, SFun enter, int first_address)
{
    TCase *tests = add_case(suite, "client arguments", enter);
    tcase_add_loop_test(tests, the_client_refuses_a_wrong_port, 0, PORTS);
    tcase_add_loop_test(tests, the_client_refuses_a_wrong_address, first_address, ADDRESSES);
    tcase_add_test(tests, the_client_refuses_one_argument_too_many);
    tcase_add_test(tests, the_client_refuses_port_0);
}

void add_server_arguments(Suite *suite, SFun enter)
{
    add_refusals(suite, enter, 0);
}

void add_server_arguments_with_names(Suite *suite, SFun enter)
{
    add_refusals(suite, enter, NAMES);
}

void add_client_arguments(Suite *suite, SFun enter)
{
    add_client_refusals(suite, enter, 0);
}

void add_client_arguments_with_names(Suite *suite, SFun enter)
{
    add_client_refusals(suite, enter, NAMES);
}
