/*
 * load: drives an echo server from outside and prints what it does and costs, a `figure value` a line. Linux.
 *
 *   load talk TALKING SILENT BYTES SECONDS COMMAND...   connections that send a message, wait for its
 *                                                       echo and send the next, beside silent ones
 *   load connect IN_FLIGHT SECONDS COMMAND...           connections with one message of 64 bytes
 *   load bulk CONNECTIONS SECONDS COMMAND...            all that the server takes, on each of them
 *   load pair SECONDS [COMMAND...]                      one connection, blocking calls; without COMMAND
 *                                                       between two processes that do nothing else
 *
 * Starts `COMMAND... 127.0.0.1 0`, reads its port from the line `listening on A:P`, and ends it; with
 * `load -u PATH talk ...` it starts `COMMAND... PATH`, whose family is AF_UNIX. Each
 * byte that comes back is compared. A byte that is wrong, missing or too many, and a server that
 * does not answer for PATIENCE seconds (10), is an error with exit 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static double number(const char *text, double least)
{
    char *rest;
    double value = strtod(text, &rest);
    if (rest == text || *rest != '\0' || !(value >= least) || value > 1e9) {
        fprintf(stderr, "load: '%s': give a number of %g or more\n", text, least);
        exit(2);
    }
    return value;
}

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: load [-u PATH] talk TALKING SILENT BYTES SECONDS COMMAND...\n"
                    "       load [-u PATH] connect IN_FLIGHT SECONDS COMMAND...\n"
                    "       load [-u PATH] bulk CONNECTIONS SECONDS COMMAND...\n"
                    "       load [-u PATH] pair SECONDS [COMMAND...]\n");
    exit(2);
}

int main(int argc, char *argv[])
{
    enum { TALK, CONNECT, BULK, PAIR, LOADS };
    static const struct {
        const char *name;
        int numbers, words; /* words: of COMMAND, at least */
        double least[4];
    } loads[] = {{"talk", 4, 1, {1, 0, 1, 0.01}},
                 {"connect", 2, 1, {1, 0.01}},
                 {"bulk", 2, 1, {1, 0.01}},
                 {"pair", 1, 0, {0.01}}};
    if (argc > 3 && strcmp(argv[1], "-u") == 0) {
        at_path = argv[2];
        argc -= 2;
        argv += 2;
    }
    int load = 0;
    while (load < LOADS && (argc < 2 || strcmp(argv[1], loads[load].name) != 0)) load++;
    if (load == LOADS || argc < 2 + loads[load].numbers + loads[load].words) usage();
    double n[4] = {0};
    for (int i = 0; i < loads[load].numbers; i++) n[i] = number(argv[2 + i], loads[load].least[i]);
    const char *given = getenv("PATIENCE");
    if (given != NULL) patience = number(given, 0.1);

    fill_pattern();
    int words = argc - 2 - loads[load].numbers;
    if (words > 0)
        start_server(argv + argc - words, words);
    else
        start_bare();
    if (load == TALK) talk((long)n[0], (long)n[1], (size_t)n[2], n[3]);
    if (load == CONNECT) connect_many((long)n[0], n[1]);
    if (load == BULK) bulk((long)n[0], n[1]);
    if (load == PAIR) pair(n[0]);
    stop_server();
    return 0;
}
