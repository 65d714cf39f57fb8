/* further/dual-stack-echo: its client walks every address of a name. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "dual-stack-echo.h"
#include "harness.h"
#include "suites.h"

TEST(the_client_tells_which_address_failed_and_goes_on)
{
    look_for_leaks();
    char wanted[256];
    if (skip_default_port() || skip_six()) return;
    struct program *server = start((struct run){.program = "server", .arguments = {"127.0.0.1"}});
    wait_port(server, "listening on ");
    struct program *client = start((struct run){.program = "client"});
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
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
    if (skip_default_port() || skip_six()) return;
    struct program *server = start((struct run){.program = "server"});
    wait_line(server, "listening on 127.0.0.1:");
    struct program *client = start((struct run){.program = "client"});
    type_text(client, "hello\n", 6);
    expect_text(wait_line(client, ""), "hello");
    wait_errors(client, "connected to [::1]:5000 from [::1]:");
    end_input(client);
    expect_exit(client, 0);
    expect_served(server, 5000);
}

TEST(when_no_address_answers_the_client_has_told_each_and_exits_1)
{
    char wanted[512];
    const char *refused = reason(ECONNREFUSED);
    if (skip_default_port() || skip_six()) return;
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
    expect_text(wait_line(client, ""), "hello");
    end_input(client);
    expect_exit(client, 0);
    expect_served(server, port_of(server));
}

void add_dual_stack_client(TCase *client)
{
    tcase_add_test(client, the_client_tells_which_address_failed_and_goes_on);
    tcase_add_test(client, the_client_takes_the_first_address_that_answers);
    tcase_add_test(client, when_no_address_answers_the_client_has_told_each_and_exits_1);
    tcase_add_test(client, the_client_of_lesson_06_is_served);
}
