/* What the files of the suite for further/tiny-http share. */
#ifndef TINY_HTTP_H
#define TINY_HTTP_H

#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* A test case of the suite, whose server serves a folder that each check has new: `index.html`, `sub/` and what else make_folder puts
   there. */
TCase *add_folder_case(Suite *suite, const char *name);
const char *in_folder(const char *name); /* its path, in static memory until the next call */
void make_file(const char *name,
               size_t length); /* there, or cut to this length; with the bytes of fill_pattern */

/* A reply, as far as it has been read. */
struct answer {
    int status;
    char head[9000]; /* the status line and the fields, with their ends */
    long length;     /* Content-Length; -1 where there is none */
    bool closes;     /* Connection: close */
};

/* Reads the head of the next reply. It fails the check when that is none of HTTP/1.1. `sent` is told with it. */
void read_head(int sock, struct answer *answer, const char *sent);
/* Reads the head and throws the content away. */
void read_answer(int sock, struct answer *answer, const char *sent);
/* The value of a field of the head, or NULL: in static memory until the next call. */
const char *field_of(const struct answer *answer, const char *name);
void send_text(int sock, const char *text);
/* Sends a request and expects this status; the connection stays open. */
void expect_status(int sock, const char *request, int status);

#define H "\r\nHost: here\r\n\r\n"
#define GET(target) "GET " target " HTTP/1.1" H

/* tiny-http_requests.c, tiny-http_framing.c, tiny-http_files.c, tiny-http_lasting.c */
void add_requests(Suite *suite);
void add_framing(Suite *suite);
void add_files(Suite *suite);
void add_lasting_http(Suite *suite);

#endif
