/* What the files of the suite for further/dual-stack-echo share. */
#ifndef DUAL_STACK_ECHO_H
#define DUAL_STACK_ECHO_H

#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>

/* True, said aloud, where this machine has no ::1. */
bool skip_six(void);
/* True, said aloud, where the default port cannot be made free. */
bool skip_default_port(void);

/* The port in `[::1]:PORT`, the rest of a line. */
in_port_t port_in_brackets(const char *rest);

/* Both families on this port, side by side and named by their own ports; and then the end of the server. */
struct program;
void expect_both_served(struct program *server, in_port_t port);

void add_dual_stack_names(TCase *names);   /* dual-stack-echo_names.c */
void add_dual_stack_client(TCase *client); /* dual-stack-echo_client.c */

#endif
