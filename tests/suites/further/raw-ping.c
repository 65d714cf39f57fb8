/* further/raw-ping: ICMP echo on a raw socket, or on a ping socket where that is not allowed. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/capability.h>
#include <sys/prctl.h>
#endif

#include "harness.h"
#include "raw-ping.h"
#include "suites.h"

static const char *const kinds[] = {"raw", "ping"};

static void enter(void)
{
    lesson = "further/raw-ping";
    own_pause = 1; /* for a reply */
}

bool skip_raw_network(void)
{
    return skip_unless(own_network(), "no network namespace of our own for raw sockets") ||
           skip_unless(access("/proc/sys/net/ipv4/ping_group_range", W_OK) == 0,
                       "no /proc to allow ping sockets in");
}

/* From here on no program gets a raw socket, not even root's: capabilities(7), bounding set. */
static void drop_raw(void)
{
#ifdef __linux__
    expect(prctl(PR_CAPBSET_DROP, CAP_NET_RAW) == 0, "prctl: %s", strerror(errno));
#endif
}

/* Group 0 may have ping sockets: icmp(7). */
static void allow_ping_sockets(void)
{
    expect(write_file("/proc/sys/net/ipv4/ping_group_range", "0 0"), "ping_group_range: %s",
           strerror(errno));
}

void use_kind(int kind)
{
    if (kind == 0) return;
    allow_ping_sockets();
    drop_raw();
}

struct program *start_ping(const char *count, const char *faults)
{
    struct run run = {.program = "ping", .arguments = {"127.0.0.1", count}, .faults = faults};
    return start(run);
}

int wait_identifier(struct program *ping, int kind)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "127.0.0.1 through a %s socket, identifier ", kinds[kind]);
    int id = -1;
    sscanf(wait_line(ping, wanted), "%d", &id);
    expect(id >= 0 && id <= 0xffff, "expected an identifier of 16 bits, saw %d", id);
    return id;
}

void expect_reply(struct program *ping, int sequence, int ttl)
{
    char wanted[64];
    double took = 0;
    int end = 0;
    snprintf(wanted, sizeof wanted, "reply %d from 127.0.0.1: TTL %d, ", sequence, ttl);
    const char *rest = wait_line(ping, "reply ");
    if (strstr(rest, "TTL 64") != NULL)
        SUSPECTS({OTHER, NULL,
                  "The TTL is that of its own request, which loopback hands to a raw socket as "
                  "well: look at the type\n"
                  "(0 is an echo reply, 8 a request) and at the identifier.",
                  NULL});
    expect(strncmp(rest, wanted + 6, strlen(wanted + 6)) == 0, "expected '%s', saw 'reply %s'",
           wanted, rest);
    rest += strlen(wanted + 6);
    sscanf(rest, "%lf ms%n", &took, &end);
    expect(end > 0 && rest[end] == '\0' && took > 0 && took < 1000,
           "expected a time in ms at the end, saw '%s'", rest);
}

/* ---- without the privilege ---- */

TEST(without_the_privilege_it_names_it_and_takes_a_ping_socket)
{
    look_for_leaks();
    if (skip_raw_network()) return;
    use_kind(1);
    struct program *ping = start_ping("1", NULL);
    wait_identifier(ping, 1);
    expect_exit(ping, 0);
    const char *errors = errors_of(ping), *wanted = told("socket", EPERM);
    expect(strncmp(errors, wanted, strlen(wanted)) == 0, "expected '%s' first", wanted);
    expect(strstr(errors, "CAP_NET_RAW") != NULL && strstr(errors, "setcap") != NULL &&
               strstr(errors, "sudo") != NULL,
           "expected which privilege is missing, and how to give it");
}

TEST(without_either_it_names_both_and_exits_1)
{
    if (skip_raw_network()) return;
    drop_raw();
    struct program *ping = start_ping("1", NULL);
    expect_failure(ping, "socket", EACCES);
    expect(strstr(errors_of(ping), "CAP_NET_RAW") != NULL &&
               strstr(errors_of(ping), "net.ipv4.ping_group_range") != NULL,
           "expected what allows each of the two sockets");
    expect_output(ping, "", 0);
}

TEST(both_refusals_of_a_raw_socket_are_treated_alike)
{
    static const char *const faults[] = {"socket=EPERM@1", "socket=EACCES@1"};
    if (skip_faults() || skip_raw_network()) return;
    allow_ping_sockets();
    struct program *ping = start_ping("1", faults[_i]);
    wait_identifier(ping, 1);
    expect_exit(ping, 0);
}

/* ---- failing calls ---- */

TEST(a_failing_set_up_call_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"connect", "connect=ENETUNREACH@1", ENETUNREACH},
        {"connect", "connect=EINTR@1", EINTR},
        {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
        {"setsockopt", "setsockopt=ENOBUFS@1", ENOBUFS}, /* the time to wait */
        {"close", "close=EIO@1", EIO},
        {"close", "close=EINTR@1", EINTR},
        {"socket", "socket=EPERM@1 socket=EMFILE@2", EMFILE},
        {"setsockopt", "socket=EPERM@1 setsockopt=EINVAL@1", EINVAL}, /* IP_RECVTTL */
    };
    if (skip_faults() || skip_raw_network()) return;
    allow_ping_sockets();
    expect_failure(start_ping("1", failing[_i].fault), failing[_i].call, failing[_i].error);
}

TEST(a_failed_call_for_one_request_is_told_and_the_next_is_sent)
{
    static const struct failing failing[] = {
        {"send", "send=ENOBUFS@1", ENOBUFS},
        {"send", "send=EPERM@1", EPERM},
        {"recvmsg", "recvmsg=EHOSTUNREACH@1", EHOSTUNREACH},
    };
    if (skip_faults() || skip_raw_network()) return;
    struct program *ping = start_ping("2", failing[_i].fault);
    expect_text(wait_line(ping, "no reply"), " to 1");
    expect_reply(ping, 2, 64);
    expect_exit(ping, 0);
    expect_errors(ping, told(failing[_i].call, failing[_i].error));
}

TEST(signals_lose_no_reply)
{
    if (skip_faults() || skip_raw_network()) return;
    struct program *ping = start_ping("2", "send=EINTR@%2 recvmsg=EINTR@%2");
    expect_reply(ping, 1, 64);
    expect_reply(ping, 2, 64);
    expect_exit(ping, 0);
    expect_errors(ping, "");
}

TEST(a_stdout_that_cannot_be_written_is_a_failing_call)
{
    if (skip_raw_network()) return;
    struct run full = {.program = "ping", .output_file = "/dev/full"};
    struct run gone = {.program = "ping", .output_gone = true};
    expect_failure(start(full), "write", ENOSPC);
    expect_failure(start(gone), "write", EPIPE);

    int out[2]; /* a pipe whose reader goes after the first of many replies */
    char path[32], text[512] = "";
    need(pipe(out) == 0, "pipe");
    snprintf(path, sizeof path, "/dev/fd/%d", out[1]);
    struct run run = {.program = "ping", .arguments = {"127.0.0.1", "65535"}, .output_file = path};
    struct program *ping = start(run);
    close(out[1]);
    for (size_t length = 0; strstr(text, "reply 1") == NULL;) {
        ssize_t got = read(out[0], text + length, sizeof text - 1 - length);
        expect(got > 0, "expected the first reply");
        length += (size_t)got;
    }
    close(out[0]);
    expect_failure(ping, "write", EPIPE);
}

TEST(sigint_and_sigterm_end_it_while_it_waits)
{
    static const int signals[] = {SIGINT, SIGTERM};
    if (skip_raw_network()) return;
    int replier = own_replier("127.0.0.1");
    struct program *ping = start_ping("3", NULL);
    take_request(replier);
    stop(ping, signals[_i]);
}

/* ---- arguments ---- */

static const char *const wrong_counts[] = {"0",   "-1",    "abc", "",   "65536",
                                           "1.5", "0x1",   " 3",  "3x", "99999999999999999999",
                                           "+3",  "--help"};
static const char *const wrong_hosts[] = {"localhost", "--help", "",  "256.0.0.1",
                                          "127.0.0",   "::1",    "3", " 127.0.0.1"};
enum { COUNTS = sizeof wrong_counts / sizeof wrong_counts[0] };
enum { HOSTS = sizeof wrong_hosts / sizeof wrong_hosts[0] };

TEST(a_wrong_count_is_named_and_exits_2)
{
    expect_usage((struct run){.program = "ping", .arguments = {"127.0.0.1", wrong_counts[_i]}},
                 wrong_counts[_i]);
}

TEST(a_wrong_address_is_named_and_exits_2)
{
    expect_usage((struct run){.program = "ping", .arguments = {wrong_hosts[_i]}}, wrong_hosts[_i]);
}

TEST(one_argument_too_many_is_named_and_exits_2)
{
    expect_usage((struct run){.program = "ping", .arguments = {"127.0.0.1", "1", "extra"}},
                 "extra");
}

Suite *suite_raw_ping(void)
{
    Suite *suite = suite_create("further/raw-ping");
    TCase *arguments = add_case(suite, "arguments", enter);
    tcase_add_loop_test(arguments, a_wrong_count_is_named_and_exits_2, 0, COUNTS);
    tcase_add_loop_test(arguments, a_wrong_address_is_named_and_exits_2, 0, HOSTS);
    tcase_add_test(arguments, one_argument_too_many_is_named_and_exits_2);
    add_ping_replies(add_case(suite, "replies", enter));
    add_ping_loss(add_case(suite, "loss", enter));
    TCase *privilege = add_case(suite, "privilege", enter);
    tcase_add_test(privilege, without_the_privilege_it_names_it_and_takes_a_ping_socket);
    tcase_add_test(privilege, without_either_it_names_both_and_exits_1);
    tcase_add_loop_test(privilege, both_refusals_of_a_raw_socket_are_treated_alike, 0, 2);
    TCase *calls = add_case(suite, "failing calls", enter);
    tcase_add_loop_test(calls, a_failing_set_up_call_is_named_and_exits_1, 0, 9);
    tcase_add_loop_test(calls, a_failed_call_for_one_request_is_told_and_the_next_is_sent, 0, 3);
    tcase_add_test(calls, signals_lose_no_reply);
    tcase_add_test(calls, a_stdout_that_cannot_be_written_is_a_failing_call);
    tcase_add_loop_test(calls, sigint_and_sigterm_end_it_while_it_waits, 0, 2);
    return suite;
}
