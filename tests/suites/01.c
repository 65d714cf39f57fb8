/* 01-create-socket: a socket is a descriptor. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "01-create-socket";
    facts = (struct facts){.number = 1, .serves = NO_CLIENT};
}

#define NO_ARGUMENT "It takes no argument: with one it ends in usage, and exit status 2."

static void expect_no_argument(const char *program_name, int turn)
{
    static const char *const wrong[] = {"abc", "5000", "--help", "", "127.0.0.1", "-h"};
    SUSPECTS({STILL_RUNS, NULL, NO_ARGUMENT, NULL}, {OTHER_STATUS, NULL, NO_ARGUMENT, NULL});
    struct program *program =
        start((struct run){.program = program_name, .arguments = {wrong[turn]}});
    expect_exit(program, 2);
    const char *errors = errors_of(program);
    expect(strncmp(errors, "usage:", 6) == 0, "expected stderr to start with 'usage:'");
    const char *second = strchr(errors, '\n');
    expect(second != NULL && strstr(second + 1, wrong[turn]) != NULL && second[1] != '\0',
           "expected a second line that repeats '%s'", wrong[turn]);
}

TEST(it_takes_no_argument)
{
    expect_no_argument("server", _i);
}

static bool other_socket(struct program *server)
{
    char path[64], kind[16];
    for (int descriptor = 3; descriptor < 32; descriptor++) {
        snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)pid_of(server), descriptor);
        ssize_t length = readlink(path, kind, sizeof kind);
        if (length > 7 && strncmp(kind, "socket:", 7) == 0) return true;
    }
    return false;
}

void expect_socket(struct program *server, int descriptor, bool open)
{
    char path[64], kind[64] = "nothing";
    if (skip_unless(access("/proc/self/fd", F_OK) == 0, "no /proc to look at descriptors")) return;
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)pid_of(server), descriptor);
    if (open)
        SUSPECTS({OTHER, has_ended,
                  "It has ended, and its sockets with it: is it closed too early? First it waits "
                  "for Enter.",
                  NULL});
    if (open) expect(is_running(server), "expected your server to wait for Enter; it has ended");
    ssize_t length = readlink(path, kind, sizeof kind - 1);
    if (length >= 0) kind[length] = '\0';
    if (open && other_socket(server))
        SUSPECTS({OTHER, NULL,
                  "It has a socket, and that is another descriptor: print the one that socket "
                  "returned. It is not\n"
                  "the same number in each run.",
                  NULL});
    else if (open)
        SUSPECTS(
            {OTHER, NULL, "No descriptor of it is a socket now: is it closed too early?", NULL});
    expect((strncmp(kind, "socket:[", 8) == 0) == open, "expected descriptor %d to be %s, saw '%s'",
           descriptor, open ? "a socket" : "closed", kind);
    suspect(NULL);
}

TEST(it_holds_one_socket_and_says_its_descriptor)
{
    static const int held[] = {0, 2}; /* then 3 and 4 are taken */
    struct program *server = start((struct run){.program = "server", .held = held[_i]});
    int descriptor = 0;
    const char *line = wait_line(server, "descriptor ");
    expect(sscanf(line, "%d", &descriptor) == 1, "expected 'descriptor N', saw 'descriptor %s'",
           line);
    SUSPECTS({OTHER, NULL,
              "0, 1 and 2 are its input and output. In `s = socket(...) == -1` s becomes what == "
              "gives, 0 or 1:\n"
              "brackets around s = socket(...).",
              NULL});
    expect(descriptor > 2, "expected a descriptor above 2, saw %d", descriptor);

    expect_socket(server, descriptor, true);
    if (count_of(server, "fd") > 4 + held[_i])
        SUSPECTS(
            {OTHER, NULL,
             "It has more open than the one socket. socket makes a new one with each call: one "
             "call, whose\n"
             "result is kept and tested.",
             NULL});
    if (count_of(server, "fd") != -1)
        expect(count_of(server, "fd") == 4 + held[_i],
               "expected %d descriptors, three streams and the socket, saw %ld", 4 + held[_i],
               count_of(server, "fd"));
    SUSPECTS({STILL_RUNS, NULL,
              "Enter was pressed, and it waits for more input. scanf with white space in its "
              "format reads on until\n"
              "something else comes; getchar returns at the end of the line.",
              NULL});
    type_text(server, "\n", 1);
    expect_exit(server, 0);
}

TEST(its_socket_is_a_stream_socket_of_ipv4)
{
    struct program *server = start((struct run){.program = "server"});
    int descriptor = 0, domain = 0, type = 0;
    sscanf(wait_line(server, "descriptor "), "%d", &descriptor);
    wait_asleep(server);
    enum sight sight = look_at_socket(server, descriptor, &domain, &type);
    if (skip_unless(sight != NO_WAY_TO_LOOK, "no pidfd_getfd to look at its socket") ||
        skip_unless(sight != NO_RIGHT_TO_LOOK, "no right to look at its socket"))
        return;
    expect(sight == IS_SOCKET, "expected descriptor %d to be a socket", descriptor);
    SUSPECTS({OTHER, NULL,
              "The first two arguments of socket say what it is: AF_INET and SOCK_STREAM.", NULL});
    expect(domain == AF_INET, "expected a socket for IPv4 (AF_INET), saw another family");
    expect(type == SOCK_STREAM, "expected a stream socket (SOCK_STREAM), saw another type");
}

/* The three lines of types: each begins with the name of its type. */
static void expect_types(struct program *types, bool raw_works)
{
    expect_exit(types, 0);
    const char *output;
    output_of(types, &output);
    expect(strstr(output, "stream: descriptor ") == output, "expected the first line: 'stream: …'");
    expect(strstr(output, "\ndatagram: descriptor ") != NULL, "expected a line: 'datagram: …'");
    const char *raw = strstr(output, "\nraw: ");
    expect(raw != NULL, "expected a line: 'raw: …'");
    if (raw_works)
        expect(strstr(raw, "\nraw: descriptor ") == raw, "expected 'raw: descriptor …'");
    else
        expect(strstr(raw, reason(EPERM)) != NULL || strstr(raw, reason(EACCES)) != NULL,
               "expected the reason why there is no raw socket");
}

TEST(types_takes_no_argument)
{
    expect_no_argument("types", _i);
}

TEST(types_shows_a_stream_a_datagram_and_a_raw_socket)
{
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (skip_unless(raw != -1, "raw sockets need root, with the right to them")) return;
    close(raw);
    expect_types(start((struct run){.program = "types"}), true);
}

TEST(types_without_the_privilege_says_why_and_exits_0)
{
    expect_types(start((struct run){.program = "types", .unprivileged = true}), false);
}

TEST(types_treats_both_refusals_of_a_raw_socket_alike)
{
    if (skip_faults()) return;
    expect_types(start((struct run){.program = "types", .faults = "socket=EPERM@3"}), false);
    expect_types(start((struct run){.program = "types", .faults = "socket=EACCES@3"}), false);
}

TEST(any_other_failure_in_types_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"socket", "socket=EPERM@2", EPERM},
        {"socket", "socket=EMFILE@3", EMFILE},
        {"getsockopt", "getsockopt=EINVAL@1", EINVAL},
        {"getsockopt", "getsockopt=ENOBUFS@2", ENOBUFS},
        {"close", "close=EIO@1", EIO},
    };
    if (skip_faults() || skip_call(failing[_i].call)) return;
    struct run run = {.program = "types", .faults = failing[_i].fault};
    expect_failure(start(run), failing[_i].call, failing[_i].error);
}

Suite *suite_01(void)
{
    Suite *suite = suite_create("01-create-socket");
    TCase *state = add_case(suite, "state", enter);
    tcase_add_loop_test(state, it_holds_one_socket_and_says_its_descriptor, 0, 2);
    tcase_add_test(state, its_socket_is_a_stream_socket_of_ipv4);
    add_holding(suite, enter);
    tcase_add_loop_test(add_case(suite, "arguments", enter), it_takes_no_argument, 0, 6);
    add_signals(suite, enter);
    add_set_up(suite, enter, 1);
    add_narration(suite, enter);
    TCase *types = add_case(suite, "types", enter);
    tcase_set_tags(types, "given"); /* not the learner's */
    tcase_add_loop_test(types, types_takes_no_argument, 0, 6);
    tcase_add_test(types, types_shows_a_stream_a_datagram_and_a_raw_socket);
    tcase_add_test(types, types_without_the_privilege_says_why_and_exits_0);
    tcase_add_test(types, types_treats_both_refusals_of_a_raw_socket_alike);
    tcase_add_loop_test(types, any_other_failure_in_types_is_named_and_exits_1, 0, 6);
    return suite;
}
