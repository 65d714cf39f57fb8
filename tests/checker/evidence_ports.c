/* Evidence that a port went the wrong way: evidence.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"

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
bool swapped_port(struct program *program, char *cause, size_t size)
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
bool swapped_in_print(const struct seen *seen, char *cause, size_t size)
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
bool swapped_client(const struct seen *seen, char *cause, size_t size)
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
