/* The faults of a run in words, for its story. */
#include <stdio.h>
#include <string.h>

#include "program.h"

/* `close=EIO@1 SEND=3` of tests/checker/fault.c in words: "the first close fails with EIO, each send takes at most 3 bytes". */
void put_in_words(const char *faults, char *words, size_t size)
{
    char name[32], what[32], when[8];
    words[0] = '\0';
    for (const char *fault = faults; fault != NULL && *fault != '\0';
         fault = strchr(fault, ' '), fault += fault != NULL) {
        size_t used = strlen(words);
        if (size - used < 3) return;
        char *rest = words + used;
        if (used > 0) rest += snprintf(rest, size - used, ", ");
        size_t room = size - (size_t)(rest - words);
        int n, fields = sscanf(fault, "%31[^=]=%31[^@ ]@%7[^ ]", name, what, when);
        if (fields == 3 && sscanf(when, "%%%d", &n) == 1)
            snprintf(rest, room, "%s %s fails with %s", n == 2 ? "every second" : "now and then a",
                     name, what);
        else if (fields == 3 && strcmp(what, "STOP") != 0 && strncmp(what, "SIG", 3) != 0)
            snprintf(rest, room, "%s %s fails with %s",
                     strcmp(when, "1") == 0    ? "the first"
                     : strcmp(when, "2") == 0  ? "the second"
                     : strcmp(when, "3") == 0  ? "the third"
                     : strcmp(when, "1+") == 0 ? "every"
                                               : "a later",
                     name, what);
        else if (fields == 3 && strcmp(what, "STOP") == 0)
            snprintf(rest, room, "it is stopped just before a %s", name);
        else if (fields == 3)
            snprintf(rest, room, "%s comes just before a %s", what, name);
        else if (strcmp(name, "EXIT") == 0)
            snprintf(rest, room, "the check looks for leaks when it ends");
        else if (strcmp(name, "STRICT") == 0)
            snprintf(rest, room, "setsockopt takes no other length than that of an int");
        else if (strcmp(name, "QUICK") == 0)
            snprintf(rest, room, "a timeout (SO_RCVTIMEO), if it has one, passes at once");
        else if (strcmp(name, "THREAD") == 0)
            snprintf(rest, room, "each thread begins %s ms late", what);
        else if (strcmp(name, "SEND") == 0 || strcmp(name, "RECV") == 0)
            snprintf(rest, room, "each %s at most %s byte%s",
                     name[0] == 'S' ? "send takes" : "recv brings", what,
                     strcmp(what, "1") == 0 ? "" : "s");
        else
            snprintf(rest, room, "%.*s", (int)strcspn(fault, " "), fault);
    }
}
