/* What this run of the checker is asked for: its options, and TIMEOUT_SCALE. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

/* An exit status: the checker was called wrongly, or has failed itself; stderr says how. */
enum { TROUBLE = 2 };

enum {
    MOST_BEFORE = 4,
    LANGUAGE_STARTS = 4 /* an interpreter needs so many times as long to start */
};

struct options {
    /* The folder that holds 01-create-socket and so on, with built programs. */
    const char *programs;
    /* A command that is checked in place of the lesson's server, or client; ADDRESS and PORT are added. */
    const char *server, *client;
    /* These commands are no C programs: their descriptors, threads and memory say nothing. */
    bool foreign;
    bool all;     /* every failure is told, not only the first */
    int most;     /* but no more than so many */
    int workers;  /* so many checks at a time; 0: as many as are good here */
    bool quick;   /* without the checks with the tag "soak" */
    bool soak;    /* only those */
    bool at_once; /* only those with the tag "at-once" */
    /* What the programs are built with, such as "address,undefined", or "". */
    const char *sanitizers;
    /* tests/checker/fault.c as a library for LD_PRELOAD, or "" where there is none. */
    const char *fault_library;
    /* What has to stand before it in LD_PRELOAD, and without it, too: what a sanitizer's runtime needs, or "". */
    const char *preload_first;
    /* A command that runs the programs of another CPU: qemu-user with its options, or "". */
    const char *runner;
    /* A file with the programs' texts of strerror, where their C library is another one, or "". */
    const char *reasons;
    /* Files for the results, or "": a line a check (result.h), TAP, JUnit's XML. */
    const char *results, *tap, *junit;
    const char *these; /* only the checks with these numbers, `3,17,`; "" for all */
    const char *
        filter; /* system calls that a program in a sandbox may not make: a file for seccomp(2), or "" */
    int grading; /* the descriptor for the results of a run in a sandbox: sandbox.c; or -1 */
    const char *before[MOST_BEFORE]; /* suites of what the lesson grows out of, so many: */
    int steps;
    double scale; /* TIMEOUT_SCALE: multiplies every deadline */
};
extern struct options options;

/*
 * Reads the options; getopt(3). Returns the number of the first argument after them, the first suite. A wrong option, and
 * none of -l and a suite, end the checker with exit status 2 and what is wanted on stderr; --help and -h with 0.
 */
int read_options(int argc, char *argv[]);

/* The check with this number, from 1 in the order in which they run, is one of those that are asked for. */
bool is_wanted(int number);
/* A program of the learner is checked, or a command of somebody, and not the lesson's own program. */
bool own_programs(void);
/* What the program does inside cannot be looked at: it is no C program, or runs on another CPU. */
bool foreign(void);
/* It is built with a sanitizer: growth, timing and CPU mean nothing. */
bool instrumented(void);
bool thread_sanitizer(void); /* by that one */

#endif
