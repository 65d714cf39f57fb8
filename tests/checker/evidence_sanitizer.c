/* Evidence in the report of a sanitizer, or in the signal that ended a program: evidence.h. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "evidence.h"
#include "program.h"

/* What they call it, what more stands in the report, and what it is in plain words. The first row that fits, and names no
   call of a later lesson. */
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
     .meaning = "It wrote behind the end of an array. What recv has filled to the last byte has no "
                "room for\n"
                "a '\\0' more."},
    {.name = "buffer-overflow",
     .more = "WRITE of size",
     .meaning = "It wrote behind the end of an array."},
    {.name = "buffer-overflow",
     .more = "READ of size",
     .meaning =
         "It read behind the end of an array. Bytes from recv have no '\\0' at their end: use "
         "as many\n"
         "as recv returned."},
    {.name = "buffer-overflow",
     .more = "READ of size",
     .meaning = "It read behind the end of an array."},
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

/* Where in the learner's own file: "server.c:32"; in another one when that is not named, or "". */
static void find_place(const char *report, const char *program, char *place, size_t size)
{
    char own[64];
    snprintf(own, sizeof own, "/%s.c:", program);
    const char *found = strstr(report, own), *end;
    place[0] = '\0';
    if (found == NULL) found = strstr(report, ".c:");
    if (found == NULL) return;
    if (*found == '/') found++;
    end = strstr(found, ".c:") + 3;
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
    size_t innermost = at != NULL ? strcspn(at, "\n") : 0;
    char frame[256];
    snprintf(frame, sizeof frame, "%.*s", (int)innermost, at != NULL ? at : "");
    bool received = strstr(frame, "recv") != NULL || strstr(frame, " read") != NULL ||
                    strstr(frame, "_read") != NULL;
    for (size_t i = 0; i < sizeof findings / sizeof findings[0] && meaning[0] == '\0'; i++)
        if (strstr(report, findings[i].name) != NULL &&
            (findings[i].more == NULL || strstr(report, findings[i].more) != NULL) &&
            (received || !findings[i].in_recv) && !names_later(findings[i].meaning))
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
    find_place(line, program->run.program, place, sizeof place);
    explain(found, meaning, sizeof meaning);
    size_t length = strcspn(found, "(\n"); /* without registers */
    const char *address = strstr(found, " on address");
    if (address != NULL && address < found + length) length = (size_t)(address - found);
    snprintf(cause, size, "%s%s%s%s%sThe sanitizer calls it: %.*s", place[0] != '\0' ? "At " : "",
             place, place[0] != '\0' ? ": " : "", meaning, meaning[0] != '\0' ? "\n" : "",
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
