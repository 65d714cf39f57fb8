/* The fault library's calls: each stands before the system's own, fails as FAULTS says, or calls that one. */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"

/* `length`, or what FAULTS allows this call at most: `limit` is "SEND=" or "RECV=". */
static size_t shortened(size_t length, const char *limit)
{
    size_t most = number_after(limit, length);
    return length < most ? length : most;
}

static void end_it(int signal)
{
    (void)signal;
    exit(0); /* NOLINT(bugprone-signal-handler): only a program that waits in a call gets it */
}

__attribute__((constructor)) static void prepare(void)
{
    if (number_after("EXIT=", 0) == 1) signal(SIGUSR2, end_it);
}

/* Defines `name`, which FAULTS calls `known`: where `counts` holds it fails as FAULTS says, by running `failure`; or else
 * it calls the real one. */
#define WRAP_AS(known, counts, type, name, parameters, arguments, failure)                         \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
        static atomic_int own_count;                                                               \
        atomic_int *count = counter_of(#known, &own_count);                                        \
        if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);                               \
        int error = (counts) ? fault(#known, ++*count) : 0;                                        \
        if (error != 0) {                                                                          \
            failure;                                                                               \
        }                                                                                          \
        return real arguments;                                                                     \
    }
#define WRAP_IF(counts, type, name, parameters, arguments, failure)                                \
    WRAP_AS(name, counts, type, name, parameters, arguments, failure)
#define WRAP(type, name, parameters, arguments, failure)                                           \
    WRAP_IF(1, type, name, parameters, arguments, failure)

static atomic_int accepts, recvs, sends;

/* Where the calls of this name are counted, whatever they are called in the program. */
static atomic_int *counter_of(const char *known, atomic_int *own)
{
    return strcmp(known, "accept") == 0 ? &accepts
           : strcmp(known, "recv") == 0 ? &recvs
           : strcmp(known, "send") == 0 ? &sends
                                        : own;
}

#define NO_MEMORY                                                                                  \
    do {                                                                                           \
        errno = error;                                                                             \
        return NULL;                                                                               \
    } while (0)

#define MINUS_ONE                                                                                  \
    do {                                                                                           \
        errno = error;                                                                             \
        return -1;                                                                                 \
    } while (0)

static int is_socket(int descriptor)
{
    struct stat what;
    int error = errno;
    int socket = fstat(descriptor, &what) == 0 && S_ISSOCK(what.st_mode);
    errno = error;
    return socket;
}

typedef void *(*thread_main)(void *);

/* What a thread that begins late runs. */
struct late {
    thread_main start;
    void *argument;
};

static void *begin_late(void *argument)
{
    struct late late = *(struct late *)argument;
    free(argument);
    struct timespec delay = {.tv_nsec = (long)number_after("THREAD=", 0) * 1000 * 1000};
    nanosleep(&delay, NULL);
    return late.start(late.argument);
}

/* The argument for begin_late, which frees it. */
static void *late(thread_main start, void *argument)
{
    struct late *late = malloc(sizeof *late);
    if (late == NULL) abort();
    *late = (struct late){start, argument};
    return late;
}

WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol), MINUS_ONE)
int setsockopt(int s, int level, int name, const void *value, socklen_t length)
{
    static int (*real)(int, int, int, const void *, socklen_t);
    static atomic_int count;
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "setsockopt");
    int error = fault("setsockopt", ++count);
    bool an_int = level != SOL_SOCKET || name == SO_REUSEADDR;
    if (error == 0 && an_int && length != sizeof(int) && number_after("STRICT=", 0) == 1)
        error = EINVAL;
    if (error != 0) MINUS_ONE;
    struct timeval quick = {.tv_usec = (suseconds_t)number_after("QUICK=", 0) * 1000};
    if (level == SOL_SOCKET && name == SO_RCVTIMEO && quick.tv_usec != 0)
        return real(s, level, name, &quick, sizeof quick);
    return real(s, level, name, value, length);
}

WRAP(int, getsockopt, (int s, int level, int name, void *value, socklen_t *length),
     (s, level, name, value, length), MINUS_ONE)
WRAP(int, bind, (int s, const struct sockaddr *a, socklen_t length), (s, a, length), MINUS_ONE)
WRAP(int, unlink, (const char *path), (path), MINUS_ONE)
WRAP(int, listen, (int s, int backlog), (s, backlog), MINUS_ONE)
WRAP(int, getsockname, (int s, struct sockaddr *a, socklen_t *length), (s, a, length), MINUS_ONE)
WRAP(int, accept, (int s, struct sockaddr *a, socklen_t *length), (s, a, length), MINUS_ONE)
/* Other languages call these two in place of accept and recv: they count as those. */
WRAP_AS(accept, 1, int, accept4, (int s, struct sockaddr *a, socklen_t *length, int flags),
        (s, a, length, flags), MINUS_ONE)
WRAP_AS(recv, 1, ssize_t, recvfrom,
        (int s, void *data, size_t length, int flags, struct sockaddr *a, socklen_t *size),
        (s, data, shortened(length, "RECV="), flags, a, size), MINUS_ONE)
/* The kernel reads it without a crash: access(2), EFAULT. */
static bool can_be_read(const void *place, size_t length)
{
    int error = errno;
    const char *first = place, *last = first + length - 1;
    bool can = (access(first, F_OK) == 0 || errno != EFAULT) &&
               (access(last, F_OK) == 0 || errno != EFAULT);
    errno = error;
    return can;
}

static bool note_address(const struct sockaddr *a, socklen_t length)
{
    struct sockaddr_in to;
    struct fault_notes *notes = fault_notes();
    if (notes == NULL || length < sizeof to || !can_be_read(a, sizeof to)) return true;
    memcpy(&to, a, sizeof to);
    if (to.sin_family != AF_INET) return true;
    notes->address = to.sin_addr;
    notes->port = to.sin_port;
    return true;
}
WRAP_IF(note_address(a, length), int, connect, (int s, const struct sockaddr *a, socklen_t length),
        (s, a, length), MINUS_ONE)
WRAP(ssize_t, recv, (int s, void *data, size_t length, int flags),
     (s, data, shortened(length, "RECV="), flags), MINUS_ONE)
WRAP(ssize_t, send, (int s, const void *data, size_t length, int flags),
     (s, data, shortened(length, "SEND="), flags), MINUS_ONE)
WRAP(ssize_t, recvmsg, (int s, struct msghdr *message, int flags), (s, message, flags), MINUS_ONE)
WRAP(ssize_t, sendmsg, (int s, const struct msghdr *message, int flags), (s, message, flags),
     MINUS_ONE)
WRAP(ssize_t, sendto,
     (int s, const void *data, size_t length, int flags, const struct sockaddr *a, socklen_t size),
     (s, data, length, flags, a, size), MINUS_ONE)
ssize_t read(int d, void *data, size_t length)
{
    static ssize_t (*real)(int, void *, size_t);
    static atomic_int count;
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "read");
    bool sock = is_socket(d);
    int error = sock ? fault("recv", ++recvs) : d == STDIN_FILENO ? fault("read", ++count) : 0;
    if (error != 0) MINUS_ONE;
    return real(d, data, sock ? shortened(length, "RECV=") : length);
}

ssize_t write(int d, const void *data, size_t length)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "write");
    bool sock = is_socket(d);
    int error = sock ? fault("send", ++sends) : 0;
    if (error != 0) MINUS_ONE;
    return real(d, data, sock ? shortened(length, "SEND=") : length);
}
WRAP(int, shutdown, (int s, int how), (s, how), MINUS_ONE)
WRAP_IF(is_socket(d), int, close, (int d), (d), real(d); MINUS_ONE)
WRAP(int, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout), MINUS_ONE)
#ifdef __linux__
WRAP(int, epoll_create1, (int flags), (flags), MINUS_ONE)
WRAP(int, epoll_ctl, (int e, int what, int fd, struct epoll_event *event), (e, what, fd, event),
     MINUS_ONE)
WRAP(int, epoll_wait, (int e, struct epoll_event *events, int most, int timeout),
     (e, events, most, timeout), MINUS_ONE)
#endif
WRAP(void *, malloc, (size_t length), (length), NO_MEMORY)
WRAP(void *, realloc, (void *old, size_t length), (old, length), NO_MEMORY)
WRAP(int, pipe, (int fds[2]), (fds), MINUS_ONE)
WRAP(int, sigaction, (int number, const struct sigaction *action, struct sigaction *old),
     (number, action, old), MINUS_ONE)
WRAP(int, pthread_attr_init, (pthread_attr_t * attributes), (attributes), return error)
WRAP(int, pthread_attr_setdetachstate, (pthread_attr_t * attributes, int state),
     (attributes, state), return error)
WRAP(int, pthread_attr_setstacksize, (pthread_attr_t * attributes, size_t size), (attributes, size),
     return error)
WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, thread_main start, void *argument),
     (thread, attributes, number_after("THREAD=", 0) > 0 ? begin_late : start,
      number_after("THREAD=", 0) > 0 ? late(start, argument) : argument),
     return error)

/* The same for a call whose last argument may be left out; what is passed on then means nothing to the kernel. */
#define WRAP_OPEN_END(name, first, second, third)                                                  \
    int name(first a, second b, ...)                                                               \
    {                                                                                              \
        static int (*real)(first, second, ...);                                                    \
        static atomic_int count;                                                                   \
        if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);                               \
        int error = fault(#name, ++count);                                                         \
        if (error != 0) MINUS_ONE;                                                                 \
        va_list rest;                                                                              \
        va_start(rest, b);                                                                         \
        third c = va_arg(rest, third);                                                             \
        va_end(rest);                                                                              \
        return real(a, b, c);                                                                      \
    }

WRAP_OPEN_END(fcntl, int, int, long)
WRAP_OPEN_END(open, const char *, int, int)
