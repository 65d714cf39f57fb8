/* What the fault library and the checker share, and what the two files of the library do. */
#ifndef FAULT_H
#define FAULT_H

#include <stddef.h>

/* The file that FAULT_COUNTS names holds an int for each word of FAULTS, for at most so many: how often its call was made. */
enum { FAULT_WORDS = 16 };

#pragma GCC visibility push(hidden) /* a program may have a function of this name */

/*
 * What FAULTS says of a call: fault.c. Counts it for the checker.
 *   call   its name in FAULTS
 *   own    it is so many times now that this process makes it, from 1
 * Returns the errno with which it has to fail, or 0. A signal is raised before it returns.
 */
int fault(const char *call, int own);
/* The number after `name`, such as "SEND=", in FAULTS; `otherwise` where it is not there. */
size_t number_after(const char *name, size_t otherwise);

#pragma GCC visibility pop

#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1L) /* hidden by _POSIX_C_SOURCE, the same value in glibc and musl */
#endif

#endif
