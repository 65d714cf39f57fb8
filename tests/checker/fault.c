/*
 * A library for LD_PRELOAD that makes chosen calls of a program fail, or move fewer bytes.
 * The variable FAULTS holds words separated by spaces:
 *
 *   CALL=ERRNO@N    the N-th call of CALL fails with ERRNO, for example accept=EMFILE@1
 *   CALL=ERRNO@N+   the N-th call and all later ones fail
 *   CALL=ERRNO@%N   the first of every N calls fails: 1, N+1, 2N+1 ...
 *   CALL=STOP@N     before the N-th call the program stops, as by SIGSTOP, until SIGCONT; then it is made
 *   EXIT=1          SIGUSR2 makes it call exit(0): a sanitizer then looks for leaks. Only for a program that waits
 *   CALL=SIGTERM@N  the signal comes just before the N-th call, which then goes on (SIGINT likewise)
 *   SEND=K, RECV=K  each send, each recv, really moves at most K bytes
 *   STRICT=1        setsockopt refuses a value that has not the size of an int
 *   QUICK=MS        a timeout for receiving, SO_RCVTIMEO, is so many milliseconds
 *   THREAD=MS       each new thread begins so many milliseconds late
 *   NOTE=1          nothing fails: the checker wants to know where connect goes
 *
 * Where the variable FAULTS_HIDDEN is there, too, the program finds none of them: it could print what a failure is expected to print.
 *
 * Of close only the calls on a socket count, and of read those on the standard input: an interpreter makes others, too.
 * On a connection read and recvfrom count as recv, and write as send: a program may use either. recvmsg, sendmsg and sendto have
 * their own counts.
 * A failing close closes first, as Linux does (close(2), section Dealing with error returns).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fault.h"

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"EACCES", EACCES},
    {"EADDRNOTAVAIL", EADDRNOTAVAIL},
    {"EAFNOSUPPORT", EAFNOSUPPORT},
    {"EAGAIN", EAGAIN},
    {"ECONNABORTED", ECONNABORTED},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ECONNRESET", ECONNRESET},
    {"EHOSTUNREACH", EHOSTUNREACH},
    {"EINTR", EINTR},
    {"EINVAL", EINVAL},
    {"EIO", EIO},
    {"EMFILE", EMFILE},
    {"EMSGSIZE", EMSGSIZE},
    {"ENETDOWN", ENETDOWN},
    {"ENETUNREACH", ENETUNREACH},
    {"ENFILE", ENFILE},
    {"ENOBUFS", ENOBUFS},
    {"ENOMEM", ENOMEM},
    {"EPERM", EPERM},
    {"EPIPE", EPIPE},
    {"EPROTO", EPROTO},
    {"ETIMEDOUT", ETIMEDOUT},
};

static char faults[4096], notes_path[256];

/* Moves what the environment says to where the program does not look: environ(7). */
static void take_from_environment(const char *name, char *place, size_t size)
{
    char *value = getenv(name);
    if (value == NULL) return;
    snprintf(place, size, "%s", value);
    if (getenv("FAULTS_HIDDEN") == NULL) return;
    unsetenv(name);
    memset(value - strlen(name) - 1, 0,
           strlen(name) + 1 + strlen(value)); /* /proc/self/environ, too */
}

__attribute__((constructor(101))) static void take_faults(void)
{
    take_from_environment("FAULTS", faults, sizeof faults);
    take_from_environment("FAULT_NOTES", notes_path, sizeof notes_path);
    if (getenv("FAULTS_HIDDEN") != NULL) unsetenv("LD_PRELOAD");
    unsetenv("FAULTS_HIDDEN");
}

/* errno's number for a name; a name that is missing above ends the program, so that no test passes by a slip. */
static int number_of(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strlen(errors[i].name) == length && strncmp(errors[i].name, name, length) == 0)
            return errors[i].number;
    fprintf(stderr, "fault: unknown error in FAULTS: %s\n", name);
    abort();
}

struct fault_notes *fault_notes(void)
{
    static struct fault_notes *notes;
    if (notes == NULL && notes_path[0] != '\0') {
        int (*real_open)(const char *, int, ...), (*real_close)(int), error = errno;
        *(void **)&real_open = dlsym(RTLD_NEXT, "open");
        *(void **)&real_close = dlsym(RTLD_NEXT, "close");
        int file = real_open(notes_path, O_RDWR);
        void *place = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        real_close(file);
        if (place != MAP_FAILED) notes = place;
        errno = error;
    }
    return notes;
}

/*
 * How often the call of this word of FAULTS was made: for the check to look at, and by all processes of the program together.
 * Where there are no notes, `own`: in this process.
 */
static int count_call(int word, int own)
{
    struct fault_notes *notes = fault_notes();
    return notes != NULL && word < FAULT_WORDS ? ++notes->counts[word] : own;
}

int fault(const char *call, int own)
{
    size_t length = strlen(call);
    int number = -1, error = 0;
    for (const char *word = faults; word != NULL; word = strchr(word, ' ')) {
        word += strspn(word, " ");
        if (*word == '\0') break;
        number++;
        if (strncmp(word, call, length) != 0 || word[length] != '=') continue;
        int count = count_call(number, own);
        if (error != 0) continue; /* the others have counted, too */
        const char *name = word + length + 1;
        size_t name_length = strcspn(name, "@ ");
        const char *when = name + name_length;
        if (*when++ != '@') abort();
        char *end;
        long n = strtol(*when == '%' ? when + 1 : when, &end, 10);
        if (*when == '%' ? count % n == 1 : *end == '+' ? count >= n : count == n) {
            if (strncmp(name, "STOP", name_length) == 0)
                raise(SIGSTOP);
            else if (strncmp(name, "SIG", 3) == 0)
                kill(getpid(),
                     strncmp(name, "SIGINT", 6) == 0 ? SIGINT : SIGTERM); /* as from outside */
            else
                error = number_of(name, name_length);
        }
    }
    return error;
}

size_t number_after(const char *name, size_t otherwise)
{
    const char *word = strstr(faults, name);
    return word != NULL ? strtoul(word + strlen(name), NULL, 10) : otherwise;
}
