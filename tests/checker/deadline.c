/* Time: how long to wait, and for what. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

double own_pause;
static double waited; /* the last time that it was in vain */
static bool asleep;   /* the last wait was in vain, because all programs slept */

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double scaled(double seconds)
{
    return seconds * options.scale;
}

double patience(void)
{
    if (!own_programs()) return scaled(instrumented() ? 60 : 20);
    /* One check that waits in vain may mean a busy machine. Two mean a program that hangs: the others wait less, because
       all of them together would take minutes. */
    return scaled(waited_in_vain() ? 1.5 : 5);
}

double at_most(double seconds)
{
    return own_programs() ? scaled(seconds + 3) * busy_machine() : seconds + patience();
}

struct waiting begin_wait(void)
{
    double begun = now();
    asleep = false;
    return (struct waiting){
        .begun = begun, .end = begun + patience(), .still_since = begun, .switches = -1, .cpu = -1};
}

/* Programs that a busy machine keeps from running are not still: they are ready to run. */
bool stands_still(struct waiting *wait, double seconds)
{
    double looked = now();
    if (looked - wait->looked < 0.02) return false; /* a look costs time */
    wait->looked = looked;
    if (all_have_ended()) seconds = 0.1; /* what they have sent is here */
    long switches = switches_of_programs();
    if (switches == -1 || switches != wait->switches) wait->still_since = looked;
    wait->switches = switches;
    return looked - wait->still_since > scaled(seconds);
}

/* A program of ours that is seen to go on with its work, which a busy machine makes slow, gets more time. */
static bool is_late(struct waiting *wait)
{
    enum { MOST = 5 };
    if (now() < wait->end) return false;
    bool seen = program_count > 0 && access("/proc/self/stat", F_OK) == 0;
    return own_programs() || !seen || now() > wait->begun + MOST * (wait->end - wait->begun) ||
           stands_still(wait, 1);
}

static double cpu_of_programs(void)
{
    double used = 0;
    for (int i = 0; i < program_count; i++) {
        double its = is_running(&programs[i]) ? cpu_so_far(&programs[i]) : 0;
        if (its > 0) used += its;
    }
    return used;
}

/* Programs that have had so much of a CPU in this wait would have done what is waited for. */
static bool has_worked(struct waiting *wait, double seconds)
{
    double used = cpu_of_programs();
    if (wait->cpu < 0 || used < wait->cpu) wait->cpu = used; /* the first look, or one has ended */
    if (options.foreign || thread_sanitizer())
        seconds *= LANGUAGE_STARTS; /* each step takes longer */
    return !facts.works && used - wait->cpu > scaled(seconds) * busy_machine();
}

bool in_vain(struct waiting *wait)
{
    double most = own_pause + (waited_in_vain() ? 0.3 : 1), before = wait->looked;
    bool still = own_programs() && stands_still(wait, most);
    bool worked =
        own_programs() && wait->looked > before && has_worked(wait, waited_in_vain() ? 0.5 : 2);
    if (is_late(wait) || own_wait_is_over || still || worked) {
        if (!wait->over) count_wait_in_vain();
        waited = now() - wait->begun;
        wait->over = true;
        asleep = still && !all_have_ended();
    }
    return wait->over;
}

void forget_sleep(void)
{
    asleep = false;
}

bool were_asleep(void)
{
    return asleep;
}

void look_again_soon(void)
{
    poll(NULL, 0, 2);
}

/* The file has a line for each error: its number, a space, the text. */
const char *reason(int error)
{
    static char text[256];
    FILE *reasons = fopen(options.reasons, "r");
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
    snprintf(text, sizeof text, "%s for %.1f s", error == EINPROGRESS ? "no answer" : "nothing",
             waited > 0 ? waited : patience());
    return text;
}
