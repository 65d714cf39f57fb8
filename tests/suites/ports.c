/* What a server promises about its address: the port that is asked for, for itself alone, and the peer's own name. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

static const char *said_first(void)
{
    return facts.only_binds ? "bound to " : "listening on ";
}

static struct program *start_at(const char *port, const char *faults)
{
    return start((struct run){
        .program = "server", .arguments = {"127.0.0.1", port, third_argument}, .faults = faults});
}

/* The same program takes a port that fits into a short. */
static bool takes_a_smaller_port(struct program *program)
{
    (void)program;
    const char *output;
    struct program *again = start_at("5002", NULL);
    struct waiting wait = begin_wait();
    while (output_of(again, &output), strstr(output, said_first()) == NULL) {
        if (!is_running(again) || in_vain(&wait)) return false;
        look_again_soon();
    }
    return true;
}

TEST(it_takes_the_port_that_is_asked_for)
{
    static const char *const ports[] = {"5001", "32768", "65535"};
    if (skip_unless(own_network(), "no network namespace of our own for any port")) return;
    if (_i > 0)
        SUSPECTS(
            {ENDED, takes_a_smaller_port,
             "This port is right, and it ended. A port has 16 bits without a sign: from 32768 on "
             "it does not fit\n"
             "into a short. in_port_t, uint16_t and int have room.",
             NULL},
            {OTHER_LINE, NULL,
             "A port has 16 bits without a sign: from 32768 on it does not fit into a short. "
             "in_port_t, uint16_t\n"
             "and int have room.",
             NULL});
    struct program *server = start_at(ports[_i], NULL);
    expect_port(wait_port(server, said_first()), (in_port_t)asked_port(server));
}

bool is_at_the_asked_port(struct program *program)
{
    const char *output, *line;
    int port = 0;
    output_of(program, &output);
    if ((line = strstr(output, said_first())) != NULL)
        sscanf(line + strlen(said_first()), "%*[0-9.]:%d", &port);
    return port == asked_port(program);
}

TEST(a_second_server_cannot_take_its_port)
{
    char port[8];
    struct program *server = start_at("0", NULL);
    snprintf(port, sizeof port, "%d", wait_port(server, said_first()));
    SUSPECTS({STILL_RUNS, is_at_the_asked_port,
              "Two servers listen at one port: SO_REUSEPORT is set. What lets a server start again "
              "at once is\n"
              "SO_REUSEADDR. The options are numbers, not flags: SO_REUSEADDR | SO_REUSEPORT is "
              "another option.",
              NULL});
    expect_failure(start_at(port, NULL), "bind", EADDRINUSE);
}

/* STRICT: a length that is not that of an int is refused, as other systems than Linux do. */
TEST(its_options_have_the_size_of_an_int)
{
    if (skip_faults()) return;
    wait_port(start_at("0", NULL), said_first());
    SUSPECTS({ENDED, NULL,
              "The length of an option is that of its value: sizeof on. sizeof &on is the size of "
              "a pointer, which\n"
              "Linux takes here, and other systems refuse.",
              NULL});
    wait_port(start_at("0", "STRICT=1"), said_first());
}

static bool names_itself(struct program *program)
{
    (void)program;
    return saw.kind == OTHER_LINE && strncmp(saw.line, "127.0.0.1:", 10) == 0;
}

/* A client whose address is another one than the server's. */
TEST(a_client_of_another_address_is_named_by_it)
{
    struct sockaddr_in own = loopback(0), address;
    char wanted[64];
    struct program *server = start_server(NULL);
    int client = with_deadline(need_socket(AF_INET, SOCK_STREAM));
    inet_pton(AF_INET, "127.0.0.2", &own.sin_addr);
    bool bound = bind(client, (struct sockaddr *)&own, sizeof own) == 0;
    if (skip_unless(bound, "this system has no address 127.0.0.2")) return;
    address = loopback(port_of(server));
    expect(connect(client, (struct sockaddr *)&address, sizeof address) == 0, "connect: %s",
           strerror(errno));
    snprintf(wanted, sizeof wanted, "127.0.0.2:%d", local_port(client));
    SUSPECTS({OTHER_LINE, names_itself,
              "This is the server's own address. The client's is in the address that accept has "
              "filled in.",
              PAGE_04});
    saw.wanted = "connection from ";
    saw.line = wait_line(server, "connection from ");
    int port = 0;
    if (sscanf(saw.line, "127.0.0.2:%d", &port) == 1) {
        saw.back = (size_t)port, saw.expected = local_port(client);
        expect_or(OTHER_PORT, port == (int)saw.expected,
                  "expected 'connection from %s', saw 'connection from %s'", wanted, saw.line);
    }
    expect_or(OTHER_LINE, strcmp(saw.line, wanted) == 0,
              "expected 'connection from %s', saw 'connection from %s'", wanted, saw.line);
}

void add_bound_port(Suite *suite, SFun enter)
{
    tcase_add_loop_test(add_case(suite, "port", enter), it_takes_the_port_that_is_asked_for, 0, 3);
}

void add_listening_port(Suite *suite, SFun enter)
{
    add_bound_port(suite, enter);
    tcase_add_test(add_case(suite, "one server a port", enter),
                   a_second_server_cannot_take_its_port);
}

void add_accepting_port(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "peers", enter);
    tcase_add_test(tests, a_client_of_another_address_is_named_by_it);
    tcase_add_test(tests, its_options_have_the_size_of_an_int);
    add_listening_port(suite, enter);
}
