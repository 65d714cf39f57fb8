/* further/unix-echo: what becomes of the file of a socket. Its clients have what those of lesson 08 have. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "further/unix-echo";
    facts =
        (struct facts){.takes_path = true, .serves = MANY_CLIENTS, .echoes = true, .threads = true};
}

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

/* ---- arguments ---- */

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

/* ---- the file ---- */

static in_port_t leave_file(int signal)
{
    struct program *server = start_server(NULL);
    in_port_t port = port_of(server);
    visit(port, 0);
    stop(server, signal);
    expect(access(address_of(port).text, F_OK) == 0, "expected the file to stay");
    return port;
}

#define STALE                                                                                      \
    "The file of a server that has ended is still there: bind fails while a file has this name. "  \
    "Remove it\n"                                                                                  \
    "before bind (unlink), when it is a socket and nobody answers there."

TEST(what_a_server_has_left_does_not_stop_the_next)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT};
    look_for_leaks();
    struct program *first = start_server(NULL);
    in_port_t port = port_of(first);
    visit(port, 0);
    stop(first, signals[_i]);
    SUSPECTS({ENDED, NULL, STALE, NULL});
    struct program *again = start(server_at(port));
    expect(wait_port(again, "listening on ") == port, "expected the same path");
    expect_served(again, port);
    expect_errors(again, "");
}

TEST(a_second_server_fails_and_the_first_one_serves_on)
{
    struct program *first = start_server(NULL);
    int client = dial(port_of(first));
    expect_echo(client, "before");
    SUSPECTS({STILL_RUNS, NULL,
              "A server runs at this path, and the second one has taken it away: nobody reaches "
              "the first one any\n"
              "more. Connect before you remove the file: does somebody answer?",
              NULL});
    struct program *second = start(server_at(port_of(first)));
    expect_failure(second, "bind", EADDRINUSE);
    suspect(NULL);
    expect_echo(client, "after");
    close(client);
    expect_served(first, port_of(first));
    expect_errors(first, "");
}

/* Makes something at this path that is no socket. */
static bool make_other_file(int kind, const char *path)
{
    char target[128];
    int file;
    switch (kind) {
    case 0:
        file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
        return file != -1 && write(file, "mine\n", 5) == 5 && close(file) == 0;
    case 1:
        return mkdir(path, 0777) == 0;
    case 2:
        return mkfifo(path, 0666) == 0;
    default:
        snprintf(target, sizeof target, "%s.there", path);
        return make_other_file(0, target) && symlink(target, path) == 0;
    }
}

TEST(a_file_that_is_no_socket_stays_and_bind_fails)
{
    char path[64];
    struct stat before = {0}, after = {0};
    snprintf(path, sizeof path, "%s/other", own_folder());
    need(make_other_file(_i, path) && lstat(path, &before) == 0, "another file");
    struct program *server = start((struct run){.program = "server", .arguments = {path}});
    SUSPECTS({STILL_RUNS, NULL,
              "A file that is no socket was at this path, and the server has removed it. lstat and "
              "S_ISSOCK tell\n"
              "what a file is.",
              NULL});
    expect_failure(server, "bind", EADDRINUSE);
    expect(lstat(path, &after) == 0 && after.st_ino == before.st_ino &&
               after.st_size == before.st_size,
           "expected the file at %s as it was", path);
}

TEST(in_a_missing_folder_bind_and_connect_fail)
{
    char path[64];
    snprintf(path, sizeof path, "%s/missing/echo.sock", own_folder());
    expect_failure(start((struct run){.program = programs_of_it[_i], .arguments = {path}}),
                   _i == 0 ? "bind" : "connect", ENOENT);
}

TEST(the_client_says_whether_a_file_is_missing_or_left)
{
    in_port_t port = _i == 0 ? 9999 : leave_file(SIGTERM);
    expect_failure(start_client(port, NULL), "connect", _i == 0 ? ENOENT : ECONNREFUSED);
}

TEST(who_may_not_write_to_the_file_may_not_connect)
{
    struct program *server = start_server(NULL);
    if (skip_unless(geteuid() != 0, "root may write to any file")) return;
    expect(chmod(address_of(port_of(server)).text, 0) == 0, "chmod");
    expect_failure(start_client(port_of(server), NULL), "connect", EACCES);
    stop(server, SIGTERM);
}

TEST(each_of_300_clients_is_told_once)
{
    enum { CLIENTS = 300 };
    static int clients[CLIENTS];
    int count = clients_here(CLIENTS);
    struct program *server = start_server(NULL);
    for (int i = 0; i < count; i++) clients[i] = dial(port_of(server));
    for (int i = 0; i < count; i++)
        expect(wait_port(server, "connection on ") == port_of(server), "expected its own path");
    for (int i = 0; i < count; i++) close(clients[i]);
    expect_served(server, port_of(server));
    const char *output;
    output_of(server, &output);
    int told = 0;
    for (; (output = strstr(output, "connection on ")) != NULL; output++) told++;
    expect(told == count + 2, "expected %d lines 'connection on', saw %d", count + 2, told);
}

/* ---- set-up calls ---- */

static const struct failing set_up[] = {
    {"socket", "socket=EMFILE@1", EMFILE},
    {"bind", "bind=EACCES@1", EACCES},
    {"listen", "listen=ENOBUFS@1", ENOBUFS},
    {"socket", "socket=EMFILE@2", EMFILE}, /* from here on a program may do without the call */
    {"close", "close=EIO@1", EIO},
    {"pthread_attr_init", "pthread_attr_init=ENOMEM@1", ENOMEM},
    {"pthread_attr_setdetachstate", "pthread_attr_setdetachstate=EINVAL@1", EINVAL},
    {"pthread_attr_setstacksize", "pthread_attr_setstacksize=EINVAL@1", EINVAL},
};
enum { OPTIONAL = 3, SET_UP = sizeof set_up / sizeof set_up[0] };

TEST(a_failing_call_before_the_first_client_is_named_and_exits_1)
{
    if (own_programs() && _i >= OPTIONAL) return; /* how it is done is left to the learner */
    expect_failing_set_up(&set_up[_i]);
}

TEST(a_left_file_that_cannot_be_removed_is_told)
{
    if (own_programs()) return; /* it may remove the file with another call */
    if (skip_faults()) return;
    struct run run = server_at(leave_file(SIGTERM));
    run.faults = "unlink=EPERM@1";
    expect_failure(start(run), "unlink", EPERM);
}

Suite *suite_unix_echo(void)
{
    Suite *suite = suite_create("further/unix-echo");
    TCase *arguments = add_case(suite, "arguments", enter);
    tcase_add_loop_test(arguments, a_wrong_path_is_named_and_exits_2, 0, 6);
    tcase_add_loop_test(arguments, one_argument_too_many_ends_in_usage, 0, 2);
    tcase_add_loop_test(arguments, a_path_that_is_too_long_is_named_with_the_limit_and_exits_2, 0,
                        6);
    tcase_add_test(arguments, a_path_of_103_bytes_is_served);
    tcase_add_test(arguments, without_an_argument_both_use_echo_sock_in_this_folder);
    TCase *file = add_case(suite, "the file", enter);
    tcase_add_loop_test(file, what_a_server_has_left_does_not_stop_the_next, 0, 3);
    tcase_add_test(file, a_second_server_fails_and_the_first_one_serves_on);
    tcase_add_loop_test(file, a_file_that_is_no_socket_stays_and_bind_fails, 0, 4);
    tcase_add_loop_test(file, in_a_missing_folder_bind_and_connect_fail, 0, 2);
    tcase_add_loop_test(file, the_client_says_whether_a_file_is_missing_or_left, 0, 2);
    tcase_add_test(file, who_may_not_write_to_the_file_may_not_connect);
    tcase_add_test(file, a_left_file_that_cannot_be_removed_is_told);
    add_threads(suite, enter);
    TCase *at_once = add_at_once_case(suite, "many at once", enter);
    tcase_add_test(at_once, each_of_300_clients_is_told_once);
    add_signals(suite, enter);
    tcase_add_loop_test(add_case(suite, "set-up calls", enter),
                        a_failing_call_before_the_first_client_is_named_and_exits_1, 0, SET_UP);
    add_narration(suite, enter);
    add_echo(suite, enter);
    add_echo_client(suite, enter);
    add_lasting(suite, enter);
    return suite;
}
