/* The tasks beyond the lessons, lessons/NAME/variation.md. No program in the repository passes these checks. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(const char *name, struct facts about)
{
    lesson = name;
    facts = about;
    task_file = "variation.md";
}

static struct program *start_at(in_port_t port, const char *third)
{
    static char text[8];
    snprintf(text, sizeof text, "%d", port);
    return start((struct run){.program = "server", .arguments = {"127.0.0.1", text, third}});
}

/* The next line on stdout, whatever it is, is this one. */
static void expect_next(struct program *program, const char *wanted)
{
    const char *seen = wait_line(program, "");
    expect(strcmp(seen, wanted) == 0, "expected the line '%s' on stdout, saw '%s'", wanted, seen);
}

/* A third argument that must be a number from 1 to 65535. */
static const char *const wrong_numbers[] = {
    "0", "abc", "-1", "+3", "", "3x", " 3", "65536", "99999999999999999999", "000001",
};
enum { NUMBERS = sizeof wrong_numbers / sizeof wrong_numbers[0] };

TEST(a_third_argument_that_is_no_such_number_is_named_and_exits_2)
{
    expect_usage(
        (struct run){.program = "server", .arguments = {"127.0.0.1", "0", wrong_numbers[_i]}},
        wrong_numbers[_i]);
}

TEST(a_fourth_argument_is_named_and_exits_2)
{
    expect_usage((struct run){.program = "server", .arguments = {"127.0.0.1", "0", "1", "extra"}},
                 "extra");
}

/* ---- 01: two sockets ---- */

static void enter_01(void)
{
    enter("01-create-socket", (struct facts){.serves = NO_CLIENT});
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

/* ---- 02: the next free port ---- */

static void enter_02(void)
{
    enter("02-bind-address", (struct facts){.takes_address = true, .serves = NO_CLIENT});
}

/* A listener of the test at this port, or -1: somebody else has it. */
static int take(in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    if (bind(sock, (struct sockaddr *)&address, sizeof address) == 0 && listen(sock, 1) == 0)
        return sock;
    close(sock);
    return -1;
}

/* Takes so many ports in a row. Returns the first. */
static in_port_t take_row(int count)
{
    for (;;) {
        in_port_t first;
        own_listener(&first);
        int taken = 1;
        while (taken < count && first + taken < 65000 && take((in_port_t)(first + taken)) != -1)
            taken++;
        if (taken == count) return first;
    }
}

TEST(a_free_port_is_taken_as_before)
{
    /* Where nobody else takes ports it asks for one; elsewhere the kernel chooses one that is free. */
    in_port_t port = own_network() ? 6000 : 0;
    struct program *server = start_at(port, NULL);
    const char *line = wait_line(server, "");
    int seen = 0, end = 0;
    sscanf(line, "bound to 127.0.0.1:%d%n", &seen, &end);
    expect(end > 0 && line[end] == '\0' && (port == 0 ? seen > 0 : seen == port),
           "expected the line 'bound to 127.0.0.1:%d' on stdout, saw '%s'", port, line);
    end_input(server);
    expect_exit(server, 0);
}

TEST(when_the_port_is_taken_it_binds_the_next_free_one)
{
    static const int rows[] = {1, 3};
    own_network(); /* where it can be made: nobody else takes ports there */
    in_port_t first = take_row(rows[_i]), port = first;
    struct program *server = start_at(first, NULL);
    for (;; port++) {
        char taken[64], bound[64];
        snprintf(taken, sizeof taken, "port %d is taken", port);
        snprintf(bound, sizeof bound, "bound to 127.0.0.1:%d", port);
        const char *line = wait_line(server, "");
        if (port >= first + rows[_i] && strcmp(line, bound) == 0) break;
        expect(strcmp(line, taken) == 0, "expected '%s', saw '%s'",
               port < first + rows[_i] ? taken : bound, line);
    }
    expect(take(port) == -1 && errno == EADDRINUSE, "expected it to hold port %d", port);
    end_input(server);
    expect_exit(server, 0);
}

TEST(above_65535_there_is_no_port)
{
    own_network();
    take(65535); /* or somebody else has it */
    struct program *server = start_at(65535, NULL);
    expect_next(server, "port 65535 is taken");
    expect_failure(server, "bind", EADDRINUSE);
}

TEST(another_failure_of_bind_ends_it_at_once)
{
    const char *output;
    struct run run = {.program = "server", .arguments = {"192.0.2.1", "0"}};
    if (_i == 1 && skip_faults()) return;
    if (_i == 1)
        run = (struct run){
            .program = "server", .arguments = {"127.0.0.1", "0"}, .faults = "bind=EACCES@1"};
    struct program *server = start(run);
    end_input(server);
    expect_failure(server, "bind", _i == 1 ? EACCES : EADDRNOTAVAIL);
    expect(output_of(server, &output) == 0, "expected nothing on stdout");
}

Suite *variation_02(void)
{
    Suite *suite = suite_create("variation/02-bind-address");
    TCase *tests = add_case(suite, "the next free port", enter_02);
    tcase_add_test(tests, a_free_port_is_taken_as_before);
    tcase_add_loop_test(tests, when_the_port_is_taken_it_binds_the_next_free_one, 0, 2);
    tcase_add_test(tests, above_65535_there_is_no_port);
    tcase_add_loop_test(tests, another_failure_of_bind_ends_it_at_once, 0, 2);
    return suite;
}

/* ---- 03: the backlog as an argument ---- */

static void enter_03(void)
{
    enter("03-listen", (struct facts){.takes_address = true, .serves = NO_CLIENT});
}

/* How many connects succeed while nobody accepts: `wanted` of them should, and `most` are tried. */
static int count_queue(in_port_t port, int wanted, int most)
{
    struct sockaddr_in address = loopback(port);
    for (int made = 0; made < most; made++) {
        int sock = need_socket(AF_INET, SOCK_STREAM);
        fcntl(sock, F_SETFL, O_NONBLOCK);
        struct pollfd fd = {sock, POLLOUT, 0};
        (void)connect(sock, (struct sockaddr *)&address, sizeof address);
        /* Where there is room the kernel answers at once; a full queue never answers. */
        int limit = made < wanted ? (int)(patience() * 1000) : 200;
        if (poll(&fd, 1, limit) == 0 || fd.revents & (POLLERR | POLLHUP)) return made;
    }
    return most;
}

TEST(the_queue_is_as_long_as_backlog_says)
{
    static const char *const texts[] = {"1", "2", "00007"};
    static const int backlogs[] = {1, 2, 7};
#ifdef __linux__
    struct program *server = start_at(0, texts[_i]);
    int made = count_queue(wait_port(server, "listening on "), backlogs[_i] + 1, backlogs[_i] + 5);
    expect(made == backlogs[_i] + 1,
           "expected %d connections to be made with BACKLOG %d (one more, on Linux), saw %d",
           backlogs[_i] + 1, backlogs[_i], made);
    end_input(server);
    expect_exit(server, 0);
#else
    skip_unless(texts[_i] == NULL && backlogs[_i] == 0, "how long a queue is differs by system");
#endif
}

TEST(without_backlog_the_queue_is_as_long_as_before)
{
    struct program *server = start_server(NULL);
    int made = count_queue(port_of(server), 100, 100);
    expect(made == 100, "expected 100 connections to be made, saw %d", made);
    end_input(server);
    expect_exit(server, 0);
}

Suite *variation_03(void)
{
    Suite *suite = suite_create("variation/03-listen");
    TCase *tests = add_case(suite, "the backlog as an argument", enter_03);
    tcase_add_loop_test(tests, the_queue_is_as_long_as_backlog_says, 0, 3);
    tcase_add_test(tests, without_backlog_the_queue_is_as_long_as_before);
    tcase_add_loop_test(tests, a_third_argument_that_is_no_such_number_is_named_and_exits_2, 0,
                        NUMBERS);
    tcase_add_test(tests, a_fourth_argument_is_named_and_exits_2);
    return suite;
}

/* ---- 04: several clients, numbered ---- */

static void enter_04(void)
{
    enter("04-accept", (struct facts){.takes_address = true, .serves = ONE_CLIENT});
}

/* Clients 1 to `count` come and are closed one after another; then the server ends. */
static void expect_numbered(struct program *server, int count)
{
    char wanted[64];
    in_port_t port = wait_port(server, "listening on ");
    for (int i = 1; i <= count; i++) {
        expect_running(server);
        int client = dial(port);
        snprintf(wanted, sizeof wanted, "connection %d from 127.0.0.1:%d", i, local_port(client));
        expect_next(server, wanted);
        expect_end(client);
        close(client);
    }
    expect_exit(server, 0);
    expect_refused(port);
}

TEST(so_many_clients_are_accepted_numbered_and_closed)
{
    static const char *const texts[] = {"3", "12", NULL};
    static const int counts[] = {3, 12, 1};
    own_network(); /* where it can be made: nobody else takes ports there */
    expect_numbered(start_at(0, texts[_i]), counts[_i]);
}

TEST(a_signal_during_accept_is_no_client)
{
    if (skip_faults()) return;
    own_network();
    expect_numbered(start((struct run){.program = "server",
                                       .arguments = {"127.0.0.1", "0", "3"},
                                       .faults = "accept=EINTR@%2"}),
                    3);
}

Suite *variation_04(void)
{
    Suite *suite = suite_create("variation/04-accept");
    TCase *tests = add_case(suite, "several clients", enter_04);
    tcase_add_loop_test(tests, so_many_clients_are_accepted_numbered_and_closed, 0, 3);
    tcase_add_test(tests, a_signal_during_accept_is_no_client);
    tcase_add_loop_test(tests, a_third_argument_that_is_no_such_number_is_named_and_exits_2, 0,
                        NUMBERS);
    tcase_add_test(tests, a_fourth_argument_is_named_and_exits_2);
    return suite;
}

/* ---- 05: how long did it take? ---- */

static void enter_05(void)
{
    enter("05-connect", (struct facts){.takes_address = true, .serves = NO_CLIENT});
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
    struct wait wait = begin_wait();
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

/* ---- 06: the server counts ---- */

static void enter_06(void)
{
    enter("06-single-echo",
          (struct facts){.takes_address = true, .serves = ONE_CLIENT, .echoes = true});
}

/* After the half-close: the count, the end of file, and the end of the server. */
static void expect_count(int client, struct program *server, const char *line)
{
    half_close(client);
    expect_next_line(client, line);
    expect_end(client);
    expect_exit(server, 0);
}

TEST(the_count_comes_after_the_end_of_file)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    expect_echo(client, "world!");
    expect_count(client, server, "11 bytes");
}

TEST(no_byte_at_all_is_counted)
{
    struct program *server = start_server(NULL);
    expect_count(dial(port_of(server)), server, "0 bytes");
}

TEST(every_byte_of_a_long_message_is_counted_nul_too)
{
    static char data[128 * 1024 + 1]; /* more than one recv gives */
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    for (int i = 0; i < 3; i++) {
        fill_pattern(data, sizeof data, 0);
        send_bytes(client, data, sizeof data);
        expect_bytes(client, data, sizeof data);
    }
    expect_count(client, server, "393219 bytes");
}

TEST(short_sends_receives_and_signals_change_no_count)
{
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1 RECV=3 recv=EINTR@%2 send=EINTR@%2");
    int client = dial(port_of(server));
    expect_echo(client, "hello, world");
    expect_count(client, server, "12 bytes");
}

TEST(a_count_that_cannot_be_sent_is_a_failing_call)
{
    if (skip_faults()) return;
    struct program *server = start_server("send=EPIPE@2"); /* the first one is the echo */
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    half_close(client);
    expect_failure(server, "send", EPIPE);
}

TEST(the_client_prints_the_count_last)
{
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), NULL);
    type_text(client, "hello\n", 6);
    expect_next(client, "hello");
    end_input(client);
    expect_exit(client, 0);
    expect_output(client, "hello\n6 bytes\n", 14);
    expect_exit(server, 0);
}

Suite *variation_06(void)
{
    Suite *suite = suite_create("variation/06-single-echo");
    TCase *tests = add_case(suite, "the count", enter_06);
    tcase_add_test(tests, the_count_comes_after_the_end_of_file);
    tcase_add_test(tests, no_byte_at_all_is_counted);
    tcase_add_test(tests, every_byte_of_a_long_message_is_counted_nul_too);
    tcase_add_test(tests, short_sends_receives_and_signals_change_no_count);
    tcase_add_test(tests, a_count_that_cannot_be_sent_is_a_failing_call);
    tcase_add_test(tests, the_client_prints_the_count_last);
    return suite;
}

/* ---- 07: each client has a number ---- */

static void enter_07(void)
{
    enter("07-multi-echo",
          (struct facts){.takes_address = true, .serves = MANY_CLIENTS, .echoes = true});
}

/* A new client, which has got this line and then its echo. */
static int greeted(struct program *server, const char *form, int number)
{
    char line[64];
    int client = dial(port_of(server));
    snprintf(line, sizeof line, form, number);
    expect_next_line(client, line);
    expect_echo(client, "hello");
    return client;
}

static void leave(int client)
{
    half_close(client);
    expect_end(client);
    close(client);
}

static const char you_are[] = "you are client %d";

TEST(each_client_is_told_its_number)
{
    struct program *server = start_server(NULL);
    for (int i = 1; i <= 12; i++) leave(greeted(server, you_are, i));
    stop(server, SIGTERM);
}

TEST(a_client_that_leaves_without_a_word_or_with_a_reset_counts)
{
    struct program *server = start_server(NULL);
    int silent = dial(port_of(server));
    expect_next_line(silent, "you are client 1");
    leave(silent);
    reset(greeted(server, you_are, 2));
    leave(greeted(server, you_are, 3));
    stop(server, SIGTERM);
}

TEST(an_accept_that_fails_does_not_count)
{
    if (skip_faults()) return;
    struct program *server = start_server("accept=EMFILE@%2");
    leave(greeted(server, you_are, 1));
    leave(greeted(server, you_are, 2));
    stop(server, SIGTERM);
}

TEST(short_sends_leave_the_greeting_whole)
{
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1 send=EINTR@%2");
    leave(greeted(server, you_are, 1));
    leave(greeted(server, you_are, 2));
    stop(server, SIGTERM);
}

TEST(a_greeting_that_cannot_be_sent_costs_only_its_client)
{
    char wanted[128];
    if (skip_faults()) return;
    struct program *server = start_server("send=EPIPE@1");
    int client = dial(port_of(server));
    expect_end(client);
    snprintf(wanted, sizeof wanted, "send: %s\n", strerror(EPIPE));
    wait_errors(server, wanted);
    leave(greeted(server, you_are, 2));
    stop(server, SIGTERM);
}

Suite *variation_07(void)
{
    Suite *suite = suite_create("variation/07-multi-echo");
    TCase *tests = add_case(suite, "the greeting", enter_07);
    tcase_add_test(tests, each_client_is_told_its_number);
    tcase_add_test(tests, a_client_that_leaves_without_a_word_or_with_a_reset_counts);
    tcase_add_test(tests, an_accept_that_fails_does_not_count);
    tcase_add_test(tests, short_sends_leave_the_greeting_whole);
    tcase_add_test(tests, a_greeting_that_cannot_be_sent_costs_only_its_client);
    return suite;
}

/* ---- 08: how many are here? ---- */

static void enter_08(void)
{
    enter("08-threaded-echo",
          (struct facts){
              .takes_address = true, .serves = MANY_CLIENTS, .echoes = true, .threads = true});
}

static const char connected[] = "%d connected";

TEST(each_newcomer_is_told_how_many_are_connected)
{
    enum { CLIENTS = 12 };
    int clients[CLIENTS];
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = greeted(server, connected, i + 1);
    for (int i = 0; i < CLIENTS; i++) expect_echo(clients[i], "still here");
    stop(server, SIGTERM);
}

TEST(who_has_left_does_not_count)
{
    struct program *server = start_server(NULL);
    int first = greeted(server, connected, 1);
    for (int i = 0; i < 20; i++) leave(greeted(server, connected, 2));
    int second = greeted(server, connected, 2);
    leave(first);
    leave(greeted(server, connected, 2));
    leave(second);
    leave(greeted(server, connected, 1));
    stop(server, SIGTERM);
}

/* Nothing tells when the server has seen a reset: newcomers ask until it has. */
TEST(who_has_reset_the_connection_does_not_count)
{
    struct program *server = start_server(NULL);
    struct wait wait = begin_wait();
    int number = 0;
    reset(greeted(server, connected, 1));
    for (;;) {
        char line[64] = "";
        size_t length = 0;
        int client = dial(port_of(server));
        while (length < sizeof line - 1 && recv(client, line + length, 1, 0) == 1)
            if (line[length++] == '\n') break;
        expect(sscanf(line, "%d connected", &number) == 1, "expected 'N connected', saw '%s'",
               line);
        leave(client);
        if (number == 1) break;
        expect(!in_vain(&wait), "expected '1 connected' after a reset, saw '%d connected'", number);
    }
    stop(server, SIGTERM);
}

TEST(two_who_come_at_the_same_time_get_different_numbers)
{
    enum { CLIENTS = 40 };
    int clients[CLIENTS];
    bool seen[CLIENTS + 1] = {false};
    struct program *server = start_server(NULL);
    for (int i = 0; i < CLIENTS; i++) clients[i] = dial(port_of(server));
    for (int i = 0; i < CLIENTS; i++) {
        char line[64] = "";
        int number = 0;
        for (size_t length = 0; length < sizeof line - 1; length++)
            if (recv(clients[i], line + length, 1, 0) != 1 || line[length] == '\n') break;
        sscanf(line, "%d connected", &number);
        expect(number >= 1 && number <= CLIENTS && !seen[number],
               "expected each number from 1 to %d once, saw '%d connected'%s", CLIENTS, number,
               number >= 1 && number <= CLIENTS ? " twice" : "");
        seen[number] = true;
    }
    stop(server, SIGTERM);
}

TEST(a_client_without_a_thread_does_not_count)
{
    char byte;
    if (skip_faults()) return;
    struct program *server = start_server("pthread_create=EAGAIN@2");
    int first = greeted(server, connected, 1);
    int turned_away = dial(port_of(server));
    while (recv(turned_away, &byte, 1, 0) == 1) continue;
    leave(greeted(server, connected, 2));
    leave(first);
    stop(server, SIGTERM);
}

TEST(short_sends_leave_the_line_whole)
{
    if (skip_faults()) return;
    struct program *server = start_server("SEND=1 send=EINTR@%2");
    int first = greeted(server, connected, 1);
    leave(greeted(server, connected, 2));
    leave(first);
    stop(server, SIGTERM);
}

Suite *variation_08(void)
{
    Suite *suite = suite_create("variation/08-threaded-echo");
    TCase *tests = add_case(suite, "how many", enter_08);
    tcase_add_test(tests, each_newcomer_is_told_how_many_are_connected);
    tcase_add_test(tests, who_has_left_does_not_count);
    tcase_add_test(tests, who_has_reset_the_connection_does_not_count);
    tcase_add_test(tests, two_who_come_at_the_same_time_get_different_numbers);
    tcase_add_test(tests, a_client_without_a_thread_does_not_count);
    tcase_add_test(tests, short_sends_leave_the_line_whole);
    return suite;
}
