/*
 * What a lesson is about, in one check or two: the group `the step`, which `make grade` alone runs. A program may have many other
 * faults and pass it: it is looked for where it may be by mistake, and what it prints is not read.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

enum { MOST_DESCRIPTORS = 16, PLACES = 3 };
/* Where its port may be: the one that was asked for, the same without htons, 5000. */
static in_port_t places[PLACES];
static const char *suite_name;
static int number;

static void enter(void)
{
    lesson = suite_name;
    facts = (struct facts){.number = number};
}

/* Ports that are free. Nobody else is in this network. */
static void choose_places(void)
{
    do {
        close(reserve_port(&places[0]));
        places[1] = htons(places[0]);
    } while (places[1] < 1024 || places[1] == places[0] || places[1] == 5000);
    places[2] = 5000;
}

static struct program *start_there(const char *program)
{
    char text[8];
    snprintf(text, sizeof text, "%d", places[0]);
    return start((struct run){.program = program, .arguments = {"127.0.0.1", text}});
}

static struct program *start_at_a_port(void)
{
    choose_places();
    return start_there("server");
}

/* Waits until `try` finds it in one of these places. Returns what it returned, or -1. */
static int find(struct program *program, int (*try)(in_port_t port))
{
    struct waiting wait = begin_wait();
    for (;; look_again_soon()) {
        bool last = in_vain(&wait) || !is_running(program);
        for (int i = 0; i < PLACES; i++) {
            int found = try(places[i]);
            if (found != -1) return found;
        }
        if (last) return -1;
    }
}

static int take_if_taken(in_port_t port)
{
    return is_taken(port) ? 0 : -1;
}

static int connection_to(struct program *server)
{
    int sock = find(server, try_dial);
    expect(sock != -1, "expected a connection to the server at the port that was asked for");
    return sock;
}

/* A stream socket among its descriptors. What it prints is not read. */
TEST(the_program_has_a_stream_socket)
{
    struct program *server = start((struct run){.program = "server"});
    bool found = false;
    wait_asleep(server);
    for (int fd = 0; fd < MOST_DESCRIPTORS && !found; fd++) {
        int domain = 0, type = 0;
        enum sight sight = look_at_socket(server, fd, &domain, &type);
        if (skip_unless(sight != NO_WAY_TO_LOOK, "no pidfd_getfd to look at its sockets") ||
            skip_unless(sight != NO_RIGHT_TO_LOOK, "no right to look at its sockets"))
            return;
        found = sight == IS_SOCKET && domain == AF_INET && type == SOCK_STREAM;
    }
    expect(found, "expected a stream socket of IPv4 among its descriptors");
}

TEST(the_server_has_an_address)
{
    struct program *server = start_at_a_port();
    expect(find(server, take_if_taken) != -1, "expected that nobody else can have the port now");
}

TEST(a_client_connects_to_the_server)
{
    connection_to(start_at_a_port());
}

TEST(the_server_accepts_the_client)
{
    struct program *server = start_at_a_port();
    int client = connection_to(server);
    await(client, POLLIN);
    expect(readable(client, 0), "expected the server to accept the client and to close");
}

/* Listens in all places, and starts the client. Returns the connection to where it came. */
static int connection_from(struct program **client)
{
    int listeners[PLACES], sock = -1;
    choose_places();
    for (int i = 0; i < PLACES; i++) {
        struct sockaddr_in address = loopback(places[i]);
        listeners[i] = need_socket(AF_INET, SOCK_STREAM);
        fcntl(listeners[i], F_SETFL, O_NONBLOCK);
        expect(bind(listeners[i], (struct sockaddr *)&address, sizeof address) == 0 &&
                   listen(listeners[i], 1) == 0,
               "the test's own listener: %s", strerror(errno));
    }
    *client = start_there("client");
    struct waiting wait = begin_wait();
    for (bool last = false; sock == -1; look_again_soon()) {
        for (int i = 0; i < PLACES && sock == -1; i++) sock = accept(listeners[i], NULL, NULL);
        expect(sock != -1 || !last, "expected the client to connect to the port it was given");
        last = in_vain(&wait) || !is_running(*client);
    }
    return with_deadline(sock);
}

TEST(the_client_connects)
{
    struct program *client;
    connection_from(&client);
}

static const char TEXT[] = "the step\n";

static void expect_back(int sock)
{
    send_bytes(sock, TEXT, strlen(TEXT));
    half_close(sock); /* some reply only then */
    expect_bytes(sock, TEXT, strlen(TEXT));
}

TEST(bytes_come_back)
{
    expect_back(connection_to(start_at_a_port()));
}

TEST(the_client_sends_and_prints_what_comes_back)
{
    struct program *client;
    const char *output;
    int sock = connection_from(&client);
    type_text(client, TEXT, strlen(TEXT));
    end_input(client); /* some send only then */
    expect_bytes(sock, TEXT, strlen(TEXT));
    send_bytes(sock, TEXT, strlen(TEXT));
    close(sock);
    struct waiting wait = begin_wait();
    while (output_of(client, &output) == 0 && !in_vain(&wait)) look_again_soon();
    expect(output_of(client, &output) > 0, "expected the client to print what came back");
}

TEST(the_next_client_is_served_too)
{
    struct program *server = start_at_a_port();
    for (int i = 0; i < 2; i++) {
        int sock = connection_to(server);
        expect_back(sock);
        close(sock);
    }
}

TEST(two_clients_are_served_at_once)
{
    struct program *server = start_at_a_port();
    int first = connection_to(server);
    send_bytes(first, TEXT, strlen(TEXT));
    await(first, POLLIN); /* it is served, and does not leave */
    expect_back(connection_to(server));
    close(first);
}

Suite *suite_essential(const char *name)
{
    const struct {
        const char *suite;
        const TTest *checks[2];
    } all[] = {
        {"01-create-socket", {the_program_has_a_stream_socket, NULL}},
        {"02-bind-address", {the_server_has_an_address, NULL}},
        {"03-listen", {a_client_connects_to_the_server, NULL}},
        {"04-accept", {the_server_accepts_the_client, NULL}},
        {"05-connect", {the_client_connects, NULL}},
        {"06-single-echo", {bytes_come_back, the_client_sends_and_prints_what_comes_back}},
        {"07-multi-echo", {the_next_client_is_served_too, NULL}},
        {"08-threaded-echo", {two_clients_are_served_at_once, NULL}},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].suite, name) != 0) continue;
        suite_name = all[i].suite;
        number = (int)i + 1;
        Suite *suite = suite_create(name);
        TCase *step = add_case(suite, "the step", enter);
        for (int j = 0; j < 2 && all[i].checks[j] != NULL; j++)
            tcase_add_test(step, all[i].checks[j]);
        return suite;
    }
    return NULL;
}
