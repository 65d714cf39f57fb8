/* Evidence in addresses and ports: tests/checker/evidence_ports.c, evidence_connections.c. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "looks.h"
#include "program.h"
#include "suites.h"

TEST(an_address_that_its_socket_has_not_and_that_of_a_client)
{
    struct program *program = run(PROGRAM("rest"));
    see(OTHER_LINE, "bound to ", "0.0.0.0:7");
    SHOWN(other_address, program, "not the address that its socket has");
    see(OTHER_LINE, "bound to ", "127.0.0.1:0");
    SHOWN(other_address, program, "getsockname says which one");
    see(OTHER_LINE, "bound to ", ":7");
    SHOWN(other_address, program, "inet_ntop wants room");
    see(OTHER_LINE, "connection from ", "0.0.0.0:7");
    NOT_SHOWN(other_address, program);
    see(OTHER_LINE, "bound to ", "somewhere");
    NOT_SHOWN(other_address, program);
}

TEST(an_address_that_its_socket_has_although_it_was_asked_for_another)
{
    char line[64];
    struct address other = address_at("127.0.0.9", 0);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    need(bind(sock, (struct sockaddr *)&other.place, other.length) == 0, "bind");
    snprintf(line, sizeof line, "127.0.0.9:%d", local_port(sock));
    see(OTHER_LINE, "bound to ", line);
    NOT_SHOWN(other_address, run(PROGRAM("rest")));
}

TEST(a_peer_that_is_nobody_here_and_one_of_loopback)
{
    see(OTHER_LINE, "connection from ", "1.2.3.4:7");
    SHOWN(other_peer, NULL, "did not fill in the peer's address");
    see(OTHER_LINE, "connection from ", "127.0.0.9:7");
    NOT_SHOWN(other_peer, NULL);
}

TEST(a_port_whose_bytes_are_swapped_and_another_one)
{
    own_network(); /* where it can be made: the swapped port is free there */
    in_port_t taken;
    int held = reserve_port(&taken);
    in_port_t swapped = (in_port_t)(taken << 8 | taken >> 8);
    char asked[8];
    snprintf(asked, sizeof asked, "%d", swapped);
    struct program *program = run_as("server", PROGRAM("rest"), asked);
    see(OTHER_PORT, NULL, NULL);
    saw.expected = swapped;
    saw.back = taken;
    SHOWN(other_port, program, "does not go through htons");
    saw.back = 5000;
    SHOWN(other_port, program, "its second argument is not used");
    saw.expected = 0x1234; /* it was not asked for that one */
    saw.back = 0x3412;
    SHOWN(other_port, program, "does not go through ntohs before it is printed");
    saw.back = 0x3413;
    NOT_SHOWN(other_port, program);
    close(held);
}

TEST(a_port_where_nobody_listens_and_a_connect_that_failed_otherwise)
{
    struct program *program = run(PROGRAM("bind_only"));
    if (skip_unless(state_of(program) != 0, "no /proc to see sockets")) return;
    program->port = wait_port(program, "listening on ");
    see(NOT_CONNECTED, NULL, NULL);
    saw.error = ECONNREFUSED;
    SHOWN(nobody_listens, program, "no socket of it does");
    saw.error = ETIMEDOUT;
    NOT_SHOWN(nobody_listens, program);
}

TEST(a_queue_that_is_full_and_a_port_that_refuses)
{
    struct program *program = run_accepting(PROGRAM("keep_for_ever"), &(int){0});
    if (skip_unless(state_of(program) != 0, "no /proc to see sockets")) return;
    see(NOT_CONNECTED, NULL, NULL);
    saw.error = EINPROGRESS;
    SHOWN(queue_full, program, "second argument of listen");
    NOT_SHOWN(queue_full, run(PROGRAM("bind_only")));
    saw.error = ECONNREFUSED;
    NOT_SHOWN(queue_full, program);
    see(TIME_OVER, NULL, NULL);
    NOT_SHOWN(queue_full, program); /* the last step is another one */
}

TEST(a_connect_to_the_swapped_port_and_one_that_waits)
{
    own_network(); /* where it can be made: the swapped port is free there */
    see(NOT_ACCEPTED, NULL, NULL);
    SHOWN(goes_elsewhere, run_as("client", PROGRAM("swap_port"), "12345"), "the bytes are swapped");
    NOT_SHOWN(goes_elsewhere, run_as("client", PROGRAM("rest"), "5000"));
}

/* A port is asked for again and again until somebody listens there: one day it is the one that the kernel chooses. */
TEST(a_socket_that_meets_itself_is_refused)
{
    if (skip_unless(own_network(), "no network namespace") ||
        skip_unless(write_file("/proc/sys/net/ipv4/ip_local_port_range", "40001 40001"),
                    "no right to choose the ephemeral ports"))
        return;
    expect(try_dial(40001) == -1, "expected no connection to a port where nobody listens");
}

TEST(a_client_that_is_connected_to_nobody_and_one_that_is)
{
    see(NOT_ACCEPTED, NULL, NULL);
    SHOWN(no_family, ended(SHELL("echo connected to 127.0.0.1:7 from 0.0.0.0:0")), "sin_family");
    NOT_SHOWN(no_family, ended(SHELL("echo connected to 127.0.0.1:7 from 127.0.0.1:8")));
}

TEST(a_client_that_is_not_closed_and_one_that_is)
{
    int client;
    struct program *keeps = run_accepting(PROGRAM("keep_for_ever"), &client);
    if (skip_unless(state_of(keeps) != 0, "no /proc to see sockets")) return;
    see(NO_END, NULL, NULL);
    SHOWN(not_closed, keeps, "is not closed");
    struct program *closes = run_accepting(PROGRAM("close_client"), &client);
    expect_end(client);
    see(NO_END, NULL, NULL);
    NOT_SHOWN(not_closed, closes);
}

TEST(a_client_that_was_accepted_and_forgotten_and_one_that_is_closed)
{
    int client;
    struct program *keeps = run_accepting(PROGRAM("keep_for_ever"), &client);
    if (skip_unless(state_of(keeps) != 0, "no /proc to see sockets")) return;
    see(NO_BYTES, NULL, NULL);
    NOT_SHOWN(forgotten, keeps);
    keeps->run.faults = "accept=EINTR@1";
    SHOWN(forgotten, keeps, "has the socket of the client");
    struct program *closes = run_accepting(PROGRAM("close_client"), &client);
    expect_end(client);
    closes->run.faults = "accept=EINTR@1";
    see(NO_BYTES, NULL, NULL);
    NOT_SHOWN(forgotten, closes);
}

TEST(a_client_that_is_open_in_both_directions_and_one_that_is_not)
{
    struct program *open = run_connected(PROGRAM("stay_connected"));
    if (skip_unless(state_of(open) != 0, "no /proc to see sockets")) return;
    see(STILL_RUNS, NULL, NULL);
    SHOWN(no_half_close, open, "still open in both directions");
    struct program *half = run_connected(PROGRAM("half_close"));
    wait_asleep(half);
    NOT_SHOWN(no_half_close, half);
}

void add_ports(TCase *ports)
{
    tcase_add_test(ports, an_address_that_its_socket_has_not_and_that_of_a_client);
    tcase_add_test(ports, an_address_that_its_socket_has_although_it_was_asked_for_another);
    tcase_add_test(ports, a_peer_that_is_nobody_here_and_one_of_loopback);
    tcase_add_test(ports, a_port_whose_bytes_are_swapped_and_another_one);
    tcase_add_test(ports, a_port_where_nobody_listens_and_a_connect_that_failed_otherwise);
    tcase_add_test(ports, a_queue_that_is_full_and_a_port_that_refuses);
    tcase_add_test(ports, a_connect_to_the_swapped_port_and_one_that_waits);
    tcase_add_test(ports, a_socket_that_meets_itself_is_refused);
    tcase_add_test(ports, a_client_that_is_connected_to_nobody_and_one_that_is);
    tcase_add_test(ports, a_client_that_is_not_closed_and_one_that_is);
    tcase_add_test(ports, a_client_that_was_accepted_and_forgotten_and_one_that_is_closed);
    tcase_add_test(ports, a_client_that_is_open_in_both_directions_and_one_that_is_not);
}
