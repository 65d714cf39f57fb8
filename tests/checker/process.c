/* The programs that a check runs: how they are started, and what is typed into them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "harness.h"
#include "program.h"
#include "suites.h"

struct facts facts;
const char *lesson = "";
const char *task_file = "README.md";
const char *third_argument;
struct program programs[MOST_PROGRAMS];
int program_count;

/* Another user may not reach the program: its folder can be root's alone. capabilities(7), bounding set. */
static void drop_raw_sockets(void)
{
#ifdef __linux__
    prctl(PR_CAPBSET_DROP, CAP_NET_RAW); /* who may not drop it does not have it */
#else
    if (geteuid() == 0 && setuid(65534) == -1) _exit(126);
#endif
}

static bool leaks_wanted;

void look_for_leaks(void)
{
    leaks_wanted = true;
}

static void look_for_no_leaks(void)
{
    char all[1024];
    const char *before = getenv("ASAN_OPTIONS");
    snprintf(all, sizeof all, "%s:detect_leaks=0", before != NULL ? before : "");
    setenv("ASAN_OPTIONS", all, 1);
}

/* What stands before the program's own libraries. Their paths are from the top: a space in a whole path would end it. */
static void preload(const struct run *run, const char *notes)
{
    char libraries[8192];
    bool emulated = options.runner[0] != '\0'; /* the libraries are not for qemu itself */
    const char *faults = run->faults != NULL ? options.fault_library : "";
    if (faults[0] == '\0' && (options.preload_first[0] == '\0' || run->folder != NULL)) return;
    snprintf(libraries, sizeof libraries, "%s%s %s", emulated ? "LD_PRELOAD=" : "",
             options.preload_first, faults);
    setenv(emulated ? "QEMU_SET_ENV" : "LD_PRELOAD", libraries, 1);
    if (run->faults == NULL) return;
    setenv("FAULTS", run->faults, 1);
    if (graded()) setenv("FAULTS_HIDDEN", "1", 1);
    if (notes != NULL) setenv("FAULT_NOTES", notes, 1);
}

/* All descriptors from `first` on: the check's own connections would live on in the program. */
static void close_from(unsigned first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
    for (int fd = (int)first, end = (int)sysconf(_SC_OPEN_MAX); fd < end; fd++) close(fd);
}

static void in_child(const struct run *run, const char *notes, char *const *arguments, int in,
                     int out, int err, const sigset_t *mask)
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
    close_from(3);
    for (int fd = 0; fd < 3; fd++)
        if (run->closed & 1 << fd) close(fd);
    for (int i = 0; i < run->held; i++) open("/dev/null", O_RDONLY);
    if (run->descriptors > 0) {
        struct rlimit limit = {(rlim_t)run->descriptors, (rlim_t)run->descriptors};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (run->folder != NULL && chdir(run->folder) == -1) _exit(126);
    if (run->unprivileged) drop_raw_sockets();
    if (!leaks_wanted) look_for_no_leaks();
    preload(run, notes);
    if (graded()) limit_program();
    execvp(arguments[0], arguments);
    dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

/* The files that a command names by a path stay the same ones in another folder. */
static void name_from_the_top(const char *arguments[])
{
    static char whole[MOST_ARGUMENTS][PATH_MAX];
    for (int i = 0; arguments[i] != NULL; i++)
        if (strchr(arguments[i], '/') != NULL && realpath(arguments[i], whole[i]) != NULL)
            arguments[i] = whole[i];
}

struct program *start(struct run run)
{
    const char *arguments[MOST_ARGUMENTS + 1];
    bool own = fill_command(&run, arguments);
    if (run.folder != NULL) name_from_the_top(arguments);
    expect(program_count < MOST_PROGRAMS, "the checks start more than %d programs", MOST_PROGRAMS);
    struct program *program = &programs[program_count];
    *program =
        (struct program){.run = run, .own = own, .in = -1, .out = {.fd = -1}, .err = {.fd = -1}};
    snprintf(program->name, sizeof program->name, "%s%s%s",
             own                  ? "your"
             : run.lesson != NULL ? run.lesson
                                  : lesson,
             own ? " " : "/", run.program);
    for (int i = 0; i < 6 && run.arguments[i] != NULL; i++) {
        snprintf(program->words[i], sizeof program->words[i], "%s", run.arguments[i]);
        program->run.arguments[i] = program->words[i];
    }
    tell_command(&run);
    if (run.faults != NULL) count_calls(program);
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
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
    if (program->pid == 0)
        in_child(&run, program->notes_path, (char *const *)arguments, in[0], output, err[1],
                 &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    if (run.output_file != NULL) close(output);
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

struct program *start_server(const char *faults)
{
    struct run run = server_at(0);
    run.faults = faults;
    struct program *server = start(run);
    server->port = wait_port(server, "listening on ");
    return server;
}

struct program *start_client(in_port_t port, const char *faults)
{
    struct run run = client_at(port);
    run.faults = faults;
    return start(run);
}

struct program *checked_program(void)
{
    for (int i = program_count - 1; i >= 0; i--)
        if (programs[i].run.lesson == NULL && !programs[i].aside &&
            (!own_programs() || programs[i].own))
            return &programs[i];
    return NULL;
}

void stop_programs(void)
{
    siginfo_t how;
    for (int i = 0; i < program_count; i++) end_now(&programs[i]);
    for (int i = 0; i < program_count; i++) /* their ports may be wanted by the next check */
        while (waitid(P_PID, (id_t)programs[i].pid, &how, WEXITED | WNOWAIT) == -1 &&
               errno == EINTR)
            continue;
}

pid_t pid_of(const struct program *program)
{
    return program->pid;
}

in_port_t port_of(struct program *server)
{
    return server->port;
}

const char *asked_address(const struct program *program)
{
    const char *address = program->run.arguments[0];
    return address != NULL ? address : "127.0.0.1";
}

int asked_port(const struct program *program)
{
    const char *port = program->run.arguments[1];
    return facts.takes_path ? 0 : port != NULL ? atoi(port) : 5000;
}

const char *faults_of(const struct program *program)
{
    return program->run.faults != NULL ? program->run.faults : "";
}

void type_text(struct program *program, const void *text, size_t length)
{
    const char *bytes = text;
    if (length == 1 && bytes[0] == '\n')
        did("pressed Enter in %s", program->run.program);
    else
        did("typed %zu byte%s into %s", length, length == 1 ? "" : "s", program->run.program);
    note_typed(text, length);
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

/* A command in another language: whether its calls go through the fault library. One check finds out for all. */
static bool preloadable(void)
{
    enum { UNKNOWN, YES, NO };
    int *known = found_out();
    if (*known != UNKNOWN) return *known == YES;
    bool server = options.server[0] != '\0';
    /* Without arguments, which is right for each: it does not come as far as its default port. */
    struct run run = {.program = server ? "server" : "client", .faults = "socket=EMFILE@1+"};
    struct program *probe = start(run);
    double deadline = now() + scaled(2);
    while (is_running(probe) && now() < deadline) look_again_soon();
    end_now(probe);
    end_and_wait(probe);
    *known = strstr(errors_of(probe), reason(EMFILE)) != NULL ? YES : NO;
    probe->aside = true;
    forget_steps();
    return *known == YES;
}

bool skip_call(const char *call)
{
    return foreign() && (strcmp(call, "close") == 0 || strncmp(call, "pthread", 7) == 0);
}

bool skip_faults(void)
{
    if (options.foreign && !preloadable())
        return skip_unless(false, "the calls of this command cannot be made to fail");
    return skip_unless(options.fault_library[0] != '\0',
                       "this platform has no LD_PRELOAD for the fault library");
}
