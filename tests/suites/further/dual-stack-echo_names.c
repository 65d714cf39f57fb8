/* further/dual-stack-echo: names of hosts and of services. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include "dual-stack-echo.h"
#include "harness.h"
#include "suites.h"

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

TEST(for_a_name_with_two_addresses_port_0_becomes_one_port_for_both)
{
    if (skip_default_port() || skip_six()) return;
    if (skip_own_hosts("::1 both.test\n127.0.0.1 both.test\n")) return;
    struct program *server =
        start((struct run){.program = "server", .arguments = {"both.test", "0"}});
    in_port_t port = port_in_brackets(wait_line(server, "listening on "));
    expect(wait_port(server, "listening on ") == port, "expected the same port on both addresses");
    expect_both_served(server, port);
}

TEST(an_address_that_a_name_has_twice_is_taken_once)
{
    if (skip_default_port() ||
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
    if (skip_default_port()) return;
    struct program *server =
        start((struct run){.program = "server", .arguments = {"127.0.0.1", "http-alt"}});
    expect(wait_port(server, "listening on ") == port, "expected the port of http-alt, %d", port);
    struct program *client =
        start((struct run){.program = "client", .arguments = {"127.0.0.1", "http-alt"}});
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
    stop(server, SIGTERM);
}

/* A network of its own keeps the question from going to a name server. */
TEST(an_unknown_name_is_repeated_with_the_reason)
{
    static const char *const programs[] = {"server", "client"};
    static const char name[] = "nobody.invalid"; /* no such name will ever be: RFC 6761 */
    char wanted[256];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (skip_default_port()) return;
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

void add_dual_stack_names(TCase *names)
{
    tcase_add_test(names, for_a_name_with_two_addresses_port_0_becomes_one_port_for_both);
    tcase_add_loop_test(names, an_address_that_a_name_has_twice_is_taken_once, 0, 2);
    tcase_add_test(names, a_service_name_stands_for_its_port);
    tcase_add_loop_test(names, an_unknown_name_is_repeated_with_the_reason, 0, 2);
}
