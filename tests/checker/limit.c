/*
 * How long a check may take, and all checks of a learner's program: however wrong it is, the answer comes soon. A thread
 * beside the check looks at the clock and at the programs, so that no call can hold it up.
 *
 * Time in which programs and check all sleep is the program's own doing, and there is little of it. Time in which the check waits
 * for a program that is ready to run is the program's, or the machine's: of that there is more, and the more the busier the machine
 * is. All other time is work.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

static const struct {
    double idle, busy, all; /* seconds on a quiet machine */
} check_limit = {6, 5, 10}, run_limit = {7, 11, 15}, run_limit_of_all_failures = {40, 40, 90};
static const double EACH_LOOK = 0.04, QUIET = 1.5; /* programs that want a CPU */
enum { BUSIEST = 6 };

static const double LONG_WAIT = 2,
                    GIVEN_UP = 1.5; /* of the check for one thing; to tell that it did not come */

static double check_begun, check_idle, check_busy;
atomic_bool own_wait_is_over;

void measure_machine(void)
{
    enum { PROCESSES = 20 };
    const double quick = PROCESSES * 0.0006;
    double begun = now();
    for (int i = 0; i < PROCESSES; i++) {
        pid_t process = fork();
        if (process == 0) _exit(EXIT_SUCCESS);
        if (process != -1) waitpid(process, NULL, 0);
    }
    run_time()->slowness = (now() - begun) / quick;
}

/* So many times as long as on a quick and quiet machine: as it was at the start, or as getloadavg(3) has it. */
double busy_machine(void)
{
    double load = 0, cpus = (double)sysconf(_SC_NPROCESSORS_ONLN), times = run_time()->slowness;
    if (getloadavg(&load, 1) == 1 && load / cpus / QUIET > times) times = load / cpus / QUIET;
    return times < 1 ? 1 : times < BUSIEST ? times : BUSIEST;
}

static bool check_is_over(void)
{
    if (!own_programs()) return now() - check_begun > 9 * patience();
    return check_idle > scaled(check_limit.idle + 2 * own_pause + facts.deadline) ||
           (!facts.works && check_busy > scaled(check_limit.busy) * busy_machine()) ||
           now() - check_begun > scaled(check_limit.all + facts.deadline) * busy_machine();
}

bool run_is_over(void)
{
    double idle = options.all ? run_limit_of_all_failures.idle : run_limit.idle;
    double busy = options.all ? run_limit_of_all_failures.busy : run_limit.busy;
    double all = options.all ? run_limit_of_all_failures.all : run_limit.all;
    bool further = facts.number == 0; /* these have long checks of their own, as stops under load */
    if (!own_programs() || graded()) return false;
    if (further) all *= 2;
    if (options.foreign) all *= LANGUAGE_STARTS; /* an interpreter needs its time for each start */
    return run_time()->idle > scaled(idle + 2 * own_pause + facts.deadline) ||
           (!facts.works && !further && run_time()->busy > scaled(busy) * busy_machine()) ||
           now() - run_time()->begun > scaled(all) * busy_machine();
}

static void tell_time_is_over(bool run)
{
    struct run_time *time = run_time();
    time->over = run;
    suspect(NULL); /* what the check suspects is no reason for this */
    saw = (struct saw){.kind = time->slept > time->idle / 2 ? TOO_SLOW : TIME_OVER};
    tell(__FILE__, __LINE__, "expected %s to be over by now, after %.0f s; what it did last: %s",
         run ? "all checks" : "this check", now() - (run ? time->begun : check_begun),
         last_step()[0] != '\0' ? last_step() : "nothing yet");
}

/* The check itself, its first thread, waits. */
static bool check_waits(void)
{
    struct program self = {.pid = getpid()};
    return state_of(&self) == 'S';
}

/* At this look all of them slept, and perhaps the program in nanosleep(2); or the check waited for one that was busy. */
static void look_at_programs(void)
{
    struct program *program = checked_program();
    if (program == NULL || !check_waits()) return;
    if (is_busy(program)) {
        check_busy += EACH_LOOK;
        run_time()->busy += EACH_LOOK;
    }
    if (switches_of_programs() == -1) return;
    check_idle += EACH_LOOK;
    run_time()->idle += EACH_LOOK;
    if (is_in_a_sleep(program)) run_time()->slept += EACH_LOOK;
}

/* The thread. */
static void *keep_watch(void *argument)
{
    (void)argument;
    const char *step = last_step();
    double since = check_begun;
    for (;; poll(NULL, 0, (int)(EACH_LOOK * 1000))) {
        if (own_programs()) look_at_programs();
        if (step != last_step()) {
            step = last_step();
            since = now();
        }
        if (now() - since > 2) show_waiting();
        bool whole = run_is_over();
        if (!whole && !check_is_over()) continue;
        if (now() - since > LONG_WAIT && !own_wait_is_over) {
            run_time()->over = whole;
            own_wait_is_over = true; /* what the check has waited for in vain says more */
            poll(NULL, 0, (int)(scaled(GIVEN_UP) * 1000));
        }
        tell_time_is_over(whole);
    }
    return NULL;
}

void watch_time(void)
{
    pthread_t watcher;
    check_begun = now();
    errno = pthread_create(&watcher, NULL, keep_watch, NULL);
    need(errno == 0, "pthread_create");
    pthread_detach(watcher);
}
