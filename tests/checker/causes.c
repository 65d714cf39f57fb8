/* What probably made a check fail, told from what the programs printed and did: the end of a failure's story. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"

#define PAGE_01 "lessons/01-create-socket/README.md"
#define PAGE_02 "lessons/02-bind-address/README.md"
#define PAGE_03 "lessons/03-listen/README.md"
#define PAGE_04 "lessons/04-accept/README.md"
#define PAGE_05 "lessons/05-connect/README.md"
#define PAGE_06 "lessons/06-single-echo/README.md"
#define PAGE_07 "lessons/07-multi-echo/README.md"
#define PAGE_08 "lessons/08-threaded-echo/README.md"

bool holds(const char *text, const char *part)
{
    return part == NULL || strstr(text, part) != NULL;
}

/* A page that whoever does this lesson has not read yet. */
static bool is_later(const char *page)
{
    static const char folder[] = "lessons/";
    return strncmp(page, folder, strlen(folder)) == 0 && lesson[0] <= '9' &&
           strncmp(page + strlen(folder), lesson, 2) > 0;
}

/* ---- what the program said ---- */

static const char interrupted[] =
    "A signal interrupted the call, and that is no failure: call it again while errno is EINTR.";

/* `call: reason` on its stderr. The first row that fits is told; NULL means: whatever it is. */
static const struct {
    const char *call; /* "" for any */
    int error;
    const char *check; /* part of the check's name */
    const char *cause;
    const char *read;
} said[] = {
    {"bind", EADDRINUSE, "restart",
     "The last connection is in TIME_WAIT, and SO_REUSEADDR is not set before bind.", PAGE_04},
    {"bind", EINVAL, NULL,
     "Is the length less than that of the address (sizeof)? bind comes before listen, and once "
     "for\n"
     "each socket.",
     PAGE_02},
    {"bind", EAFNOSUPPORT, NULL, "sin_family is not set: AF_INET.", PAGE_02},
    {"connect", EAFNOSUPPORT, NULL, "sin_family is not AF_INET.", PAGE_02},
    {"listen", EOPNOTSUPP, NULL, "Only a stream socket can listen: SOCK_STREAM.", PAGE_03},
    {"", ENOTSOCK, NULL,
     "The number given to this call is the descriptor of something else.\n"
     "Is it the one that socket or accept returned?",
     PAGE_01},
    {"accept", EINVAL, NULL, "accept needs a listener: call listen after bind.", PAGE_03},
    {"", ENOTCONN, NULL,
     "recv or send was called on the listener: use the socket that accept returned.", PAGE_04},
    {"recv", 0, NULL, "recv returned 0. This is the end of file and no failure.", PAGE_06},
    {"close", EBADF, "failing_close",
     "close was called twice. It frees the descriptor even when it fails: never call close again.",
     PAGE_01},
    {"", EBADF, NULL,
     "The socket was closed already, or two threads share one variable.\n"
     "One owner closes it, once; and each thread gets a value of its own.",
     PAGE_08},
    {"", EBADF, NULL,
     "The number given to this call is no open descriptor. Was it closed already?\n"
     "Is it -1, because the call before failed? Are the arguments in the right order?",
     PAGE_01},
    {"accept", EINTR, NULL, interrupted, PAGE_04},
    {"recv", EINTR, NULL, interrupted, PAGE_06},
    {"send", EINTR, NULL, interrupted, PAGE_06},
};

static const char *from_what_it_said(const struct seen *seen, const char **read)
{
    char line[256];
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        snprintf(line, sizeof line, "%s: %s\n", said[i].call, strerror(said[i].error));
        if (!holds(seen->errors, line) || !holds(seen->check, said[i].check)) continue;
        if (is_later(said[i].read)) continue;
        *read = said[i].read;
        return said[i].cause;
    }
    return NULL;
}

/* ---- which check failed, and how ---- */

/* The first row that fits is told; what is left out means: whatever it is. */
static const struct {
    const char *check;   /* part of the check's name */
    const char *message; /* part of what it expected and saw */
    int error;           /* whose reason stands in the message */
    bool ended;          /* the program has ended by itself */
    const char *cause;
    const char *read;
} known[] = {
    /* arguments */
    {.check = "wrong_port",
     .cause =
         "parse_port in common/die.h returns -1 for all that is not a port: test for it, and call\n"
         "usage before socket. atoi takes the digits at the start and says nothing of the rest.",
     .read = "common/die.h"},
    {.check = "one_argument_too_many",
     .cause = "One argument too many ends in usage, too, before any socket is made: look at argc."},
    {.check = "takes_no_argument",
     .cause = "It takes no argument: with one it ends in usage, and exit status 2."},
    {.check = "wrong_address",
     .cause =
         "inet_pton returned 0: the text is no address. Check that it returns 1, before socket.",
     .read = PAGE_02},
    {.check = "port_0", .cause = "Nobody can connect to port 0. Only a server may ask for it."},

    /* the socket */
    {.check = "stream_socket",
     .cause = "The first two arguments of socket say what it is: AF_INET and SOCK_STREAM."},
    {.message = "to be a socket",
     .cause = "Print the descriptor that socket returned: it is not the same number in each run."},

    /* a name for the socket, and the queue */
    {.message = "'connection from 0.0.0.0:0'",
     .cause =
         "accept did not fill in the peer's address. Set the length to sizeof peer before each\n"
         "accept, and give it both: the address and where the length stands.",
     .read = PAGE_04},
    {.check = "address_of_another_machine",
     .cause = "ADDRESS is not used, or bind is not checked: inet_pton puts it into sin_addr.",
     .read = PAGE_02},
    {.check = "second_time",
     .message = "still runs",
     .cause = "The port was taken, and bind said so: check what it returns.",
     .read = PAGE_02},
    {.message = " 0.0.0.0:",
     .cause =
         "Without arguments it listens at 0.0.0.0, where every machine in the network reaches it.\n"
         "The default is 127.0.0.1.",
     .read = PAGE_02},
    {.message = "127.0.0.1:0'",
     .cause = "Port 0 asks the kernel to choose a port: getsockname says which one it took.",
     .read = PAGE_02},
    {.message = "expected port 5000, saw",
     .cause = "The port is another one than asked for: is bind called, and with this port?",
     .read = PAGE_02},
    {.check = "two_addresses",
     .message = "on stdout",
     .cause =
         "inet_ntoa has one buffer for all its calls: the second address overwrites the first.\n"
         "Use inet_ntop, with an array of your own for each address.",
     .read = PAGE_05},
    {.check = "nobody_accepts",
     .message = "no answer",
     .cause = "The queue is full, and connect waits: the second argument of listen is too small.\n"
              "Give SOMAXCONN.",
     .read = PAGE_03},
    {.message = "expected the client's port",
     .cause = "The server's own port is another one: the peer's is in what accept filled in.",
     .read = PAGE_04},

    /* bytes */
    {.check = "short_sends",
     .cause = "send took only a part of the bytes, and the rest is lost: go on until all is sent.",
     .read = PAGE_06},
    {.check = "nul_too",
     .cause = "strlen stops at the first NUL, and a NUL is a byte like any other.\n"
              "The number of bytes is what recv returned.",
     .read = PAGE_06},
    {.check = "comes_back_one_by_one",
     .ended = true,
     .cause = "It ended before the client did: one recv is not all that the client sends.\n"
              "Receive again until recv returns 0.",
     .read = PAGE_06},
    {.message = "expected the end of file, saw nothing",
     .cause =
         "The socket that accept returned is not closed: the client waits for the end of file.\n"
         "Close it after recv has returned 0, and also after a failed call.",
     .read = PAGE_07},

    /* the client */
    {.check = "stdout_for_the_echoed_bytes",
     .message = "saw only",
     .cause =
         "Bytes are missing: printf(\"%s\") and fputs stop at a NUL. Write as many bytes as recv\n"
         "returned, with fwrite.",
     .read = PAGE_06},
    {.check = "stdout_for_the_echoed_bytes",
     .message = "saw more",
     .cause = "stdout is for the echoed bytes alone. What the client tells goes to stderr.",
     .read = PAGE_06},
    {.check = "prints_what_still_comes",
     .message = "saw 0 and then: nothing",
     .cause = "Bytes without a newline were typed: fgets and getline wait for one. Use read.",
     .read = PAGE_06},
    {.check = "prints_what_still_comes",
     .cause =
         "After the end of its input the client stopped receiving: shutdown(sock, SHUT_WR), and\n"
         "then receive until recv returns 0. SHUT_RDWR closes the receiving half, too.",
     .read = PAGE_06},
    {.check = "client_complains",
     .message = "still runs",
     .cause = "It reads its input again while bytes are still to come.\n"
              "Receive until as many bytes are back as were sent.",
     .read = PAGE_06},
    {.check = "client",
     .message = "client to end; it still runs",
     .cause =
         "It waits for a server that waits for it: only shutdown(sock, SHUT_WR) tells the server\n"
         "that nothing more will come.",
     .read = PAGE_06},

    /* many clients */
    {.check = "failed_accept",
     .ended = true,
     .cause =
         "A failed accept is no reason to end the server: tell it, rest a little, accept again.",
     .read = PAGE_07},
    {.check = "end_it",
     .ended = true,
     .cause = "One client's failure has ended the server, and the next client waits.\n"
              "Tell what failed, close this client's socket, and accept again.",
     .read = PAGE_07},
    {.check = "failed_call_for_one_client",
     .message = "all of stderr",
     .cause = "After the failed call it went on with this client: leave the loop and close.",
     .read = PAGE_07},
    {.check = "second_client_does_not_wait",
     .message = "nothing",
     .cause = "The next client is accepted only when this one has gone.\n"
              "Give each client a thread, and no pthread_join in the accept loop.",
     .read = PAGE_08},
    {.check = "thread_that_cannot_be_made",
     .message = "is it not closed",
     .cause = "The client whose thread could not be made is not closed: close it before you go on.",
     .read = PAGE_08},
    {.check = "thread_that_cannot_be_made",
     .message = "on stderr",
     .cause = "pthread_create returns the error, never -1, and leaves errno alone: put what it\n"
              "returned into errno before perror.",
     .read = PAGE_08},
    {.check = "thread_that_cannot_be_made",
     .cause = "pthread_create returns the error, never -1, and leaves errno alone: compare with 0.",
     .read = PAGE_08},
    {.check = "leave_nothing_behind",
     .cause = "The threads are neither joined nor detached: each keeps its stack after its end.",
     .read = PAGE_08},

    /* whatever the check */
    {.error = ECONNREFUSED,
     .cause = "Nobody listens at the port that it printed: has it ended, or not called listen, or\n"
              "called it only after it had printed this line?",
     .read = PAGE_03},
};

static const char *from_the_check(const struct seen *seen, const char **read)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!holds(seen->check, known[i].check) || !holds(seen->message, known[i].message) ||
            (known[i].error != 0 && !holds(seen->message, strerror(known[i].error))) ||
            (known[i].ended && is_running(seen->program)))
            continue;
        if (known[i].read != NULL) *read = known[i].read;
        return known[i].cause;
    }
    return NULL;
}

const char *likely_cause(const char *check, const char *message, char *cause, size_t size)
{
    static char page[256];
    cause[0] = '\0';
    snprintf(page, sizeof page, "lessons/%s/%s", lesson, task_file);
    struct program *program = checked_program();
    if (program == NULL) return page;
    struct seen seen = {check, message, errors_of(program), program};
    const char *read = page;
    int signal = ending_signal(program);

    if (sanitizer(seen.errors, cause, size)) return page;
    if (signal == SIGPIPE) {
        snprintf(cause, size,
                 "SIGPIPE ended it: it wrote to somebody who has gone. Ignore that signal.");
        return PAGE_01;
    }
    if (signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE) {
        snprintf(cause, size, "It crashed: signal %d, %s.", signal, strsignal(signal));
        return page;
    }
    const char *text = from_what_it_said(&seen, &read);
    if (text == NULL) {
        if (swapped_port(program, cause, size)) return PAGE_02;
        if (swapped_in_print(&seen, cause, size)) return is_later(PAGE_04) ? page : PAGE_04;
        if (swapped_client(&seen, cause, size)) return PAGE_02;
        if (no_family(&seen, cause, size)) return PAGE_02;
        if (wrong_failure(&seen, cause, size)) return page;
        if (busy_loop(&seen, cause, size)) return is_later(PAGE_07) ? page : PAGE_07;
        if (shared_variable(&seen, cause, size)) return PAGE_08;
        if (wrong_bytes(&seen, cause, size)) return is_later(PAGE_06) ? page : PAGE_06;
        if (unflushed(&seen, cause, size)) return PAGE_01;
        text = from_the_check(&seen, &read);
        if (text == NULL && no_newline(&seen, cause, size)) return page;
        if (text == NULL && unnoticed_failure(&seen, cause, size)) return page;
    }
    if (text != NULL) snprintf(cause, size, "%s", text);
    return is_later(read) ? page : read;
}
