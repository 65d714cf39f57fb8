/* The calls that a program makes: how often, and under which name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

/* ---- how often ---- */

enum { FAULT_WORDS = 16 }; /* tests/checker/fault.c */

/* A file that it shares with the fault library, or none where that cannot be made. */
void count_calls(struct program *program)
{
    static char paths[MOST_PROGRAMS][64];
    char *path = paths[program - programs];
    snprintf(path, sizeof paths[0], "/tmp/check-calls-XXXXXX");
    int file = mkstemp(path);
    if (file == -1) return;
    size_t size = FAULT_WORDS * sizeof *program->counts;
    void *place = ftruncate(file, (off_t)size) == 0
                      ? mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0)
                      : MAP_FAILED;
    fchmod(file, 0666); /* a program that runs as somebody else */
    close(file);
    if (place == MAP_FAILED) {
        unlink(path);
        return;
    }
    program->counts = place;
    program->counts_path = path;
}

void forget_counts(void)
{
    for (int i = 0; i < program_count; i++)
        if (programs[i].counts_path != NULL) unlink(programs[i].counts_path);
}

long calls_of(const struct program *program, const char *call)
{
    int number = 0;
    size_t length = strlen(call);
    if (program->counts == NULL) return -1;
    for (const char *word = program->run.faults; word != NULL && number < FAULT_WORDS; number++) {
        if (strncmp(word, call, length) == 0 && word[length] == '=') return program->counts[number];
        word = strchr(word, ' ');
        if (word != NULL) word++;
    }
    return -1;
}

/* ---- names: calls that do the same, of which a program may use either ---- */

static const char *const same[][4] = {
    {"recv", "read", "recvfrom", "recvmsg"},
    {"send", "write", "sendto", "sendmsg"},
};

/* The names of what `message` begins with, itself among them; NULL: only this one. */
static const char *const *names_of(const char *message)
{
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        size_t length = strlen(same[i][0]);
        if (strncmp(message, same[i][0], length) == 0 &&
            (message[length] == ':' || message[length] == '\0'))
            return same[i];
    }
    return NULL;
}

bool names_call(const char *line, const char *call)
{
    const char *const *names = names_of(call);
    for (int i = 0; i < (names != NULL ? 4 : 1); i++) {
        const char *name = names != NULL ? names[i] : call;
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') return true;
    }
    return false;
}

/* The same message with this name in place of its own. */
static void rename_call(const char *message, const char *name, char *text, size_t size)
{
    snprintf(text, size, "%s%s", name, message + strcspn(message, ":"));
}

bool holds_message(const char *errors, const char *message)
{
    const char *const *names = names_of(message);
    char text[512];
    if (names == NULL) return strstr(errors, message) != NULL;
    for (int i = 0; i < 4; i++) {
        rename_call(message, names[i], text, sizeof text);
        if (strstr(errors, text) != NULL) return true;
    }
    return false;
}

bool is_message(const char *errors, const char *message)
{
    const char *const *names = names_of(message);
    char text[512];
    if (names == NULL) return strcmp(errors, message) == 0;
    for (int i = 0; i < 4; i++) {
        rename_call(message, names[i], text, sizeof text);
        if (strcmp(errors, text) == 0) return true;
    }
    return false;
}
