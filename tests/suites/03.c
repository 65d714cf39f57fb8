/* 03-listen: connections are made although nobody accepts them. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "03-listen";
    facts = (struct facts){.number = 3, .takes_address = true, .serves = NO_CLIENT};
}

TEST(connections_are_made_although_nobody_accepts_them)
{
    enum { MANY = 50 };
    struct program *server = start_server(NULL);
    int socks[MANY];
    for (int i = 0; i < MANY; i++) socks[i] = dial(port_of(server));
    send_bytes(socks[0], "is anybody there?", 17);
    wait_asleep(server);
    expect_running(server);
    for (int i = 0; i < MANY; i++)
        expect(!readable(socks[i], 0), "expected connection %d to stay silent", i);

    const char *output;
    output_of(server, &output);
    expect(strstr(output, "connection from") == NULL, "expected no line 'connection from'");
    SUSPECTS({OTHER, NULL,
              "It says now where it listens: the line 'bound to' belongs to lesson 02.", NULL});
    expect(strstr(output, "bound to") == NULL,
           "expected 'listening on' in place of 'bound to', saw both");
    suspect(NULL);
    if (count_of(server, "fd") > 4)
        SUSPECTS({OTHER, NULL,
                  "It has one more descriptor than its streams and its socket. Has it taken a "
                  "client out "
                  "of the queue, or\n"
                  "made a second socket? Here the kernel makes the connections alone, and the "
                  "program waits "
                  "for Enter.",
                  NULL});
    if (count_of(server, "fd") != -1) /* three streams and the listener */
        expect(count_of(server, "fd") == 4, "expected 4 descriptors, saw %ld",
               count_of(server, "fd"));
}

TEST(it_listens_before_it_says_so)
{
    const char *output;
    if (skip_faults()) return;
    struct program *server = start((struct run){
        .program = "server", .arguments = {"127.0.0.1", "0"}, .faults = "listen=STOP@1"});
    if (skip_unless(state_of(server) != 0, "no /proc to see that a program stops")) return;
    struct waiting wait = begin_wait();
    char state;
    while ((state = state_of(server)) != 'T' && is_running(server) && !in_vain(&wait))
        look_again_soon();
    kill(pid_of(server), SIGKILL);
    end_and_wait(server); /* then all that it has printed has been read */
    output_of(server, &output);
    if (state == 'T')
        SUSPECTS(
            {OTHER, NULL,
             "The line 'listening on' is printed before listen is called: a client that reads it "
             "may be refused.",
             NULL});
    expect(strstr(output, "listening on") == NULL,
           "stopped it before listen: expected no line 'listening on' yet, saw it");
}

TEST(its_port_is_free_again_after_the_end)
{
    own_network(); /* where it can be made: nobody else takes ports there */
    struct program *server = start_server(NULL);
    in_port_t port = port_of(server);
    end_input(server);
    expect_exit(server, 0);
    expect_refused(port);
}

TEST(it_listens_on_loopback_only_unless_asked_otherwise)
{
    if (skip_unless(own_network(), "no network namespace of our own for port 5000")) return;
    struct program *server = start((struct run){.program = "server"});
    in_port_t port = wait_port(server, "listening on ");
    expect_port(port, 5000);
    close(dial(5000));
    int sock = try_dial_at("127.0.0.2", 5000);
    expect(sock == -1 && errno == ECONNREFUSED, "expected 127.0.0.2:5000 to refuse, saw %s",
           sock == -1 ? strerror(errno) : "a connection");

    struct program *wide =
        start((struct run){.program = "server", .arguments = {"0.0.0.0", "5001"}});
    wait_line(wide, "listening on 0.0.0.0:5001");
    sock = try_dial_at("127.0.0.2", 5001);
    expect(sock != -1, "expected 0.0.0.0 to take connections to 127.0.0.2: %s", strerror(errno));
}

Suite *suite_03(void)
{
    Suite *suite = suite_create("03-listen");
    TCase *state = add_case(suite, "state", enter);
    tcase_add_test(state, connections_are_made_although_nobody_accepts_them);
    tcase_add_test(state, it_listens_before_it_says_so);
    tcase_add_test(state, its_port_is_free_again_after_the_end);
    tcase_add_test(state, it_listens_on_loopback_only_unless_asked_otherwise);
    add_listening_port(suite, enter);
    add_holding(suite, enter);
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 4);
    add_narration(suite, enter);
    return suite;
}
