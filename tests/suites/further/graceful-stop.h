/* What the files of the suite for further/graceful-stop share. */
#ifndef GRACEFUL_STOP_H
#define GRACEFUL_STOP_H

#include <check.h>

/* Adds stops at the moments number `from` to `to` - 1, each with three clients that come again and again. */
void add_stops_under_load(TCase *tests, int from, int to); /* graceful-stop_load.c */

#endif
