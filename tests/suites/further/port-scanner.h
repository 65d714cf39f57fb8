/* What the files of the suite for further/port-scanner share. */
#ifndef PORT_SCANNER_H
#define PORT_SCANNER_H

#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>

struct program;

/* A scan of these ports, run to its end. */
struct program *scan(const char *ports, const char *faults);
/* Runs it with a terminal as stderr, and returns what came there; NULL: there is no terminal to be had. */
const char *seen_on_a_terminal(const char *ports);

/* The lines on stdout are these, whatever names the ports of this run have. */
void expect_found(struct program *program, const char *wanted);
/* Its last line counts the ports of 127.0.0.1 so. */
void expect_counts(struct program *program, int open, int closed, int filtered);

/* True, said aloud, where no network can be made in which every port is free. */
bool skip_own_network(void);
/* Three listeners, in the order of their ports. */
void open_three(in_port_t sorted[3]);
/* From now on the kernel drops what comes for this listener: as a firewall does, and without one. False: it cannot. */
bool drop_at(int listener);
/* A drop rule for a port, by the firewall of this machine's kernel, in the network of the test. False: there is none. */
bool drop_rule(in_port_t port);

void add_scan_arguments(TCase *arguments); /* port-scanner_arguments.c */
void add_scan_limits(TCase *calls);        /* port-scanner_limits.c */

#endif
