/* Evidence in what a program printed: evidence.h. */
#include "evidence.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "program.h"

/* ---- sanitizers ---- */

/* What they call it, what more stands in the report, and what it is in plain words. The first row that fits. */
static const struct {
    const char *name, *more, *meaning;
    bool in_recv; /* the innermost call is recv or read */
} findings[] = {
    {.name = "buffer-overflow",
     .in_recv = true,
     .meaning =
         "recv wrote more than the memory has that it was given. Its third argument is the size "
         "of\n"
         "the array, or of what malloc gave; sizeof of a pointer or of a number is not that size."},
    {.name = "buffer-overflow",
     .more = "WRITE of size",
     .meaning = "It wrote behind the end of an array, or of what malloc gave. What recv has filled "
                "to the\n"
                "last byte has no room for a '\\0' more."},
    {.name = "buffer-overflow",
     .more = "READ of size",
     .meaning = "It read behind the end of an array, or of what malloc gave. Bytes from recv have "
                "no '\\0'\n"
                "at their end: use as many as recv returned."},
    {.name = "use-after-free", .meaning = "It used memory after free."},
    {.name = "use-after",
     .meaning =
         "It used a variable of a function that has returned. What a thread gets must stay."},
    {.name = "double-free", .meaning = "It freed the same memory twice."},
    {.name = "bad-free", .meaning = "It freed what malloc has not given."},
    {.name = "stack-overflow",
     .meaning =
         "The stack is full: a function calls itself without an end, or an array is too large."},
    {.name = "LeakSanitizer", .meaning = "What malloc gave was never given back: free it."},
    {.name = "data race",
     .meaning =
         "Two threads use one variable at the same time, and one of them writes it: lock a mutex\n"
         "around both, or give each thread its own."},
};

/* Where in the learner's own file: "server.c:32", or "". */
static void find_place(const char *report, char *place, size_t size)
{
    const char *found = strstr(report, ".c:");
    place[0] = '\0';
    if (found == NULL) return;
    const char *end = found + 3;
    while (found > report && strchr(" \n/(", found[-1]) == NULL) found--;
    while (isdigit((unsigned char)*end)) end++;
    snprintf(place, size, "%.*s", (int)(end - found), found);
}

/* The sentence for a finding; "" for one that stands in no row. */
static void explain(const char *report, char *meaning, size_t size)
{
    long index, most;
    unsigned long address;
    const char *at;
    meaning[0] = '\0';
    if ((at = strstr(report, "runtime error: index ")) != NULL &&
        sscanf(at, "runtime error: index %ld out of bounds for type '%*[^[][%ld]", &index, &most) ==
            2)
        snprintf(meaning, size,
                 "It went behind the end of an array: element %ld of %ld, which are 0 to %ld.",
                 index, most, most - 1);
    else if ((at = strstr(report, "SEGV on unknown address 0x")) != NULL &&
             sscanf(at, "SEGV on unknown address 0x%lx", &address) == 1)
        snprintf(
            meaning, size, "%s",
            address < 4096
                ? "It used a NULL pointer: something that was never set, or a call that has failed."
                : "It used a pointer that points nowhere: never set, or no pointer at all.");
    else if (strstr(report, "null pointer") != NULL)
        snprintf(
            meaning, size,
            "It used a NULL pointer: something that was never set, or a call that has failed.");
    at = strstr(report, "#0 ");
    const char *recv = at != NULL ? strstr(at, "recv") : NULL,
               *next = at != NULL ? strstr(at, "#1 ") : NULL;
    bool received = recv != NULL && next != NULL && recv < next;
    for (size_t i = 0; i < sizeof findings / sizeof findings[0] && meaning[0] == '\0'; i++)
        if (strstr(report, findings[i].name) != NULL &&
            (findings[i].more == NULL || strstr(report, findings[i].more) != NULL) &&
            (received || !findings[i].in_recv))
            snprintf(meaning, size, "%s", findings[i].meaning);
}

bool sanitizer(struct program *program, char *cause, size_t size)
{
    static const char *const begins[] = {
        "runtime error: ", "AddressSanitizer: ", "LeakSanitizer: ", "ThreadSanitizer: "};
    const char *errors = errors_of(program), *found = NULL;
    char place[64], meaning[512];
    for (int i = 0; i < 4; i++) { /* the first of them */
        const char *one = strstr(errors, begins[i]);
        if (one != NULL && (found == NULL || one < found)) found = one;
    }
    if (found == NULL) return false;
    const char *line =
        found; /* with the place before it, which the undefined-behaviour sanitizer prints */
    while (line > errors && line[-1] != '\n') line--;
    find_place(line, place, sizeof place);
    explain(found, meaning, sizeof meaning);
    size_t length = strcspn(found, "(\n"); /* without registers */
    const char *address = strstr(found, " on address");
    if (address != NULL && address < found + length) length = (size_t)(address - found);
    snprintf(cause, size, "%s%s%s%sThe sanitizer calls it: %.*s", place[0] != '\0' ? "At " : "",
             place, place[0] != '\0' ? ": " : "", meaning, (int)length, found);
    if (meaning[0] != '\0')
        snprintf(cause, size, "%s%s%s%s\nThe sanitizer calls it: %.*s",
                 place[0] != '\0' ? "At " : "", place, place[0] != '\0' ? ": " : "", meaning,
                 (int)length, found);
    return true;
}

bool crashed(struct program *program, char *cause, size_t size)
{
    int signal = ending_signal(program);
    if (signal == SIGPIPE)
        snprintf(cause, size,
                 "SIGPIPE ended it: it wrote to somebody who has gone. Ignore that signal.");
    else if (signal == SIGSEGV || signal == SIGBUS)
        snprintf(cause, size,
                 "It crashed (signal %d): it used a pointer that is NULL or points nowhere, or "
                 "went behind\n"
                 "the end of an array.",
                 signal);
    else if (signal == SIGABRT || signal == SIGFPE || signal == SIGILL)
        snprintf(cause, size, "It crashed: signal %d, %s.", signal, strsignal(signal));
    else
        return false;
    return true;
}

/* ---- lines ---- */

bool names_call(const char *line, const char *call)
{
    static const char *const same[][4] = {{"recv", "read", "recvfrom", "recvmsg"},
                                          {"send", "write", "sendto", "sendmsg"}};
    size_t length = strlen(call);
    if (strncmp(line, call, length) == 0 && line[length] == ':') return true;
    for (int i = 0; i < 2; i++) {
        if (strcmp(call, same[i][0]) != 0) continue;
        for (int j = 1; j < 4; j++)
            if (strncmp(line, same[i][j], strlen(same[i][j])) == 0 &&
                line[strlen(same[i][j])] == ':')
                return true;
    }
    return false;
}

/* The line of a text in which `part` begins. */
static int line_of(const char *text, const char *part, const char **begin)
{
    *begin = part;
    while (*begin > text && (*begin)[-1] != '\n') --*begin;
    return (int)strcspn(*begin, "\n");
}

bool call_succeeded(struct program *program, char *cause, size_t size)
{
    char success[64], call[32] = "";
    snprintf(success, sizeof success, ": %s\n", reason(0));
    const char *errors = errors_of(program), *found = strstr(errors, success), *line;
    if (found == NULL) return false;
    int length = line_of(errors, found, &line);
    snprintf(call, sizeof call, "%.*s",
             (int)(found - line) < (int)sizeof call ? (int)(found - line) : 0, line);
    if (names_call(line, "recv"))
        snprintf(cause, size, "%s returned 0. This is the end of file and no failure.", call);
    else if (strncmp(call, "pthread_", 8) == 0)
        snprintf(cause, size,
                 "%s returns the error, and leaves errno alone: put what it returned into errno "
                 "before perror.",
                 call);
    else
        snprintf(cause, size,
                 "'%.*s': the call has worked. Is its test the wrong way round (-1 is failure, and "
                 "0 or more is\n"
                 "none), or does a ';' stand behind the 'if'?",
                 length, line);
    return true;
}

/* Usage in place of what was waited for, although the arguments are right. */
bool said_usage(struct program *program, char *cause, size_t size)
{
    bool waited = saw.kind == ENDED || saw.kind == NO_LINE || saw.kind == NOT_CONNECTED ||
                  saw.kind == NOT_ACCEPTED || (saw.kind == OTHER_STATUS && saw.expected == 0);
    if (!waited || strncasecmp(errors_of(program), "usage", 5) != 0) return false;
    snprintf(cause, size,
             "It prints usage, although its arguments are right. argv[0] is the program's own "
             "name; argv[1]\n"
             "is ADDRESS, argv[2] is PORT, and argc counts all three.");
    return true;
}

/* A failure was told, and the exit status says that there was none. */
bool told_and_ended_well(struct program *program, char *cause, size_t size)
{
    if (saw.kind != OTHER_STATUS || saw.expected != 1 || is_running(program) ||
        ending_signal(program) != 0 || strstr(errors_of(program), ": ") == NULL ||
        strncmp(how_it_ended(program), "exit status 0", 13) != 0)
        return false;
    snprintf(
        cause, size,
        "It tells the failure, and ends with exit status 0. After a failure the exit status is 1.");
    return true;
}

/* The text that was waited for stands on the other stream, or before its place. */
bool line_elsewhere(struct program *program, char *cause, size_t size)
{
    const char *output, *errors = errors_of(program), *found;
    if (saw.wanted == NULL || saw.wanted[0] == '\0') return false;
    output_of(program, &output);
    if (saw.kind == OTHER_ERRORS) {
        size_t length = strcspn(saw.wanted, "\n");
        char line[256];
        snprintf(line, sizeof line, "%.*s", (int)length, saw.wanted);
        if (length == 0 || strstr(output, line) == NULL) return false;
        snprintf(cause, size,
                 "'%s' stands on stdout. A message about a failure belongs on stderr: perror, or\n"
                 "fprintf(stderr, ...).",
                 line);
        return true;
    }
    if (saw.kind != NO_LINE && saw.kind != ENDED) return false;
    if ((found = strstr(errors, saw.wanted)) != NULL && (found == errors || found[-1] == '\n'))
        snprintf(cause, size, "The line '%s...' stands on stderr: it belongs on stdout.",
                 saw.wanted);
    else if ((found = strstr(output, saw.wanted)) != NULL &&
             (found == output || found[-1] == '\n') &&
             (size_t)(found - output) < program->read_lines)
        snprintf(cause, size,
                 "The line '%s...' is there, and comes before a line that should stand before it.",
                 saw.wanted);
    else
        return false;
    return true;
}

/* The text came, and its line did not end. */
bool no_newline(struct program *program, char *cause, size_t size)
{
    const char *output, *errors = errors_of(program);
    size_t length;
    if (saw.kind == OTHER_ERRORS && saw.wanted != NULL && saw.wanted[0] != '\0') {
        length = strlen(errors);
        size_t wanted = strcspn(saw.wanted, "\n");
        if (length < wanted || strncmp(errors + length - wanted, saw.wanted, wanted) != 0)
            return false;
    } else if (saw.kind == OTHER_LINE) { /* two texts in one line */
        int end = 0;
        sscanf(saw.line, "%*[0-9.]:%*d%n", &end);
        if (end == 0 || saw.line[end] == '\0' || isspace((unsigned char)saw.line[end]))
            return false;
    } else if (saw.kind == NO_LINE || saw.kind == ENDED) {
        if (is_running(program)) end_and_wait(program); /* this prints what was kept */
        length = output_of(program, &output);
        if (length == 0 || output[length - 1] == '\n') return false;
    } else {
        return false;
    }
    snprintf(cause, size,
             "The text is there, and its line does not end: put \\n at the end of it.");
    return true;
}

/* strerror's text of any error. */
static bool is_a_reason(const char *text, size_t length)
{
    for (int error = 1; error < 134; error++) {
        const char *known = reason(error);
        if (strlen(known) == length && strncmp(known, text, length) == 0) return true;
    }
    return false;
}

/* `call: reason` is wanted. The reason stands there behind something else, or the call before something else. */
bool other_words(struct program *program, char *cause, size_t size)
{
    char wanted[256], call[32];
    const char *errors = errors_of(program), *colon, *found, *line;
    if (saw.kind != OTHER_ERRORS || saw.wanted == NULL) return false;
    snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(saw.wanted, "\n"), saw.wanted);
    colon = strstr(wanted, ": ");
    if (colon == NULL || colon[2] == '\0' || (size_t)(colon - wanted) >= sizeof call) return false;
    snprintf(call, sizeof call, "%.*s", (int)(colon - wanted), wanted);
    if ((found = strstr(errors, colon + 2)) != NULL) {
        int length = line_of(errors, found, &line);
        if (names_call(line, call)) return false;
        snprintf(cause, size,
                 "The reason is right, and the line is '%.*s'.\nThe one that is wanted is '%s', as "
                 "perror(\"%s\") prints it.",
                 length, line, wanted, call);
        return true;
    }
    for (line = errors; *line != '\0'; line += strcspn(line, "\n"), line += *line != '\0') {
        if (!names_call(line, call)) continue;
        const char *text = strchr(line, ':') + 1;
        text += strspn(text, " ");
        size_t length = strcspn(text, "\n");
        if (is_a_reason(text, length))
            snprintf(cause, size,
                     "%s has failed with '%s', and the message says '%.*s': another call came in "
                     "between and\n"
                     "has changed errno. Print the reason at once.",
                     call, colon + 2, (int)length, text);
        else
            snprintf(cause, size,
                     "The name of the call is right; the reason is wanted in the words of "
                     "strerror(errno): '%s'.",
                     colon + 2);
        return true;
    }
    return false;
}
