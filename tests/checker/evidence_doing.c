/* Evidence in what a program does: evidence.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "evidence.h"
#include "program.h"

/* It was waited for, and did not come. */
static bool in_time(void)
{
    return saw.kind != NO_LINE && saw.kind != NO_BYTES && saw.kind != NO_END &&
           saw.kind != STILL_RUNS && saw.kind != NOT_ACCEPTED;
}

/* Busy, although it has to wait: ready to run whenever one looks, however little it gets of a loaded machine. */
bool busy_loop(struct program *program, char *cause, size_t size)
{
    enum { LOOKS = 40 };
    int ready = 0;
    const char *output;
    size_t printed = output_of(program, &output);
    if (facts.works || saw.kind == OTHER_PEER || saw.kind == TIME_OVER) return false;
    int before = times_in(errors_of(program), "accept: ");
    double begun = now();
    for (int i = 0; i < LOOKS && is_running(program); i++) {
        ready += is_busy(program);
        poll(NULL, 0, 10); /* the time to measure */
    }
    int failed = times_in(errors_of(program), "accept: ") - before;
    if (failed > 10 + 50 * (now() - begun)) {
        snprintf(
            cause, size,
            "accept has failed %d times in %.1f s. While its reason lasts it fails at once: rest "
            "before the next\n"
            "try. A tenth of a second is 100000 for usleep, which counts microseconds, and for "
            "nanosleep\n"
            ".tv_nsec = 100000000.",
            failed, now() - begun);
        return true;
    }
    if (ready < LOOKS * 9 / 10 || output_of(program, &output) != printed) return false;
    const char *what = "Is a call made again and again that returns at once?";
    if (saw.kind == STILL_RUNS && program->in == -1 && !facts.echoes)
        what = "Its input has ended, and\n"
               "a read of it returns at once now, each time: 0, or EOF from getchar. That is the "
               "end, too.";
    else if (facts.echoes)
        what = "Is a call made again and again that returns at once?\n"
               "After the end of file recv returns 0 at once, each time: 0 ends the loop.";
    snprintf(cause, size, "It is busy where it should wait. %s", what);
    return true;
}

bool sleeping(struct program *program, char *cause, size_t size)
{
    const char *calls = facts.echoes                ? ": accept, recv or read"
                        : facts.serves != NO_CLIENT ? ": accept"
                                                    : "";
    if (saw.kind == TOO_SLOW) {
        snprintf(cause, size,
                 "It is too slow: most of the time it sleeps. Is there a sleep or usleep%s?\n"
                 "It has to wait in a call that returns when something comes%s.",
                 facts.echoes ? " before each reply" : "", calls);
        return true;
    }
    if (in_time() || !is_running(program) || !is_in_a_sleep(program)) return false;
    if (saw.kind == STILL_RUNS && saw.expected == 1)
        return false; /* it should end with a failure */
    if (strstr(errors_of(program), "accept: ") != NULL)
        return false; /* the pause after it is right */
    snprintf(
        cause, size,
        "It sleeps (sleep, usleep) where it should wait. It has to wait in a call that returns "
        "when\n"
        "something comes%s.",
        calls);
    return true;
}

/* An event loop that waits somewhere else than in poll. */
bool waits_for_one(struct program *program, char *cause, size_t size)
{
    if (facts.waits_in == NULL || in_time() || !is_running(program) ||
        !is_in_a_socket_call(program))
        return false;
    snprintf(
        cause, size,
        "It waits for one socket, in accept, recv or send, and not for all of them in %s: no call "
        "of a socket\n"
        "may wait. Is each of them non-blocking, the listener too?",
        facts.waits_in);
    return true;
}

/* The bytes that did not come do so at the end of the input. */
bool keeps_bytes(struct program *program, char *cause, size_t size)
{
    static char bytes[64 * 1024];
    size_t back = 0;
    if (saw.kind != NO_BYTES || saw.back >= saw.expected || !facts.echoes || !is_running(program) ||
        shutdown(saw.sock, SHUT_WR) == -1)
        return false;
    while (back < saw.expected - saw.back && readable(saw.sock, scaled(0.7))) {
        ssize_t got = recv(saw.sock, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got <= 0) break;
        back += (size_t)got;
    }
    if (saw.back + back < saw.expected) return false;
    if (noted_sent() == 0)
        snprintf(cause, size,
                 "It came only when the client had ended its sending, and this one had sent "
                 "nothing: does the server\n"
                 "wait in recv before it sends?");
    else if (saw.back > 0 && facts.waits_in != NULL && strcmp(facts.waits_in, "epoll_wait") == 0)
        snprintf(cause, size,
                 "A part came back, and the rest only when the client had ended its sending: more "
                 "had come than\n"
                 "one recv took. With EPOLLET epoll_wait does not tell again what it has told: "
                 "receive until EAGAIN.");
    else
        snprintf(cause, size,
                 "The bytes came back only when the client had ended its sending: until then the "
                 "server keeps\n"
                 "them. Does it wait for a full buffer (MSG_WAITALL, fread, a loop until it is "
                 "full), or for a\n"
                 "line, or does it print to the socket without fflush? Send what each recv has "
                 "brought.");
    return true;
}

bool too_many_bytes(struct program *program, char *cause, size_t size)
{
    (void)program;
    if (saw.kind != OTHER_BYTE || saw.byte != 0 || !facts.echoes) return false;
    snprintf(cause, size,
             "Bytes came back that were not sent: send as many bytes as recv returned, not the "
             "size of the\n"
             "buffer.");
    return true;
}

/* The connection did not end, it was reset; the program runs, or has ended in good order. */
bool went_on_after_reset(struct program *program, char *cause, size_t size)
{
    if (saw.kind != END_RESET || saw.error != ECONNRESET || ending_signal(program) != 0)
        return false;
    snprintf(cause, size,
             "The connection was reset, where it should have ended. close does that when bytes "
             "were left in the\n"
             "socket that nobody has received, and when SO_LINGER is set to 0 seconds.");
    return true;
}

static void tell_unflushed(const char *how, char *cause, size_t size)
{
    snprintf(cause, size, "%s stdout is not flushed.%s", how,
             foreign() ? "" : "\nIn C: setvbuf(stdout, NULL, _IOLBF, 0) at the start.");
}

/* no_newline has ended its input, and then it has ended: only now the text is there. */
bool came_at_the_end(struct program *program, char *cause, size_t size)
{
    const char *output;
    output_of(program, &output);
    if (saw.kind != NO_LINE || is_running(program) || saw.wanted == NULL || saw.wanted[0] == '\0')
        return false;
    const char *at = strstr(output, saw.wanted);
    while (at != NULL && line_with(output, at) != at) at = strstr(at + 1, saw.wanted);
    if (at == NULL) return false; /* its line begins with something else */
    tell_unflushed("The text came only when the program ended: into a pipe it is kept, so", cause,
                   size);
    return true;
}

bool unflushed(struct program *program, char *cause, size_t size)
{
    const char *output;
    if (saw.kind != NO_LINE || output_of(program, &output) != 0 || !is_running(program) ||
        !prints_only_on_a_terminal(program))
        return false;
    tell_unflushed("On a terminal it prints, into a pipe it does not:", cause, size);
    return true;
}

/* One that should serve many has ended, in good order, after the first of two clients, or of some. */
bool served_some(struct program *program, char *cause, size_t size)
{
    enum { SOME = 64 };
    const char *output;
    output_of(program, &output);
    int named = times_in(output, "connection from"), served = named > 0 ? named : 1;
    bool next = connections_made() == served + (saw.kind != NOT_CONNECTED);
    bool gone = saw.kind == NOT_CONNECTED || saw.kind == BYTES_RESET || saw.kind == BYTES_ENDED ||
                saw.kind == END_RESET || saw.kind == ENDED || saw.kind == NO_BYTES;
    if (facts.serves != MANY_CLIENTS || !gone || !next || served > SOME ||
        exit_status(program) != 0 || errors_of(program)[0] != '\0')
        return false;
    snprintf(cause, size,
             "It served %d client%s, and has ended. Others come: accept stands in a loop that has "
             "no end%s.",
             served, served == 1 ? "" : "s", served == 1 ? "" : ", for (;;)");
    return true;
}

/* The fault of the check: this call and this error, of room 32 each; NUMBER is which one fails. False: another fault, or none. */
static bool is_made_to_fail(struct program *program, char *call, char *error, int *number)
{
    *number = 1; /* which one of them fails; 1 for each, or from this one on */
    if (sscanf(faults_of(program), "%31[^=]=%31[^@]@%d", call, error, number) < 2) return false;
    return error[0] == 'E';
}

/* What the check would have made fail was not called, and the check waits for what comes of that. */
bool never_called(struct program *program, char *cause, size_t size)
{
    char call[32], error[32];
    int number;
    bool waits = saw.kind == NO_END || saw.kind == STILL_RUNS || saw.kind == OTHER_STATUS ||
                 (saw.kind == OTHER_ERRORS && errors_of(program)[0] == '\0');
    if (!waits || ending_signal(program) != 0 || !is_made_to_fail(program, call, error, &number) ||
        calls_of(program, call) != 0)
        return false;
    snprintf(cause, size,
             "%s was not called: the check would have made it fail. Is it there, and does the "
             "program come to it?",
             call);
    return true;
}

/* The call that the check made fail: it was made again, or nobody looked at what it returned. */
bool unnoticed_failure(struct program *program, char *cause, size_t size)
{
    char call[32], error[32];
    int number;
    bool went_on = (saw.kind == STILL_RUNS || saw.kind == OTHER_STATUS) && saw.expected == 1 &&
                   ending_signal(program) == 0;
    if (!went_on || !is_made_to_fail(program, call, error, &number)) return false;
    long calls = calls_of(program, call);
    if (calls == 1 && number == 2 && strcmp(call, "close") == 0)
        snprintf(
            cause, size,
            "close was called for one socket, and there are two: the listener, and the one that "
            "accept returned.\n"
            "In `client = accept(...) == -1` client becomes 0 or 1: brackets around client = "
            "accept(...).");
    else if (calls < number)
        return false;
    else if (strcmp(call, "connect") == 0 && strcmp(error, "EINTR") == 0 && calls > number)
        snprintf(cause, size,
                 "connect was called again after EINTR. Other calls are repeated, connect is not:\n"
                 "it goes on by itself. Here it ends the program as any failure does.");
    else if (calls > number && strcmp(call, "close") != 0)
        snprintf(cause, size,
                 "%s failed with %s, and the program has called it again. Here a failure ends it, "
                 "with exit\n"
                 "status 1.",
                 call, error);
    else
        snprintf(cause, size,
                 "%s failed with %s, and the program %s. Check what\n"
                 "each call returns; after a failure the exit status is 1.",
                 call, error,
                 saw.kind == OTHER_STATUS
                     ? "went on as if nothing had happened, or ended with another exit status"
                     : "goes on");
    return true;
}
