/* Evidence in what a program printed and does: evidence.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"

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
bool sanitizer(const char *errors, char *cause, size_t size)
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

/* With a family of 0, AF_UNSPEC, Linux takes connect for the end of a connection, and reports success: connect(2). */
bool no_family(const struct seen *seen, char *cause, size_t size)
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
bool no_newline(const struct seen *seen, char *cause, size_t size)
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
bool wrong_bytes(const struct seen *seen, char *cause, size_t size)
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
bool unnoticed_failure(const struct seen *seen, char *cause, size_t size)
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
bool wrong_failure(const struct seen *seen, char *cause, size_t size)
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
bool busy_loop(const struct seen *seen, char *cause, size_t size)
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
bool shared_variable(const struct seen *seen, char *cause, size_t size)
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

bool unflushed(const struct seen *seen, char *cause, size_t size)
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
