/* What a program said itself, `call: reason` on its stderr, and what such a line mostly comes of: evidence.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "evidence.h"
#include "pages.h"
#include "program.h"

static bool is_client(struct program *program)
{
    return strcmp(program->run.program, "client") == 0;
}

static bool has_threads(struct program *program)
{
    (void)program;
    return facts.threads;
}

static bool was_connected(struct program *program)
{
    (void)program;
    return connections_made() > 0;
}

static bool asked_for_loopback(struct program *program)
{
    return strcmp(asked_address(program), "127.0.0.1") == 0;
}

static bool is_server(struct program *program)
{
    return !is_client(program);
}

static bool takes_no_names(struct program *program)
{
    (void)program;
    return !facts.names;
}

static bool takes_a_path(struct program *program)
{
    return facts.takes_path && faults_of(program)[0] == '\0';
}

static bool close_fails(struct program *program)
{
    return strncmp(faults_of(program), "close=", 6) == 0;
}

/* In no event loop, and not only for some time. */
static bool waits_in_its_calls(struct program *program)
{
    return facts.waits_in == NULL && facts.deadline == 0 && faults_of(program)[0] == '\0';
}

/* Descriptor 0 is its input, 1 its output: what a comparison gives. */
static bool is_unfaulted(struct program *program)
{
    return faults_of(program)[0] == '\0';
}

/* The call that it names is one that the check has made fail so: errno may be older than that. */
static bool is_told_by_the_interrupted(struct program *program)
{
    char line[64], call[32];
    bool some = false;
    for (const char *fault = faults_of(program); (fault = strstr(fault, "=EINTR")) != NULL;
         fault++) {
        const char *begin = fault;
        while (begin > faults_of(program) && begin[-1] != ' ') begin--;
        snprintf(call, sizeof call, "%.*s", (int)(fault - begin), begin);
        snprintf(line, sizeof line, "%s: %s\n", call, reason(EINTR));
        bool told = is_client(program)
                        ? strstr(errors_of(program), line) != NULL /* write: stdout */
                        : holds_message(errors_of(program), line);
        if (told) return true;
        some = true;
    }
    return !some;
}

static bool is_unfaulted_client(struct program *program)
{
    return is_client(program) && is_unfaulted(program);
}

/* A signal in close or connect is a failure: there the check expects the message, and the end. */
static bool may_be_repeated(struct program *program)
{
    return (saw.kind != OTHER_STATUS || saw.expected != 1) && is_told_by_the_interrupted(program);
}

static const char interrupted[] =
    "A signal interrupted the call, and that is no failure: call it again while errno is EINTR.";

/* The first row that fits is told. */
static const struct {
    const char *call; /* "" for any */
    int error;
    bool (*proved)(struct program *program); /* what has to be true, too; NULL: nothing */
    const char *cause, *read;
} said[] = {
    {"bind", EINVAL, takes_a_path,
     "Is the family in the address AF_UNIX, and the length that of a struct sockaddr_un?", NULL},
    {"bind", EINVAL, is_unfaulted,
     "Is the length that of the address (sizeof)? bind comes before listen, and once "
     "for\n"
     "each socket.",
     PAGE_03},
    {"bind", EINVAL, is_unfaulted,
     "Is the length that of the address (sizeof)? A socket gets its address once.", PAGE_02},
    {"bind", EAFNOSUPPORT, takes_no_names,
     "The family in the address is not AF_INET: it is not set, or something has overwritten it.\n"
     "inet_pton writes into sin_addr, and a memset comes before the fields.",
     PAGE_02},
    {"connect", EAFNOSUPPORT, takes_no_names,
     "The family in the address is not AF_INET: it is not set, or something has overwritten it.\n"
     "inet_pton writes into sin_addr, and a memset comes before the fields.",
     PAGE_02},
    {"bind", EADDRNOTAVAIL, asked_for_loopback,
     "This machine has the address 127.0.0.1; what came into sin_addr is another one. inet_pton "
     "writes\n"
     "it in network byte order already: no htonl after it, which makes 1.0.0.127 of it.",
     PAGE_02},
    {"", EADDRINUSE, is_unfaulted_client,
     "Is bind called? A client needs no bind: connect goes to the server's address, and the kernel "
     "chooses\n"
     "the client's own port.",
     PAGE_05},
    {"setsockopt", EINVAL, is_unfaulted,
     "Most options are an int: its address, and its length, sizeof on. A char is too short.",
     PAGE_04},
    {"setsockopt", ENOPROTOOPT, is_unfaulted,
     "Is the order right? First the level, SOL_SOCKET, and then the option, as SO_REUSEADDR.",
     PAGE_04},
    {"accept", EAGAIN, waits_in_its_calls,
     "accept did not wait: the listener is non-blocking (SOCK_NONBLOCK, O_NONBLOCK), or has a "
     "timeout\n"
     "(SO_RCVTIMEO). Here accept waits until a client comes.",
     PAGE_04},
    {"recv", EAGAIN, waits_in_its_calls,
     "recv did not wait for the other side: is there a timeout (SO_RCVTIMEO), or is the socket "
     "non-blocking?\n"
     "Whoever is silent for a while has not gone.",
     PAGE_06},
    {"listen", EOPNOTSUPP, NULL, "Only a stream socket can listen: SOCK_STREAM.", PAGE_03},
    {"", ENOTSOCK, NULL,
     "The number given to this call is the descriptor of something else than a socket. Is it what\n"
     "socket or accept returned? In `s = accept(...) == -1` it is what == gives, 0 or 1: brackets\n"
     "around s = accept(...).",
     PAGE_04},
    {"", ENOTSOCK, NULL,
     "The number given to this call is the descriptor of something else than a socket. Is it what\n"
     "socket returned? In `s = socket(...) == -1` it is what == gives, 0 or 1: brackets around\n"
     "s = socket(...).",
     PAGE_01},
    {"accept", EINVAL, was_connected,
     "It does listen: clients have connected. It is the length that accept gets: set it to sizeof "
     "peer\n"
     "before each accept.",
     PAGE_04},
    {"accept", EINVAL, NULL, "accept needs a listener: call listen after bind.", PAGE_03},
    {"", ENOTCONN, is_server,
     "This socket is not connected. Is it the listener? Then use the socket that accept returned.",
     PAGE_04},
    {"close", EBADF, close_fails,
     "close was called twice. It frees the descriptor even when it fails: never call close again.",
     PAGE_01},
    {"", EBADF, has_threads,
     "The socket was closed already, or two threads share one variable.\n"
     "One owner closes it, once; and each thread gets a value of its own.",
     PAGE_08},
    {"", EBADF, NULL,
     "The number given to this call is no open descriptor. Was it closed already?\n"
     "Is it -1, because the call before failed? Are the arguments in the right order?",
     PAGE_01},
    {"", EINTR, may_be_repeated, interrupted, NULL},
};

/* Another reason of this call is wanted: a call in between may have changed errno, and this reason is that one's. */
static bool is_reason_of_another_call(const char *line)
{
    size_t call = strcspn(line, ":\n");
    return saw.kind == OTHER_ERRORS && saw.wanted != NULL && line[call] == ':' &&
           strncmp(line, saw.wanted, call + 1) == 0;
}

const char *line_with(const char *text, const char *part)
{
    while (part > text && part[-1] != '\n') part--;
    return part;
}

const char *from_what_it_said(struct program *program, const char **read)
{
    char line[256];
    const char *errors = errors_of(program), *found;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        snprintf(line, sizeof line, "%s: %s\n", said[i].call, reason(said[i].error));
        found = strstr(errors, line);
        if (found == NULL || (said[i].call[0] != '\0' && found != errors && found[-1] != '\n'))
            continue;
        if (said[i].call[0] == '\0' && is_reason_of_another_call(line_with(errors, found)))
            continue;
        if (said[i].proved != NULL && !said[i].proved(program)) continue;
        if ((said[i].read != NULL && is_later(said[i].read)) || names_later(said[i].cause))
            continue;
        if (said[i].read != NULL) *read = said[i].read;
        return said[i].cause;
    }
    return NULL;
}
