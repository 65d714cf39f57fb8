/* What the files of the suite for further/unix-echo share. */
#ifndef UNIX_ECHO_H
#define UNIX_ECHO_H

#include <check.h>

void add_path_arguments(TCase *arguments); /* unix-echo_arguments.c */

#endif
