/* What the fault library and the checker share, and what the two files of the library do. */
#ifndef FAULT_H
#define FAULT_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stddef.h>

enum { FAULT_WORDS = 16 };
/* What the file that FAULT_NOTES names holds. */
struct fault_notes {
    atomic_int counts[FAULT_WORDS]; /* how often the call of each word of FAULTS was made */
    struct in_addr address;         /* where its last connect to an IPv4 address went */
    in_port_t port;                 /* in network byte order, as the address; 0 before it */
};

#pragma GCC visibility push(hidden) /* a program may have a function of this name */

/*
 * What FAULTS says of a call: fault.c. Counts it for the checker.
 *   call   its name in FAULTS
 *   own    it is so many times now that this process makes it, from 1
 * Returns the errno with which it has to fail, or 0. A signal is raised before it returns.
 */
int fault(const char *call, int own);
/* That file; NULL where the checker has given none. */
struct fault_notes *fault_notes(void);
/* The number after `name`, such as "SEND=", in FAULTS; `otherwise` where it is not there. */
size_t number_after(const char *name, size_t otherwise);

#pragma GCC visibility pop

#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1L) /* hidden by _POSIX_C_SOURCE, the same value in glibc and musl */
#endif

#endif
