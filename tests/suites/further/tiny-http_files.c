/* further/tiny-http: what is served arrives whole, and what is said of it is right. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"
#include "tiny-http.h"

/* Sends a request, and returns its text: in static memory until the next. */
static const char *ask_for(int client, const char *method, const char *target)
{
    static char request[200];
    snprintf(request, sizeof request, "%s %s HTTP/1.1" H, method, target);
    send_text(client, request);
    return request;
}

static void expect_file(int client, const char *target, size_t length)
{
    static char data[64 * 1024], wanted[64 * 1024];
    struct answer answer;
    const char *request = ask_for(client, "GET", target);
    read_head(client, &answer, request);
    expect(answer.status == 200 && answer.length == (long)length,
           "asked for %s: expected the status 200 and Content-Length: %zu, saw '%.200s'", target,
           length, answer.head);
    for (size_t done = 0; done < length;) {
        size_t part = length - done < sizeof data ? length - done : sizeof data;
        ssize_t got = await(client, POLLIN) ? recv(client, data, part, 0) : -1;
        expect(got > 0, "asked for %s: expected %zu bytes, saw %zu and then %s", target, length,
               done, got == 0 ? "the end of file" : seen_as(errno));
        fill_pattern(wanted, (size_t)got, done);
        expect(memcmp(data, wanted, (size_t)got) == 0,
               "asked for %s: other bytes than the file has, after %zu", target, done);
        done += (size_t)got;
    }
}

TEST(files_of_each_size_arrive_whole)
{
    static const struct {
        const char *target;
        size_t length;
    } files[] = {{"/0.bin", 0},
                 {"/1.bin", 1},
                 {"/64k.bin", 64 * 1024},
                 {"/64k1.bin", 64 * 1024 + 1},
                 {"/5m.bin", 5 * 1024 * 1024}};
    for (int i = 0; i < 5; i++) make_file(files[i].target + 1, files[i].length);
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    for (int i = 0; i < 5; i++) expect_file(client, files[i].target, files[i].length);
    expect_errors(server, "");
}

TEST(a_reply_says_what_the_file_is)
{
    static const char *const types[][2] = {{"/t.html", "text/html"},
                                           {"/t.css", "text/css"},
                                           {"/t.js", "text/javascript"},
                                           {"/t.txt", "text/plain"},
                                           {"/t.svg", "image/svg+xml"},
                                           {"/t.png", "image/png"},
                                           {"/t.pdf", "application/pdf"},
                                           {"/t.epub", "application/epub+zip"},
                                           {"/t.html.bak", "application/octet-stream"}};
    struct answer answer;
    for (int i = 0; i < 9; i++) make_file(types[i][0] + 1, 3);
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    for (int i = 0; i < 9; i++) {
        read_answer(client, &answer, ask_for(client, "HEAD", types[i][0]));
        const char *seen = field_of(&answer, "Content-Type");
        expect(seen != NULL && strncmp(seen, types[i][1], strlen(types[i][1])) == 0,
               "asked for %s: expected Content-Type: %s, saw %s", types[i][0], types[i][1],
               seen == NULL ? "none" : seen);
        expect(answer.length == 3, "asked for %s: expected Content-Length: 3, saw %ld", types[i][0],
               answer.length);
        seen = field_of(&answer, "Date");
        expect(seen != NULL && strlen(seen) == 29 && strcmp(seen + 25, " GMT") == 0,
               "expected a Date such as Sun, 06 Nov 1994 08:49:37 GMT, saw %s",
               seen == NULL ? "none" : seen);
    }
}

TEST(a_folder_without_a_slash_is_told_where_it_is)
{
    static const char *const targets[] = {"/sub", "/sub?a=b", "/%73ub"}, *const locations[] = {
                                                                             "/sub/", "/sub/",
                                                                             "/%73ub/"};
    struct answer answer;
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    for (int i = 0; i < 3; i++) {
        read_answer(client, &answer, ask_for(client, "GET", targets[i]));
        const char *seen = field_of(&answer, "Location");
        expect(answer.status == 301 && seen != NULL &&
                   strncmp(seen, locations[i], strlen(locations[i])) == 0,
               "asked for %s: expected the status 301 and Location: %s, saw '%.200s'", targets[i],
               locations[i], answer.head);
    }
}

TEST(a_file_that_nobody_may_read_is_forbidden)
{
    make_file("locked", 3);
    chmod(in_folder("locked"), 0);
    if (skip_unless(access(in_folder("locked"), R_OK) == -1, "root may read every file")) return;
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_status(client, GET("/locked"), 403);
}

/* Its length is sent already: the end of the connection is all that can tell. */
TEST(a_file_that_becomes_shorter_ends_the_connection_and_not_the_server)
{
    static const off_t LONG = 64 * 1024 * 1024;
    struct answer answer;
    char data[64 * 1024];
    make_file("long.bin", 0);
    need(truncate(in_folder("long.bin"), LONG) == 0, "truncate");
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    send_text(client, GET("/long.bin"));
    read_head(client, &answer, GET("/long.bin"));
    wait_asleep(server); /* it waits in send */
    need(truncate(in_folder("long.bin"), 1000) == 0, "truncate");
    long long seen = 0;
    ssize_t got = -1;
    while (await(client, POLLIN) && (got = recv(client, data, sizeof data, 0)) > 0) seen += got;
    expect(seen < LONG && got == 0,
           "expected the end of the connection before %lld bytes, saw %lld bytes and %s",
           (long long)LONG, seen, got == 0 ? "the end" : seen_as(errno));
    client = dial(port_of(server));
    expect_status(client, GET("/"), 200);
    expect_running(server);
}

void add_files(Suite *suite)
{
    TCase *tests = add_folder_case(suite, "files");
    tcase_add_test(tests, files_of_each_size_arrive_whole);
    tcase_add_test(tests, a_reply_says_what_the_file_is);
    tcase_add_test(tests, a_folder_without_a_slash_is_told_where_it_is);
    tcase_add_test(tests, a_file_that_nobody_may_read_is_forbidden);
    tcase_add_test(tests, a_file_that_becomes_shorter_ends_the_connection_and_not_the_server);
}
