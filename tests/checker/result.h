/*
 * A check, and what comes of it, as data. All checks of a run are processes of their own; their results lie in memory that
 * they share with the process that has started them. story.c makes text of them, once.
 */
#ifndef RESULT_H
#define RESULT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { MOST_PROGRAMS = 10, MOST_STEPS = 8, TAIL = 600, MOST_CHECKS = 4096 };

/* A check: TEST(what_it_promises) { ... }. Its name is told when it fails. */
#define TEST(name)                                                                                 \
    static void name##_body(int _i);                                                               \
    START_TEST(name)                                                                               \
    {                                                                                              \
        begin_check(#name, _i);                                                                    \
        name##_body(_i);                                                                           \
        end_check();                                                                               \
    }                                                                                              \
    END_TEST                                                                                       \
    static void name##_body(int _i __attribute__((unused)))

/* Fails the check with a story when the condition does not hold. printf(3) arguments: what was expected, and seen. */
#define expect(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) tell(__FILE__, __LINE__, __VA_ARGS__);                                   \
    } while (0)
/* The same, and says as data what was seen. */
#define expect_or(seen_kind, condition, ...)                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            saw.kind = (seen_kind);                                                                \
            tell(__FILE__, __LINE__, __VA_ARGS__);                                                 \
        }                                                                                          \
    } while (0)
/* The text, a line or several, is the one that is wanted. */
#define expect_text(seen, wanted) compare_texts(__FILE__, __LINE__, seen, wanted)
void compare_texts(const char *file, int line, const char *seen, const char *wanted);
/* Ends the check as failed: keeps what was seen, with its cause, and stops the programs. printf(3) arguments. */
void tell(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* What was seen when a check failed, as data: what the causes look at. */
enum kind {
    OTHER,         /* only the message tells */
    NO_LINE,       /* the line `wanted` did not come; the program runs */
    ENDED,         /* the program ended in place of what was waited for */
    OTHER_LINE,    /* in place of `wanted` and an address came `line` */
    NO_BYTES,      /* `back` of `expected` bytes came, and then nothing; on `sock` */
    BYTES_ENDED,   /* then the end of file */
    BYTES_RESET,   /* then `error` */
    OTHER_BYTE,    /* byte number `back` is another one: `byte` */
    LOST_BYTES,    /* of `expected` bytes `back` came, the other direction has ended */
    MIXED_BYTES,   /* all of them came, and differ */
    NO_END,        /* the end of file did not come, on `sock` */
    MORE_BYTES,    /* a byte came in place of the end of file */
    END_RESET,     /* `error` came in place of it */
    STILL_RUNS,    /* the program should have ended */
    OTHER_STATUS,  /* it ended in another way than with `expected` */
    OTHER_ERRORS,  /* its stderr is not what is wanted: `wanted` is the line */
    OTHER_OUTPUT,  /* `back` bytes are on its stdout, in place of `expected` */
    NOT_CONNECTED, /* a connect to it failed with `error` */
    NOT_ACCEPTED,  /* it did not connect to the check's listener */
    TOO_SLOW,      /* the time is over, and it has slept most of it */
    TIME_OVER,     /* the time is over for another reason */
    OTHER_PEER,    /* a client is named twice, or never */
    OTHER_PORT,    /* it names the port `back`, in place of `expected` */
    NO_PROGRAM,    /* there is no program to run */
    KINDS          /* how many there are */
};
struct saw {
    enum kind kind;
    const char *wanted, *line;
    size_t expected, back, place; /* place: of the first byte that differs */
    int sock, error;
    unsigned char byte;
};
extern struct saw saw;

/*
 * A cause that the check knows: told when it fails in this way and nothing else was seen that explains it.
 *   kind    in this way; OTHER for any
 *   proved  more that has to be true, or NULL; called when the check has failed, with its last program
 *   cause   the text
 *   read    what to read; NULL for the page of the lesson
 */
struct program;
struct suspect {
    enum kind kind;
    bool (*proved)(struct program *program);
    const char *cause, *read;
};
/* From here on these, in this order; the last one has no cause. */
void suspect(const struct suspect *suspects);
#define SUSPECTS(...)                                                                              \
    do {                                                                                           \
        static const struct suspect list[] = {__VA_ARGS__, {.cause = NULL}};                       \
        suspect(list);                                                                             \
    } while (0)

/* One thing that the check did, so many times. */
struct step {
    char text[320];
    int times;
};

/* The end of what a program has printed, or its most important part. */
struct tail {
    bool kept;            /* its stream was read */
    bool inside;          /* what is here is not its end */
    size_t length, whole; /* bytes here, and in all */
    char bytes[TAIL];
};

/* What has come of a check that has begun. */
struct check {
    /* A broken one has ended before it could tell; for one that was not made no time was left. */
    enum outcome { BROKEN, NOT_MADE, PASSED, FAILED } outcome;
    const char *lesson; /* static: each process has it at the same place */
    char name[96];
    char test_case[64]; /* "" until the run is complete */
    int worker;         /* that made it */
    int turn;           /* of one that is made more than once, from 0 */
    bool earlier;       /* the lesson before has it, too: step.c */
    double seconds;
    char skipped[256]; /* why it was skipped, wholly or in part; "" when it was not */
    char broken[256];  /* why it has ended, as Check has it, or was not made */
};

struct failure {
    int number;                /* of the check, in the order in which they run, from 1 */
    const char *lesson, *file; /* static: each process has them at the same place */
    int line;
    char check[128];
    struct step steps[MOST_STEPS]; /* the last ones */
    int did;                       /* how many there were */
    enum kind kind;
    char saw[4096]; /* what was expected, and seen */
    struct {
        char name[64];
        struct tail out, err;
    } programs[MOST_PROGRAMS];
    int program_count;
    bool unanswered; /* the program runs, and what was waited for did not come */
    bool
        asleep; /* its programs, which ran, were seen to sleep in the last wait, until it was given up */
    char cause[1024];  /* "" when it is not known */
    char read[256];    /* a page, or another file */
    char by_hand[512]; /* commands that repeat it, in lines; "" when there are none */
};

/* Before the first check: makes the memory that all of them share. */
void begin_run(void);
/*
 * Who makes the checks: this process, or workers, which are processes too and share them out. All of them come to all checks
 * in the same order.
 */
enum { MOST_WORKERS = 2 };
/* At the start of a worker, from 0. */
void begin_work(int number);
/* No further check is made, because enough of them have failed. */
bool work_is_stopped(void);
/* What workers side by side have seen is made sure by one of them alone: from the first failed check on. */
void begin_again_at_the_first_failure(void);

/*
 * At the start and at the end of each check; TEST calls them. `turn` is its number where one is made more than once, from 0.
 * Where another worker makes it, this process ends.
 */
void begin_check(const char *name, int turn);
void end_check(void);

/* Remembers one step of the check. printf(3) arguments. */
void did(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What it did last; "" before its first step. */
const char *last_step(void);
/* Forgets them: they were no part of the check. */
void forget_steps(void);

/* Prints the reason, unless `able`, and counts the check as skipped, wholly or in part. True when it has to step aside. */
bool skip_unless(bool able, const char *reason);
/* Ends the check here, as skipped: prints the reason, stops the programs, does not return. */
void skip_rest(const char *reason) __attribute__((noreturn));

/* How long this run has taken, and what its program was seen to do: limit.c. */
struct run_time {
    double begun, idle, slept; /* of the idle seconds its program has slept so many */
    double slowness;           /* of this machine at the start: measure_machine */
    bool over;                 /* the time of all checks was over */
    double busy; /* seconds in which the check waited for a program that was ready to run */
};
struct run_time *run_time(void);
/* How long new processes take here: a slow or busy machine gives all checks more time. */
void measure_machine(void);
/* The checks of a learner's program have taken all the time that they have. */
bool run_is_over(void);
/* From here on a thread ends the check, with its story, when its time is over. */
void watch_time(void);
/* True when two checks of this run have waited to a deadline. */
bool waited_in_vain(void);
/* One more did. */
void count_wait_in_vain(void);
/* A place where one check leaves for the others what it has found out: 0 at first. */
int *found_out(void);
/* Where the name of a worker's folder stands, with room for FOLDER bytes: address.c. "" until it is made. */
enum { FOLDER = 32, THIS_WORKER = -1 };
char *folder_of_worker(int number);

/* The failure of the check with this number, from 1 in the order in which they run; NULL when it has told none. */
const struct failure *failure_of(int number);
/* The check with this number; NULL for one that has not begun. */
const struct check *check_of(int number);
/* A failure before it, in the order in which they are told, has the same cause. */
bool was_told(const struct failure *failure);
/* step.c: how many were skipped, wholly or in part. */
int skipped_checks(void);
/* How many have this outcome; ANY: how many have begun. */
enum { ANY = -1 };
int count_of_checks(int outcome);
/* At the end of a worker: what only Check knows of the checks that it has made. */
void complete_results(SRunner *runner);

/*
 * report.c. Writes the result of each check that has begun, in order, as a line with tabs between the fields, and none in them:
 *   passed|failed|skipped|broken  TEST CASE  NAME OF THE CHECK  WHAT WAS EXPECTED AND SEEN  CAUSE  WHAT TO READ  own|earlier  KIND  REASON  ASLEEP
 * The kind is that of enum kind, in small letters; "" for a check that has told no failure. The reason is that of what was skipped, of the
 * whole check or a part; "" for nothing; two have " | " between them. ASLEEP is `asleep` where the programs were seen to sleep in the last wait, or "".
 */
void write_results(FILE *out);
/* That of one check alone. */
void write_result(FILE *out, int number);
/* The results into the files that options name; the one of -r has after a whole run the last line `complete`. */
void keep_results(bool whole);

/* story.c: the failure in full; with `briefly` without what was done and printed. */
void print_story(FILE *out, const struct failure *failure, bool briefly);
/* The same check, with another value, and the same cause: one story is for both. */
bool is_the_same(const struct failure *one, const struct failure *other);
/* On a terminal, one line that is written over: which check runs. Nothing elsewhere. */
void show_progress(int number, const char *check);
/* On a terminal: what it waits for. */
void show_waiting(void);
/* Wipes that line, before something else is printed. */
void end_progress(void);

#endif
