/* further/port-scanner: open, closed and filtered ports told apart. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "port-scanner.h"
#include "suites.h"

static void enter(void)
{
    lesson = "further/port-scanner";
    facts = (struct facts){.works = true};
    own_pause = 3; /* for an answer that does not come */
}

struct program *scan(const char *ports, const char *faults)
{
    struct program *program =
        start((struct run){.program = "scan", .arguments = {ports}, .faults = faults});
    expect_exit(program, 0);
    return program;
}

void expect_found(struct program *program, const char *wanted)
{
    char found[256] = "";
    const char *line, *end;
    output_of(program, &line);
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char state[16];
        int port = 0;
        sscanf(line, "%15s %d", state, &port);
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s %d\n", state, port);
    }
    expect_text(found, wanted);
}

void expect_counts(struct program *program, int open, int closed, int filtered)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, "127.0.0.1: %d ports: %d open, %d closed, %d filtered\n",
             open + closed + filtered, open, closed, filtered);
    expect_errors(program, wanted);
}

bool skip_own_network(void)
{
    return skip_unless(own_network(), "no right to make a network of its own");
}

static in_port_t nobody_listens_at;

static bool calls_it_open(struct program *program)
{
    char line[32];
    const char *output;
    snprintf(line, sizeof line, "open %d", nobody_listens_at);
    output_of(program, &output);
    const char *found = strstr(output, line);
    return found != NULL && (found == output || found[-1] == '\n') &&
           strchr(" \n", found[strlen(line)]) != NULL;
}

/* From here on it is told when this port, where nobody listens, is found open. */
static void suspect_no_error_asked(in_port_t closed)
{
    nobody_listens_at = closed;
    SUSPECTS(
        {OTHER, calls_it_open,
         "A port where nobody listens is told as open. That a connect has ended does not say how: "
         "getsockopt\n"
         "with SO_ERROR does, with 0 for success and an error such as ECONNREFUSED.",
         NULL});
}

TEST(of_all_ports_exactly_the_open_ones_are_found)
{
    look_for_leaks();
    char wanted[64];
    in_port_t open[3] = {0}, closed;
    if (skip_own_network()) return;
    open_three(open);
    reserve_port(&closed); /* bound, and nobody listens */
    suspect_no_error_asked(closed);
    struct program *program = scan("1-65535", NULL);
    snprintf(wanted, sizeof wanted, "open %d\nopen %d\nopen %d\n", open[0], open[1], open[2]);
    expect_found(program, wanted);
    expect_counts(program, 3, 65532, 0);
}

TEST(each_port_of_a_list_is_asked_once)
{
    char list[128], wanted[64];
    in_port_t open[3] = {0}, closed;
    open_three(open);
    reserve_port(&closed);
    suspect_no_error_asked(closed);
    snprintf(list, sizeof list, "%d,%d,%d-%d,%d,%d", open[2], closed, open[1], open[1], open[0],
             open[2]);
    struct program *program = scan(list, NULL);
    snprintf(wanted, sizeof wanted, "open %d\nopen %d\nopen %d\n", open[0], open[1], open[2]);
    expect_found(program, wanted);
    expect_counts(program, 3, 1, 0);
}

TEST(a_well_known_port_has_its_name)
{
    const struct servent *service = getservbyport(htons(80), "tcp");
    if (service == NULL) {
        skip_unless(false, "this machine knows no name for port 80");
        return;
    }
    if (skip_own_network()) return;
    struct sockaddr_in address = loopback(80);
    int listener = need_socket(AF_INET, SOCK_STREAM);
    if (skip_unless(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
                        listen(listener, 1) == 0,
                    "no right to listen on port 80"))
        return;
    const char *output;
    char wanted[64];
    snprintf(wanted, sizeof wanted, "open 80 %s\n", service->s_name);
    output_of(scan("80", NULL), &output);
    expect_text(output, wanted);
}

TEST(nothing_open_is_no_failure)
{
    in_port_t closed;
    char list[8];
    int reserved = reserve_port(&closed);
    suspect_no_error_asked(closed);
    snprintf(list, sizeof list, "%d", closed);
    struct program *program = scan(list, NULL);
    expect_found(program, "");
    expect_counts(program, 0, 1, 0);
    close(reserved);
}

TEST(without_an_argument_it_asks_the_system_ports)
{
    if (skip_own_network()) return;
    struct program *program = scan(NULL, NULL);
    expect_found(program, "");
    expect_counts(program, 0, 1023, 0);
}

/* Both scans wait for the same two seconds: one with a pipe as stderr, one with a terminal. */
TEST(a_port_behind_a_drop_rule_is_filtered_and_a_terminal_sees_progress)
{
    char list[64], wanted[64];
    in_port_t open, dropped, closed;
    if (skip_own_network()) return;
    own_listener(&open);
    int listener = own_listener(&dropped);
    reserve_port(&closed);
    if (skip_unless(drop_rule(dropped), "neither nft nor iptables: a filter on the socket drops") &&
        skip_unless(drop_at(listener), "no way to drop packets here"))
        return;
    snprintf(list, sizeof list, "%d,%d,%d", closed, open, dropped);
    struct program *program = start((struct run){.program = "scan", .arguments = {list}});
    const char *seen = seen_on_a_terminal(list);
    if (seen != NULL) {
        expect(strncmp(seen, "\r3 of 3 ports", 13) == 0, "expected the progress first, saw '%s'",
               seen);
        expect(strstr(seen, "\n127.0.0.1: 3 ports: 1 open, 1 closed, 1 filtered") != NULL,
               "expected the counts on a line of their own, saw '%s'", seen);
    }
    expect_exit(program, 0);
    snprintf(wanted, sizeof wanted,
             open < dropped ? "open %d\nfiltered %d\n" : "filtered %2$d\nopen %1$d\n", open,
             dropped);
    expect_found(program, wanted);
    expect_counts(program, 1, 1, 1);
}

TEST(a_host_without_a_way_to_it_is_filtered_at_once)
{
    if (skip_own_network()) return;
    struct program *program = start((struct run){
        .program = "scan", .arguments = {"--i-have-permission", "192.0.2.1", "22,80"}});
    expect_exit(program, 0);
    expect_found(program, "filtered 22\nfiltered 80\n");
    expect_errors(program, "192.0.2.1: 2 ports: 0 open, 0 closed, 2 filtered\n");
}

/* With two ephemeral ports, both asked, the kernel gives one of them to the socket that asks it. */
TEST(a_socket_connected_to_itself_is_no_open_port)
{
    if (skip_own_network()) return;
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "w");
    bool able = range != NULL && fputs("40000 40001\n", range) != EOF;
    able = range != NULL && fclose(range) == 0 && able;
    if (skip_unless(able, "no right to choose the ephemeral ports")) return;
    struct sockaddr_in remote = loopback(40000);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    expect(connect(sock, (struct sockaddr *)&remote, sizeof remote) == 0 &&
               local_port(sock) == 40000,
           "expected this system to connect the test's own socket to itself");
    reset(sock);
    struct program *program = scan("40000-40001", NULL);
    expect_found(program, "");
    expect_counts(program, 0, 2, 0);
}

TEST(another_host_with_permission_is_scanned)
{
    in_port_t port;
    char text[8], wanted[64];
    own_listener(&port);
    snprintf(text, sizeof text, "%d", port);
    struct program *program = start(
        (struct run){.program = "scan", .arguments = {"--i-have-permission", "127.0.0.1", text}});
    expect_exit(program, 0);
    snprintf(wanted, sizeof wanted, "open %d\n", port);
    expect_found(program, wanted);
}

Suite *suite_port_scanner(void)
{
    Suite *suite = suite_create("further/port-scanner");
    add_scan_arguments(add_case(suite, "arguments", enter));
    TCase *found = add_case(suite, "what it finds", enter);
    tcase_add_test(found, of_all_ports_exactly_the_open_ones_are_found);
    tcase_add_test(found, each_port_of_a_list_is_asked_once);
    tcase_add_test(found, a_well_known_port_has_its_name);
    tcase_add_test(found, nothing_open_is_no_failure);
    tcase_add_test(found, without_an_argument_it_asks_the_system_ports);
    tcase_add_test(found, a_port_behind_a_drop_rule_is_filtered_and_a_terminal_sees_progress);
    tcase_add_test(found, a_host_without_a_way_to_it_is_filtered_at_once);
    tcase_add_test(found, a_socket_connected_to_itself_is_no_open_port);
    tcase_add_test(found, another_host_with_permission_is_scanned);
    add_scan_limits(add_case(suite, "limits and failures", enter));
    return suite;
}
