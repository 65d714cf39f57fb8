/*
 * Evidence of what has made a check fail. Each function looks for one thing, and fills the cause in, or returns false. They
 * are called when the check has failed, look at `saw` and at the program, and may run it once more.
 *   program      the last one that is checked
 *   cause, size  where the text goes
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "harness.h"

/* later.c: this page, or a call that this text names, belongs to a lesson that comes after this one. */
bool is_later(const char *page);
bool names_later(const char *cause);

typedef bool evidence(struct program *program, char *cause, size_t size);

/* evidence_said.c: a cause of what stands on its stderr, and into *read the page of it where it has one; NULL: none. */
const char *from_what_it_said(struct program *program, const char **read);
/* evidence_sanitizer.c: in how it broke */
evidence sanitizer, crashed;
/* evidence.c: in what it printed */
evidence call_succeeded, said_usage, told_and_ended_well, ended_badly_in_silence, line_elsewhere,
    no_newline, other_words;
/* evidence_doing.c: in what it does */
evidence busy_loop, sleeping, waits_for_one, keeps_bytes, too_many_bytes, unflushed,
    came_at_the_end, never_called, unnoticed_failure, went_on_after_reset, served_some;
/* evidence_ports.c: in the addresses and ports that it printed */
evidence other_address, other_peer, other_port, no_family;
/* evidence_connections.c: in the connections that it has */
evidence forgotten, nobody_listens, queue_full, goes_elsewhere, not_closed, no_half_close;
/* Where the line of the text begins in which `part` stands. */
const char *line_with(const char *text, const char *part);
/* Where a line that begins with ADDRESS:PORT goes on behind it; 0: it does not, or begins with something else. */
int behind_the_port(const char *line);
/* The port with its bytes the other way round: what is seen without htons or ntohs. */
in_port_t swap(in_port_t port);

#endif
