/* http.h: the text of HTTP/1.1, without sockets and files. RFC 9110 says what it means, RFC 9112 how it is written. */
#ifndef HTTP_H
#define HTTP_H

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* The statuses: RFC 9110, section 15, and for 431 RFC 6585. The functions below return NULL when nothing is wrong so far. */
static const char ok[] = "200 OK", moved[] = "301 Moved Permanently",
                  bad_request[] = "400 Bad Request", forbidden[] = "403 Forbidden",
                  not_found[] = "404 Not Found", not_allowed[] = "405 Method Not Allowed",
                  timed_out[] = "408 Request Timeout", uri_too_long[] = "414 URI Too Long",
                  too_large[] = "431 Request Header Fields Too Large",
                  server_error[] = "500 Internal Server Error",
                  not_implemented[] = "501 Not Implemented",
                  other_version[] = "505 HTTP Version Not Supported";

struct request {
    const char *method, *target; /* as the client has sent them: visible bytes alone */
    unsigned long long content;  /* Content-Length: bytes that follow the empty line */
    int hosts, lengths;          /* how often the fields Host and Content-Length have come */
    bool old;                    /* HTTP/1.0 */
    bool closes;                 /* the client asks for the end of the connection after the reply */
};

/* How many bytes at the beginning of a text may be in a method or in the name of a field: RFC 9110, section 5.6.2. */
static inline size_t token(const char *text)
{
    return strspn(text,
                  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/*
 * Reads `METHOD TARGET HTTP/1.1`, with one space between them: RFC 9112, section 3.
 *   line     without its end; it is cut into its parts
 *   request  gets method and target, which point into the line, and old and closes
 * Returns bad_request, or other_version for a version that does not begin with 1.
 */
static inline const char *parse_request_line(char *line, struct request *request)
{
    char *target = line + token(line);
    if (target == line || *target != ' ') return bad_request;
    *target++ = '\0';
    char *version = target;
    while (*version > ' ' && *version <= '~') version++;
    if (version == target || fnmatch(" HTTP/[0-9].[0-9]", version, 0) != 0) return bad_request;
    *version = '\0';
    request->method = line;
    request->target = target;
    request->old = request->closes = version[8] == '0';
    return version[6] == '1' ? NULL : other_version;
}

/*
 * Reads `NAME: VALUE`, with no space before the colon: RFC 9112, section 5. Fields that are not named here are passed over.
 *   line     without its end; it is cut into its parts
 *   request  gets what Host, Content-Length and Connection say
 * Returns bad_request for a field that is malformed, folded, or there twice; not_implemented for Transfer-Encoding:
 * where the content ends would not be known (RFC 9112, section 6.1).
 */
static inline const char *parse_field(char *line, struct request *request)
{
    char *value = line + token(line), *end = value + strlen(value);
    if (value == line || *value != ':') return bad_request;
    *value++ = '\0';
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';
    value += strspn(value, " \t");

    if (strcasecmp(line, "Host") == 0) {
        if (request->hosts++ > 0 || value[strcspn(value, " \t/?#@\\")] != '\0') return bad_request;
    } else if (strcasecmp(line, "Content-Length") == 0) {
        if (request->lengths++ > 0 || *value == '\0') return bad_request;
        if (value[strspn(value, "0123456789")] != '\0') return bad_request;
        request->content =
            strtoull(value, NULL, 10); /* the greatest number there is, when it is greater */
    } else if (strcasecmp(line, "Transfer-Encoding") == 0) {
        return not_implemented;
    } else if (strcasecmp(line, "Connection") == 0) {
        for (char *rest = value, *word; (word = strtok_r(rest, ", \t", &rest)) != NULL;)
            if (strcasecmp(word, "close") == 0) request->closes = true;
    }
    return NULL;
}

/*
 * Looks at a request whose lines have all come. HTTP/1.1 wants one Host (RFC 9112, section 3.2), and a method that is
 * known, but is not for files, is 405 (RFC 9110, section 15.5.6; PATCH: RFC 5789).
 */
static inline const char *check_request(const struct request *request)
{
    static const char *const known[] = {"POST",    "PUT",   "DELETE", "CONNECT",
                                        "OPTIONS", "TRACE", "PATCH"};
    if (request->hosts == 0 && !request->old) return bad_request;
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) return NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(request->method, known[i]) == 0) return not_allowed;
    return not_implemented;
}

/*
 * Takes the path out of a target: what stands before the question mark, with each %XX as its byte (RFC 3986, sections
 * 2.1 and 3.3). A target may begin with http://HOST (RFC 9112, section 3.2.2).
 *   path  room for at least as many bytes as the target has
 * Returns bad_request when there is no path, or one with a byte that no name of a file has: NUL or a slash in %XX.
 */
static inline const char *parse_path(const char *target, char *path)
{
    if (strncasecmp(target, "http://", 7) == 0) target += 7 + strcspn(target + 7, "/?");
    if (*target != '/') return bad_request;
    while (*target != '\0' && *target != '?') {
        *path = *target++;
        if (*path == '#') return bad_request;
        if (*path++ != '%') continue;
        char digits[3] = "";
        memcpy(digits, target, strnlen(target, 2));
        if (strspn(digits, "0123456789ABCDEFabcdef") != 2) return bad_request;
        path[-1] = (char)strtol(digits, NULL, 16);
        if (path[-1] == '\0' || path[-1] == '/') return bad_request;
        target += 2;
    }
    *path = '\0';
    return NULL;
}

/* What a file that could not be opened is for a client. `number` is errno: open(2). */
static inline const char *status_of(int number)
{
    if (number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG) return not_found;
    if (number == EACCES || number == ENXIO) return forbidden;
    return number == ELOOP || number == EMLINK ? forbidden
                                               : server_error; /* a link; FreeBSD says EMLINK */
}

/* The media type of a file, by the end of its name: RFC 9110, section 8.3. */
static inline const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {"*.html", "text/html; charset=utf-8"},
        {"*.css", "text/css; charset=utf-8"},
        {"*.js", "text/javascript"},
        {"*.txt", "text/plain; charset=utf-8"},
        {"*.svg", "image/svg+xml"},
        {"*.png", "image/png"},
        {"*.pdf", "application/pdf"},
        {"*.epub", "application/epub+zip"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (fnmatch(types[i][0], name, 0) == 0) return types[i][1];
    return "application/octet-stream";
}

/* A reply without what follows its head. */
struct reply {
    const char *status, *type;
    long long length; /* Content-Length */
};

/*
 * Writes the head of a reply: RFC 9112, section 4, with the time of now (RFC 9110, section 6.6.1), and what a status
 * asks for: Allow with 405, Location with 301: the same path, and a slash.
 *   head, room  where to, and how many bytes there are: at least 300 more than the target of the request has
 * Returns how many bytes it has.
 */
static inline size_t write_head(char *head, size_t room, const struct request *request,
                                const struct reply *reply)
{
    char date[32];
    struct tm parts;
    time_t now = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    int path = reply->status == moved ? (int)strcspn(request->target, "?") : 0;
    return (size_t)snprintf(
        head, room,
        "HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %lld\r\n%s%.*s%s%s%s\r\n",
        reply->status, date, reply->type, reply->length, path > 0 ? "Location: " : "", path,
        path > 0 ? request->target : "", path > 0 ? "/\r\n" : "",
        reply->status == not_allowed ? "Allow: GET, HEAD\r\n" : "",
        request->closes ? "Connection: close\r\n" : "");
}

#endif
