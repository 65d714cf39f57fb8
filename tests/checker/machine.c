/*
 * What this machine can do, and what the checker says when it cannot: harness.h, section "This machine".
 *
 * A call of the checker's own that fails for want of descriptors, processes or memory says nothing about the program
 * that is checked. Its check ends as skipped, with the reason.
 */
#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum {
    ENOUGH =
        4096,  /* descriptors: more than any check but one needs, and that one looks by itself */
    SPARE = 40 /* of the checker itself, and of a program beside its clients */
};

static struct rlimit descriptor_limit(void)
{
    struct rlimit limit = {ENOUGH, ENOUGH};
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
}

void raise_limits(void)
{
    struct rlimit limit = descriptor_limit();
    if (limit.rlim_cur >= ENOUGH) return;
    limit.rlim_cur = limit.rlim_max < ENOUGH ? limit.rlim_max : ENOUGH;
    setrlimit(RLIMIT_NOFILE, &limit); /* where it is refused, a call that needs more will tell */
}

int clients_here(int wanted)
{
    char reason[128];
    rlim_t limit = descriptor_limit().rlim_cur;
    if (limit >= (rlim_t)wanted + SPARE) return wanted;
    int able = limit > SPARE ? (int)limit - SPARE : 0;
    snprintf(reason, sizeof reason,
             "%d of %d clients: this machine allows no more than %d descriptors", wanted - able,
             wanted, (int)limit);
    skip_unless(false, reason);
    return able;
}

const char *loopback_lacks(void)
{
    static char reason[256];
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    const char *failed = NULL;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1 || client == -1)
        failed = "socket";
    else if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        failed = "bind";
    else if (listen(listener, 1) == -1 ||
             getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        failed = "listen";
    else if (connect(client, (struct sockaddr *)&address, sizeof address) == -1)
        failed = "connect";
    int error = errno;
    if (listener != -1) close(listener);
    if (client != -1) close(client);
    if (failed == NULL) return NULL;
    bool down = strcmp(failed, "connect") == 0 || strcmp(failed, "bind") == 0;
    snprintf(reason, sizeof reason, "no way to 127.0.0.1 (%s: %s)%s", failed, strerror(error),
             down ? ": sudo ip link set lo up" : "");
    return reason;
}

const char *files_lack(void)
{
    static char reason[128];
    errno = 0;
    FILE *file = tmpfile();
    bool written = file != NULL && fputc(0, file) != EOF && fflush(file) == 0;
    int error = errno;
    if (file != NULL) fclose(file);
    if (written) return NULL;
    snprintf(reason, sizeof reason, "no file can be made in /tmp (%s): df, df -i, mount",
             strerror(error));
    return reason;
}

/* The machine has no more of what a call needs, or has it not at all, as /dev/full. EADDRNOTAVAIL: of ports, in connect(2). */
static bool is_used_up(int error)
{
    return error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM ||
           error == ENOBUFS || error == EADDRNOTAVAIL || error == ENOSPC || error == EDQUOT ||
           error == EROFS || error == EACCES || error == ENOENT;
}

void need(bool worked, const char *call)
{
    char reason[256];
    int error = errno;
    if (worked) return;
    expect(is_used_up(error) && !graded(), "the checker's own %s: %s", call, strerror(error));
    snprintf(reason, sizeof reason,
             "this machine does not allow the checker's %s: %s; not your program", call,
             strerror(error));
    skip_rest(reason);
}

pid_t fork_helper(void)
{
    pid_t process = fork();
    need(process != -1, "fork");
#ifdef __linux__
    if (process == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    return process;
}

int need_socket(int family, int type)
{
    int sock = socket(family, type, 0);
    need(sock != -1, "socket");
    return sock;
}
