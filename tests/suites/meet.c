/* For `make meet`: one student's client and another one's server, at two addresses. A file goes there and comes back. */
#include <limits.h>
#include <stdio.h>

#include "harness.h"
#include "program.h"
#include "suites.h"

static const char SERVER_ADDRESS[] = "127.0.0.2"; /* the client's own is 127.0.0.1 then */

static void enter(void)
{
    lesson = "06-single-echo";
    facts =
        (struct facts){.number = 6, .takes_address = true, .serves = ONE_CLIENT, .echoes = true};
}

TEST(a_file_comes_back_as_it_was)
{
    enum { LENGTH = 1024 * 1024 + 7 }; /* more than the queues of both sockets hold */
    static char data[LENGTH], port[8], file[PATH_MAX];
    snprintf(file, sizeof file, "%s/file", own_folder());
    fill_pattern(data, LENGTH, 0);
    FILE *out = fopen(file, "w");
    expect(out != NULL && fwrite(data, LENGTH, 1, out) == 1 && fclose(out) == 0, "%s", file);
    struct program *server =
        start((struct run){.program = "server", .arguments = {SERVER_ADDRESS, "0"}});
    snprintf(port, sizeof port, "%.7s", wait_line(server, "listening on 127.0.0.2:"));
    struct program *client = start(
        (struct run){.program = "client", .arguments = {SERVER_ADDRESS, port}, .input_file = file});
    struct waiting wait = begin_wait();
    while (is_running(client) && !in_vain(&wait)) look_again_soon();
    end_and_wait(client);
    wait_streams(client, patience());
    expect_output(client, data, LENGTH); /* before its end: how it ends may come of this */
    expect_exit(client, 0);
}

Suite *suite_meet(void)
{
    Suite *suite = suite_create("meet");
    tcase_add_test(add_case(suite, "meet", enter), a_file_comes_back_as_it_was);
    return suite;
}
