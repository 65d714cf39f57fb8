/* What the system shows of a program: proc(5), clock_getcpuclockid(3). Where it shows nothing, each function says so. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "harness.h"
#include "program.h"

static char state_of_process(long process)
{
    char path[64], state = '?';
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *stat = fopen(path, "r");
    if (stat == NULL) return 0;
    if (fscanf(stat, "%*d %*[^)]) %c", &state) != 1) state = '?';
    fclose(stat);
    return state;
}

char state_of(const struct program *program)
{
    return state_of_process(program->pid);
}

long children_of(const struct program *program, char state)
{
    char path[64];
    long count = 0, pid = program->pid;
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
    FILE *children = fopen(path, "r");
    if (children == NULL) return -1;
    for (long child; fscanf(children, "%ld", &child) == 1;)
        count += state == 0 || state_of_process(child) == state;
    fclose(children);
    return count;
}

/* `shows` says yes to this file of one of its threads; false without /proc. */
static bool any_thread(const struct program *program, const char *name, bool (*shows)(FILE *file))
{
    char path[300];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)program->pid);
    DIR *folder = opendir(path);
    if (folder == NULL) return false;
    for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%ld/task/%.100s/%s", (long)program->pid, entry->d_name,
                 name);
        FILE *file = fopen(path, "r");
        found = file != NULL && shows(file);
        if (file != NULL) fclose(file);
    }
    closedir(folder);
    return found;
}

static bool shows_nanosleep(FILE *wchan)
{
    char where[64];
    return fgets(where, sizeof where, wchan) != NULL && strstr(where, "nanosleep") != NULL;
}

/* In nanosleep(2), sleep(3) or usleep(3). */
bool is_in_a_sleep(struct program *program)
{
    return any_thread(program, "wchan", shows_nanosleep);
}

static bool shows_socket_call(FILE *wchan)
{
    static const char *const places[] = {"accept", "wait_woken", "sk_wait", "sk_stream"};
    char where[64] = "";
    if (fgets(where, sizeof where, wchan) == NULL) return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strstr(where, places[i]) != NULL) return true;
    return false;
}

bool is_in_a_socket_call(struct program *program)
{
    return any_thread(program, "wchan", shows_socket_call);
}

static bool shows_ready(FILE *stat)
{
    char state;
    return fscanf(stat, "%*d %*[^)]) %c", &state) == 1 && state == 'R';
}

bool is_busy(struct program *program)
{
    return any_thread(program, "stat", shows_ready);
}

/* Adds those of a process, its threads and its children. False: one is ready to run, or cannot be seen. */
static bool add_switches(long process, long *count)
{
    char path[300], line[128];
    snprintf(path, sizeof path, "/proc/%ld/task", process);
    DIR *folder = opendir(path);
    if (folder == NULL) return false;
    bool still = true;
    for (struct dirent *entry; still && (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%ld/task/%.100s/status", process, entry->d_name);
        FILE *status = fopen(path, "r");
        while (still && status != NULL && fgets(line, sizeof line, status) != NULL) {
            const char *number = strstr(line, "ctxt_switches:");
            if (number != NULL) *count += atol(number + strlen("ctxt_switches:"));
            if (strncmp(line, "State:\t", 7) == 0) still = strchr("RD", line[7]) == NULL;
        }
        if (status != NULL) fclose(status);
        snprintf(path, sizeof path, "/proc/%ld/task/%.100s/children", process, entry->d_name);
        FILE *children = fopen(path, "r");
        for (long child; still && children != NULL && fscanf(children, "%ld", &child) == 1;)
            still = add_switches(child, count);
        if (children != NULL) fclose(children);
    }
    closedir(folder);
    return still;
}

long switches_of_programs(void)
{
    long count = 0;
    for (int i = 0; i < program_count; i++)
        if (is_running(&programs[i]) && !add_switches(programs[i].pid, &count)) return -1;
    return count;
}

void wait_asleep(struct program *program)
{
    struct waiting wait = begin_wait();
    for (char state; (state = state_of(program)) != 'S'; look_again_soon()) {
        expect(is_running(program), "expected %s to wait; it has ended, with %s", program->name,
               how_it_ended(program));
        if (skip_unless(state != 0, "no /proc to see that a program sleeps")) return;
        expect(!in_vain(&wait), "expected %s to wait; it goes on working", program->name);
    }
}

double cpu_so_far(const struct program *program)
{
#if _POSIX_CPUTIME < 0 /* macOS: unistd.h */
    (void)program;
    return -1;
#else
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(program->pid, &clock) != 0 || clock_gettime(clock, &used) == -1)
        return -1;
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
#endif
}

double cpu_seconds(struct program *program)
{
    double used = cpu_so_far(program);
#if _POSIX_CPUTIME >= 0
    expect(used >= 0, "cannot read the CPU time of %s", program->name);
#endif
    return used;
}

/*
 * What is looked for could not be read. A program that nobody has read may hide it, by prctl(2) with PR_SET_DUMPABLE: such a
 * program does not get the check for nothing.
 */
static long unseen(const struct program *program)
{
    bool hides = errno == EACCES || errno == EPERM;
    char state = state_of(program);
    if (graded() && hides && saw.kind == OTHER && state != 0 && strchr("ZX", state) == NULL)
        expect(false, "expected to see what %s has open; it hides it from proc(5)", program->name);
    return -1;
}

long count_of(struct program *program, const char *what)
{
    char path[64];
    if (foreign()) return -1; /* an interpreter has descriptors and threads of its own */
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)program->pid, what);
    DIR *folder = opendir(path);
    if (folder == NULL) return unseen(program);
    long count = -2; /* . and .. */
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

const char *why_unseen(const char *without_proc)
{
    return foreign() ? "what a command in another language holds is not looked at" : without_proc;
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

bool has_grown(struct program *program, long *kib)
{
    enum { BOUND = 512 };
    long before = *kib;
    *kib = memory_of(program);
    return before != -1 && *kib - before >= BOUND;
}

long mappings_of(struct program *program)
{
    char path[64];
    if (foreign()) return -1;
    snprintf(path, sizeof path, "/proc/%ld/maps", (long)program->pid);
    FILE *maps = fopen(path, "r");
    if (maps == NULL) return unseen(program);
    long count = 0;
    for (int c; (c = fgetc(maps)) != EOF;) count += c == '\n';
    fclose(maps);
    return count;
}

void signal_children(const struct program *program, int signal)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)program->pid,
             (long)program->pid);
    static long list[1024]; /* all before the first one ends: proc_pid_task(5) */
    int count = 0;
    FILE *children = fopen(path, "r");
    while (children != NULL && count < 1024 && fscanf(children, "%ld", &list[count]) == 1) count++;
    if (children != NULL) fclose(children);
    for (int i = 0; i < count; i++) kill((pid_t)list[i], signal);
}

enum sight look_at_socket(const struct program *program, int descriptor, int *domain, int *type)
{
#ifdef SYS_pidfd_getfd
    int process = (int)syscall(SYS_pidfd_open, program->pid, 0);
    if (process == -1) return NO_RIGHT_TO_LOOK;
    int sock = (int)syscall(SYS_pidfd_getfd, process, descriptor, 0), error = errno;
    socklen_t length = sizeof *domain;
    close(process);
    if (sock == -1) return error == EBADF ? IS_NO_SOCKET : NO_RIGHT_TO_LOOK;
    bool is_socket = getsockopt(sock, SOL_SOCKET, SO_DOMAIN, domain, &length) == 0 &&
                     getsockopt(sock, SOL_SOCKET, SO_TYPE, type, &length) == 0;
    close(sock);
    return is_socket ? IS_SOCKET : IS_NO_SOCKET;
#else
    (void)program, (void)descriptor, (void)domain, (void)type;
    return NO_WAY_TO_LOOK;
#endif
}
