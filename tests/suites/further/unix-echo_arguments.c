/* further/unix-echo: the path, and what is no path for a socket. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "harness.h"
#include "suites.h"
#include "unix-echo.h"

static const char *const programs_of_it[] = {"server", "client"};

/* In static memory: so many bytes, in the folder of the check. */
static const char *path_of_length(size_t length)
{
    static char path[512];
    size_t folder = (size_t)snprintf(path, sizeof path, "%s/", own_folder());
    memset(path + folder, 'p', length - folder);
    path[length] = '\0';
    return path;
}

/* Longer than sun_path is anywhere; and one byte, its NUL, too long for this system. */
static const size_t too_long[] = {300, sizeof((struct sockaddr_un *)NULL)->sun_path};
/* What the lesson takes is the same everywhere. */
enum { LONGEST = 103 };

TEST(a_path_that_is_too_long_is_named_with_the_limit_and_exits_2)
{
    size_t length = own_programs() || _i < 4 ? too_long[_i / 2 % 2] : LONGEST + 1;
    const char *path = path_of_length(length), *program = programs_of_it[_i % 2];
    SUSPECTS({OTHER_STATUS, NULL,
              "sun_path has no room for this path and its NUL: compare strlen(path) with sizeof "
              "sun_path before\n"
              "it is copied, and end in usage.",
              NULL},
             {STILL_RUNS, NULL,
              "sun_path has no room for this path and its NUL, and the program went on: with a "
              "part of it?",
              NULL});
    struct run run = {.program = program, .arguments = {path}};
    const char *limit = strstr(errors_of(expect_usage(run, path)), path) + length;
    expect(strpbrk(limit, "0123456789") != NULL, "expected the second line to name the limit");
    char wanted[16];
    snprintf(wanted, sizeof wanted, " %d ", LONGEST);
    expect(own_programs() || strstr(limit, wanted) != NULL, "expected the limit,%s", wanted);
}

TEST(a_wrong_path_is_named_and_exits_2)
{
    static const char *const wrong[] = {"", "--help", "-"};
    expect_usage((struct run){.program = programs_of_it[_i % 2], .arguments = {wrong[_i / 2]}},
                 wrong[_i / 2]);
}

TEST(one_argument_too_many_ends_in_usage)
{
    expect_usage((struct run){.program = programs_of_it[_i], .arguments = {"echo.sock", "5000"}},
                 "5000");
}

static void expect_socket_at(const char *path)
{
    struct stat file;
    SUSPECTS({OTHER, NULL,
              "It said that it listens at this path, and there is no such file. bind takes the "
              "length of the whole\n"
              "structure, sizeof local: not that of the path, nor that of a pointer.",
              NULL});
    expect(lstat(path, &file) == 0 && S_ISSOCK(file.st_mode), "expected a socket at %s", path);
    suspect(NULL);
}

TEST(a_path_of_103_bytes_is_served)
{
    const char *path = path_of_length(LONGEST);
    struct program *server = start((struct run){.program = "server", .arguments = {path}});
    expect_text(wait_line(server, "listening on "), path);
    expect_socket_at(path);
    struct program *client = start((struct run){.program = "client", .arguments = {path}});
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
    end_input(client);
    expect_exit(client, 0);
    stop(server, SIGTERM);
}

TEST(without_an_argument_both_use_echo_sock_in_this_folder)
{
    char path[64];
    if (skip_unless(!foreign(), "the command may name files in this folder")) return;
    snprintf(path, sizeof path, "%s/echo.sock", own_folder());
    struct program *server = start((struct run){.program = "server", .folder = own_folder()});
    expect_text(wait_line(server, ""), "listening on echo.sock");
    expect_socket_at(path);
    struct program *client = start((struct run){.program = "client", .folder = own_folder()});
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
    wait_errors(client, "connected to echo.sock");
    end_input(client);
    expect_exit(client, 0);
    stop(server, SIGTERM);
}

void add_path_arguments(TCase *arguments)
{
    tcase_add_loop_test(arguments, a_wrong_path_is_named_and_exits_2, 0, 6);
    tcase_add_loop_test(arguments, one_argument_too_many_ends_in_usage, 0, 2);
    tcase_add_loop_test(arguments, a_path_that_is_too_long_is_named_with_the_limit_and_exits_2, 0,
                        6);
    tcase_add_test(arguments, a_path_of_103_bytes_is_served);
    tcase_add_test(arguments, without_an_argument_both_use_echo_sock_in_this_folder);
}
