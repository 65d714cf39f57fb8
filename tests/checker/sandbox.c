/*
 * What is different when `make grade` checks a program that nobody has read: this process is the first of a sandbox's
 * own process namespace, so that nothing in there can end it, and the result goes where the program cannot reach.
 *
 * The results (result.h) go to the descriptor that the option -g names, which no program has: each as its check ends, with its
 * number before it; and once more at the end, when it is known which checks have ended before they could tell, and
 * `complete`. A later line counts in place of an earlier one. What was told counts, however the run ends.
 * A run that takes too much is ended with the line `stopped late|early REASON`: late when only its time was over.
 */
#include "harness.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#endif

#include "suites.h"

/* For all processes of the sandbox together. A server may make one for each of 500 clients. */
enum { MOST_PROCESSES = 700, MOST_MIB = 512, MOST_CPU_SECONDS = 60, MOST_SECONDS = 150 };
/* Sockets with a path, where they are allowed: no limit counts the half MiB that may wait in each, socket(7), SO_SNDBUF. */
enum { MOST_UNIX_SOCKETS = 1100 };
/* For one program. Threads are processes here; those that nobody waited for count, too. */
enum { MOST_TASKS = 800, CPU_SECONDS = 5, FILE_MIB = 1, ADDRESS_GIB = 8, NICE = 10 };

static int results = -1;

bool graded(void)
{
    return results != -1;
}

static void set_limit(int what, rlim_t most)
{
    struct rlimit limit = {most, most};
    setrlimit(what, &limit);
}

/* In the process that will be the program; it does not become one without the filter. seccomp(2). */
static void filter_calls(const char *path)
{
#ifdef __linux__
    static struct sock_filter rules[4096]; /* BPF_MAXINSNS */
    FILE *file = fopen(path, "r");
    if (file == NULL) _exit(126);
    size_t count = fread(rules, sizeof rules[0], sizeof rules / sizeof rules[0], file);
    fclose(file);
    struct sock_fprog program = {.len = (unsigned short)count, .filter = rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
        _exit(126);
#else
    (void)path;
#endif
}

void limit_program(void)
{
#ifdef RLIMIT_NPROC
    set_limit(RLIMIT_NPROC, MOST_TASKS);
#endif
    set_limit(RLIMIT_CPU, CPU_SECONDS);
    set_limit(RLIMIT_FSIZE, FILE_MIB * 1024 * 1024);
    if (!instrumented()) { /* a sanitizer reserves more than any machine has, and uses little */
        set_limit(RLIMIT_AS, (rlim_t)ADDRESS_GIB * 1024 * 1024 * 1024);
        /* glibc reserves, too: 64 MiB for each of up to eight arenas a core. */
        setenv("MALLOC_ARENA_MAX", "2", 1);
    }
    set_limit(RLIMIT_CORE, 0);
    setpriority(PRIO_PROCESS, 0,
                NICE); /* however many it makes of itself, the watcher gets its turn */
    if (options.filter[0] != '\0') filter_calls(options.filter);
}

/* What one process or all of them use. */
struct use {
    long processes, kib;
    double cpu_seconds;
};

/* The sum of two lines of /proc/PID/FILE, in KiB; -1: it has none of them. */
static long kib_in(const char *pid, const char *file, const char *first, const char *second)
{
    char path[300], line[512];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
    FILE *lines = fopen(path, "r");
    if (lines == NULL) return -1;
    while (fgets(line, sizeof line, lines) != NULL)
        if (strncmp(line, first, strlen(first)) == 0 || strncmp(line, second, strlen(second)) == 0)
            kib = (kib == -1 ? 0 : kib) + strtol(strchr(line, ':') + 1, NULL, 10);
    fclose(lines);
    return kib;
}

/*
 * Its memory: proc_pid_status(5). There a page that a process shares with its children counts once for each. `fairly` counts the
 * part of each, which takes the kernel longer to say: proc_pid_smaps(5). A process may deny that.
 */
static long kib_of(const char *pid, bool fairly)
{
    long kib = fairly ? kib_in(pid, "smaps_rollup", "Pss_Anon:", "Pss_Shmem:") : -1;
    if (kib == -1) kib = kib_in(pid, "status", "RssAnon:", "RssShmem:");
    return kib == -1 ? 0 : kib;
}

/* Adds what the process in /proc/PID uses: proc_pid_stat(5). */
static void add_use(const char *pid, bool fairly, struct use *use)
{
    char path[300], line[512], state = 'Z';
    use->kib += kib_of(pid, fairly);
    unsigned long user = 0, system = 0;
    long waited_user = 0, waited_system = 0;
    int parent = 0, group = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *stat = fopen(path, "r");
    if (stat == NULL) return;
    const char *rest = fgets(line, sizeof line, stat) != NULL ? strrchr(line, ')') : NULL;
    if (rest != NULL)
        sscanf(rest, ") %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &state, &parent,
               &group, &user, &system, &waited_user, &waited_system);
    fclose(stat);
    use->processes += state != 'Z';
    /* The programs of checks that are over come to the first process. Check's own child leads its group. */
    if (state == 'Z' && parent == getpid() && group != atoi(pid)) waitpid(atoi(pid), NULL, WNOHANG);
    double ticks = (double)user + (double)system + (double)waited_user + (double)waited_system;
    use->cpu_seconds += ticks / (double)sysconf(_SC_CLK_TCK);
}

/* A line each, below a head: proc_net(5), unix. */
static int count_unix_sockets(void)
{
    int lines = -1;
    FILE *file = fopen("/proc/self/net/unix", "r");
    if (file == NULL) return 0;
    for (int c; (c = getc(file)) != EOF;) lines += c == '\n';
    fclose(file);
    return lines;
}

static void end_run(const char *when, const char *reason)
{
    dprintf(results, "stopped\t%s\t%s\n", when, reason);
    _exit(EXIT_FAILURE); /* the first process: with it all others end */
}

static void stop_run(const char *reason)
{
    end_run("early", reason);
}

static struct use use_of_all(bool fairly)
{
    struct use use = {0};
    DIR *folder = opendir("/proc");
    if (folder == NULL) stop_run("the checker could not look at the processes");
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0])) add_use(entry->d_name, fairly, &use);
    closedir(folder);
    return use;
}

/* A thread: looks at the sandbox as long as it lives. */
static void *watch(void *argument)
{
    (void)argument;
    double begun = now();
    for (;;) {
        struct use use = use_of_all(false);
        if (use.kib > MOST_MIB * 1024L) use = use_of_all(true);
        if (use.processes > MOST_PROCESSES) stop_run("it made too many processes");
        if (use.kib > MOST_MIB * 1024L) stop_run("it took too much memory");
        if (use.cpu_seconds > MOST_CPU_SECONDS) stop_run("it took too much CPU time");
        if (count_unix_sockets() > MOST_UNIX_SOCKETS) stop_run("it made too many sockets");
        if (now() - begun > scaled(MOST_SECONDS) * busy_machine())
            end_run("late", "the checks took too long: it hangs again and again");
        usleep(50 * 1000);
    }
    return NULL;
}

void begin_grading(void)
{
    pthread_t watcher;
    if (options.grading == -1) return;
    if (getpid() != 1) { /* begin_graded_check would end all that this user runs */
        fprintf(stderr, "check: -g is for a sandbox, where the checker is the first process\n");
        exit(EXIT_FAILURE);
    }
    results = options.grading;
    if (fcntl(results, F_SETFD, FD_CLOEXEC) == -1) exit(EXIT_FAILURE);
#ifdef __linux__
    prctl(PR_SET_DUMPABLE, 0); /* nobody reads the memory or opens the descriptors: ptrace(2) */
#endif
    if (pthread_create(&watcher, NULL, watch, NULL) != 0) exit(EXIT_FAILURE);
}

void begin_graded_check(void)
{
    /* What an earlier check's program has left behind; not this process and not the first one. */
    if (graded()) kill(-1, SIGKILL);
}

/* In one piece: a run may be ended at any time. */
void tell_graded_check(int number)
{
    char *line = NULL;
    size_t length = 0;
    if (!graded()) return;
    FILE *out = open_memstream(&line, &length);
    if (out == NULL) return;
    fprintf(out, "%d\t", number);
    write_result(out, number);
    fclose(out);
    if (write(results, line, length) == -1) _exit(EXIT_FAILURE);
    free(line);
}

void tell_grading(void)
{
    for (int i = 1; i <= MOST_CHECKS; i++)
        if (check_of(i) != NULL) tell_graded_check(i);
    dprintf(results, "complete\n");
}
