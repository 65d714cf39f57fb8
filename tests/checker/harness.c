#include "harness.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wordexp.h>
#ifdef __linux__
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#endif

#include "suites.h"

enum {
    MOST_PROGRAMS = 10,
    MOST_ARGUMENTS = 24,
    TAIL = 600,
    MOST_STEPS = 8,
    MOST_OUTPUT = 64 * 1024 * 1024
};

/* What a program has printed on one stream; its reader thread appends. */
struct text {
    int fd;
    char *bytes;
    size_t length, room;
    bool ended;
};

struct program {
    char name[64];
    struct run run;
    char words[6][64]; /* run.arguments, when the caller's are gone */
    pid_t pid;
    int in;
    struct text out, err;
    size_t read_lines; /* how far wait_line has come in out */
    in_port_t port;
    bool waited;
    bool own;   /* a learner's, checked in place of the lesson's */
    bool aside; /* no part of the check: only to find something out */
    int status;
};

const char *lesson = "";
const char *task_file = "README.md";
const char *grace;
static struct program programs[MOST_PROGRAMS];
static int program_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t printed = PTHREAD_COND_INITIALIZER;

/* What the check has done until now, the last steps; told when it fails. */
static const char *current_check = "";
static struct step {
    char text[160];
    int times;
} steps[MOST_STEPS];
static int step_count;
static double begun; /* when the check began */
/* What all checks of this run share: each is a process of its own. */
static struct shared {
    bool hurry;                            /* one of them has waited in vain */
    int begun, skipped;                    /* how many checks */
    char why[256];                         /* the last of them was skipped */
    enum { UNKNOWN, YES, NO } preloadable; /* a command's calls can be made to fail */
} * shared;

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? value : "";
}

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double patience(void)
{
    double scale = strtod(environment("TIMEOUT_SCALE"), NULL);
    double base = own_programs()   ? shared != NULL && shared->hurry ? graded() ? 1.5 : 0.5 : 5
                  : instrumented() ? 60
                                   : 20;
    return base * (scale > 0 ? scale : 1);
}

bool own_programs(void)
{
    return environment("OWN_SERVER")[0] != '\0' || environment("OWN_CLIENT")[0] != '\0';
}

bool foreign(void)
{
    return environment("FOREIGN")[0] != '\0' || environment("RUNNER")[0] != '\0';
}

/* The file REASONS has a line for each error: its number, a space, the text. */
const char *reason(int error)
{
    static char text[256];
    FILE *reasons = fopen(environment("REASONS"), "r");
    int number = -1;
    while (reasons != NULL && number != error &&
           fscanf(reasons, "%d %255[^\n]", &number, text) == 2)
        continue;
    if (reasons != NULL) fclose(reasons);
    return number == error ? text : strerror(error);
}

const char *seen_as(int error)
{
    static char text[64];
    if (error != EAGAIN && error != EWOULDBLOCK && error != EINPROGRESS) return strerror(error);
    snprintf(text, sizeof text, "%s for %g s", error == EINPROGRESS ? "no answer" : "nothing",
             patience());
    return text;
}

void begin_run(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) shared = NULL;
    if (shared != NULL) shared->hurry = environment("HURRY")[0] != '\0';
    raise_limits();
}

/* One line that is written over, for somebody who watches. */
static bool watched(void)
{
    return environment("STORY")[0] != '\0' && isatty(STDERR_FILENO) && shared != NULL;
}

int skipped_checks(void)
{
    return shared != NULL ? shared->skipped : 0;
}

const char *why_skipped(void)
{
    return shared != NULL ? shared->why : "";
}

void end_progress(void)
{
    if (watched()) fprintf(stderr, "\r%-72s\r", "");
}

void begin_check(const char *name)
{
    current_check = name;
    begun = now();
    signal(SIGPIPE, SIG_IGN); /* a program that has gone is told, and does not end the check */
    if (watched()) {
        char line[67];
        snprintf(line, sizeof line, "%-66s", name);
        for (char *c = line; (c = strchr(c, '_')) != NULL;) *c = ' ';
        fprintf(stderr, "\r%4d %s", ++shared->begun, line);
    }
    begin_graded_check();
}

/* Remembers one step of the check. printf(3) arguments. */
static void did(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void did(const char *format, ...)
{
    struct step step = {.times = 1};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step.text, sizeof step.text, format, arguments);
    va_end(arguments);
    struct step *last = &steps[(step_count + MOST_STEPS - 1) % MOST_STEPS];
    if (step_count > 0 && strcmp(last->text, step.text) == 0)
        last->times++;
    else
        steps[step_count++ % MOST_STEPS] = step;
}

bool instrumented(void)
{
    return environment("SANITIZE")[0] != '\0';
}

bool skip_unless(bool able, const char *reason)
{
    static bool counted;
    if (able) return false;
    fprintf(stderr, "skipped in %s: %s\n", lesson, reason);
    if (shared != NULL) {
        shared->skipped += !counted;
        snprintf(shared->why, sizeof shared->why, "%s", reason);
    }
    counted = true;
    return true;
}

static void stop_programs(void)
{
    for (int i = 0; i < program_count; i++)
        if (!programs[i].waited) kill(programs[i].pid, SIGKILL);
}

void skip_rest(const char *reason)
{
    skip_unless(false, reason);
    stop_programs();
    exit(EXIT_SUCCESS);
}

/* A command in another language: whether its calls go through the fault library. One check finds out for all. */
static bool preloadable(void)
{
    if (shared == NULL || shared->preloadable != UNKNOWN)
        return shared != NULL && shared->preloadable == YES;
    bool server = environment("OWN_SERVER")[0] != '\0';
    struct program *probe = start((struct run){.program = server ? "server" : "client",
                                               .arguments = {"127.0.0.1", server ? "0" : "1"},
                                               .faults = "socket=EMFILE@1+"});
    double deadline = now() + 2;
    while (is_running(probe) && now() < deadline) look_again_soon();
    kill(probe->pid, SIGKILL);
    end_and_wait(probe);
    shared->preloadable = strstr(errors_of(probe), reason(EMFILE)) != NULL ? YES : NO;
    probe->aside = true;
    step_count = 0;
    return shared->preloadable == YES;
}

bool skip_call(const char *call)
{
    return foreign() && (strcmp(call, "close") == 0 || strncmp(call, "pthread", 7) == 0);
}

bool skip_faults(void)
{
    if (environment("FOREIGN")[0] != '\0' && !preloadable())
        return skip_unless(false, "the calls of this command cannot be made to fail");
    return skip_unless(environment("FAULT_LIBRARY")[0] != '\0',
                       "this platform has no LD_PRELOAD for the fault library");
}

/* Appends to the story, as far as there is room. */
static char story[16 * 1024];
static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    size_t used = strlen(story);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(story + used, sizeof story - used, format, arguments);
    va_end(arguments);
}

/* Both are read to their end. The lock is held. */
static bool streams_ended(const struct program *program)
{
    return (program->out.fd == -1 || program->out.ended) && program->err.ended;
}

/* Waits for news from a reader thread, at most until `deadline`. The lock is held. False: too late. */
static bool wait_news(double deadline)
{
    if (now() >= deadline) return false;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 100 * 1000 * 1000; /* look at the clock again now and then */
    if (t.tv_nsec >= 1000 * 1000 * 1000) {
        t.tv_sec++;
        t.tv_nsec -= 1000 * 1000 * 1000;
    }
    pthread_cond_timedwait(&printed, &lock, &t);
    return true;
}

/* How many bytes of a character that can be shown stand here: ASCII or UTF-8 (RFC 3629), or 0. */
static size_t printable(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];
    size_t size = first < 0x80   ? isprint(first) || first == '\t'
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    if (size > length) return 0;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
    return size;
}

/* Adds one line without its end; what could disturb a terminal is written like \x1b. */
static void add_line(const char *name, const char *line, size_t width, int times)
{
    add("  %-9s ", name);
    for (size_t i = 0; i < width;) {
        size_t size = printable(line + i, width - i);
        if (size > 0)
            add("%.*s", (int)size, line + i);
        else
            add("\\x%02x", (unsigned char)line[i]);
        i += size > 0 ? size : 1;
    }
    if (times > 1) add("   (%d times)", times);
    add("\n");
}

/* Adds lines, each behind its margin, the first one behind `name`; the same one again only as a number. */
static void add_lines(const char *name, const char *lines, size_t length)
{
    int times = 1;
    while (length > 0) {
        const char *end = memchr(lines, '\n', length);
        size_t width = end != NULL ? (size_t)(end - lines) : length, whole = width + (end != NULL);
        length -= whole;
        if (length >= whole && memcmp(lines, lines + whole, whole) == 0) {
            times++;
        } else {
            add_line(name, lines, width, times);
            times = 1;
            name = "";
        }
        lines += whole;
    }
}

/* Of much only the end, from the beginning of a line where there is one. */
static void add_tail(const char *stream, const struct text *text)
{
    const char *from = text->bytes;
    size_t length = text->length;
    if (length == 0) {
        add_lines(stream, "(nothing)", 9);
        return;
    }
    if (length > TAIL) {
        from += length - TAIL;
        length = TAIL;
        const char *line = memchr(from, '\n', length - 1);
        if (line != NULL) length -= (size_t)(line + 1 - from), from = line + 1;
        add("  %-9s ... (the last %zu of %zu bytes)\n", stream, length, text->length);
        stream = "";
    }
    add_lines(stream, from, length);
}

/* What the check did, the last steps of it. */
static void add_steps(void)
{
    int left_out = step_count > MOST_STEPS ? step_count - MOST_STEPS : 0;
    const char *name = "did";
    if (left_out > 0) add("  %-9s ... (and %d before)\n", name, left_out), name = "";
    for (int i = left_out; i < step_count; i++, name = "")
        add_line(name, steps[i % MOST_STEPS].text, strlen(steps[i % MOST_STEPS].text),
                 steps[i % MOST_STEPS].times);
}

/* What fails is often ending just now: its last lines, and how it ended, tell the cause. */
static void settle(void)
{
    for (int i = 0; i < program_count; i++) {
        double deadline = now() + 0.1;
        while (is_running(&programs[i]) && now() < deadline) look_again_soon();
        if (is_running(&programs[i])) continue;
        deadline = now() + 0.5;
        pthread_mutex_lock(&lock);
        while (!streams_ended(&programs[i]) && wait_news(deadline)) continue;
        pthread_mutex_unlock(&lock);
    }
}

void tell(const char *file, int line, const char *format, ...)
{
    char message[4096], cause[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (shared != NULL && now() - begun > 0.9 * patience()) shared->hurry = true;
    settle();

    add("%s:", lesson);
    for (const char *c = current_check; *c != '\0'; c++) add("%c", *c == '_' ? ' ' : *c);
    add(" (%s:%d)\n", file, line);
    add_steps();
    add_lines("so", message, strlen(message));
    pthread_mutex_lock(&lock);
    for (int i = 0; i < program_count; i++) {
        if (programs[i].aside) continue;
        add("  of %s:\n", programs[i].name);
        if (!programs[i].run.output_gone && programs[i].run.output_file == NULL)
            add_tail("stdout", &programs[i].out);
        add_tail("stderr", &programs[i].err);
    }
    pthread_mutex_unlock(&lock);
    const char *read = likely_cause(current_check, message, cause, sizeof cause);
    if (cause[0] != '\0') add_lines("cause", cause, strlen(cause));
    if (own_programs()) add("  %-9s %s\n", "read", read);

    stop_programs();
    if (strcmp(environment("STORY"), "first") == 0) {
        end_progress();
        printf("%s", story);
        fflush(stdout);
        kill(getppid(), SIGUSR1); /* the runner: no further check */
        _exit(EXIT_FAILURE);
    }
    ck_abort_msg("%s", story);
}

/* ---- programs ---- */

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

static void *read_streams(void *argument)
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
                kill(program->pid, SIGKILL);
            } else if (got > 0) {
                struct text *text = texts[i];
                make_room(text, (size_t)got);
                memcpy(text->bytes + text->length, chunk, (size_t)got);
                text->length += (size_t)got;
                text->bytes[text->length] = '\0';
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

void look_again_soon(void)
{
    poll(NULL, 0, 2);
}

/* Another user may not reach the program: its folder can be root's alone. capabilities(7), bounding set. */
static void drop_raw_sockets(void)
{
#ifdef __linux__
    prctl(PR_CAPBSET_DROP, CAP_NET_RAW); /* who may not drop it does not have it */
#else
    if (geteuid() == 0 && setuid(65534) == -1) _exit(126);
#endif
}

static void in_child(const struct run *run, char *const *arguments, int in, int out, int err,
                     const sigset_t *mask)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (int fd = 3; fd < 256; fd++) close(fd);
    for (int fd = 0; fd < 3; fd++)
        if (run->closed & 1 << fd) close(fd);
    for (int i = 0; i < run->held; i++) open("/dev/null", O_RDONLY);
    if (run->descriptors > 0) {
        struct rlimit limit = {(rlim_t)run->descriptors, (rlim_t)run->descriptors};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (run->unprivileged) drop_raw_sockets();
    if (run->faults != NULL) {
        char preload[8192];
        bool emulated = environment("RUNNER")[0] != '\0'; /* the library is not for qemu itself */
        snprintf(preload, sizeof preload, "%s%s %s", emulated ? "LD_PRELOAD=" : "",
                 environment("PRELOAD_FIRST"), environment("FAULT_LIBRARY"));
        setenv(emulated ? "QEMU_SET_ENV" : "LD_PRELOAD", preload, 1);
        setenv("FAULTS", run->faults, 1);
    }
    if (graded()) limit_program();
    execvp(arguments[0], arguments);
    dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

/* Splits a command of the environment into words, as a shell does. Returns how many. */
static int fill_words(const char *command, const char *arguments[])
{
    static wordexp_t words;
    if (wordexp(command, &words, WRDE_NOCMD) != 0 || words.we_wordc > MOST_ARGUMENTS - 7)
        tell(__FILE__, __LINE__, "'%s': not a command that can be run", command);
    for (size_t i = 0; i < words.we_wordc; i++) arguments[i] = words.we_wordv[i];
    return (int)words.we_wordc;
}

/* The command to run: the lesson's program, or the one that is checked in its place. */
static int fill_command(const struct run *run, const char *arguments[])
{
    static char path[4096];
    int count = 0;
    const char *own = run->lesson != NULL                   ? ""
                      : strcmp(run->program, "server") == 0 ? environment("OWN_SERVER")
                      : strcmp(run->program, "types") == 0
                          ? ""
                          : environment("OWN_CLIENT"); /* scan and ping, too */
    if (own[0] != '\0') {
        count = fill_words(own, arguments);
    } else {
        if (environment("RUNNER")[0] != '\0') count = fill_words(environment("RUNNER"), arguments);
        snprintf(path, sizeof path, "%s/%s/%s", environment("LESSONS"),
                 run->lesson != NULL ? run->lesson : lesson, run->program);
        arguments[count++] = path;
    }
    for (int i = 0; i < 6 && run->arguments[i] != NULL; i++) arguments[count++] = run->arguments[i];
    arguments[count] = NULL;
    return own[0] != '\0';
}

/* `close=EIO@1 SEND=3` of tests/checker/fault.c in words: "the first close fails with EIO, each send takes at most 3 bytes". */
static void put_in_words(const char *faults, char *words, size_t size)
{
    char name[32], what[32], when[8];
    words[0] = '\0';
    for (const char *fault = faults; fault != NULL && *fault != '\0';
         fault = strchr(fault, ' '), fault += fault != NULL) {
        size_t used = strlen(words);
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
        else if (fields == 3)
            snprintf(rest, room, "%s before a %s", what, name);
        else if (strcmp(name, "SEND") == 0 || strcmp(name, "RECV") == 0)
            snprintf(rest, room, "each %s at most %s byte%s",
                     name[0] == 'S' ? "send takes" : "recv brings", what,
                     strcmp(what, "1") == 0 ? "" : "s");
        else
            snprintf(rest, room, "%.*s", (int)strcspn(fault, " "), fault);
    }
}

struct program *start(struct run run)
{
    const char *arguments[MOST_ARGUMENTS + 1];
    bool own = fill_command(&run, arguments);
    ck_assert_int_lt(program_count, MOST_PROGRAMS);
    struct program *program = &programs[program_count];
    *program =
        (struct program){.run = run, .own = own, .in = -1, .out = {.fd = -1}, .err = {.fd = -1}};
    snprintf(program->name, sizeof program->name, "%s%s%s",
             own                  ? "your"
             : run.lesson != NULL ? run.lesson
                                  : lesson,
             own ? " " : "/", run.program);
    char line[128] = "";
    for (int i = 0; i < 6 && run.arguments[i] != NULL; i++) {
        strncat(line, run.arguments[i][0] == '\0' ? " ''" : " ", sizeof line - strlen(line) - 1);
        strncat(line, run.arguments[i], sizeof line - strlen(line) - 1);
    }
    for (int i = 0; i < 6 && run.arguments[i] != NULL; i++) {
        snprintf(program->words[i], sizeof program->words[i], "%s", run.arguments[i]);
        program->run.arguments[i] = program->words[i];
    }
    char words[128] = "";
    if (run.faults != NULL) put_in_words(run.faults, words, sizeof words);
    did("ran %s%s%s%s", run.program, line, run.faults != NULL ? ", where " : "", words);

    int in[2], out[2], err[2];
    need(pipe(in) == 0 && pipe(out) == 0 && pipe(err) == 0, "pipe");
    if (run.input_file != NULL) {
        close(in[0]);
        in[0] = open(run.input_file, O_RDONLY);
    }
    if (run.output_gone) close(out[0]);
    int output = run.output_file != NULL ? open(run.output_file, O_WRONLY) : out[1];
    need(in[0] != -1 && output != -1, "open");
    fcntl(in[1], F_SETFD, FD_CLOEXEC);

    /* A signal that comes before exec must find no handler of Check's: it would kill the check. */
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &before);
    program->pid = fork();
    need(program->pid != -1, "fork");
    if (program->pid == 0) in_child(&run, (char *const *)arguments, in[0], output, err[1], &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    program->in = in[1];
    program->err.fd = err[0];
    program->out.fd = run.output_gone ? -1 : out[0];
    program_count++;

    pthread_t reader;
    errno = pthread_create(&reader, NULL, read_streams, program);
    need(errno == 0, "pthread_create");
    pthread_detach(reader);
    return program;
}

struct program *checked_program(void)
{
    for (int i = program_count - 1; i >= 0; i--)
        if (programs[i].run.lesson == NULL && !programs[i].aside &&
            (!own_programs() || programs[i].own))
            return &programs[i];
    return NULL;
}

/* "exit status 1" or "signal 11", of one that has ended. */
static const char *how_it_ended(const struct program *program)
{
    static char text[64];
    if (WIFEXITED(program->status))
        snprintf(text, sizeof text, "exit status %d", WEXITSTATUS(program->status));
    else
        snprintf(text, sizeof text, "signal %d", WTERMSIG(program->status));
    return text;
}

bool is_running(struct program *program)
{
    if (!program->waited && waitpid(program->pid, &program->status, WNOHANG) == program->pid)
        program->waited = true;
    return !program->waited;
}

int ending_signal(struct program *program)
{
    return !is_running(program) && WIFSIGNALED(program->status) ? WTERMSIG(program->status) : 0;
}

int asked_port(const struct program *program)
{
    const char *port = program->run.arguments[1];
    return port != NULL ? atoi(port) : 5000;
}

const char *faults_of(const struct program *program)
{
    return program->run.faults != NULL ? program->run.faults : "";
}

bool prints_on_a_terminal(struct program *program)
{
    char text[256];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal == -1 || grantpt(terminal) == -1 || unlockpt(terminal) == -1) return false;
    struct run run = program->run;
    run.output_file = ptsname(terminal);
    kill(program->pid, SIGKILL); /* its port may be wanted */
    struct program *again = start(run);
    struct pollfd fd = {terminal, POLLIN, 0};
    bool prints = poll(&fd, 1, 2000) == 1 && read(terminal, text, sizeof text) > 0;
    kill(again->pid, SIGKILL);
    close(terminal);
    again->aside = true;
    return prints;
}

bool connects_to(struct program *program, in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int on = 1, listener = need_socket(AF_INET, SOCK_STREAM);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct pollfd fd = {listener, POLLIN, 0};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1 ||
        listen(listener, 1) == -1)
        return false;
    struct program *again = start(program->run);
    bool connected = poll(&fd, 1, 2000) == 1;
    kill(again->pid, SIGKILL);
    close(listener);
    again->aside = true;
    return connected;
}

void end_and_wait(struct program *program)
{
    double deadline = now() + 0.5;
    if (program->in != -1) close(program->in);
    program->in = -1;
    while (is_running(program) && now() < deadline) look_again_soon();
    pthread_mutex_lock(&lock);
    while (!streams_ended(program) && wait_news(deadline)) continue;
    pthread_mutex_unlock(&lock);
}

struct program *start_server(const char *faults)
{
    struct run run = {
        .program = "server", .arguments = {"127.0.0.1", "0", grace}, .faults = faults};
    struct program *server = start(run);
    server->port = wait_port(server, "listening on ");
    return server;
}

struct program *start_client(in_port_t port, const char *faults)
{
    char text[8];
    snprintf(text, sizeof text, "%d", port);
    return start(
        (struct run){.program = "client", .arguments = {"127.0.0.1", text}, .faults = faults});
}

pid_t pid_of(const struct program *program)
{
    return program->pid;
}

in_port_t port_of(struct program *server)
{
    return server->port;
}

const char *wait_line(struct program *program, const char *prefix)
{
    static char found[8][256];
    static int next;
    double deadline = now() + patience();
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
            pthread_mutex_unlock(&lock);
            return found[next];
        }
        if (text->ended || !wait_news(deadline)) break;
    }
    pthread_mutex_unlock(&lock);
    double moment = now() + 0.5; /* a stdout that has ended is mostly a program that has */
    while (program->out.ended && is_running(program) && now() < moment) look_again_soon();
    bool ended = !is_running(program);
    tell(__FILE__, __LINE__, "expected a line on stdout%s%s%s, flushed at once; %s%s%s",
         prefix[0] != '\0' ? " that starts with '" : "", prefix, prefix[0] != '\0' ? "'" : "",
         ended ? program->name : "it did not come", ended ? " ended before it, with " : "",
         ended ? how_it_ended(program) : "");
}

in_port_t wait_port(struct program *program, const char *prefix)
{
    const char *rest = wait_line(program, prefix);
    int port = 0, end = 0;
    sscanf(rest, "127.0.0.1:%d%n", &port, &end);
    expect(end > 0 && rest[end] == '\0' && port > 0 && port <= 65535,
           "expected '%s127.0.0.1:PORT', saw '%s%s'", prefix, prefix, rest);
    return (in_port_t)port;
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

void wait_errors(struct program *program, const char *text)
{
    double deadline = now() + patience();
    pthread_mutex_lock(&lock);
    while (program->err.bytes == NULL || strstr(program->err.bytes, text) == NULL)
        if (program->err.ended || !wait_news(deadline)) {
            pthread_mutex_unlock(&lock);
            tell(__FILE__, __LINE__, "expected '%.*s' on stderr; it did not come",
                 (int)strcspn(text, "\n"), text);
        }
    pthread_mutex_unlock(&lock);
}

void expect_errors(struct program *program, const char *text)
{
    expect(strcmp(errors_of(program), text) == 0, "expected all of stderr to be '%.*s'",
           (int)strcspn(text, "\n"), text);
}

void type_text(struct program *program, const void *text, size_t length)
{
    const char *bytes = text;
    did("typed %zu bytes into %s", length, program->run.program);
    while (length > 0) {
        ssize_t written = write(program->in, bytes, length);
        if (written == -1) return; /* the program has ended; what follows will tell */
        bytes += written;
        length -= (size_t)written;
    }
}

void end_input(struct program *program)
{
    did("ended the input of %s", program->run.program);
    close(program->in);
    program->in = -1;
}

/* Waits until the program has ended and its streams are read to their end. */
static void wait_end(struct program *program)
{
    double deadline = now() + patience();
    while (!program->waited) {
        pid_t got = waitpid(program->pid, &program->status, WNOHANG);
        if (got == program->pid) program->waited = true;
        if (got == 0) {
            if (now() > deadline)
                tell(__FILE__, __LINE__, "expected %s to end; it still runs", program->name);
            look_again_soon();
        }
    }
    pthread_mutex_lock(&lock);
    while (!streams_ended(program) && wait_news(deadline)) continue;
    pthread_mutex_unlock(&lock);
}

static void expect_status(struct program *program, bool right, const char *wanted)
{
    expect(right, "expected %s to end with %s, saw %s", program->name, wanted,
           how_it_ended(program));
    const char *errors = errors_of(program);
    expect(strstr(errors, "Sanitizer") == NULL && strstr(errors, "runtime error") == NULL,
           "a sanitizer has found something");
}

void expect_exit(struct program *program, int status)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "exit status %d", status);
    wait_end(program);
    expect_status(program, WIFEXITED(program->status) && WEXITSTATUS(program->status) == status,
                  wanted);
}

void expect_failure(struct program *program, const char *call, int error)
{
    char wanted[256];
    snprintf(wanted, sizeof wanted, "%s: %s\n", call != NULL ? call : "", reason(error));
    expect_exit(program, 1);
    const char *errors = errors_of(program);
    size_t length = strlen(errors), tail_length = strlen(wanted);
    bool right = length >= tail_length && strcmp(errors + length - tail_length, wanted) == 0;
    if (call == NULL) /* the name before it */
        right = right && length > tail_length && isalnum((unsigned char)errors[length - tail_length - 1]);
    expect(right, "expected stderr to end with the line '%s%.*s'", call != NULL ? "" : "CALL",
           (int)tail_length - 1, wanted);
}

void expect_running(struct program *program)
{
    expect(is_running(program), "expected %s to go on running; it has ended, with %s",
           program->name, how_it_ended(program));
}

void stop(struct program *program, int signal)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "signal %d", signal);
    expect_running(program);
    did("sent signal %d to %s", signal, program->run.program);
    kill(program->pid, signal);
    if (grace != NULL) {
        expect_exit(program, 0);
        return;
    }
    wait_end(program);
    expect_status(program, WIFSIGNALED(program->status) && WTERMSIG(program->status) == signal,
                  wanted);
}

char state_of(const struct program *program)
{
    char path[64], state = '?';
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)program->pid);
    FILE *stat = fopen(path, "r");
    if (stat == NULL) return 0;
    if (fscanf(stat, "%*d %*[^)]) %c", &state) != 1) state = '?';
    fclose(stat);
    return state;
}

bool is_busy(struct program *program)
{
    char path[300], state;
    bool busy = false;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)program->pid);
    DIR *folder = opendir(path);
    if (folder == NULL) return false;
    for (struct dirent *entry; !busy && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%ld/task/%.100s/stat", (long)program->pid,
                 entry->d_name);
        FILE *stat = fopen(path, "r");
        busy = stat != NULL && fscanf(stat, "%*d %*[^)]) %c", &state) == 1 && state == 'R';
        if (stat != NULL) fclose(stat);
    }
    closedir(folder);
    return busy;
}

void wait_asleep(struct program *program)
{
    double deadline = now() + patience();
    for (char state; (state = state_of(program)) != 'S'; look_again_soon()) {
        if (skip_unless(state != 0, "no /proc to see that a program sleeps")) return;
        expect(is_running(program), "expected %s to wait; it has ended, with %s", program->name,
               how_it_ended(program));
        expect(now() < deadline, "expected %s to wait; it goes on working", program->name);
    }
}

double cpu_seconds(struct program *program)
{
#if _POSIX_CPUTIME < 0 /* macOS: unistd.h */
    (void)program;
    return -1;
#else
    clockid_t clock;
    struct timespec used;
    int error = clock_getcpuclockid(program->pid, &clock);
    expect(error == 0 && clock_gettime(clock, &used) == 0, "cannot read the CPU time of %s",
           program->name);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
#endif
}

long count_of(struct program *program, const char *what)
{
    char path[64];
    if (foreign()) return -1; /* an interpreter has descriptors and threads of its own */
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)program->pid, what);
    DIR *folder = opendir(path);
    if (folder == NULL) return -1;
    long count = -2; /* . and .. */
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

long memory_of(struct program *program)
{
    char path[64], line[256];
    if (foreign()) return -1;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)program->pid);
    FILE *status = fopen(path, "r");
    long kib = -1;
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0) kib = strtol(line + 6, NULL, 10);
    if (status != NULL) fclose(status);
    return kib;
}

long mappings_of(struct program *program)
{
    char path[64];
    if (foreign()) return -1;
    snprintf(path, sizeof path, "/proc/%ld/maps", (long)program->pid);
    FILE *maps = fopen(path, "r");
    if (maps == NULL) return -1;
    long count = 0;
    for (int c; (c = fgetc(maps)) != EOF;) count += c == '\n';
    fclose(maps);
    return count;
}

/* ---- sockets ---- */

struct sockaddr_in loopback(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int with_deadline(int sock)
{
    long milliseconds = (long)(1000 * patience());
    struct timeval limit = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return sock;
}

int try_dial(in_port_t port)
{
    return try_dial_at("127.0.0.1", port);
}

int try_dial_at(const char *host, in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    inet_pton(AF_INET, host, &address.sin_addr);
    did("connected to %s:%d", host, port);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    with_deadline(sock);
    if (connect(sock, (struct sockaddr *)&address, sizeof address) == 0) return sock;
    int error = errno;
    close(sock);
    errno = error;
    return -1;
}

int dial(in_port_t port)
{
    int sock = try_dial(port);
    if (sock == -1 && errno == EADDRNOTAVAIL) need(false, "connect");
    expect(sock != -1, "connected to 127.0.0.1:%d: expected success, saw: %s", port,
           seen_as(errno));
    return sock;
}

in_port_t local_port(int sock)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    expect(getsockname(sock, (struct sockaddr *)&address, &length) == 0, "getsockname");
    return ntohs(address.sin_port);
}

int reserve_port(in_port_t *port)
{
    struct sockaddr_in address = loopback(0);
    int on = 1, sock = need_socket(AF_INET, SOCK_STREAM);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    expect(bind(sock, (struct sockaddr *)&address, sizeof address) == 0, "bind: %s",
           strerror(errno));
    *port = local_port(sock);
    return sock;
}

bool write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);
    bool written = file != -1 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file != -1) close(file);
    return written;
}

#ifdef __linux__
/* A user namespace of our own, where we are root: user_namespaces(7). */
static bool become_root(void)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "0 %ld 1", (long)geteuid());
    snprintf(groups, sizeof groups, "0 %ld 1", (long)getegid());
    return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}
#endif

/* A new network namespace has only a loopback interface, and that one is down: netdevice(7). */
bool own_network(void)
{
#ifdef __linux__
    struct ifreq request = {.ifr_name = "lo"};
    request.ifr_flags = IFF_UP;
    if (graded()) return true; /* it is in one already */
    if (unshare(CLONE_NEWNET) == -1 && (!become_root() || unshare(CLONE_NEWNET) == -1))
        return false;
    int sock = need_socket(AF_INET, SOCK_DGRAM);
    bool up = ioctl(sock, SIOCSIFFLAGS, &request) == 0;
    close(sock);
    return up;
#else
    return false;
#endif
}

bool is_taken(in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    bool taken =
        bind(sock, (struct sockaddr *)&address, sizeof address) == -1 && errno == EADDRINUSE;
    close(sock);
    return taken;
}

void expect_restart_after(in_port_t (*serve)(void))
{
    char text[8];
    in_port_t port;
    int tries = 3; /* a reset that comes late ends a TIME-WAIT (RFC 1337): then once more */
    own_network(); /* where it can be made: there the kernel's table of TIME-WAITs is not full */
    do port = serve();
    while (!is_taken(port) && --tries > 0);
    expect(tries > 0, "expected the last run to hold port %d still (TIME_WAIT)", port);

    snprintf(text, sizeof text, "%d", port);
    struct program *again =
        start((struct run){.program = "server", .arguments = {"127.0.0.1", text}});
    expect(wait_port(again, "listening on ") == port, "expected the same port %d again", port);
    expect_served(again, port);
}

int own_listener(in_port_t *port)
{
    struct sockaddr_in address = loopback(0);
    int listener = with_deadline(need_socket(AF_INET, SOCK_STREAM));
    expect(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
               listen(listener, SOMAXCONN) == 0,
           "the test's own listener: %s", strerror(errno));
    *port = local_port(listener);
    return listener;
}

int accept_one(int listener)
{
    int sock = accept(listener, NULL, NULL);
    if (sock == -1 && errno != EAGAIN) need(false, "accept"); /* EAGAIN: the deadline */
    expect(sock != -1, "expected the client to connect to the test: %s", seen_as(errno));
    return with_deadline(sock);
}

void send_bytes(int sock, const void *data, size_t length)
{
    const char *bytes = data;
    did(length == 1 ? "sent a byte" : "sent %zu bytes", length);
    for (size_t done = 0; done < length;) {
        ssize_t sent = send(sock, bytes + done, length - done, 0);
        expect(sent != -1, "sent %zu bytes: expected all %zu to go, saw: %s", done, length,
               seen_as(errno));
        done += (size_t)sent;
    }
}

static void tell_wrong_byte(size_t place, char wanted, char seen)
{
    char texts[2][16];
    for (int i = 0; i < 2; i++) {
        unsigned char byte = (unsigned char)(i == 0 ? wanted : seen);
        snprintf(texts[i], sizeof texts[i], isprint(byte) ? "'%c'" : "0x%02x", byte);
    }
    tell(__FILE__, __LINE__, "byte %zu: expected %s, saw %s", place, texts[0], texts[1]);
}

void expect_bytes(int sock, const void *data, size_t length)
{
    char chunk[16 * 1024];
    const char *bytes = data;
    did(length == 1 ? "waited for a byte" : "waited for %zu bytes", length);
    for (size_t done = 0; done < length;) {
        size_t want = length - done < sizeof chunk ? length - done : sizeof chunk;
        ssize_t got = recv(sock, chunk, want, 0);
        expect(got != -1, "expected %zu bytes, saw %zu and then: %s", length, done, seen_as(errno));
        expect(got != 0, "expected %zu bytes, saw %zu and then the end of file", length, done);
        for (ssize_t i = 0; i < got; i++)
            if (chunk[i] != bytes[done + (size_t)i])
                tell_wrong_byte(done + (size_t)i, bytes[done + (size_t)i], chunk[i]);
        done += (size_t)got;
    }
}

void expect_end(int sock)
{
    char byte;
    did("waited for the end of file");
    ssize_t got = recv(sock, &byte, 1, 0);
    expect(got == 0, "expected the end of file, saw %s",
           got == 1 ? "one more byte" : seen_as(errno));
}

void expect_next_line(int sock, const char *wanted)
{
    char line[128];
    size_t length = 0;
    ssize_t got = 1;
    did("waited for the line '%s'", wanted);
    while (length < sizeof line - 1 && (got = recv(sock, line + length, 1, 0)) == 1)
        if (line[length++] == '\n') break;
    bool whole = length > 0 && line[length - 1] == '\n';
    line[length - whole] = '\0';
    expect(whole && strcmp(line, wanted) == 0, "expected the line '%s', saw '%s'%s", wanted, line,
           whole       ? ""
           : got == 0  ? " and then the end of file"
           : got == -1 ? " and nothing more"
                       : " and more");
}

void expect_echo(int sock, const char *text)
{
    send_bytes(sock, text, strlen(text));
    expect_bytes(sock, text, strlen(text));
}

bool readable(int sock, double seconds)
{
    struct pollfd fd = {sock, POLLIN, 0};
    return poll(&fd, 1, (int)(seconds * 1000)) == 1;
}

void half_close(int sock)
{
    did("closed the sending half");
    expect(shutdown(sock, SHUT_WR) == 0, "shutdown: %s", strerror(errno));
}

void reset(int sock)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    did("reset the connection");
    setsockopt(sock, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(sock);
}

void fill_pattern(char *data, size_t length, size_t offset)
{
    for (size_t i = 0; i < length; i++) {
        size_t n = offset + i;
        data[i] = (char)(n ^ n >> 8 ^ n >> 16); /* no two places near each other are alike */
    }
}

void echo_bulk(int sock, size_t length)
{
    static char out[64 * 1024], in[64 * 1024], right[64 * 1024];
    did("sent %zu bytes and read what came back", length);
    size_t sent = 0, back = 0, first_wrong = length;
    while (back < length) {
        struct pollfd fd = {sock, POLLIN, 0};
        if (sent < length) fd.events |= POLLOUT;
        int ready = poll(&fd, 1, (int)(patience() * 1000));
        if (ready == 0 && first_wrong < length) break;
        expect(ready == 1, "sent %zu bytes and got %zu back: nothing moves any more", sent, back);
        if (fd.revents & POLLOUT) {
            size_t want = length - sent < sizeof out ? length - sent : sizeof out;
            fill_pattern(out, want, sent);
            ssize_t got = send(sock, out, want, MSG_DONTWAIT);
            expect(got != -1 || errno == EAGAIN, "after %zu bytes: send: %s", sent,
                   strerror(errno));
            if (got > 0) sent += (size_t)got;
            if (got > 0 && sent == length) half_close(sock);
        }
        if (fd.revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t got = recv(sock, in, sizeof in, MSG_DONTWAIT);
            if (got == -1 && errno == EAGAIN) continue;
            if (got <= 0 && first_wrong < length) break;
            expect(got > 0, "expected %zu bytes back, saw %zu and then: %s", length, back,
                   got == 0 ? "the end of file" : strerror(errno));
            fill_pattern(right, (size_t)got, back);
            if (first_wrong == length && memcmp(in, right, (size_t)got) != 0)
                for (first_wrong = back; in[first_wrong - back] == right[first_wrong - back];)
                    first_wrong++;
            back += (size_t)got;
        }
    }
    /* How many came says more: are some lost, or are they others? */
    expect(first_wrong == length, "sent %zu bytes and got %zu back; they differ from byte %zu on",
           sent, back, first_wrong);
    if (length == 0) half_close(sock);
}
