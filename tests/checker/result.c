#include "result.h"

#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

enum { MOST_CHECKS = 4096, MOST_FAILURES = 512 };

/* What all checks of this run share. */
static struct shared {
    int begun, in_vain, failed, found_out, not_made;
    struct run_time time;
    char why_skipped[256]; /* the last one that was */
    struct check {
        enum { BROKEN, PASSED, FAILED } end;
        bool skipped; /* wholly or in part */
        char name[96];
    } checks[MOST_CHECKS];
    struct failure failures[MOST_FAILURES];
} * shared;

/* The one that runs in this process. */
static struct failure current;
static bool watched; /* limit.c looks at its time */

struct saw saw;

void begin_run(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("check: mmap");
        exit(EXIT_FAILURE);
    }
    shared->time.begun = now();
}

struct run_time *run_time(void)
{
    return &shared->time;
}

int checks_not_made(void)
{
    return shared->not_made;
}

void begin_check(const char *name)
{
    current = (struct failure){.number = ++shared->begun};
    snprintf(current.check, sizeof current.check, "%s", name);
    if (current.number == MOST_CHECKS) ck_abort_msg("more than %d checks", MOST_CHECKS);
    struct check *check = &shared->checks[current.number];
    snprintf(check->name, sizeof check->name, "%s", name);
    if (options.all && run_is_over()) { /* the check that has used the time up has told it */
        shared->not_made++;
        _exit(EXIT_SUCCESS);
    }
    show_progress(current.number, name);
    begin_graded_check();
}

void end_check(void)
{
    forget_counts();
    shared->checks[current.number].end = PASSED;
}

void did(const char *format, ...)
{
    struct step step = {.times = 1};
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
    fprintf(stderr, "skipped in %s: %s\n", lesson, reason);
    shared->checks[current.number].skipped = true;
    snprintf(shared->why_skipped, sizeof shared->why_skipped, "%s", reason);
    return true;
}

void skip_rest(const char *reason)
{
    skip_unless(false, reason);
    stop_programs();
    end_check();
    exit(EXIT_SUCCESS);
}

void count_wait_in_vain(void)
{
    shared->in_vain++;
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
    keep_printed(&current);
    snprintf(current.read, sizeof current.read, "%s",
             likely_cause(current.cause, sizeof current.cause));
    stop_programs();
    shared->checks[current.number].end = FAILED;
    if (shared->failed < MOST_FAILURES) shared->failures[shared->failed++] = current;
    if (own_programs() && !options.all && !graded()) {
        keep_results(NULL);
        end_progress();
        print_story(stdout, &current, false);
        fflush(stdout);
        kill(getppid(), SIGUSR1); /* the runner: no further check */
        _exit(EXIT_FAILURE);
    }
    ck_abort_msg("%s", current.saw);
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

const char *name_of_check(int number)
{
    return shared->checks[number].name;
}

int skipped_checks(void)
{
    int count = 0;
    for (int i = 1; i <= shared->begun; i++) count += shared->checks[i].skipped;
    return count;
}

const char *why_skipped(void)
{
    return shared->why_skipped;
}

/* Without what could be taken for the end of a field or of a line, or disturb a terminal. */
static void write_field(FILE *out, const char *text)
{
    fputc('\t', out);
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 128) fputc(isprint((unsigned char)*text) ? *text : ' ', out);
}

void write_results(FILE *out, SRunner *runner)
{
    static const char *const ends[] = {"broken", "passed", "failed"};
    TestResult **all = runner != NULL ? srunner_results(runner) : NULL;
    for (int i = 1; i <= shared->begun; i++) {
        const struct check *check = &shared->checks[i];
        const struct failure *failure = failure_of(i);
        fputs(check->end == PASSED && check->skipped ? "skipped" : ends[check->end], out);
        write_field(out, all != NULL ? tr_tcname(all[i - 1]) : "");
        write_field(out, check->name);
        write_field(out, failure != NULL ? failure->saw : "");
        write_field(out, failure != NULL ? failure->cause : "");
        write_field(out, failure != NULL ? failure->read : "");
        fputc('\n', out);
    }
    free(all);
}

void keep_results(SRunner *runner)
{
    if (options.results[0] == '\0') return;
    FILE *out = fopen(options.results, "w");
    if (out == NULL) {
        perror(options.results);
        exit(EXIT_FAILURE);
    }
    write_results(out, runner);
    if (runner != NULL) fputs("complete\n", out);
    fclose(out);
}
