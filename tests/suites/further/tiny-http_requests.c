/* further/tiny-http: a table of requests, and the status that each gets. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"
#include "tiny-http.h"

struct asked {
    const char *request;
    size_t length; /* a NUL may be among its bytes */
    int status;
};
#define ASKED(request, status)                                                                     \
    {                                                                                              \
        request, sizeof(request) - 1, status                                                       \
    }

/* METHOD TARGET VERSION: RFC 9112, sections 2.2 and 3. */
static const struct asked request_lines[] = {
    ASKED("GET / HTTP/1.1" H, 200),
    ASKED("\r\n\r\nGET / HTTP/1.1" H, 200),
    ASKED("GET / HTTP/1.0\r\n\r\n", 200),
    ASKED("GET / HTTP/1.2" H, 200),
    ASKED("GET / HTTP/1.1\nHost: here\n\n", 200),
    ASKED("GET http://here/ HTTP/1.1" H, 200),
    ASKED("GET HTTP://here/sub/index.html HTTP/1.1" H, 200),
    ASKED("GET  / HTTP/1.1" H, 400),
    ASKED("GET /  HTTP/1.1" H, 400),
    ASKED("GET\t/ HTTP/1.1" H, 400),
    ASKED(" GET / HTTP/1.1" H, 400),
    ASKED("GET / HTTP/1.1 " H, 400),
    ASKED("GET /" H, 400),
    ASKED("GET" H, 400),
    ASKED("GET / http/1.1" H, 400),
    ASKED("GET / HTTP/1" H, 400),
    ASKED("GET / HTTP/1.10" H, 400),
    ASKED("GET / HTTP/x.1" H, 400),
    ASKED("GET / HTTP/2.0" H, 505),
    ASKED("GET / HTTP/0.9" H, 505),
    ASKED("G(T / HTTP/1.1" H, 400),
    ASKED("GET /\x01 HTTP/1.1" H, 400),
    ASKED("GET /\xc3\xa9 HTTP/1.1" H, 400),
    ASKED("GET /\r HTTP/1.1" H, 400),
    ASKED("GET /\0 HTTP/1.1" H, 400),
    ASKED("GET index.html HTTP/1.1" H, 400),
    ASKED("GET * HTTP/1.1" H, 400),
    ASKED("GET /#top HTTP/1.1" H, 400),
};

/* NAME: VALUE: RFC 9112, section 5; Host: section 3.2. */
static const struct asked fields[] = {
    ASKED("GET / HTTP/1.1\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\nHost:\r\n\r\n", 200),
    ASKED("GET / HTTP/1.1\r\nhOST:here\t \r\n\r\n", 200),
    ASKED("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    ASKED("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded" H, 400),
    ASKED("GET / HTTP/1.1\r\nX-Some.Thing_else: b" H, 200),
    ASKED("GET / HTTP/1.1\r\n: b" H, 400),
    ASKED("GET / HTTP/1.1\r\nX" H, 400),
    ASKED("GET / HTTP/1.1\r\nX(y): b" H, 400),
    ASKED("GET / HTTP/1.1\r\nX: a\rb" H, 400),
    ASKED("GET / HTTP/1.1\r\nX: a\0b" H, 400),
};

/* RFC 9112, section 6: where a request ends must not be in doubt. */
static const struct asked contents[] = {
    ASKED("GET / HTTP/1.1\r\nContent-Length: 0" H, 200),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 5" H "hello", 200),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 4294967296" H GET("/sub/"), 200),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999" H GET("/sub/"), 200),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5" H "hello", 400),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 5, 5" H "hello", 400),
    ASKED("GET / HTTP/1.1\r\nContent-Length: -1" H, 400),
    ASKED("GET / HTTP/1.1\r\nContent-Length: +5" H "hello", 400),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 0x5" H "hello", 400),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 5 5" H "hello", 400),
    ASKED("GET / HTTP/1.1\r\nContent-Length:" H, 400),
    ASKED("GET / HTTP/1.1\r\nTransfer-Encoding: chunked" H "0\r\n\r\n" GET("/sub/"), 501),
    ASKED("GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked" H "0\r\n\r\n", 501),
};

/* RFC 9110, section 9. */
static const struct asked methods[] = {
    ASKED("HEAD / HTTP/1.1" H, 200),    ASKED("HEAD /none HTTP/1.1" H, 404),
    ASKED("POST / HTTP/1.1" H, 405),    ASKED("PUT / HTTP/1.1" H, 405),
    ASKED("DELETE / HTTP/1.1" H, 405),  ASKED("TRACE / HTTP/1.1" H, 405),
    ASKED("OPTIONS * HTTP/1.1" H, 405), ASKED("CONNECT here:80 HTTP/1.1" H, 405),
    ASKED("PATCH / HTTP/1.1" H, 405),   ASKED("BREW / HTTP/1.1" H, 501),
    ASKED("get / HTTP/1.1" H, 501),
};

/* RFC 3986, section 2.1; and no way out of the folder. */
static const struct asked paths[] = {
    ASKED(GET("/index.html"), 200),
    ASKED(GET("/index.html?a=b"), 200),
    ASKED(GET("/%69ndex.html"), 200),
    ASKED(GET("/a%20b.txt"), 200),
    ASKED(GET("/sub/"), 200),
    ASKED(GET("/sub"), 301),
    ASKED(GET("/none"), 404),
    ASKED(GET("/empty/"), 404),
    ASKED(GET("/index.html/"), 404),
    ASKED(GET("/index.html/none"), 404),
    ASKED(GET("//etc/passwd"), 404),
    ASKED(GET("/sub//index.html"), 404),
    ASKED(GET("/../index.html"), 403),
    ASKED(GET("/sub/../index.html"), 403),
    ASKED(GET("/%2e%2e/index.html"), 403),
    ASKED(GET("/.%2e/"), 403),
    ASKED(GET("/./index.html"), 403),
    ASKED(GET("/.hidden"), 403),
    ASKED(GET("/link.txt"), 403),
    ASKED(GET("/linked/index.html"), 403),
    ASKED(GET("/pipe"), 403),
    ASKED(GET("/%"), 400),
    ASKED(GET("/%4"), 400),
    ASKED(GET("/%zz"), 400),
    ASKED(GET("/%00"), 400),
    ASKED(GET("/index.html%00.txt"), 400),
    ASKED(GET("/sub%2findex.html"), 400),
};

static const char *request; /* the last one */

static bool leads_out(struct program *program)
{
    (void)program;
    return saw.back == 200 && strstr(request, "/.") != NULL;
}

static bool follows_a_link(struct program *program)
{
    (void)program;
    return saw.back == 200 && strstr(request, "/link") != NULL;
}

static bool has_content(struct program *program)
{
    (void)program;
    return strstr(request, "Content-Length") != NULL;
}

static void ask_each(const struct asked *asked, size_t count)
{
    struct answer answer;
    SUSPECTS({OTHER, leads_out,
              "A name that begins with a dot is served, and with `..` any file outside the folder "
              "is, too.\n"
              "Look at the path when each %XX is a byte, before the first name is opened.",
              NULL},
             {OTHER, follows_a_link,
              "A symbolic link leads out of the folder, and is followed: O_NOFOLLOW, at each name "
              "of the path.",
              NULL},
             {MORE_BYTES, has_content,
              "After the reply comes another one: the content of the request was taken for a "
              "request. As many\n"
              "bytes as Content-Length says are none, also when that is more than an int can hold.",
              NULL});
    struct program *server = start_server(NULL);
    for (size_t i = 0; i < count; i++, asked++) {
        int client = dial(port_of(server));
        request = asked->request;
        send_bytes(client, asked->request, asked->length);
        read_answer(client, &answer, asked->request);
        saw.back = (size_t)answer.status;
        expect(answer.status == asked->status, "sent '%.200s': expected the status %d, saw %d",
               asked->request, asked->status, answer.status);
        const char *allow = field_of(&answer, "Allow");
        expect(answer.status != 405 ||
                   (allow != NULL && strstr(allow, "GET") && strstr(allow, "HEAD")),
               "expected `Allow: GET, HEAD` with the status 405, saw '%.200s'", answer.head);
        half_close(client);
        expect_end(client); /* and no second reply: what followed was content */
        close(client);
    }
    expect_running(server);
}

#define ASK_EACH(table) ask_each(table, sizeof table / sizeof *table)

TEST(each_request_line_gets_its_status)
{
    ASK_EACH(request_lines);
}
TEST(each_field_gets_its_status)
{
    ASK_EACH(fields);
}
TEST(content_is_never_taken_for_a_request)
{
    ASK_EACH(contents);
}
TEST(each_method_gets_its_status)
{
    ASK_EACH(methods);
}
TEST(each_path_gets_its_status_and_none_leads_out)
{
    ASK_EACH(paths);
}

void add_requests(Suite *suite)
{
    TCase *tests = add_folder_case(suite, "requests");
    tcase_add_test(tests, each_request_line_gets_its_status);
    tcase_add_test(tests, each_field_gets_its_status);
    tcase_add_test(tests, content_is_never_taken_for_a_request);
    tcase_add_test(tests, each_method_gets_its_status);
    tcase_add_test(tests, each_path_gets_its_status_and_none_leads_out);
}
