/* further/dual-stack-echo: one server for IPv6 and IPv4, and a client that walks every address. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "further/dual-stack-echo";
    facts = (struct facts){.takes_address = true,
                           .serves = MANY_CLIENTS,
                           .echoes = true,
                           .threads = true,
                           .names = true};
}

/* A connection to ::1, or -1 with errno set. */
static int try_dial_six(in_port_t port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    address.sin6_addr = in6addr_loopback;
    int sock = socket(AF_INET6, SOCK_STREAM, 0);
    if (sock == -1) return -1;
    with_deadline(sock);
    if (connect(sock, (struct sockaddr *)&address, sizeof address) == 0) return sock;
    int error = errno;
    close(sock);
    errno = error;
    return -1;
}

static int dial_six(in_port_t port)
{
    int sock = try_dial_six(port);
    expect(sock != -1, "connected to [::1]:%d: expected success, saw: %s", port, seen_as(errno));
    return sock;
}

/* True, said aloud, where this machine has no ::1. */
static bool skip_six(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    address.sin6_addr = in6addr_loopback;
    int sock = socket(AF_INET6, SOCK_STREAM, 0);
    bool able = sock != -1 && bind(sock, (struct sockaddr *)&address, sizeof address) == 0;
    close(sock);
    return skip_unless(able, "no IPv6 loopback address here");
}

/* True, said aloud, where the default port cannot be made free. */
static bool skip_own_network(void)
{
    return skip_unless(own_network(), "no right to make a network of its own, with port 5000 free");
}

/* The test goes on with this file as its /etc/hosts. */
static bool own_hosts(const char *text)
{
#ifdef __linux__
    char path[] = "/tmp/hosts.XXXXXX";
    if (unshare(CLONE_NEWNS) == -1 && unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1) return false;
    int file = mkstemp(path);
    if (file == -1) return false;
    bool able = write(file, text, strlen(text)) == (ssize_t)strlen(text) &&
                fchmod(file, 0644) == 0 &&
                mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                mount(path, "/etc/hosts", NULL, MS_BIND, NULL) == 0;
    close(file);
    unlink(path);
    return able;
#else
    (void)text;
    return false;
#endif
}

static bool skip_own_hosts(const char *text)
{
    return skip_unless(own_hosts(text), "no right to put another file in the place of /etc/hosts");
}

/* The port in `[::1]:PORT`, the rest of a line. */
static in_port_t port_in_brackets(const char *rest)
{
    int port = 0, end = 0;
    sscanf(rest, "[::1]:%d%n", &port, &end);
    expect(end > 0 && rest[end] == '\0' && port > 0 && port <= 65535,
           "expected '[::1]:PORT', saw '%s'", rest);
    return (in_port_t)port;
}

static in_port_t local_port_six(int sock)
{
    struct sockaddr_in6 address = {0};
    socklen_t length = sizeof address;
    expect(getsockname(sock, (struct sockaddr *)&address, &length) == 0, "getsockname");
    return ntohs(address.sin6_port);
}

/* Both families on this port, side by side and named by their own ports. */
static void expect_both_served(struct program *server, in_port_t port)
{
    int six = dial_six(port);
    expect(port_in_brackets(wait_line(server, "connection from ")) == local_port_six(six),
           "expected the client's port");
    int four = dial(port);
    expect(wait_port(server, "connection from ") == local_port(four), "expected the client's port");
    expect_echo(four, "four");
    expect_echo(six, "six");
    expect_echo(four, "four again");
    half_close(six);
    expect_end(six);
    half_close(four);
    expect_end(four);
    close(six);
    close(four);
    expect_served(server, port);
}

/* ---- the server ---- */

TEST(without_an_argument_it_listens_on_loopback_of_both_families)
{
    if (skip_own_network() || skip_six()) return;
    struct program *server = start((struct run){.program = "server"});
    ck_assert_str_eq(wait_line(server, ""), "listening on [::1]:5000");
    ck_assert_str_eq(wait_line(server, ""), "listening on 127.0.0.1:5000");
    expect_errors(server, "");
    expect(try_dial_at("127.0.0.2", 5000) == -1, "expected loopback's own address and no other");
    expect_both_served(server, 5000);
}

TEST(a_numeric_ipv6_address_is_shown_in_brackets_and_served)
{
    if (skip_six()) return;
    struct program *server = start((struct run){.program = "server", .arguments = {"::1", "0"}});
    in_port_t port = port_in_brackets(wait_line(server, "listening on "));
    int six = dial_six(port);
    expect_echo(six, "six");
    half_close(six);
    expect_end(six);
    stop(server, SIGTERM);
}

TEST(for_a_name_with_two_addresses_port_0_becomes_one_port_for_both)
{
    if (skip_own_network() || skip_six()) return;
    if (skip_own_hosts("::1 both.test\n127.0.0.1 both.test\n")) return;
    struct program *server =
        start((struct run){.program = "server", .arguments = {"both.test", "0"}});
    in_port_t port = port_in_brackets(wait_line(server, "listening on "));
    expect(wait_port(server, "listening on ") == port, "expected the same port on both addresses");
    expect_both_served(server, port);
}

TEST(an_address_that_a_name_has_twice_is_taken_once)
{
    if (skip_own_network() ||
        skip_own_hosts("127.0.0.1 twice.test\n127.0.0.2 twice.test\n127.0.0.1 twice.test\n"))
        return;
    struct program *server = start(
        (struct run){.program = "server", .arguments = {"twice.test", _i == 0 ? "5000" : "0"}});
    in_port_t port = wait_port(server, "listening on ");
    wait_line(server, "listening on 127.0.0.2:");
    expect_echo(dial(port), "one");
    expect_echo(try_dial_at("127.0.0.2", port), "the other");
    expect_errors(server, "");
    stop(server, SIGTERM);
}

TEST(a_service_name_stands_for_its_port)
{
    struct servent *service = getservbyname("http-alt", "tcp");
    if (service == NULL) {
        skip_unless(false, "this machine knows no service http-alt");
        return;
    }
    in_port_t port = ntohs((in_port_t)service->s_port);
    if (skip_own_network()) return;
    struct program *server =
        start((struct run){.program = "server", .arguments = {"127.0.0.1", "http-alt"}});
    expect(wait_port(server, "listening on ") == port, "expected the port of http-alt, %d", port);
    struct program *client =
        start((struct run){.program = "client", .arguments = {"127.0.0.1", "http-alt"}});
    type_text(client, "hello\n", 6);
    ck_assert_str_eq(wait_line(client, ""), "hello");
    stop(server, SIGTERM);
}

TEST(the_ipv6_listener_leaves_the_port_to_an_ipv4_one)
{
    if (skip_own_network() || skip_six()) return;
    struct program *six = start((struct run){.program = "server", .arguments = {"::"}});
    ck_assert_str_eq(wait_line(six, ""), "listening on [::]:5000");
    expect(try_dial(5000) == -1, "expected no IPv4 on the IPv6 listener");
    struct program *four = start((struct run){.program = "server", .arguments = {"0.0.0.0"}});
    ck_assert_str_eq(wait_line(four, ""), "listening on 0.0.0.0:5000");
    expect_echo(dial(5000), "four");
    expect_echo(dial_six(5000), "six");
    stop(six, SIGTERM);
    stop(four, SIGTERM);
}

TEST(a_port_that_one_family_does_not_get_ends_it)
{
    if (skip_own_network() || skip_six()) return;
    struct program *four = start((struct run){.program = "server", .arguments = {"127.0.0.1"}});
    wait_port(four, "listening on ");
    expect_failure(start((struct run){.program = "server"}), "bind", EADDRINUSE);
    expect_served(four, 5000);
}

/* Switches IPv6 off in the network of the test. */
static bool no_six(void)
{
    FILE *file = fopen("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "w");
    bool able = file != NULL && fputs("1\n", file) != EOF;
    return file != NULL && fclose(file) == 0 && able;
}

TEST(where_ipv6_is_switched_off_it_says_so_and_serves_ipv4)
{
    char wanted[128];
    if (skip_own_network() || skip_six() || skip_unless(no_six(), "no right to switch IPv6 off"))
        return;
    expect_failure(start((struct run){.program = "server", .arguments = {"::1"}}), "bind",
                   EADDRNOTAVAIL);
    struct program *server = start((struct run){.program = "server"});
    expect(wait_port(server, "listening on ") == 5000, "expected the default port");
    snprintf(wanted, sizeof wanted, "bind: %s\n", reason(EADDRNOTAVAIL));
    wait_errors(server, wanted);
    expect_errors(server, wanted);
    expect_served(server, 5000);
}

TEST(a_kernel_without_ipv6_costs_only_that_family)
{
    char wanted[256];
    if (skip_faults() || skip_own_network() || skip_six()) return;
    SUSPECTS({ENDED, NULL,
              "The first address of the list cannot be used here, and it ended: try the next one, "
              "ai_next.",
              NULL});
    struct program *server =
        start((struct run){.program = "server", .faults = "socket=EAFNOSUPPORT@1"});
    expect(wait_port(server, "listening on ") == 5000, "expected the default port");
    snprintf(wanted, sizeof wanted, "socket: %s\n", reason(EAFNOSUPPORT));
    wait_errors(server, wanted);
    expect_errors(server, wanted);

    struct program *client =
        start((struct run){.program = "client", .faults = "socket=EAFNOSUPPORT@1"});
    snprintf(wanted, sizeof wanted, "connect to [::1]:5000: %s\n", reason(EAFNOSUPPORT));
    type_text(client, "hello\n", 6);
    ck_assert_str_eq(wait_line(client, ""), "hello");
    wait_errors(client, wanted);
    end_input(client);
    expect_exit(client, 0);
    stop(server, SIGTERM);
}

/* Set-up calls that only two families need. */
TEST(a_failing_call_for_two_families_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"setsockopt", "setsockopt=EINVAL@3", EINVAL}, /* IPV6_V6ONLY */
        {"setsockopt", "setsockopt=ENOBUFS@4", ENOBUFS},
        {"socket", "socket=EMFILE@2", EMFILE},
        {"listen", "listen=ENOBUFS@2", ENOBUFS},
        {"pthread_create", "pthread_create=EAGAIN@1+", EAGAIN},
    };
    if (skip_faults() || skip_own_network() || skip_six()) return;
    expect_failure(start((struct run){.program = "server", .faults = failing[_i].fault}),
                   failing[_i].call, failing[_i].error);
}

/* ---- names ---- */

/* A network of its own keeps the question from going to a name server. */
TEST(an_unknown_name_is_repeated_with_the_reason)
{
    static const char *const programs[] = {"server", "client"};
    static const char name[] = "nobody.invalid"; /* no such name will ever be: RFC 6761 */
    char wanted[256];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (skip_own_network()) return;
    int error = getaddrinfo(name, "5000", &hints, &found);
    expect(error != 0, "expected no address for %s", name);
    snprintf(wanted, sizeof wanted, "getaddrinfo: %s: '%s'\n", gai_strerror(error), name);
    struct program *program = start((struct run){.program = programs[_i], .arguments = {name}});
    expect_exit(program, 1);
    if (skip_unless(strcmp(reason(ENOMEM), strerror(ENOMEM)) == 0,
                    "the texts of gai_strerror are another C library's"))
        return;
    expect_errors(program, wanted);
}

/* ---- the client ---- */

TEST(the_client_tells_which_address_failed_and_goes_on)
{
    char wanted[256];
    if (skip_own_network() || skip_six()) return;
    struct program *server = start((struct run){.program = "server", .arguments = {"127.0.0.1"}});
    wait_port(server, "listening on ");
    struct program *client = start((struct run){.program = "client"});
    type_text(client, "hello\n", 6);
    ck_assert_str_eq(wait_line(client, ""), "hello");
    snprintf(wanted, sizeof wanted,
             "connect to [::1]:5000: %s\nconnected to 127.0.0.1:5000 from 127.0.0.1:%d\n",
             reason(ECONNREFUSED), wait_port(server, "connection from "));
    wait_errors(client, wanted);
    expect_errors(client, wanted);
    long descriptors = count_of(client, "fd");
    expect(descriptors == 4 || descriptors == -1,
           "expected 4 descriptors, the failed socket closed; saw %ld", descriptors);
    end_input(client);
    expect_exit(client, 0);
    expect_served(server, 5000);
}

TEST(the_client_takes_the_first_address_that_answers)
{
    if (skip_own_network() || skip_six()) return;
    struct program *server = start((struct run){.program = "server"});
    wait_line(server, "listening on 127.0.0.1:");
    struct program *client = start((struct run){.program = "client"});
    type_text(client, "hello\n", 6);
    ck_assert_str_eq(wait_line(client, ""), "hello");
    wait_errors(client, "connected to [::1]:5000 from [::1]:");
    end_input(client);
    expect_exit(client, 0);
    expect_served(server, 5000);
}

TEST(when_no_address_answers_the_client_has_told_each_and_exits_1)
{
    char wanted[512];
    const char *refused = reason(ECONNREFUSED);
    if (skip_own_network() || skip_six()) return;
    struct program *client = start((struct run){.program = "client"});
    expect_exit(client, 1);
    snprintf(wanted, sizeof wanted,
             "connect to [::1]:5000: %s\nconnect to 127.0.0.1:5000: %s\nconnect: %s\n", refused,
             refused, refused);
    expect_errors(client, wanted);
}

TEST(the_client_of_lesson_06_is_served)
{
    char text[8], path[4096];
    snprintf(path, sizeof path, "%s/06-single-echo/client", options.programs);
    if (skip_unless(access(path, X_OK) == 0, "the client of lesson 06 is not built")) return;
    struct program *server = start_server(NULL);
    snprintf(text, sizeof text, "%d", port_of(server));
    struct program *client = start((struct run){
        .program = "client", .lesson = "06-single-echo", .arguments = {"127.0.0.1", text}});
    type_text(client, "hello\n", 6);
    ck_assert_str_eq(wait_line(client, ""), "hello");
    end_input(client);
    expect_exit(client, 0);
    expect_served(server, port_of(server));
}

Suite *suite_dual_stack_echo(void)
{
    Suite *suite = suite_create("further/dual-stack-echo");
    add_server_arguments_with_names(suite, enter);
    add_client_arguments_with_names(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 9);
    add_narration(suite, enter);
    add_echo(suite, enter);
    add_echo_client(suite, enter);
    add_lasting(suite, enter);
    TCase *families = add_case(suite, "two families", enter);
    tcase_add_test(families, without_an_argument_it_listens_on_loopback_of_both_families);
    tcase_add_test(families, a_numeric_ipv6_address_is_shown_in_brackets_and_served);
    tcase_add_test(families, for_a_name_with_two_addresses_port_0_becomes_one_port_for_both);
    tcase_add_loop_test(families, an_address_that_a_name_has_twice_is_taken_once, 0, 2);
    tcase_add_test(families, a_service_name_stands_for_its_port);
    tcase_add_test(families, the_ipv6_listener_leaves_the_port_to_an_ipv4_one);
    tcase_add_test(families, a_port_that_one_family_does_not_get_ends_it);
    tcase_add_test(families, where_ipv6_is_switched_off_it_says_so_and_serves_ipv4);
    tcase_add_test(families, a_kernel_without_ipv6_costs_only_that_family);
    tcase_add_loop_test(families, a_failing_call_for_two_families_is_named_and_exits_1, 0, 5);
    TCase *client = add_case(suite, "names and the client's walk", enter);
    tcase_add_loop_test(client, an_unknown_name_is_repeated_with_the_reason, 0, 2);
    tcase_add_test(client, the_client_tells_which_address_failed_and_goes_on);
    tcase_add_test(client, the_client_takes_the_first_address_that_answers);
    tcase_add_test(client, when_no_address_answers_the_client_has_told_each_and_exits_1);
    tcase_add_test(client, the_client_of_lesson_06_is_served);
    return suite;
}
