/* further/port-scanner: wrong arguments. */
#include <string.h>

#include "harness.h"
#include "port-scanner.h"
#include "suites.h"

static const struct {
    const char *arguments[4];
    const char *bad, *says;
} wrong[] = {
    {{"0"}, "'0'", "1 to 65535"},
    {{"65536"}, "'65536'", "1 to 65535"},
    {{"99999999999999999999"}, "'99999999999999999999'", "1 to 65535"},
    {{""}, "''", "22,80,8000-8100"},
    {{"22,,80"}, "''", "22,80,8000-8100"},
    {{"22,"}, "''", "22,80,8000-8100"},
    {{"22,80x,443"}, "'80x'", "22,80,8000-8100"},
    {{"22, 80"}, "' 80'", "22,80,8000-8100"},
    {{"+22"}, "'+22'", "22,80,8000-8100"},
    {{"-22"}, "'-22'", "22,80,8000-8100"},
    {{"22-"}, "'22-'", "22,80,8000-8100"},
    {{"22-80-90"}, "'22-80-90'", "22,80,8000-8100"},
    {{"1,80-22"}, "'80-22'", "22,80,8000-8100"},
    {{"80-70000"}, "'80-70000'", "1 to 65535"},
    {{"000022-23"}, "'000022-23'", "22,80,8000-8100"},
    {{"--help"}, "'--help'", "22,80,8000-8100"},
    {{"192.0.2.1"}, "'192.0.2.1'", "--i-have-permission HOST"},
    {{"localhost"}, "'localhost'", "--i-have-permission HOST"},
    {{"192.0.2.1", "80"}, "'80'", "one argument too many"},
    {{"80", "192.0.2.1"}, "'192.0.2.1'", "one argument too many"},
    {{"80", "--i-have-permission", "192.0.2.1"}, "'--i-have-permission'", "one argument too many"},
    {{"--i-have-permission"}, "'--i-have-permission'", "HOST is missing"},
    {{"--i-have-permission", "example.invalid"}, "'example.invalid'", "numeric IPv4"},
    {{"--i-have-permission", "192.0.2"}, "'192.0.2'", "numeric IPv4"},
    {{"--i-have-permission", "192.0.2.1", "x"}, "'x'", "22,80,8000-8100"},
    {{"--i-have-permission", "192.0.2.1", "80", "90"}, "'90'", "one argument too many"},
};

TEST(wrong_arguments_are_named_and_exit_2)
{
    struct run run = {.program = "scan"};
    for (int i = 0; i < 4; i++) run.arguments[i] = wrong[_i].arguments[i];
    if (!skip_faults()) run.faults = "socket=EIO@1"; /* nothing is opened */
    struct program *program = start(run);
    expect_exit(program, 2);
    const char *errors = errors_of(program);
    expect(strncmp(errors, "usage:", 6) == 0, "expected stderr to start with 'usage:'");
    const char *second = strchr(errors, '\n');
    expect(second != NULL && strncmp(second + 1, wrong[_i].bad, strlen(wrong[_i].bad)) == 0,
           "expected the second line to start with %s", wrong[_i].bad);
    expect(strstr(second, wrong[_i].says) != NULL, "expected it to say '%s'", wrong[_i].says);
    expect_found(program, "");
}

void add_scan_arguments(TCase *arguments)
{
    tcase_add_loop_test(arguments, wrong_arguments_are_named_and_exit_2, 0,
                        sizeof wrong / sizeof wrong[0]);
}
