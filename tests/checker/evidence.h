/*
 * Evidence of what has made a check fail: each function looks for one thing, and fills the cause in, or returns false. They
 * are called when the check has failed, and may run the program once more.
 *   seen         the failure
 *   cause, size  where the text goes, empty before
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "harness.h"

/* What has been seen of the failure. */
struct seen {
    const char *check, *message, *errors;
    struct program *program;
};

/* evidence.c */
bool sanitizer(const char *errors, char *cause, size_t size);
bool no_family(const struct seen *seen, char *cause, size_t size);
bool no_newline(const struct seen *seen, char *cause, size_t size);
bool wrong_bytes(const struct seen *seen, char *cause, size_t size);
bool unnoticed_failure(const struct seen *seen, char *cause, size_t size);
bool wrong_failure(const struct seen *seen, char *cause, size_t size);
bool busy_loop(const struct seen *seen, char *cause, size_t size);
bool shared_variable(const struct seen *seen, char *cause, size_t size);
bool unflushed(const struct seen *seen, char *cause, size_t size);

/* evidence_ports.c */
bool swapped_port(struct program *program, char *cause, size_t size);
bool swapped_in_print(const struct seen *seen, char *cause, size_t size);
bool swapped_client(const struct seen *seen, char *cause, size_t size);

/* Part of a text, or any text when it is NULL. */
bool holds(const char *text, const char *part);

#endif
