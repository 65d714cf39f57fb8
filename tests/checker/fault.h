/* What the fault library and the checker share. */
#ifndef FAULT_H
#define FAULT_H

/* The file that FAULT_COUNTS names holds an int for each word of FAULTS, for at most so many: how often its call was made. */
enum { FAULT_WORDS = 16 };

#endif
