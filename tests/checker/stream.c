/* What a program prints: a thread for each program reads it, and the checks wait for lines of it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

enum { MOST_OUTPUT = 64 * 1024 * 1024 };

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t printed = PTHREAD_COND_INITIALIZER;

/* Both are read to their end. The lock is held. */
static bool streams_ended(const struct program *program)
{
    return (program->out.fd == -1 || program->out.ended) && program->err.ended;
}

/* Waits a moment for news from a reader thread. The lock is held. */
static void wait_a_moment(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 50 * 1000 * 1000;
    if (t.tv_nsec >= 1000 * 1000 * 1000) {
        t.tv_sec++;
        t.tv_nsec -= 1000 * 1000 * 1000;
    }
    pthread_cond_timedwait(&printed, &lock, &t);
}

static bool wait_news(struct waiting *wait)
{
    if (in_vain(wait)) return false;
    wait_a_moment();
    return true;
}

void wait_streams(const struct program *program, double seconds)
{
    double deadline = now() + scaled(seconds);
    pthread_mutex_lock(&lock);
    while (!streams_ended(program) && now() < deadline) wait_a_moment();
    pthread_mutex_unlock(&lock);
}

/* For so many bytes more and a NUL. The old place stays: a check may be reading it, while the program prints on. */
static void make_room(struct text *text, size_t more)
{
    if (text->length + more < text->room) return;
    text->room = 2 * (text->length + more + 1);
    char *bytes = malloc(text->room);
    if (bytes == NULL) abort();
    if (text->length > 0) memcpy(bytes, text->bytes, text->length);
    text->bytes = bytes;
}

void *read_streams(void *argument)
{
    struct program *program = argument;
    struct text *texts[2] = {&program->out, &program->err};
    struct pollfd fds[2] = {{program->out.fd, POLLIN, 0}, {program->err.fd, POLLIN, 0}};
    char chunk[64 * 1024];

    while (fds[0].fd != -1 || fds[1].fd != -1) {
        if (poll(fds, 2, -1) == -1) continue;
        for (int i = 0; i < 2; i++) {
            if (fds[i].fd == -1 || fds[i].revents == 0) continue;
            ssize_t got = read(fds[i].fd, chunk, sizeof chunk);
            pthread_mutex_lock(&lock);
            if (got > 0 && texts[i]->length > MOST_OUTPUT) { /* it prints for ever */
                end_now(program);
            } else if (got > 0) {
                struct text *text = texts[i];
                make_room(text, (size_t)got);
                /* The end first: a check may be reading it. */
                text->bytes[text->length + (size_t)got] = '\0';
                memcpy(text->bytes + text->length, chunk, (size_t)got);
                text->length += (size_t)got;
            } else {
                texts[i]->ended = true;
                close(fds[i].fd);
                fds[i].fd = -1;
            }
            pthread_cond_broadcast(&printed);
            pthread_mutex_unlock(&lock);
        }
    }
    return NULL;
}

/* What fails is often ending just now: its last lines, and how it ended, tell the cause. */
static void settle(void)
{
    for (int i = 0; i < program_count; i++) {
        struct waiting wait = begin_wait();
        while (is_running(&programs[i]) && now() < wait.begun + scaled(0.5) &&
               !stands_still(&wait, 0.1))
            look_again_soon();
        if (!is_running(&programs[i])) wait_streams(&programs[i], 0.5);
    }
}

/* Of much only the end, from the beginning of a line where there is one; of a sanitizer's report its first lines, which say
   what and where. The lock is held. */
static void keep_tail(struct tail *tail, const struct text *text)
{
    const char *from = text->bytes;
    size_t length = text->length;
    tail->kept = true;
    tail->whole = length;
    const char *report = length > TAIL ? strstr(text->bytes, "ERROR: ") : NULL;
    if (report != NULL && strstr(report, "Sanitizer: ") != NULL) {
        while (report > from && report[-1] != '\n') report--;
        length -= (size_t)(report - from);
        from = report;
        tail->inside = true;
        if (length > TAIL) length = TAIL;
        while (length > 1 && from[length - 1] != '\n') length--;
    } else if (length > TAIL) {
        from += length - TAIL;
        length = TAIL;
        const char *line = memchr(from, '\n', length - 1);
        if (line != NULL) {
            length -= (size_t)(line + 1 - from);
            from = line + 1;
        }
    }
    if (length > 0) memcpy(tail->bytes, from, length);
    tail->length = length;
}

void keep_printed(struct failure *failure)
{
    settle();
    pthread_mutex_lock(&lock);
    for (int i = 0; i < program_count; i++) {
        const struct program *program = &programs[i];
        if (program->aside) continue;
        int place = failure->program_count++;
        memcpy(failure->programs[place].name, program->name, sizeof program->name);
        if (!program->run.output_gone && program->run.output_file == NULL)
            keep_tail(&failure->programs[place].out, &program->out);
        keep_tail(&failure->programs[place].err, &program->err);
    }
    pthread_mutex_unlock(&lock);
}

const char *wait_line(struct program *program, const char *prefix)
{
    static char found[8][256];
    static int next;
    struct waiting wait = begin_wait();
    did("waited for a line '%s…' on the stdout of %s", prefix, program->run.program);

    pthread_mutex_lock(&lock);
    for (;;) {
        struct text *text = &program->out;
        char *end;
        while (text->bytes != NULL && (end = memchr(text->bytes + program->read_lines, '\n',
                                                    text->length - program->read_lines)) != NULL) {
            const char *line = text->bytes + program->read_lines;
            program->read_lines = (size_t)(end + 1 - text->bytes);
            if (strncmp(line, prefix, strlen(prefix)) != 0) continue;
            next = (next + 1) % 8;
            snprintf(found[next], sizeof found[next], "%.*s",
                     (int)(end - line - (long)strlen(prefix)), line + strlen(prefix));
            program->last_found = prefix;
            pthread_mutex_unlock(&lock);
            return found[next];
        }
        if (text->ended || !wait_news(&wait)) break;
    }
    pthread_mutex_unlock(&lock);
    double moment = now() + 0.5; /* a stdout that has ended is mostly a program that has */
    while (program->out.ended && is_running(program) && now() < moment) look_again_soon();
    bool ended = !is_running(program);
    saw.kind = ended ? ENDED : NO_LINE;
    saw.wanted = prefix;
    tell(__FILE__, __LINE__, "expected a line on stdout%s%s%s, flushed at once; %s%s%s",
         prefix[0] != '\0' ? " that starts with '" : "", prefix, prefix[0] != '\0' ? "'" : "",
         ended ? program->name : "it did not come", ended ? " ended before it, with " : "",
         ended ? how_it_ended(program) : "");
}

in_port_t wait_port(struct program *program, const char *prefix)
{
    const char *rest = wait_line(program, prefix);
    in_port_t port = port_in(rest);
    saw.wanted = prefix;
    saw.line = rest;
    expect_or(OTHER_LINE, port != 0, "expected '%s%s', saw '%s%s'", prefix,
              facts.takes_path ? "PATH" : "127.0.0.1:PORT", prefix, rest);
    saw.wanted = saw.line = NULL;
    return port;
}

void expect_port(in_port_t seen, in_port_t wanted)
{
    saw.back = seen, saw.expected = wanted;
    expect_or(OTHER_PORT, seen == wanted, "expected port %d, saw %d", wanted, seen);
}

void expect_peer(struct program *server, int client)
{
    if (facts.takes_path) { /* the client's socket has no address */
        wait_port(server, "connection on ");
        return;
    }
    in_port_t peer = wait_port(server, "connection from ");
    saw.back = peer, saw.expected = local_port(client);
    expect_or(OTHER_PORT, peer == local_port(client), "expected the client's port %d, saw %d",
              local_port(client), peer);
}

size_t output_of(struct program *program, const char **text)
{
    pthread_mutex_lock(&lock);
    *text = program->out.bytes != NULL ? program->out.bytes : "";
    size_t length = program->out.length;
    pthread_mutex_unlock(&lock);
    return length;
}

const char *errors_of(struct program *program)
{
    pthread_mutex_lock(&lock);
    const char *text = program->err.bytes != NULL ? program->err.bytes : "";
    pthread_mutex_unlock(&lock);
    return text;
}

int times_in(const char *text, const char *part)
{
    int times = 0;
    for (; (text = strstr(text, part)) != NULL; text++) times++;
    return times;
}

void wait_errors(struct program *program, const char *text)
{
    struct waiting wait = begin_wait();
    pthread_mutex_lock(&lock);
    while (program->err.bytes == NULL || !holds_message(program->err.bytes, text))
        if (program->err.ended || !wait_news(&wait)) {
            pthread_mutex_unlock(&lock);
            saw.kind = OTHER_ERRORS;
            saw.wanted = text;
            tell(__FILE__, __LINE__, "expected '%.*s' on stderr; it did not come",
                 (int)strcspn(text, "\n"), text);
        }
    pthread_mutex_unlock(&lock);
}

void expect_errors(struct program *program, const char *text)
{
    saw.wanted = text;
    expect_or(OTHER_ERRORS, is_message(errors_of(program), text),
              "expected all of stderr to be '%.*s'", (int)strcspn(text, "\n"), text);
}
