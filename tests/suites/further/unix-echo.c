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
#include "unix-echo.h"

static void enter(void)
{
    lesson = "further/unix-echo";
    facts =
        (struct facts){.takes_path = true, .serves = MANY_CLIENTS, .echoes = true, .threads = true};
}

static const char *const programs_of_it[] = {"server", "client"};

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
    add_path_arguments(add_case(suite, "arguments", enter));
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
