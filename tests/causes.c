/* What probably made a check fail, told from what the programs printed and did: the end of a failure's story. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

/* A failure that a check and a text give away. NULL means: whatever it is. The first row that fits is told. */
static const struct {
    const char *check;   /* part of the check's name */
    const char *message; /* part of what it expected and saw */
    const char *errors;  /* part of the program's stderr */
    const char *cause;
    const char *read;
} known[] = {
    {"restart", NULL, "Address already in use",
     "The last connection is in TIME_WAIT, and SO_REUSEADDR is not set before bind.",
     "lessons/04-accept/README.md"},
    {NULL, NULL, "accept: Invalid argument", "accept needs a listener: call listen after bind.",
     "lessons/03-listen/README.md"},
    {NULL, NULL, "Transport endpoint is not connected",
     "recv or send was called on the listener: use the socket that accept returned.",
     "lessons/04-accept/README.md"},
};

/* The line of the sanitizer, or of its stack, that says what is wrong. */
static bool sanitizer(const char *errors, char *cause, size_t size)
{
    const char *found = strstr(errors, "runtime error: ");
    if (found == NULL) found = strstr(errors, "ERROR: AddressSanitizer: ");
    if (found == NULL) found = strstr(errors, "ERROR: LeakSanitizer: ");
    if (found == NULL) found = strstr(errors, "WARNING: ThreadSanitizer: ");
    if (found == NULL) return false;
    while (found > errors && found[-1] != '\n') found--;
    const char *place = strstr(found, ".c:"); /* the first line of the learner's own file */
    while (place != NULL && place > found && place[-1] != ' ' && place[-1] != '\n') place--;
    snprintf(cause, size, "The sanitizer has found: %.*s\n%.*s", (int)strcspn(found, "\n"), found,
             place != NULL ? (int)strcspn(place, " \n") : 0, place != NULL ? place : "");
    return true;
}

/* The port that the program printed last, as `…A:P`, or 0. */
static in_port_t printed_port(struct program *program)
{
    const char *output, *line = NULL;
    output_of(program, &output);
    for (const char *on = output; (on = strstr(on, " on ")) != NULL; on += 4) line = on;
    int port = 0;
    if (line != NULL) sscanf(line, " on %*[0-9.]:%d", &port);
    return (in_port_t)port;
}

static bool answers(in_port_t port)
{
    int sock = try_dial(port);
    if (sock != -1) close(sock);
    return sock != -1;
}

/* The bytes of a port in the wrong order. */
static bool swapped_port(struct program *program, char *cause, size_t size)
{
    in_port_t printed = printed_port(program);
    int wanted = asked_port(program);
    if (printed == 0) return false;
    in_port_t other = (in_port_t)(printed >> 8 | printed << 8);
    if (wanted > 0 && wanted == other) {
        snprintf(cause, size,
                 "It was asked for port %d (0x%04x) and took %d (0x%04x): the bytes are swapped.\n"
                 "The port does not go through htons into sin_port.",
                 wanted, (unsigned)wanted, printed, printed);
        return true;
    }
    if (is_running(program) && !answers(printed) && answers(other)) {
        snprintf(cause, size,
                 "It printed port %d (0x%04x) and listens at %d (0x%04x): the bytes are swapped.\n"
                 "%s",
                 printed, printed, other, other,
                 wanted > 0 && wanted == printed
                     ? "The port does not go through htons into sin_port."
                     : "The port does not go through ntohs before it is printed.");
        return true;
    }
    return false;
}

const char *likely_cause(const char *check, const char *message, char *cause, size_t size)
{
    static char page[256];
    cause[0] = '\0';
    snprintf(page, sizeof page, "lessons/%s/%s", lesson, task_file);
    struct program *program = checked_program();
    if (program == NULL) return page;
    const char *errors = errors_of(program);
    int signal = ending_signal(program);

    if (sanitizer(errors, cause, size)) return page;
    if (signal == SIGPIPE) {
        snprintf(cause, size,
                 "SIGPIPE ended it: it wrote to somebody who has gone. Ignore that signal.");
        return "lessons/01-create-socket/README.md";
    }
    if (signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE) {
        snprintf(cause, size, "It crashed: signal %d, %s.", signal, strsignal(signal));
        return page;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((known[i].check == NULL || strstr(check, known[i].check) != NULL) &&
            (known[i].message == NULL || strstr(message, known[i].message) != NULL) &&
            (known[i].errors == NULL || strstr(errors, known[i].errors) != NULL)) {
            snprintf(cause, size, "%s", known[i].cause);
            return known[i].read;
        }
    if (swapped_port(program, cause, size)) return "lessons/02-bind-address/README.md";
    const char *output;
    if (strstr(message, "it did not come") != NULL && output_of(program, &output) == 0 &&
        is_running(program) && prints_on_a_terminal(program)) {
        snprintf(cause, size,
                 "On a terminal it prints, into a pipe it does not: stdout is not flushed.\n"
                 "In C: setvbuf(stdout, NULL, _IOLBF, 0) at the start.");
        return "lessons/01-create-socket/README.md";
    }
    return page;
}
