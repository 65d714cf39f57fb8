/* further/tiny-http: requests and replies of HTTP/1.1 (RFC 9110, RFC 9112), and what a server of many clients promises. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"
#include "tiny-http.h"

/* The folder that is served, in that of the check, with a file beside it. */
static char folder[64];

const char *in_folder(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void make_file(const char *name, size_t length)
{
    char data[64 * 1024];
    int file = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    need(file != -1, "open");
    for (size_t done = 0, part; done < length; done += part) {
        part = length - done < sizeof data ? length - done : sizeof data;
        fill_pattern(data, part, done);
        need(write(file, data, part) == (ssize_t)part, "write");
    }
    close(file);
}

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "%s/served", own_folder());
    need(mkdir(folder, 0755) == 0, "mkdir");
    need(mkdir(in_folder("sub"), 0755) == 0, "mkdir");
    need(mkdir(in_folder("empty"), 0755) == 0, "mkdir");
    need(mkfifo(in_folder("pipe"), 0644) == 0, "mkfifo");
    need(symlink("../index.html", in_folder("link.txt")) == 0, "symlink");
    need(symlink("..", in_folder("linked")) == 0, "symlink");
    static const char *const files[] = {"index.html", "a b.txt", "sub/index.html", ".hidden",
                                        "../index.html"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) make_file(files[i], 100 + i);
}

static void serve_anything(void)
{
    lesson = "further/tiny-http";
    facts = (struct facts){
        .takes_address = true, .serves = MANY_CLIENTS, .threads = true, .deadline = 10};
}

/* What is said on a connection in the shared tests: a request, and its reply. */
static void ask(int sock, in_port_t port)
{
    (void)port;
    expect_status(sock, GET("/there-is-no-such-file"), 404);
}

static void enter(void)
{
    serve_anything();
    third_argument = "/";
    converse = ask;
}

static void use_folder(void)
{
    serve_anything();
    facts.prepare = make_folder;
    third_argument = folder;
}

TCase *add_folder_case(Suite *suite, const char *name)
{
    return add_case(suite, name, use_folder);
}

void send_text(int sock, const char *text)
{
    send_bytes(sock, text, strlen(text));
}

void read_head(int sock, struct answer *answer, const char *sent)
{
    size_t length = 0, room = sizeof answer->head - 1;
    const char *end = NULL;
    answer->head[0] = '\0';
    while (end == NULL) {
        errno = 0;
        ssize_t got =
            await(sock, POLLIN) ? recv(sock, answer->head + length, room - length, MSG_PEEK) : -1;
        expect(got > 0, "sent '%.100s': expected a reply, saw '%.200s' and then %s", sent,
               answer->head, got == 0 ? "the end of file" : seen_as(errno));
        answer->head[length + (size_t)got] = '\0';
        end = strstr(answer->head, "\r\n\r\n");
        size_t whole = end == NULL ? length + (size_t)got : (size_t)(end + 4 - answer->head);
        recv(sock, answer->head + length, whole - length, 0);
        length = whole;
        answer->head[length] = '\0';
    }
    char after;
    int seen = sscanf(answer->head, "HTTP/1.1 %3d%c", &answer->status, &after);
    expect(seen == 2 && after == ' ',
           "sent '%.100s': expected a status line HTTP/1.1 STATUS REASON, fields and an empty "
           "line, saw '%.200s'",
           sent, answer->head);
    const char *value = field_of(answer, "Content-Length");
    answer->length = value == NULL ? -1 : strtol(value, NULL, 10);
    value = field_of(answer, "Connection");
    answer->closes = value != NULL && strcasecmp(value, "close") == 0;
}

const char *field_of(const struct answer *answer, const char *name)
{
    static char value[9000];
    size_t length = strlen(name);
    for (const char *line = answer->head; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
        line += length + 1 + strspn(line + length + 1, " \t");
        snprintf(value, sizeof value, "%.*s", (int)strcspn(line, "\r\n"), line);
        return value;
    }
    return NULL;
}

void read_answer(int sock, struct answer *answer, const char *sent)
{
    read_head(sock, answer, sent);
    expect(answer->length >= 0, "sent '%.100s': expected a Content-Length, saw '%.200s'", sent,
           answer->head);
    if (strncmp(sent, "HEAD", 4) == 0) return;
    for (long left = answer->length; left > 0;) {
        char data[4096];
        ssize_t got =
            await(sock, POLLIN) ? recv(sock, data, left < 4096 ? (size_t)left : 4096, 0) : -1;
        expect(got > 0, "sent '%.100s': expected %ld bytes of content, saw %ld and then %s", sent,
               answer->length, answer->length - left,
               got == 0 ? "the end of file" : seen_as(errno));
        left -= got;
    }
}

void expect_status(int sock, const char *request, int status)
{
    struct answer answer;
    send_text(sock, request);
    read_answer(sock, &answer, request);
    expect(answer.status == status, "sent '%.100s': expected the status %d, saw %d", request,
           status, answer.status);
}

TEST(a_folder_that_is_not_there_is_a_failed_open)
{
    struct program *server = start((struct run){
        .program = "server", .arguments = {"127.0.0.1", "0", "/there/is/no/such/folder"}});
    expect_failure(server, NULL, ENOENT);
}

/* What 08 promises of a thread that cannot be made. */
TEST(a_thread_that_cannot_be_made_costs_only_its_client)
{
    if (skip_faults()) return;
    /* That one makes the first thread of a program itself. */
    if (skip_unless(!thread_sanitizer(), "a sanitizer has threads and memory of its own")) return;
    struct program *server = start_server("pthread_create=EAGAIN@1");
    int client = dial(port_of(server));
    wait_errors(server, "pthread_create: ");
    expect_end(client);
    visit(port_of(server), 1);
    expect_served(server, port_of(server));
}

Suite *suite_tiny_http(void)
{
    Suite *suite = suite_create("further/tiny-http");
    add_requests(suite);
    add_framing(suite);
    add_files(suite);
    add_lasting_http(suite);
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 9);
    add_narration(suite, enter);
    add_visits(suite, enter);
    TCase *others = add_case(suite, "others", enter);
    tcase_add_test(others, a_folder_that_is_not_there_is_a_failed_open);
    tcase_add_test(others, a_thread_that_cannot_be_made_costs_only_its_client);
    return suite;
}
