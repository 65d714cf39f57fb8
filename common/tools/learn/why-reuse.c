/*
 * why-reuse PID DESCRIPTOR: prints yes or no: whether SO_REUSEADDR is set at a socket of another process of the same user.
 * Linux 5.6 or newer: pidfd_getfd(2) hands over a copy of the descriptor. Exit status 1, and nothing printed, where that is not allowed.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
#if defined SYS_pidfd_open && defined SYS_pidfd_getfd
    if (argc != 3) return 1;
    int process = (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0);
    int copy = (int)syscall(SYS_pidfd_getfd, process, atoi(argv[2]), 0);
    int on = 0;
    socklen_t length = sizeof on;
    if (copy == -1 || getsockopt(copy, SOL_SOCKET, SO_REUSEADDR, &on, &length) == -1) return 1;
    puts(on ? "yes" : "no");
    return 0;
#else
    (void)argc;
    (void)argv;
    return 1;
#endif
}
