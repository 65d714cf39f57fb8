/* The calls that a program makes: how often, where to, and under which name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "harness.h"
#include "program.h"

/* ---- how often ---- */

/* A file that it shares with the fault library, or none where that cannot be made. */
void count_calls(struct program *program)
{
    static char paths[MOST_PROGRAMS][64];
    char *path = paths[program - programs];
    snprintf(path, sizeof paths[0], "%s/calls-XXXXXX", own_folder());
    int file = mkstemp(path);
    if (file == -1) return;
    size_t size = sizeof *program->notes;
    void *place = ftruncate(file, (off_t)size) == 0
                      ? mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0)
                      : MAP_FAILED;
    fchmod(file, 0666); /* a program that runs as somebody else */
    close(file);
    if (place == MAP_FAILED) return;
    program->notes = place;
    program->notes_path = path;
}

long calls_of(const struct program *program, const char *call)
{
    int number = 0;
    size_t length = strlen(call);
    if (program->notes == NULL) return -1;
    for (const char *word = program->run.faults; word != NULL && number < FAULT_WORDS; number++) {
        if (strncmp(word, call, length) == 0 && word[length] == '=')
            return program->notes->counts[number];
        word = strchr(word, ' ');
        if (word != NULL) word++;
    }
    return -1;
}

/* ---- where to ---- */

static bool has_connected(const struct program *program, struct sockaddr_in *to)
{
    if (program->notes == NULL || program->notes->port == 0) return false;
    to->sin_addr = program->notes->address;
    to->sin_port = program->notes->port;
    return true;
}

bool goes_to(struct program *program, struct sockaddr_in *to)
{
    if (program->run.faults != NULL) return has_connected(program, to);
    if (options.fault_library[0] == '\0') return false;
    struct run run = program->run;
    run.faults = "NOTE=1";
    struct program *again = start(run);
    again->aside = true;
    double end = now() + scaled(2); /* no wait of the check */
    while (!has_connected(again, to) && is_running(again) && now() < end) look_again_soon();
    end_now(again);
    return has_connected(again, to);
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
        if (strncmp(message, same[i][0], length) == 0 && message[length] == ':') return same[i];
    }
    return NULL;
}

static bool begins(const char *text, const char *message)
{
    return strncmp(text, message, strlen(message)) == 0;
}

static bool holds(const char *text, const char *message)
{
    return strstr(text, message) != NULL;
}

static bool is(const char *text, const char *message)
{
    return strcmp(text, message) == 0;
}

/* The message, with its own name or another one of the same, `fits` the text. */
static bool fits_somehow(bool (*fits)(const char *, const char *), const char *text,
                         const char *message)
{
    const char *const *names = names_of(message);
    char renamed[512];
    for (int i = 0; names != NULL && i < 4; i++) {
        snprintf(renamed, sizeof renamed, "%s%s", names[i], message + strcspn(message, ":"));
        if (fits(text, renamed)) return true;
    }
    return names == NULL && fits(text, message);
}

const char *told(const char *call, int error)
{
    static char line[256];
    snprintf(line, sizeof line, "%s: %s\n", call, reason(error));
    return line;
}

bool names_call(const char *line, const char *call)
{
    char message[64];
    snprintf(message, sizeof message, "%s:", call);
    return fits_somehow(begins, line, message);
}

bool holds_message(const char *errors, const char *message)
{
    return fits_somehow(holds, errors, message);
}

bool is_message(const char *errors, const char *message)
{
    return fits_somehow(is, errors, message);
}
