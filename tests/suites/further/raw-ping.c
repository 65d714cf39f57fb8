/* further/raw-ping: ICMP echo on a raw socket, or on a ping socket where that is not allowed. */
#include <arpa/inet.h>
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
#include "suites.h"

enum { REPLY = 0, REQUEST = 8, HEADER = 8 }; /* ICMP: RFC 792 */

static const char *const kinds[] = {"raw", "ping"};

static void enter(void)
{
    lesson = "further/raw-ping";
    own_pause = 1; /* for a reply */
}

/* ---- the network and the privilege ---- */

/* A network of its own, where root may have a raw socket and nobody a ping socket. */
static bool skip_network(void)
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

static void use_kind(int kind)
{
    if (kind == 0) return;
    allow_ping_sockets();
    drop_raw();
}

static struct program *start_ping(const char *count, const char *faults)
{
    struct run run = {.program = "ping", .arguments = {"127.0.0.1", count}, .faults = faults};
    return start(run);
}

/* Its first line names the kind of its socket. Returns the identifier of its requests. */
static int wait_identifier(struct program *ping, int kind)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "127.0.0.1 through a %s socket, identifier ", kinds[kind]);
    int id = -1;
    sscanf(wait_line(ping, wanted), "%d", &id);
    expect(id >= 0 && id <= 0xffff, "expected an identifier of 16 bits, saw %d", id);
    return id;
}

/* Its line for this reply; its time is more than nothing and less than the time to wait. */
static void expect_reply(struct program *ping, int sequence, int ttl)
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

/* ---- the test answers in place of the kernel ---- */

struct message {
    unsigned char bytes[256];
    size_t length;
};

/* 0 when the checksum in the message is right. The byte order does not matter: RFC 1071, section 2 (B). */
static uint16_t sum_of(const struct message *message)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < message->length; i += 2) {
        uint16_t word;
        memcpy(&word, message->bytes + i, 2);
        sum += word;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum += sum >> 16;
    return (uint16_t)~sum;
}

static void seal(struct message *message)
{
    memset(message->bytes + 2, 0, 2);
    uint16_t sum = sum_of(message);
    memcpy(message->bytes + 2, &sum, 2);
}

/* A raw socket at this address that gets all ICMP messages; the kernel itself answers none. */
static int own_replier(const char *from)
{
    struct sockaddr_in address = loopback(0);
    inet_pton(AF_INET, from, &address.sin_addr);
    int sock = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    expect(sock != -1, "socket: %s", strerror(errno));
    with_deadline(sock);
    expect(bind(sock, (struct sockaddr *)&address, sizeof address) == 0, "bind: %s",
           strerror(errno));
    expect(write_file("/proc/sys/net/ipv4/icmp_echo_ignore_all", "1"), "icmp_echo_ignore_all: %s",
           strerror(errno));
    return sock;
}

/* False: none has come. */
static bool receive_request(int sock, struct message *request)
{
    do {
        unsigned char packet[512];
        ssize_t got = recv(sock, packet, sizeof packet, 0);
        if (got == -1) return false;
        size_t skip = (packet[0] & 15U) * 4;
        request->length = (size_t)got - skip;
        expect(request->length <= sizeof request->bytes, "expected a small request");
        memcpy(request->bytes, packet + skip, request->length);
    } while (request->bytes[0] != REQUEST);
    return true;
}

static struct message take_request(int sock)
{
    struct message request;
    expect(receive_request(sock, &request), "expected an echo request: %s", seen_as(errno));
    return request;
}

static void send_message(int sock, const struct message *message, int ttl)
{
    struct sockaddr_in to = loopback(0);
    setsockopt(sock, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    ssize_t sent =
        sendto(sock, message->bytes, message->length, 0, (struct sockaddr *)&to, sizeof to);
    expect(sent == (ssize_t)message->length, "sendto: %s", strerror(errno));
}

/* The reply to a request: the same, but for type and checksum. */
static struct message reply_to(struct message request)
{
    request.bytes[0] = REPLY;
    seal(&request);
    return request;
}

/* A process that does nothing but answer, because ping waits a second and the test may be held up for longer. */
static void answer_apart(int sock,
                         void (*answer)(int sock, const struct message *request, int number))
{
    pid_t apart = fork();
    expect(apart != -1, "fork: %s", strerror(errno));
    if (apart != 0) return;
    setpriority(PRIO_PROCESS, 0, -20); /* where it may */
    const struct timeval no_limit = {0};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &no_limit, sizeof no_limit);
    struct message request; /* Check ends this process with the test */
    for (int number = 1; receive_request(sock, &request); number++) answer(sock, &request, number);
    _exit(0);
}

/* ---- replies ---- */

TEST(the_kernel_answers_three_requests)
{
    if (skip_network()) return;
    use_kind(_i);
    struct program *ping = start((struct run){.program = "ping"});
    wait_identifier(ping, _i);
    for (int i = 1; i <= 3; i++) expect_reply(ping, i, 64); /* ip(7): the default TTL */
    ck_assert_str_eq(wait_line(ping, ""), "3 sent, 3 came back");
    expect_exit(ping, 0);
}

static void answer_with_another_ttl(int sock, const struct message *request, int number)
{
    struct message reply = reply_to(*request);
    send_message(sock, &reply, 40 + number);
}

/* All raw sockets get each message: one is for the answers, one for a look at the requests. */
TEST(each_request_is_an_icmp_echo_with_a_right_checksum)
{
    if (skip_network()) return;
    int seen = own_replier("127.0.0.1");
    answer_apart(own_replier("127.0.0.1"), answer_with_another_ttl);
    use_kind(_i);
    struct program *ping = start_ping("2", NULL);
    int id = wait_identifier(ping, _i);
    for (int i = 1; i <= 2; i++) {
        struct message request = take_request(seen);
        expect(request.bytes[1] == 0, "expected code 0, saw %d", request.bytes[1]);
        expect(sum_of(&request) == 0, "expected a right checksum");
        expect(request.bytes[4] * 256 + request.bytes[5] == id, "expected identifier %d", id);
        expect(request.bytes[6] * 256 + request.bytes[7] == i, "expected number %d", i);
        expect_reply(ping, i, 40 + i);
    }
    expect_exit(ping, 0);
}

static int other; /* a socket at another address */

/* Everything that a raw socket may get and that is not the reply: each comes with another TTL than the right one. */
static void send_strange(int sock, struct message request)
{
    static const size_t places[] = {0, 1, 4, 5, 6, 7, 20, 63}; /* type, code, id, number, data */
    struct message reply = reply_to(request), strange;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        strange = reply;
        strange.bytes[places[i]]++;
        seal(&strange);
        send_message(sock, &strange, 11);
    }
    strange = reply;
    strange.bytes[2] ^= 1; /* the checksum */
    send_message(sock, &strange, 11);
    strange = reply;
    strange.length = HEADER;
    seal(&strange);
    send_message(sock, &strange, 11);
    strange = reply;
    memset(strange.bytes + strange.length, 0, 2);
    strange.length += 2;
    seal(&strange);
    send_message(sock, &strange, 11);
    send_message(sock, &request, 11);
    send_message(other, &reply, 11); /* from another address */
}

static void answer_after_strange_ones(int sock, const struct message *request, int number)
{
    struct message reply = reply_to(*request);
    (void)number;
    send_strange(sock, *request);
    send_message(sock, &reply, 77);
}

TEST(messages_for_others_are_ignored)
{
    if (skip_network()) return;
    other = own_replier("127.0.0.2");
    answer_apart(own_replier("127.0.0.1"), answer_after_strange_ones);
    use_kind(_i);
    struct program *ping = start_ping("1", NULL);
    expect_reply(ping, 1, 77);
    ck_assert_str_eq(wait_line(ping, ""), "1 sent, 1 came back");
    expect_exit(ping, 0);
}

TEST(two_at_once_each_get_their_own_replies)
{
    if (skip_network()) return;
    struct program *one = start_ping("2", NULL), *two = start_ping("2", NULL);
    expect(wait_identifier(one, 0) != wait_identifier(two, 0), "expected two identifiers");
    expect_exit(one, 0);
    expect_exit(two, 0);
    ck_assert_str_eq(wait_line(one, "2 sent, "), "2 came back");
    ck_assert_str_eq(wait_line(two, "2 sent, "), "2 came back");
}

/* ---- loss ---- */

static void answer_the_first_one_late(int sock, const struct message *request, int number)
{
    static struct message first;
    struct message reply = reply_to(*request);
    if (number == 1) first = reply;
    if (number == 1) return;
    send_message(sock, &first, 11);
    send_message(sock, &reply, 77);
}

TEST(a_lost_reply_is_told_and_a_late_one_is_not_taken_for_the_next)
{
    if (skip_network()) return;
    answer_apart(own_replier("127.0.0.1"), answer_the_first_one_late);
    struct program *ping = start_ping("2", NULL);
    ck_assert_str_eq(wait_line(ping, "no reply"), " to 1");
    expect_reply(ping, 2, 77);
    ck_assert_str_eq(wait_line(ping, ""), "2 sent, 1 came back");
    expect_exit(ping, 0);
}

TEST(without_any_reply_it_exits_1_whatever_else_comes)
{
    if (skip_network()) return;
    int replier = own_replier("127.0.0.1");
    other = own_replier("127.0.0.2");
    double begun = now();
    struct program *ping = start_ping("1", NULL);
    struct message request = take_request(replier);
    const char *output;
    while (output_of(ping, &output), strstr(output, "no reply") == NULL) {
        expect(now() - begun < patience(), "expected it to give up although others get replies");
        send_strange(replier, request);
        look_again_soon();
    }
    expect(now() - begun > 0.9, "expected it to wait a second");
    ck_assert_str_eq(wait_line(ping, "no reply"), " to 1");
    ck_assert_str_eq(wait_line(ping, ""), "1 sent, 0 came back");
    expect_exit(ping, 1);
}

/* ---- without the privilege ---- */

TEST(without_the_privilege_it_names_it_and_takes_a_ping_socket)
{
    if (skip_network()) return;
    use_kind(1);
    struct program *ping = start_ping("1", NULL);
    wait_identifier(ping, 1);
    expect_exit(ping, 0);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "socket: %s\n", reason(EPERM));
    const char *errors = errors_of(ping);
    expect(strncmp(errors, wanted, strlen(wanted)) == 0, "expected '%s' first", wanted);
    expect(strstr(errors, "CAP_NET_RAW") != NULL && strstr(errors, "setcap") != NULL &&
               strstr(errors, "sudo") != NULL,
           "expected which privilege is missing, and how to give it");
}

TEST(without_either_it_names_both_and_exits_1)
{
    if (skip_network()) return;
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
    if (skip_faults() || skip_network()) return;
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
    if (skip_faults() || skip_network()) return;
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
    if (skip_faults() || skip_network()) return;
    char wanted[256];
    struct program *ping = start_ping("2", failing[_i].fault);
    ck_assert_str_eq(wait_line(ping, "no reply"), " to 1");
    expect_reply(ping, 2, 64);
    expect_exit(ping, 0);
    snprintf(wanted, sizeof wanted, "%s: %s\n", failing[_i].call, reason(failing[_i].error));
    expect_errors(ping, wanted);
}

TEST(signals_lose_no_reply)
{
    if (skip_faults() || skip_network()) return;
    struct program *ping = start_ping("2", "send=EINTR@%2 recvmsg=EINTR@%2");
    expect_reply(ping, 1, 64);
    expect_reply(ping, 2, 64);
    expect_exit(ping, 0);
    expect_errors(ping, "");
}

TEST(a_stdout_that_cannot_be_written_is_a_failing_call)
{
    if (skip_network()) return;
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
    if (skip_network()) return;
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
    TCase *replies = add_case(suite, "replies", enter); /* on both kinds of sockets */
    tcase_add_loop_test(replies, the_kernel_answers_three_requests, 0, 2);
    tcase_add_loop_test(replies, each_request_is_an_icmp_echo_with_a_right_checksum, 0, 2);
    tcase_add_loop_test(replies, messages_for_others_are_ignored, 0, 2);
    tcase_add_test(replies, two_at_once_each_get_their_own_replies);
    TCase *loss = add_case(suite, "loss", enter);
    tcase_add_test(loss, a_lost_reply_is_told_and_a_late_one_is_not_taken_for_the_next);
    tcase_add_test(loss, without_any_reply_it_exits_1_whatever_else_comes);
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
