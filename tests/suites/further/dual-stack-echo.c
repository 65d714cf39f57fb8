/* further/dual-stack-echo: one server for IPv6 and IPv4. Names and its client have files of their own. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dual-stack-echo.h"
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

bool skip_six(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    address.sin6_addr = in6addr_loopback;
    int sock = socket(AF_INET6, SOCK_STREAM, 0);
    bool able = sock != -1 && bind(sock, (struct sockaddr *)&address, sizeof address) == 0;
    close(sock);
    return skip_unless(able, "no IPv6 loopback address here");
}

bool skip_default_port(void)
{
    return skip_unless(own_network(), "no right to make a network of its own, with port 5000 free");
}

in_port_t port_in_brackets(const char *rest)
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

void expect_both_served(struct program *server, in_port_t port)
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

TEST(without_an_argument_it_listens_on_loopback_of_both_families)
{
    if (skip_default_port() || skip_six()) return;
    struct program *server = start((struct run){.program = "server"});
    expect_text(wait_line(server, ""), "listening on [::1]:5000");
    expect_text(wait_line(server, ""), "listening on 127.0.0.1:5000");
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

TEST(the_ipv6_listener_leaves_the_port_to_an_ipv4_one)
{
    if (skip_default_port() || skip_six()) return;
    struct program *six = start((struct run){.program = "server", .arguments = {"::"}});
    expect_text(wait_line(six, ""), "listening on [::]:5000");
    expect(try_dial(5000) == -1, "expected no IPv4 on the IPv6 listener");
    struct program *four = start((struct run){.program = "server", .arguments = {"0.0.0.0"}});
    expect_text(wait_line(four, ""), "listening on 0.0.0.0:5000");
    expect_echo(dial(5000), "four");
    expect_echo(dial_six(5000), "six");
    stop(six, SIGTERM);
    stop(four, SIGTERM);
}

TEST(a_port_that_one_family_does_not_get_ends_it)
{
    if (skip_default_port() || skip_six()) return;
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
    if (skip_default_port() || skip_six() || skip_unless(no_six(), "no right to switch IPv6 off"))
        return;
    expect_failure(start((struct run){.program = "server", .arguments = {"::1"}}), "bind",
                   EADDRNOTAVAIL);
    struct program *server = start((struct run){.program = "server"});
    expect(wait_port(server, "listening on ") == 5000, "expected the default port");
    wait_errors(server, told("bind", EADDRNOTAVAIL));
    expect_errors(server, told("bind", EADDRNOTAVAIL));
    expect_served(server, 5000);
}

TEST(a_kernel_without_ipv6_costs_only_that_family)
{
    char wanted[256];
    if (skip_faults() || skip_default_port() || skip_six()) return;
    SUSPECTS({ENDED, NULL,
              "The first address of the list cannot be used here, and it ended: try the next one, "
              "ai_next.",
              NULL});
    struct program *server =
        start((struct run){.program = "server", .faults = "socket=EAFNOSUPPORT@1"});
    expect(wait_port(server, "listening on ") == 5000, "expected the default port");
    wait_errors(server, told("socket", EAFNOSUPPORT));
    expect_errors(server, told("socket", EAFNOSUPPORT));

    struct program *client =
        start((struct run){.program = "client", .faults = "socket=EAFNOSUPPORT@1"});
    snprintf(wanted, sizeof wanted, "connect to [::1]:5000: %s\n", reason(EAFNOSUPPORT));
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
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
    if (skip_faults() || skip_default_port() || skip_six()) return;
    expect_failure(start((struct run){.program = "server", .faults = failing[_i].fault}),
                   failing[_i].call, failing[_i].error);
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
    tcase_add_test(families, the_ipv6_listener_leaves_the_port_to_an_ipv4_one);
    tcase_add_test(families, a_port_that_one_family_does_not_get_ends_it);
    tcase_add_test(families, where_ipv6_is_switched_off_it_says_so_and_serves_ipv4);
    tcase_add_test(families, a_kernel_without_ipv6_costs_only_that_family);
    tcase_add_loop_test(families, a_failing_call_for_two_families_is_named_and_exits_1, 0, 5);
    add_dual_stack_names(add_case(suite, "names", enter));
    add_dual_stack_client(add_case(suite, "the client's walk", enter));
    return suite;
}
