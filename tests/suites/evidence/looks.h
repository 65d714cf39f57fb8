/* What the files of the suite `evidence` share: programs to look at, and the look. */
#ifndef LOOKS_H
#define LOOKS_H

#include <check.h>

#include "evidence.h"

/* Commands: one of tests/evidence/programs.c, and one for the shell. */
#define PROGRAM(name) "build/tests/programs " name
#define SHELL(script) "sh -c '" script "'"

/* It is evidence, and the cause that is told has this part; or it is none. */
#define SHOWN(look, program, part) expect_look(look, #look, program, part)
#define NOT_SHOWN(look, program) expect_look(look, #look, program, NULL)
void expect_look(evidence *look, const char *name, struct program *program, const char *part);

/* What the check has seen. */
void see(enum kind kind, const char *wanted, const char *line);

/* Runs a command in place of a server: at port 0. */
struct program *run(const char *command);
/* In place of "server" or "client", with this port. */
struct program *run_as(const char *program, const char *command, const char *port);
/* One that prints and ends. */
struct program *ended(const char *command);
/* A program that accepts, and the client that it has accepted. */
struct program *run_accepting(const char *command, int *client);
/* A client that has connected, and whose input has ended. */
struct program *run_connected(const char *command);

void add_printed(TCase *printed); /* printed.c */
void add_doing(TCase *does);      /* doing.c */
void add_ports(TCase *ports);     /* ports.c */

#endif
