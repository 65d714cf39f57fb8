/* What probably made a check fail, told from what the programs printed and did: the end of a failure's story. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

#define PAGE_01 "lessons/01-create-socket/README.md"
#define PAGE_02 "lessons/02-bind-address/README.md"
#define PAGE_03 "lessons/03-listen/README.md"
#define PAGE_04 "lessons/04-accept/README.md"
#define PAGE_05 "lessons/05-connect/README.md"
#define PAGE_06 "lessons/06-single-echo/README.md"
#define PAGE_07 "lessons/07-multi-echo/README.md"
#define PAGE_08 "lessons/08-threaded-echo/README.md"

/* What has been seen of the failure. */
struct seen {
    const char *check, *message, *errors;
    struct program *program;
};

static bool holds(const char *text, const char *part)
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

/* ---- evidence: each fills the cause in, or returns false ---- */

/* What the sanitizers call it, and what it mostly is in a program with sockets. */
static const struct {
    const char *name, *meaning;
} findings[] = {
    {"buffer-overflow", "It went behind the end of an array: recv may fill it to the last byte,\n"
                        "and then there is no room for a '\\0'."},
    {"out of bounds", "It went behind the end of an array: recv may fill it to the last byte,\n"
                      "and then there is no room for a '\\0'."},
    {"use-after", "It used memory that is gone: a thread, too, needs a value that stays."},
    {"LeakSanitizer", "What malloc gave was never given back: free it."},
};

/* The line of the sanitizer, or of its stack, that says what is wrong. */
static bool sanitizer(const char *errors, char *cause, size_t size)
{
    const char *found = strstr(errors, "runtime error: ");
    if (found == NULL) found = strstr(errors, "ERROR: AddressSanitizer: ");
    if (found == NULL) found = strstr(errors, "ERROR: LeakSanitizer: ");
    if (found == NULL) found = strstr(errors, "WARNING: ThreadSanitizer: ");
    if (found == NULL) return false;
    while (found > errors && found[-1] != '\n') found--;
    const char *place = strstr(found, ".c:"); /* the first line of the learner's own file */
    while (place != NULL && place > found && strchr(" \n/", place[-1]) == NULL) place--;
    const char *begin = strstr(found, "ERROR: ");
    if (begin != NULL && begin < found + strcspn(found, "\n")) found = begin + 7;
    size_t length = strcspn(found, "(\n"); /* without registers */
    const char *meaning = "";
    for (size_t i = 0; i < sizeof findings / sizeof findings[0] && meaning[0] == '\0'; i++)
        if (strstr(found, findings[i].name) != NULL) meaning = findings[i].meaning;
    snprintf(cause, size, "The sanitizer has found: %.*s\n%.*s\n%s", (int)length, found,
             place != NULL ? (int)strcspn(place, " \n") : 0, place != NULL ? place : "", meaning);
    return true;
}

/* The port that the program printed last as its own, or 0. */
static in_port_t printed_port(struct program *program)
{
    static const char *const before[] = {"listening on ", "bound to "};
    const char *output, *line = NULL;
    int port = 0;
    output_of(program, &output);
    for (int i = 0; i < 2 && line == NULL; i++)
        for (const char *at = output; (at = strstr(at, before[i])) != NULL;)
            line = at += strlen(before[i]);
    if (line != NULL) sscanf(line, "%*[0-9.]:%d", &port);
    return (in_port_t)port;
}

static in_port_t swap(in_port_t port)
{
    return (in_port_t)(port >> 8 | port << 8);
}

/* The bytes of a port in the wrong order. */
static bool swapped_port(struct program *program, char *cause, size_t size)
{
    in_port_t printed = printed_port(program);
    int wanted = asked_port(program);
    if (printed == 0) return false;
    in_port_t other = swap(printed);
    if (wanted > 0 && wanted == other) {
        snprintf(cause, size,
                 "It was asked for port %d (0x%04x) and took %d (0x%04x): the bytes are swapped.\n"
                 "The port does not go through htons into sin_port.",
                 wanted, (unsigned)wanted, printed, printed);
        return true;
    }
    if (is_running(program) && !is_taken(printed) && is_taken(other)) {
        snprintf(
            cause, size,
            "It printed port %d (0x%04x) and has %d (0x%04x): the bytes are swapped.\n%s", printed,
            printed, other, other,
            wanted > 0 && wanted == printed
                ? "The port does not go through htons into sin_port, nor through ntohs out of it."
                : "The port does not go through ntohs before it is printed.");
        return true;
    }
    return false;
}

/* A port in the message has the bytes of one that was printed, the other way round. */
static bool swapped_in_print(const struct seen *seen, char *cause, size_t size)
{
    const char *output;
    output_of(seen->program, &output);
    const char *texts[] = {output, strstr(seen->message, ", saw ")};
    for (const char *at = seen->message; *at != '\0'; at += strcspn(at, "0123456789")) {
        char *end;
        long wanted = strtol(at, &end, 10);
        at = end > at ? end : at;
        if (wanted < 1024 || wanted > 65535 || swap((in_port_t)wanted) == wanted) continue;
        for (int i = 0; i < 2; i++) {
            char other[8];
            snprintf(other, sizeof other, "%d", swap((in_port_t)wanted));
            const char *found = texts[i] != NULL ? strstr(texts[i], other) : NULL;
            if (found == NULL || strspn(found, "0123456789") != strlen(other)) continue;
            snprintf(cause, size,
                     "It printed %s (0x%04x) for %ld (0x%04lx): the bytes are swapped.\n"
                     "The port does not go through ntohs before it is printed.",
                     other, swap((in_port_t)wanted), wanted, (unsigned long)wanted);
            return true;
        }
    }
    return false;
}

/* A client that goes to the port with swapped bytes: seen by listening there while it runs again. */
static bool swapped_client(const struct seen *seen, char *cause, size_t size)
{
    int asked = asked_port(seen->program);
    in_port_t other = swap((in_port_t)asked);
    if (strstr(seen->errors, "connect: ") == NULL || other == asked || asked < 1) return false;
    if (connects_to(seen->program, other))
        snprintf(
            cause, size,
            "It was asked for port %d (0x%04x) and went to %d (0x%04x): the bytes are swapped.\n"
            "The port does not go through htons into sin_port.",
            asked, (unsigned)asked, other, other);
    else if (strstr(seen->message, "to connect to the test") != NULL)
        snprintf(
            cause, size,
            "It was asked for port %d, where somebody listens, and went to another one: the port\n"
            "goes through htons into sin_port, and the address through inet_pton.",
            asked);
    return cause[0] != '\0';
}

/* With a family of 0, AF_UNSPEC, Linux takes connect for the end of a connection, and reports success: connect(2). */
static bool no_family(const struct seen *seen, char *cause, size_t size)
{
    static const char nowhere[] = " from 0.0.0.0:0";
    const char *output;
    output_of(seen->program, &output);
    bool somebody_listened = strstr(seen->message, "to connect to the test") != NULL ||
                             strstr(seen->message, "exit status 0, saw") != NULL;
    if (!somebody_listened ||
        (strstr(output, nowhere) == NULL && strstr(seen->errors, nowhere) == NULL))
        return false;
    snprintf(cause, size,
             "Its own end is 0.0.0.0:0, so nothing was connected: is connect called, and is\n"
             "sin_family set to AF_INET? Without the family connect returns 0 on Linux, and does\n"
             "nothing.");
    return true;
}

/* The text came, and its line did not end. */
static bool no_newline(const struct seen *seen, char *cause, size_t size)
{
    const char *output, *port = strstr(seen->message, "PORT', saw '");
    if (port != NULL) { /* two texts in one line */
        port = strrchr(port, ':');
        if (port == NULL || port[1 + strspn(port + 1, "0123456789")] == '\'') return false;
    } else if (strstr(seen->message, "expected a line on stdout") == NULL &&
               strstr(seen->message, "expected on stdout: ") == NULL) {
        return false;
    } else {
        if (is_running(seen->program)) end_and_wait(seen->program); /* this prints what was kept */
        size_t length = output_of(seen->program, &output);
        if (length == 0 || output[length - 1] == '\n') return false;
    }
    snprintf(cause, size,
             "The text is there, and its line does not end: put \\n at the end of the printf.");
    return true;
}

/* Wrong bytes on a connection, and what they are. */
static bool wrong_bytes(const struct seen *seen, char *cause, size_t size)
{
    size_t sent, back, place;
    if (sscanf(seen->message, "sent %zu bytes and got %zu back; they differ from byte %zu", &sent,
               &back, &place) == 3 &&
        strstr(seen->check, "short_sends") != NULL) {
        snprintf(cause, size, "%s",
                 back < sent
                     ? "send took only a part of the bytes, and the rest is lost: go on until all "
                       "is sent."
                     : "send took only a part, and the rest was sent from its first byte again.\n"
                       "Go on where it stopped: at data + sent.");
        return true;
    }
    if (strncmp(seen->message, "byte ", 5) != 0) return false;
    if (strstr(seen->message, "saw 0x00") != NULL)
        snprintf(cause, size,
                 "More came back than was sent: send as many bytes as recv returned, not the size\n"
                 "of the buffer.");
    else if (strncmp(lesson, "08", 2) == 0)
        snprintf(cause, size,
                 "The bytes are another client's: all threads share one buffer. Make it a local\n"
                 "variable of the thread.");
    return cause[0] != '\0';
}

/* The call that the check made fail: nobody looked at what it returned, or it was not made. */
static bool unnoticed_failure(const struct seen *seen, char *cause, size_t size)
{
    char call[32];
    if (strstr(seen->message, "exit status 1, saw exit status 0") == NULL &&
        strstr(seen->message, "to end; it still runs") == NULL)
        return false;
    if (sscanf(faults_of(seen->program), "%31[^=]=", call) != 1)
        snprintf(call, sizeof call, "A call");
    if (strcmp(call, "SEND") == 0 || strcmp(call, "RECV") == 0) return false;
    if (strcmp(call, "connect") == 0 && strstr(faults_of(seen->program), "EINTR") != NULL)
        snprintf(cause, size,
                 "connect was called again after EINTR. Other calls are repeated, connect is not:\n"
                 "it goes on by itself. Here it ends the program as any failure does.");
    else if (strcmp(call, "close") == 0)
        snprintf(
            cause, size,
            "close failed, and the program went on as if nothing had happened; or close was not\n"
            "called for this socket. Is it there, before each return, and is its result checked?");
    else if (faults_of(seen->program)[0] != '\0' || strstr(seen->message, "still runs") == NULL)
        snprintf(cause, size,
                 "%s failed. The program went on as if nothing had happened, or ended with exit "
                 "status 0.\n"
                 "Check what each call returns; after a failure the exit status is 1.",
                 call);
    return cause[0] != '\0';
}

/* The message wants `call: reason`; on stderr there is this reason of another call, or another reason of this call. */
static bool wrong_failure(const struct seen *seen, char *cause, size_t size)
{
    char call[32], line[256];
    const char *wanted = strstr(seen->message, "stderr to end with the line '");
    if (wanted == NULL ||
        sscanf(wanted, "stderr to end with the line '%31[^:]:%200[^'\n]", call, line) != 2)
        return false;
    size_t length = strlen(call);
    const char *reason = strstr(seen->errors, line);
    if (reason != NULL) {
        snprintf(cause, size,
                 "The reason is right, the name of the call is not: it is %s that has failed.",
                 call);
        return true;
    }
    const char *same = strstr(seen->errors, call);
    if (same == NULL || same[length] != ':') return false;
    snprintf(cause, size,
             "The name of the call is right, the reason is not: another call came in between and\n"
             "has changed errno. Print the reason at once.");
    return true;
}

/* Busy, although it has to wait: ready to run whenever one looks, however little it gets of a loaded machine. */
static bool busy_loop(const struct seen *seen, char *cause, size_t size)
{
    enum { LOOKS = 40 };
    int ready = 0;
    for (int i = 0; i < LOOKS && is_running(seen->program); i++) {
        ready += is_busy(seen->program);
        look_again_soon();
    }
    if (ready < LOOKS / 2) return false;
    bool accepting = strstr(seen->errors, "accept: ") != NULL;
    snprintf(cause, size, "It is busy where it should wait. %s",
             accepting
                 ? "accept fails again at once while its reason lasts:\n"
                   "rest a little (nanosleep) before the next try."
                 : "Is a call made again and again that returns at once?\n"
                   "After the end of file recv returns 0 at once, each time: 0 ends the loop.");
    return true;
}

/* Each client was accepted, and still the bytes of one come back to nobody. */
static bool shared_variable(const struct seen *seen, char *cause, size_t size)
{
    const char *output;
    int accepted = 0;
    output_of(seen->program, &output);
    while ((output = strstr(output, "connection from")) != NULL) accepted++, output++;
    if (accepted < 2 || !is_running(seen->program) ||
        strstr(seen->message, "0 and then: ") == NULL ||
        (!holds(seen->check, "second_client_does_not_wait") && !holds(seen->check, "take_turns") &&
         !holds(seen->check, "however_late")))
        return false;
    snprintf(cause, size,
             "All threads share one variable: when a thread looks, accept has put the next client\n"
             "there. Give each thread a value of its own.");
    return true;
}

static bool unflushed(const struct seen *seen, char *cause, size_t size)
{
    const char *output;
    if (strstr(seen->message, "it did not come") == NULL ||
        output_of(seen->program, &output) != 0 || !is_running(seen->program) ||
        !prints_on_a_terminal(seen->program))
        return false;
    snprintf(cause, size,
             "On a terminal it prints, into a pipe it does not: stdout is not flushed.\n"
             "In C: setvbuf(stdout, NULL, _IOLBF, 0) at the start.");
    return true;
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
