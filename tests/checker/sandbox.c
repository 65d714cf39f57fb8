/*
 * What is different when `make grade` checks a program that nobody has read: this process is the first of a sandbox's
 * own process namespace, so that nothing in there can end it, and the result goes where the program cannot reach.
 *
 * The results (result.h) go to the descriptor that the option -g names. At their end stands `complete` and the word that was
 * the only line on stdin. Without this end nothing counts.
 * A run that takes too much is ended with the line `stopped REASON`.
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
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "suites.h"

/* For all processes of the sandbox together; a lesson's program needs a small part of each. */
enum { MOST_PROCESSES = 100, MOST_MIB = 512, MOST_CPU_SECONDS = 30, MOST_SECONDS = 150 };
/* For one program. Threads are processes here; those that nobody waited for count, too. */
enum { MOST_TASKS = 800, CPU_SECONDS = 5, FILE_MIB = 1, ADDRESS_GIB = 8 };

static int results = -1;
static char end_mark[128];

bool graded(void)
{
    return results != -1;
}

static void set_limit(int what, rlim_t most)
{
    struct rlimit limit = {most, most};
    setrlimit(what, &limit);
}

void limit_program(void)
{
#ifdef RLIMIT_NPROC
    set_limit(RLIMIT_NPROC, MOST_TASKS);
#endif
    set_limit(RLIMIT_CPU, CPU_SECONDS);
    set_limit(RLIMIT_FSIZE, FILE_MIB * 1024 * 1024);
    set_limit(RLIMIT_AS, (rlim_t)ADDRESS_GIB * 1024 * 1024 * 1024);
    set_limit(RLIMIT_CORE, 0);
    setpriority(PRIO_PROCESS, 0,
                19); /* however many it makes of itself, the watcher gets its turn */
}

/* What one process or all of them use. */
struct use {
    long processes, kib;
    double cpu_seconds;
};

/* Adds what the process in /proc/PID uses: proc_pid_status(5), proc_pid_stat(5). */
static void add_use(const char *pid, struct use *use)
{
    char path[300], line[512], state = 'Z';
    snprintf(path, sizeof path, "/proc/%s/status", pid);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "State:\t", 7) == 0) state = line[7];
        if (strncmp(line, "RssAnon:", 8) == 0 || strncmp(line, "RssShmem:", 9) == 0)
            use->kib += strtol(strchr(line, ':') + 1, NULL, 10);
    }
    if (status != NULL) fclose(status);
    use->processes += state != 'Z';

    unsigned long user = 0, system = 0;
    long waited_user = 0, waited_system = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *stat = fopen(path, "r");
    if (stat == NULL) return;
    const char *rest = fgets(line, sizeof line, stat) != NULL ? strrchr(line, ')') : NULL;
    if (rest != NULL)
        sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &user,
               &system, &waited_user, &waited_system);
    fclose(stat);
    double ticks = (double)user + (double)system + (double)waited_user + (double)waited_system;
    use->cpu_seconds += ticks / (double)sysconf(_SC_CLK_TCK);
}

static void stop_run(const char *reason)
{
    dprintf(results, "stopped\t%s\n", reason);
    _exit(EXIT_FAILURE); /* the first process: with it all others end */
}

/* A thread: looks at the sandbox as long as it lives. */
static void *watch(void *argument)
{
    (void)argument;
    double end = now() + MOST_SECONDS;
    for (;;) {
        struct use use = {0};
        DIR *folder = opendir("/proc");
        if (folder == NULL) stop_run("the checker could not look at the processes");
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
            if (isdigit((unsigned char)entry->d_name[0])) add_use(entry->d_name, &use);
        closedir(folder);
        if (use.processes > MOST_PROCESSES) stop_run("it made too many processes");
        if (use.kib > MOST_MIB * 1024L) stop_run("it took too much memory");
        if (use.cpu_seconds > MOST_CPU_SECONDS) stop_run("it took too much CPU time");
        if (now() > end) stop_run("the checks took too long: it hangs again and again");
        usleep(50 * 1000);
    }
    return NULL;
}

void begin_grading(void)
{
    pthread_t watcher;
    if (options.grading == -1) return;
    results = options.grading;
    if (fgets(end_mark, sizeof end_mark, stdin) == NULL) exit(EXIT_FAILURE);
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

void tell_grading(void)
{
    FILE *out = fdopen(results, "w");
    if (out == NULL) exit(EXIT_FAILURE);
    write_results(out);
    fprintf(out, "complete %s", end_mark);
    fclose(out);
}
