/* How a running program is kept: for the files that start it, read it, wait for its end and look at it. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <pthread.h>

#include "harness.h"

/* What a program has printed on one stream; its reader thread appends. */
struct text {
    int fd;
    char *bytes;
    size_t length, room;
    bool ended;
};

struct program {
    char name[64];
    struct run run;
    char words[6][128]; /* run.arguments, when the caller's are gone */
    pid_t pid;
    int in;
    struct text out, err;
    size_t read_lines;      /* how far wait_line has come in out */
    const char *last_found; /* the beginning of the last line that wait_line has found */
    in_port_t port;
    const struct fault_notes
        *notes; /* of the calls that its faults name; shared with the fault library */
    const char *notes_path;
    bool waited;
    bool own;   /* a learner's, checked in place of the lesson's */
    bool aside; /* no part of the check: only to find something out */
    int status;
};

/* Those of this check, in their order. */
extern struct program programs[MOST_PROGRAMS];
extern int program_count;

/* The texts change while it is free. */
extern pthread_mutex_t lock;
/* Until both streams of one that has ended are read to their end, at most so many seconds. */
void wait_streams(const struct program *program, double seconds);
/* The thread that reads them; `argument` is the program. */
void *read_streams(void *argument);

/* Before it starts with faults: its calls that they name are counted. */
void count_calls(struct program *program);
enum { MOST_ARGUMENTS = 24 };
/*
 * The command to run: the lesson's program, or the one that is checked in its place.
 *   arguments  its words go there, and a NULL; room for MOST_ARGUMENTS + 1
 * Returns whether it is the one in its place.
 */
bool fill_command(const struct run *run, const char *arguments[]);
/* A step of the check: what is run, with which arguments, and what is unusual around it. */
void tell_command(const struct run *run);
/*
 * `close=EIO@1 SEND=3` of fault.c in words: "the first close fails with EIO, each send takes at most 3 bytes".
 *   words, size  where they go
 */
void put_in_words(const char *faults, char *words, size_t size);

#endif
