/* What every lesson promises: signals, narration, set-up calls. Its arguments: arguments.c. */
#include "suites.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"

void (*converse)(int client, in_port_t port);

TCase *add_case(Suite *suite, const char *name, SFun enter)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, enter, NULL);
    tcase_set_timeout(tests, 30 * patience()); /* limit.c comes before it, and tells why */
    suite_add_tcase(suite, tests);
    return tests;
}

TCase *add_at_once_case(Suite *suite, const char *name, SFun enter)
{
    TCase *tests = add_case(suite, name, enter);
    tcase_set_tags(tests, "at-once");
    return tests;
}

TCase *add_soak_case(Suite *suite, const char *name, SFun enter)
{
    TCase *tests = add_case(suite, name, enter);
    tcase_set_tags(tests, "soak");
    return tests;
}

/* 01 takes no argument; the other servers listen at a port that the kernel chooses. */
static struct run quiet_server(void)
{
    if (!facts.takes_address && !facts.takes_path) return (struct run){.program = "server"};
    struct run run = server_at(0);
    run.arguments[2] = NULL; /* it has no client that could want more seconds */
    return run;
}

/* ---- signals ---- */

static const int end_signals[] = {SIGINT, SIGTERM};

TEST(sigint_and_sigterm_end_the_server_at_once)
{
    struct program *server = start(quiet_server());
    wait_line(server, facts.takes_address || facts.takes_path ? "" : "descriptor");
    wait_asleep(server);
    double sent = now();
    stop(server, end_signals[_i]);
    expect(instrumented() || now() - sent < scaled(2), "expected the end at once");
}

void add_signals(Suite *suite, SFun enter)
{
    tcase_add_loop_test(add_case(suite, "signals", enter),
                        sigint_and_sigterm_end_the_server_at_once, 0, 2);
}

/* ---- 01, 02 and 03 hold their socket ---- */

TEST(enter_closes_the_socket_and_exits_0)
{
    look_for_leaks();
    struct program *server = start(quiet_server());
    wait_line(server, "descriptor");
    wait_asleep(server);
    expect_running(server);
    type_text(server, "\n", 1);
    expect_exit(server, 0);
}

TEST(end_of_file_closes_the_socket_and_exits_0)
{
    struct program *server = start(quiet_server());
    wait_line(server, "descriptor");
    end_input(server);
    expect_exit(server, 0);
}

static bool ended_well(struct program *program)
{
    return exit_status(program) == 0;
}

TEST(an_input_that_cannot_be_read_is_a_failing_call)
{
    struct run run = quiet_server();
    run.input_file = "/"; /* a folder: read fails with EISDIR */
    SUSPECTS({OTHER_STATUS, ended_well,
              "Its input cannot be read here, and that was taken for a line or for the end. read "
              "returns -1 then,\n"
              "kept in a ssize_t: a size_t is never below 0. getchar and fgets return as at the "
              "end, and ferror(stdin)\n"
              "says that it is none.",
              NULL});
    expect_failure(start(run), NULL, EISDIR);
}

TEST(a_failing_close_is_named_and_exits_1)
{
    static const struct failing failing[] = {{"close", "close=EIO@1", EIO},
                                             {"close", "close=EINTR@1", EINTR}};
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct run run = quiet_server();
    run.faults = failing[_i].fault;
    struct program *server = start(run);
    end_input(server);
    expect_failure(server, failing[_i].call, failing[_i].error);
}

void add_holding(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "holding the socket", enter);
    tcase_add_test(tests, enter_closes_the_socket_and_exits_0);
    tcase_add_test(tests, end_of_file_closes_the_socket_and_exits_0);
    tcase_add_test(tests, an_input_that_cannot_be_read_is_a_failing_call);
    tcase_add_loop_test(tests, a_failing_close_is_named_and_exits_1, 0, 2);
}

/* ---- narration ---- */

/* On its stderr. */
static bool said_address_in_use(struct program *program)
{
    char line[128];
    snprintf(line, sizeof line, "bind: %s", reason(EADDRINUSE));
    return strstr(errors_of(program), line) != NULL;
}

void expect_served(struct program *server, in_port_t port)
{
    struct waiting wait = begin_wait();
    int client;
    while ((client = try_dial(port)) == -1) { /* not listening yet */
        saw.error = errno;
        bool early = errno == ECONNREFUSED || (facts.takes_path && errno == ENOENT);
        expect_or(NOT_CONNECTED, early && is_running(server) && !in_vain(&wait),
                  "connected to %s: expected success, saw: %s", address_of(port).text,
                  strerror(saw.error));
        look_again_soon();
    }
    if (converse != NULL)
        converse(client, port);
    else if (facts.echoes)
        expect_echo(client, "still here");
    if (facts.echoes || converse != NULL) half_close(client);
    expect_end(client);
    close(client);
    if (facts.serves == ONE_CLIENT) {
        expect_exit(server, 0);
        return;
    }
    visit(port, 2); /* it has not ended with the first one */
    stop(server, SIGTERM);
}

void expect_restart_after(in_port_t (*serve)(void))
{
    char text[8];
    in_port_t port;
    int tries = 3; /* a reset that comes late ends a TIME-WAIT (RFC 1337): then once more */
    own_network(); /* where it can be made: there the kernel's table of TIME-WAITs is not full */
    do port = serve();
    while (!is_taken(port) && --tries > 0);
    expect(tries > 0, "expected the last run to hold port %d still (TIME_WAIT)", port);

    SUSPECTS({OTHER, said_address_in_use,
              "The last connection is in TIME_WAIT, and SO_REUSEADDR is not set before bind.",
              PAGE_04});
    snprintf(text, sizeof text, "%d", port);
    struct program *again =
        start((struct run){.program = "server", .arguments = {"127.0.0.1", text}});
    expect(wait_port(again, "listening on ") == port, "expected the same port %d again", port);
    expect_served(again, port);
}

/* Runs a server whose stdout is of no use, through all that it narrates. */
static void expect_deaf_service(struct run run)
{
    if (facts.serves == NO_CLIENT) {
        struct program *server = start(run);
        end_input(server);
        expect_exit(server, 0);
        return;
    }
    in_port_t port;
    int reserved = reserve_port(&port);
    struct run there = server_at(port);
    run.arguments[0] = there.arguments[0];
    run.arguments[1] = there.arguments[1];
    if (!facts.takes_path)
        SUSPECTS(
            {OTHER, said_address_in_use,
             "The check holds this port as a connection in TIME_WAIT would, with SO_REUSEADDR: "
             "bind needs\n"
             "SO_REUSEADDR of the server, too, set with setsockopt before it. The options are "
             "numbers, not\n"
             "flags: SO_REUSEADDR | SO_REUSEPORT is another option.",
             PAGE_04});
    expect_served(start(run), port);
    close(reserved);
}

TEST(a_stdout_that_has_gone_does_not_stop_the_server)
{
    struct run run = quiet_server();
    run.output_gone = true;
    expect_deaf_service(run);
}

TEST(a_full_stdout_does_not_stop_the_server)
{
    struct run run = quiet_server();
    run.output_file = "/dev/full";
    expect_deaf_service(run);
}

void add_narration(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "narration", enter);
    tcase_add_test(tests, a_stdout_that_has_gone_does_not_stop_the_server);
    tcase_add_test(tests, a_full_stdout_does_not_stop_the_server);
}

/* ---- set-up calls ---- */

/* In the order in which the lessons add them. From OPTIONAL on a program may do without the call. */
enum { OPTIONAL = 5 };
static const struct failing set_up[] = {
    {"socket", "socket=EMFILE@1", EMFILE},
    {"bind", "bind=EACCES@1", EACCES},
    {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
    {"listen", "listen=ENOBUFS@1", ENOBUFS},
    {"setsockopt", "setsockopt=ENOBUFS@1", ENOBUFS}, /* SO_REUSEADDR */
    {"setsockopt", "setsockopt=ENOBUFS@2", ENOBUFS}, /* TCP_NODELAY */
    {"pthread_attr_init", "pthread_attr_init=ENOMEM@1", ENOMEM},
    {"pthread_attr_setdetachstate", "pthread_attr_setdetachstate=EINVAL@1", EINVAL},
    {"pthread_attr_setstacksize", "pthread_attr_setstacksize=EINVAL@1", EINVAL},
};

void expect_failing_set_up(const struct failing *failing)
{
    if (skip_faults()) return;
    struct run run = quiet_server();
    run.faults = failing->fault;
    struct program *server = start(run);
    end_input(server);
    expect_failure(server, failing->call, failing->error);
}

TEST(a_failing_set_up_call_is_named_and_exits_1)
{
    if (own_programs() && _i >= OPTIONAL) return; /* how it is done there is left to the learner */
    expect_failing_set_up(&set_up[_i]);
}

void add_set_up(Suite *suite, SFun enter, int calls)
{
    tcase_add_loop_test(add_case(suite, "set-up calls", enter),
                        a_failing_set_up_call_is_named_and_exits_1, 0, calls);
}
