/* The task beyond 01: two sockets. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "variation.h"

static void enter_01(void)
{
    enter_variation("01-create-socket", (struct facts){.number = 1, .serves = NO_CLIENT});
}

/* Its first line; the numbers in it. */
static struct program *start_two(int *first, int *second, const char *faults)
{
    char wanted[128];
    struct program *server = start((struct run){.program = "server", .faults = faults});
    const char *line = wait_line(server, "descriptors ");
    int found = sscanf(line, "%d and %d", first, second);
    snprintf(wanted, sizeof wanted, "%d and %d are sockets; press Enter to close %d", *first,
             *second, *first);
    expect(
        found == 2 && *first != *second && strcmp(line, wanted) == 0,
        "expected 'descriptors A and B are sockets; press Enter to close A', saw 'descriptors %s'",
        line);
    return server;
}

/* Its second line. */
static void expect_second(struct program *server, int second)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, "descriptor %d is a socket; press Enter to close it", second);
    expect_next(server, wanted);
}

TEST(two_sockets_are_open_and_named)
{
    look_for_leaks();
    int first = 0, second = 0;
    struct program *server = start_two(&first, &second, NULL);
    expect_socket(server, first, true);
    expect_socket(server, second, true);
}

TEST(one_enter_closes_the_first_socket_and_no_more)
{
    static const char *const typed[] = {"\n", "some text\n"};
    int first = 0, second = 0;
    struct program *server = start_two(&first, &second, NULL);
    type_text(server, typed[_i], strlen(typed[_i]));
    expect_second(server, second);
    SUSPECTS({OTHER, has_ended,
              "It has ended, and its sockets with it: is it closed too early? The second socket "
              "waits for an Enter of its own.",
              NULL});
    wait_asleep(server);
    expect_running(server);
    expect_socket(server, first, false);
    expect_socket(server, second, true);
    type_text(server, typed[_i], strlen(typed[_i]));
    expect_exit(server, 0);
}

TEST(the_end_of_the_input_ends_it_with_0)
{
    int first = 0, second = 0;
    struct program *server = start_two(&first, &second, NULL);
    if (_i == 1) {
        type_text(server, "\n", 1);
        expect_second(server, second);
    }
    end_input(server);
    expect_exit(server, 0);
}

TEST(a_failing_call_for_either_socket_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"socket", "socket=EMFILE@2", EMFILE},
        {"close", "close=EIO@1", EIO},
        {"close", "close=EIO@2", EIO},
    };
    if (skip_faults()) return;
    struct program *server = start((struct run){.program = "server", .faults = failing[_i].fault});
    type_text(server, "\n\n", 2);
    expect_failure(server, failing[_i].call, failing[_i].error);
}

Suite *variation_01(void)
{
    Suite *suite = suite_create("variation/01-create-socket");
    TCase *tests = add_case(suite, "two sockets", enter_01);
    tcase_add_test(tests, two_sockets_are_open_and_named);
    tcase_add_loop_test(tests, one_enter_closes_the_first_socket_and_no_more, 0, 2);
    tcase_add_loop_test(tests, the_end_of_the_input_ends_it_with_0, 0, 2);
    tcase_add_loop_test(tests, a_failing_call_for_either_socket_is_named_and_exits_1, 0, 4);
    return suite;
}
