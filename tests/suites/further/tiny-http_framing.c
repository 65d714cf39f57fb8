/* further/tiny-http: where a request ends, whatever way its bytes arrive, and where a connection does. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"
#include "tiny-http.h"

static struct program *server;

/* A request of so many bytes: a long target or a long field. */
static void ask_long(size_t length, bool target, int status)
{
    static char request[16 * 1024];
    const char *begin = target ? "GET /" : "GET / HTTP/1.1\r\nX: ",
               *end = target ? " HTTP/1.1" H : H;
    size_t used = (size_t)snprintf(request, sizeof request, "%s", begin);
    memset(request + used, 'x', length - used - strlen(end));
    snprintf(request + length - strlen(end), sizeof request - length + strlen(end), "%s", end);
    int client = dial(port_of(server));
    expect_status(client, request, status);
    close(client);
}

TEST(a_request_of_8_kib_is_taken_and_one_byte_more_is_not)
{
    server = start_server(NULL);
    ask_long(8192, false, 200);
    ask_long(8193, false, 431);
    ask_long(8192, true, 404);
    ask_long(8300, true, 414);
    ask_long(12000, true, 414);
    ask_long(12000, false, 431);
    expect_running(server);
}

TEST(a_request_that_comes_byte_by_byte_is_whole_at_its_end)
{
    if (skip_faults()) return;
    SUSPECTS({OTHER, NULL,
              "Each recv gives a single byte here. Is one recv taken for a whole line, or for the "
              "request?\n"
              "Receive behind what is there until the newline has come.",
              "lessons/further/line-chat/README.md"});
    server = start_server("RECV=1 SEND=3");
    int client = dial(port_of(server));
    expect_status(client, GET("/"), 200);
    expect_status(client, "GET /sub/ HTTP/1.1\nHost: here\n\n", 200);
    expect_running(server);
}

TEST(a_request_that_is_cut_at_any_byte_costs_only_its_client)
{
    static const char request[] = GET("/");
    server = start_server(NULL);
    for (size_t i = 1; i < sizeof request - 1; i++) {
        char data[256];
        int client = dial(port_of(server));
        send_bytes(client, request, i);
        half_close(client);
        ssize_t got = await(client, POLLIN) ? recv(client, data, sizeof data - 1, 0) : -1;
        expect(got >= 0,
               "sent %zu bytes of a request and its end: expected a status or the end, saw %s", i,
               seen_as(errno));
        data[got] = '\0';
        expect(got == 0 || strncmp(data, "HTTP/1.1 400 ", 13) == 0,
               "sent %zu bytes of a request and its end: expected 400 or the end, saw '%.40s'", i,
               data);
        close(client);
    }
    int client = dial(port_of(server));
    expect_status(client, GET("/"), 200);
    expect_running(server);
}

TEST(requests_that_come_together_are_answered_in_their_order)
{
    struct answer answer;
    server = start_server(NULL);
    int client = dial(port_of(server));
    send_text(client, GET("/") GET("/none") "HEAD / HTTP/1.1" H GET("/sub"));
    static const struct {
        const char *method;
        int status;
    } wanted[] = {{"GET", 200}, {"GET", 404}, {"HEAD", 200}, {"GET", 301}};
    for (int i = 0; i < 4; i++) {
        read_answer(client, &answer, wanted[i].method);
        expect(answer.status == wanted[i].status, "reply %d: expected the status %d, saw %d", i + 1,
               wanted[i].status, answer.status);
    }
    half_close(client);
    expect_end(client);
}

TEST(a_connection_ends_when_the_client_asks_for_that_and_after_100_requests)
{
    struct answer answer;
    server = start_server(NULL);
    static const char *const last[] = {"GET / HTTP/1.0\r\n\r\n",
                                       "GET / HTTP/1.1\r\nConnection: CLOSE" H,
                                       "GET / HTTP/1.1\r\nConnection: te, close" H};
    for (int i = 0; i < 3; i++) {
        int client = dial(port_of(server));
        send_text(client, last[i]);
        read_answer(client, &answer, last[i]);
        expect(answer.closes, "sent '%.60s': expected Connection: close, saw '%.200s'", last[i],
               answer.head);
        expect_end(client);
        close(client);
    }
    int client = dial(port_of(server));
    for (int i = 1; i <= 100; i++) {
        send_text(client, GET("/"));
        read_answer(client, &answer, GET("/"));
        expect(answer.closes == (i == 100), "reply %d: expected %sConnection: close, saw '%.200s'",
               i, i == 100 ? "" : "no ", answer.head);
    }
    expect_end(client);
}

TEST(the_log_has_a_line_for_each_request_and_no_byte_of_a_stranger_as_it_came)
{
    const char *log;
    server = start_server(NULL);
    int client = dial(port_of(server));
    expect_status(client, GET("/\x1b[31m"), 400);
    close(client);
    client = dial(port_of(server));
    expect_status(client, GET("/a-name"), 404);
    struct waiting wait = begin_wait();
    while (output_of(server, &log), strstr(log, "/a-name") == NULL) {
        expect(!in_vain(&wait), "expected a line with the target /a-name on stdout");
        look_again_soon();
    }
    expect(strchr(log, '\x1b') == NULL, "expected no escape character in the log");
}

void add_framing(Suite *suite)
{
    TCase *tests = add_folder_case(suite, "framing");
    tcase_add_test(tests, a_request_that_comes_byte_by_byte_is_whole_at_its_end);
    tcase_add_test(tests, a_request_of_8_kib_is_taken_and_one_byte_more_is_not);
    tcase_add_test(tests, a_request_that_is_cut_at_any_byte_costs_only_its_client);
    tcase_add_test(tests, requests_that_come_together_are_answered_in_their_order);
    tcase_add_test(tests, a_connection_ends_when_the_client_asks_for_that_and_after_100_requests);
    tcase_add_test(tests, the_log_has_a_line_for_each_request_and_no_byte_of_a_stranger_as_it_came);
}
