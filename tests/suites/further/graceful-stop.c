/* further/graceful-stop: a signal stops the accepting, the clients finish, and the server exits 0. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "graceful-stop.h"
#include "harness.h"
#include "suites.h"

/* No deadline, so that the shared tests, which leave clients connected, end at once. */
static void enter(void)
{
    lesson = "further/graceful-stop";
    facts = (struct facts){.takes_address = true,
                           .serves = MANY_CLIENTS,
                           .echoes = true,
                           .threads = true,
                           .ends_in_order = true};
    third_argument = "0";
    own_pause = 3; /* seconds that some checks ask for */
}

/* More seconds than any test waits: a server that ends has not waited for its deadline. */
static void enter_patient(void)
{
    enter();
    third_argument = "60000";
}

static const int signals[] = {SIGTERM, SIGINT};

static void leave(int client)
{
    half_close(client);
    expect_end(client);
    close(client);
}

/* The server has noticed the signal: it says so. */
static void ask_to_stop(struct program *server, int signal)
{
    kill(pid_of(server), signal);
    wait_line(server, "stopping: ");
}

TEST(from_the_signal_on_connects_are_refused_and_clients_finish)
{
    look_for_leaks();
    own_network(); /* where it can be made: nobody else takes ports there */
    struct program *server = start_server(NULL);
    int busy = dial(port_of(server)), quiet = dial(port_of(server));
    expect_echo(busy, "before");
    expect_echo(quiet, "before");
    ask_to_stop(server, signals[_i]);
    expect_refused(port_of(server));
    expect_echo(busy, "after");
    leave(quiet);
    expect_running(server);
    expect_echo(busy, "still after");
    leave(busy);
    expect_text(wait_line(server, "stopped: "), "0 still connected");
    expect_exit(server, 0);
    expect_errors(server, "");
}

TEST(a_transfer_that_goes_on_loses_no_byte)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "before");
    ask_to_stop(server, SIGTERM);
    echo_bulk(client, 8 * 1024 * 1024);
    expect_end(client);
    close(client);
    expect_exit(server, 0);
}

TEST(without_clients_it_ends_at_once)
{
    struct program *server = start_server(NULL);
    for (int i = 0; i < 3; i++) leave(dial(port_of(server)));
    stop(server, signals[_i]);
}

TEST(a_second_signal_ends_it_at_once)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    ask_to_stop(server, signals[_i / 2]);
    facts.ends_in_order = false;
    stop(server, signals[_i % 2]);
    expect_end(client);
}

/* One that stays away and one that never reads, so that its thread is blocked in send. */
TEST(at_the_deadline_it_ends_what_is_left)
{
    static char data[256 * 1024];
    third_argument = _i == 0 ? "0" : "1";
    struct program *server = start_server(NULL);
    int idle = dial(port_of(server)), greedy = dial(port_of(server));
    expect_echo(idle, "hello");
    struct pollfd fd = {greedy, POLLOUT, 0};
    while (poll(&fd, 1, 100) == 1) send(greedy, data, sizeof data, MSG_DONTWAIT);
    double sent = now();
    ask_to_stop(server, SIGTERM);
    expect_end(idle);
    double took = now() - sent;
    expect_text(wait_line(server, "stopped: "), "2 still connected");
    expect_exit(server, 0);
    expect(took >= _i && took < at_most(_i), "expected about %d s, saw %.2f", _i, took);
}

TEST(without_a_third_argument_the_clients_have_five_seconds)
{
    third_argument = NULL;
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    kill(pid_of(server), SIGTERM);
    expect_text(wait_line(server, "stopping: "), "1 connected, 5 seconds to finish");
    leave(client);
    expect_exit(server, 0);
}

TEST(a_wrong_number_of_seconds_is_named_and_exits_2)
{
    static const char *const wrong[] = {"x", "-1", "65536", "", "1.5", " 1"};
    const char *extra = _i == 6 ? "extra" : NULL, *seconds = _i == 6 ? "1" : wrong[_i];
    struct program *server =
        start((struct run){.program = "server", .arguments = {"127.0.0.1", "0", seconds, extra}});
    expect_exit(server, 2);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\n'%s': ", extra != NULL ? extra : seconds);
    const char *errors = errors_of(server);
    expect(strncmp(errors, "usage:", 6) == 0 && strstr(errors, wanted) != NULL,
           "expected a usage line and one that repeats '%s'", wanted + 2);
}

/* The signal comes between any two steps, also just before the call that waits. */
TEST(a_signal_just_before_a_call_is_not_lost)
{
    static const char *const faults[] = {
        "poll=SIGTERM@1",          "poll=SIGTERM@2",   "poll=SIGINT@3",
        "accept=SIGTERM@1",        "accept=SIGTERM@2", "recv=SIGINT@1",
        "pthread_create=SIGINT@1", "send=SIGTERM@1",   "close=SIGTERM@1",
    };
    if (skip_faults()) return;
    in_port_t port;
    char text[8];
    int reserved = reserve_port(&port); /* poll@1 leaves no time to ask the server for it */
    snprintf(text, sizeof text, "%d", port);
    struct program *server = start((struct run){.program = "server",
                                                .arguments = {"127.0.0.1", text, third_argument},
                                                .faults = faults[_i]});
    wait_line(server, "listening on ");
    for (int i = 0; i < 3; i++) {
        char byte;
        int client = try_dial(port);
        if (client == -1) break;
        send(client, "x", 1, 0);
        shutdown(client, SHUT_WR);
        while (recv(client, &byte, 1, 0) > 0) continue;
        close(client);
    }
    expect_exit(server, 0);
    expect_errors(server, "");
    close(reserved);
}

TEST(a_thread_that_cannot_be_made_is_not_waited_for)
{
    if (skip_faults()) return;
    struct program *server = start_server("pthread_create=EAGAIN@1+");
    if (makes_a_thread_first(server)) return;
    int client = dial(port_of(server));
    expect_end(client);
    wait_errors(server, "pthread_create: ");
    stop(server, SIGTERM);
}

TEST(a_failed_poll_is_told_and_does_not_end_it)
{
    if (skip_faults()) return;
    struct program *server = start_server("poll=ENOMEM@1");
    wait_errors(server, told("poll", ENOMEM));
    expect_served(server, port_of(server));
}

TEST(a_poll_without_a_client_and_a_signal_are_not_even_told)
{
    if (skip_faults()) return;
    struct program *server = start_server("poll=EINTR@%2 accept=EAGAIN@%2");
    expect_served(server, port_of(server));
    expect_errors(server, "");
}

TEST(a_client_whose_flags_cannot_be_set_is_served)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults()) return;
    struct program *server = start_server("fcntl=EACCES@2"); /* the first one is the listener's */
    expect_served(server, port_of(server));
    expect_errors(server, told("fcntl", EACCES));
}

static const struct failing set_up[] = {
    {"pipe", "pipe=EMFILE@1", EMFILE},
    {"fcntl", "fcntl=EACCES@1", EACCES},
    {"sigaction", "sigaction=EINVAL@1", EINVAL},
    {"sigaction", "sigaction=EINVAL@2", EINVAL},
};

TEST(a_failing_call_that_prepares_the_stop_is_named_and_exits_1)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_faults()) return;
    if (skip_unless(!instrumented() || strcmp(set_up[_i].call, "sigaction") != 0,
                    "a sanitizer calls sigaction too"))
        return;
    expect_failure(start((struct run){.program = "server",
                                      .arguments = {"127.0.0.1", "0"},
                                      .faults = set_up[_i].fault}),
                   set_up[_i].call, set_up[_i].error);
}

Suite *suite_graceful_stop(void)
{
    Suite *suite = suite_create("further/graceful-stop");
    add_server_arguments(suite, enter);
    add_threads(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 9);
    add_narration(suite, enter);
    add_echo(suite, enter);
    add_lasting(suite, enter);
    TCase *tests = add_case(suite, "stop", enter_patient);
    tcase_add_loop_test(tests, a_wrong_number_of_seconds_is_named_and_exits_2, 0, 7);
    tcase_add_test(tests, a_transfer_that_goes_on_loses_no_byte);
    tcase_add_loop_test(tests, without_clients_it_ends_at_once, 0, 2);
    tcase_add_loop_test(tests, a_second_signal_ends_it_at_once, 0, 4);
    tcase_add_loop_test(tests, at_the_deadline_it_ends_what_is_left, 0, 2);
    tcase_add_test(tests, without_a_third_argument_the_clients_have_five_seconds);
    tcase_add_loop_test(tests, a_signal_just_before_a_call_is_not_lost, 0, 9);
    tcase_add_test(tests, a_thread_that_cannot_be_made_is_not_waited_for);
    tcase_add_test(tests, a_failed_poll_is_told_and_does_not_end_it);
    tcase_add_test(tests, a_poll_without_a_client_and_a_signal_are_not_even_told);
    tcase_add_test(tests, a_client_whose_flags_cannot_be_set_is_served);
    tcase_add_loop_test(tests, a_failing_call_that_prepares_the_stop_is_named_and_exits_1, 0,
                        sizeof set_up / sizeof set_up[0]);
    TCase *at_once = add_at_once_case(suite, "stop with clients", enter_patient);
    tcase_add_loop_test(at_once, from_the_signal_on_connects_are_refused_and_clients_finish, 0, 2);
    add_stops_under_load(at_once, 0, 20);
    TCase *soak = add_soak_case(suite, "signals soak", enter_patient);
    add_stops_under_load(soak, 20, 60);
    return suite;
}
