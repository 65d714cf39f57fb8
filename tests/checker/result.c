#include "result.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "suites.h"

enum { MOST_FAILURES = 512 };

/* What all checks of this run share. */
static struct shared {
    int found_out;
    atomic_int in_vain, failed;
    atomic_bool stopped; /* no further check */
    int from;            /* checks before this number have passed already */
    int begun[MOST_WORKERS];
    char folders[MOST_WORKERS][FOLDER];
    struct run_time time;
    atomic_flag taken[MOST_CHECKS];
    struct check checks[MOST_CHECKS];
    struct failure failures[MOST_FAILURES];
} * shared;

static int worker; /* that this process is, or belongs to */

/* The one that runs in this process. */
static struct failure current;
static double begun; /* this check */
static bool watched; /* limit.c looks at its time */
static bool telling; /* the check has failed */

struct saw saw;

void begin_run(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("check: mmap");
        exit(TROUBLE);
    }
    shared->time.begun = now();
}

struct run_time *run_time(void)
{
    return &shared->time;
}

char *folder_of_worker(int number)
{
    return shared->folders[number == THIS_WORKER ? worker : number];
}

void begin_work(int number)
{
    worker = number;
    shared->begun[worker] = 0;
}

bool work_is_stopped(void)
{
    return shared->stopped;
}

void begin_again_at_the_first_failure(void)
{
    int first = MOST_CHECKS;
    for (int i = 0; i < shared->failed; i++)
        if (shared->failures[i].number < first) first = shared->failures[i].number;
    for (int i = first; i < MOST_CHECKS; i++) {
        shared->checks[i] = (struct check){.turn = 0};
        atomic_flag_clear(&shared->taken[i]);
    }
    shared->from = first;
    shared->failed = shared->in_vain = 0;
    shared->stopped = false;
    shared->time = (struct run_time){.begun = now(), .slowness = shared->time.slowness};
}

/* Ends the worker that this process belongs to, and all that the check has started: its group is Check's for each test. */
static void end_worker(void)
{
    kill(getppid(), SIGUSR1);
    if (getpgrp() == getpid()) kill(0, SIGKILL);
    _exit(EXIT_FAILURE);
}

/* Workers come to all checks in the same order; the first one there takes it. */
static bool take(int number)
{
    if (number >= MOST_CHECKS) ck_abort_msg("more than %d checks", MOST_CHECKS);
    if (!is_wanted(number)) return false;
    return number >= shared->from && !atomic_flag_test_and_set(&shared->taken[number]);
}

void begin_check(const char *name, int turn)
{
    int number = ++shared->begun[worker];
    if (shared->stopped) end_worker();
    if (!take(number)) _exit(EXIT_SUCCESS);
    begun = now();
    current = (struct failure){.number = number};
    snprintf(current.check, sizeof current.check, "%s", name);
    struct check *check = &shared->checks[current.number];
    *check = (struct check){
        .lesson = lesson, .turn = turn, .earlier = is_earlier(name, turn), .worker = worker};
    snprintf(check->name, sizeof check->name, "%s", name);
    if (options.all && run_is_over()) { /* the check that has used the time up has told it */
        check->outcome = NOT_MADE;
        snprintf(check->broken, sizeof check->broken, "no time was left for it");
        _exit(EXIT_SUCCESS);
    }
    show_progress(current.number, name);
    begin_graded_check();
    if (facts.prepare != NULL) facts.prepare();
}

static void note_end(enum outcome outcome)
{
    struct check *check = &shared->checks[current.number];
    check->outcome = outcome;
    check->seconds = now() - begun;
    tell_graded_check(current.number);
}

void end_check(void)
{
    stop_programs();
    note_end(PASSED);
}

void did(const char *format, ...)
{
    struct step step = {.times = 1};
    if (telling) return; /* what looks for a cause is no step of the check */
    forget_sleep();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step.text, sizeof step.text, format, arguments);
    va_end(arguments);
    if (!watched)
        watch_time(); /* not before: only a process of one thread can have a network of its own */
    watched = true;
    struct step *last = &current.steps[(current.did + MOST_STEPS - 1) % MOST_STEPS];
    if (current.did > 0 && strcmp(last->text, step.text) == 0)
        last->times++;
    else
        current.steps[current.did++ % MOST_STEPS] = step;
}

const char *last_step(void)
{
    return current.did > 0 ? current.steps[(current.did - 1) % MOST_STEPS].text : "";
}

void forget_steps(void)
{
    current.did = 0;
}

bool skip_unless(bool able, const char *reason)
{
    if (able) return false;
    end_progress();
    fprintf(stderr, "skipped in %s: %s\n", lesson, reason);
    char *why = shared->checks[current.number].skipped;
    size_t length = strlen(why);
    if (strstr(why, reason) == NULL)
        snprintf(why + length, sizeof shared->checks[0].skipped - length, "%s%s",
                 length > 0 ? " | " : "", reason);
    return true;
}

_Noreturn static void end_failed(void);

void skip_rest(const char *reason)
{
    if (telling) end_failed(); /* only the look for a cause has come to its end */
    skip_unless(false, reason);
    end_check();
    exit(EXIT_SUCCESS);
}

void count_wait_in_vain(void)
{
    static bool counted; /* of this check, which is a process */
    if (!counted) shared->in_vain++;
    counted = true;
}

bool waited_in_vain(void)
{
    return shared->in_vain > 1;
}

int *found_out(void)
{
    return &shared->found_out;
}

/* The check and what watches over its time may both have something to tell: the first one does. */
static void one_tells(void)
{
    static atomic_bool told;
    static pthread_t who;
    if (!atomic_exchange(&told, true))
        who = pthread_self();
    else if (!pthread_equal(who, pthread_self()))
        for (;;) pause();
}

_Noreturn static void end_failed(void)
{
    stop_programs();
    int place = atomic_fetch_add(&shared->failed, 1);
    if (place < MOST_FAILURES)
        shared->failures[place] = current;
    else
        shared->failed = MOST_FAILURES;
    note_end(FAILED);
    if (own_programs() && !graded() && place + 1 >= (options.all ? options.most : 1)) {
        shared->stopped = true;
        end_worker();
    }
    ck_abort_msg("%s", current.saw);
}

void tell(const char *file, int line, const char *format, ...)
{
    one_tells();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(current.saw, sizeof current.saw, format, arguments);
    va_end(arguments);
    current.lesson = lesson;
    current.file = file;
    current.line = line;
    if (a_program_is_missing()) saw.kind = NO_PROGRAM;
    current.kind = saw.kind;
    current.asleep = were_asleep();
    current.unanswered = saw.kind == NO_LINE || saw.kind == NO_BYTES || saw.kind == NO_END ||
                         saw.kind == NOT_CONNECTED;
    keep_printed(&current);
    telling = true;
    if (own_programs()) tell_by_hand(current.by_hand, sizeof current.by_hand);
    snprintf(current.read, sizeof current.read, "%s",
             likely_cause(current.cause, sizeof current.cause));
    end_failed();
}

void compare_texts(const char *file, int line, const char *seen, const char *wanted)
{
    bool same = strcmp(seen, wanted) == 0;
    if (!same) tell(file, line, "expected '%s', saw '%s'", wanted, seen);
}

const struct failure *failure_of(int number)
{
    for (int i = 0; i < shared->failed; i++)
        if (shared->failures[i].number == number) return &shared->failures[i];
    return NULL;
}

const struct check *check_of(int number)
{
    const struct check *check = &shared->checks[number];
    return number < MOST_CHECKS && check->name[0] != '\0' ? check : NULL;
}

int count_of_checks(int outcome)
{
    int count = 0;
    const struct check *check;
    for (int i = 1; (check = check_of(i)) != NULL; i++)
        count += outcome == ANY || (int)check->outcome == outcome;
    return count;
}

void complete_results(SRunner *runner)
{
    TestResult **all = srunner_results(runner);
    for (int i = 1; i <= shared->begun[worker]; i++) {
        struct check *check = &shared->checks[i];
        if (check->worker != worker || i < shared->from) continue;
        TestResult *result = all[i - 1];
        snprintf(check->test_case, sizeof check->test_case, "%s", tr_tcname(result));
        if (tr_rtype(result) == CK_PASS || check->outcome == FAILED) continue;
        check->outcome = BROKEN;
        snprintf(check->broken, sizeof check->broken, "%s", tr_msg(result));
    }
    free(all);
}
