/* die.h: how every lesson program ends when something is wrong. It brings errno and exit along. */
#ifndef DIE_H
#define DIE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Ends the program after a failed call. Prints "call: reason" on stderr and exits with 1.
 *   call    the name of the call that failed, for example "bind"
 *   errno   must still be as that call left it; the reason is its text: strerror(3), perror(3)
 */
static inline _Noreturn void die(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

/*
 * Ends the program after a wrong argument. Prints two lines on stderr and exits with 2.
 *   synopsis  how the program is called, for example "server [ADDRESS [PORT]]"
 *   value     the argument as it was given
 *   wanted    what would have been right
 */
static inline _Noreturn void usage(const char *synopsis, const char *value, const char *wanted)
{
    fprintf(stderr, "usage: %s\n'%s': %s\n", synopsis, value, wanted);
    exit(2);
}

/*
 * Reads a number: one to five decimal digits and nothing else.
 *   text    the argument as it was given
 *   most    the greatest number that is taken, at most 99999
 * Returns the number, or -1 when text is not one.
 */
static inline int parse_number(const char *text, int most)
{
    size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > 5 || text[digits] != '\0') return -1;

    long number = strtol(text, NULL, 10);
    return number <= most ? (int)number : -1;
}

/*
 * Reads a port number: one to five decimal digits and nothing else, at most 65535.
 *   text    the argument as it was given
 * Returns the port in host byte order (RFC 9293, section 3.1: 16 bits), or -1 when text is not one.
 */
static inline int parse_port(const char *text)
{
    return parse_number(text, 65535);
}

#endif
