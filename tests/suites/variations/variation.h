/* What the suites of the variations share: tests/suites/variations/shared.c. */
#ifndef VARIATION_H
#define VARIATION_H

#include "harness.h"
#include "suites.h"

/* The fixture of a variation: the name of its lesson, and facts about it. */
void enter_variation(const char *name, struct facts about);
/* `server 127.0.0.1 PORT THIRD`; THIRD may be NULL. */
struct program *start_at(in_port_t port, const char *third);
/* The next line on stdout, whatever it is, is this one. */
void expect_next(struct program *program, const char *wanted);
/* A new client, which has got this line, with its number in it, and then its echo. */
int greeted(struct program *server, const char *form, int number);
/* A client ends the connection in good order. */
void leave(int client);
/* A third argument has to be a number from 1 to 65535, and there is no fourth. */
void add_third_argument(TCase *tests);

#endif
