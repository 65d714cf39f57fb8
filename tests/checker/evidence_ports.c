/* Evidence in addresses and ports that a program has printed: evidence.h. */
#include <stdio.h>
#include <string.h>

#include "evidence.h"
#include "program.h"

in_port_t swap(in_port_t port)
{
    return (in_port_t)(port >> 8 | port << 8);
}

/* `connection from`, and then the address of nobody here. */
bool other_peer(struct program *program, char *cause, size_t size)
{
    char address[64] = "";
    int port = -1;
    (void)program;
    if (saw.kind != OTHER_LINE || strncmp(saw.wanted, "connection", 10) != 0 ||
        sscanf(saw.line, "%63[0-9.]:%d", address, &port) != 2 ||
        strncmp(address, "127.0.0.", 8) == 0)
        return false;
    snprintf(
        cause, size,
        "accept did not fill in the peer's address. Set the length to sizeof peer before each\n"
        "accept, and give it both: the address and where the length stands.");
    return true;
}

/* `bound to` or `listening on`, and then something else than 127.0.0.1:PORT. */
bool other_address(struct program *program, char *cause, size_t size)
{
    char address[64] = "";
    int port = -1;
    if (saw.kind == OTHER_LINE && saw.line[0] == ':') {
        snprintf(cause, size,
                 "The address before the ':' is missing. inet_ntop wants room for INET_ADDRSTRLEN "
                 "bytes, and "
                 "its size;\n"
                 "it returns NULL when that is too small.");
        return true;
    }
    if (saw.kind != OTHER_LINE || sscanf(saw.line, "%63[0-9.]:%d", address, &port) != 2)
        return false;
    const char *asked = program->run.arguments[0];
    if (strncmp(saw.wanted, "connection", 10) == 0) return false;
    if (port == 0 && strcmp(address, "127.0.0.1") == 0)
        snprintf(
            cause, size,
            "Port 0 asks the kernel to choose a port: getsockname says which one it took, when its "
            "length is set\n"
            "to the size of the address before the call.");
    else if (asked == NULL && strcmp(address, "0.0.0.0") == 0 && port > 0 &&
             is_taken_at("127.0.0.2", (in_port_t)port))
        snprintf(cause, size,
                 "Without arguments it is bound to 0.0.0.0, where every machine in the network "
                 "reaches it.\n"
                 "The default is 127.0.0.1.");
    else if (asked != NULL && strcmp(address, "0.0.0.0") == 0 && port > 0 &&
             strcmp(asked, address) != 0 && is_taken_at("127.0.0.2", (in_port_t)port))
        snprintf(cause, size,
                 "It was asked for %s, and is bound to 0.0.0.0, to all addresses. The address did "
                 "not come\n"
                 "into sin_addr (inet_pton), or something has emptied it again: memset comes "
                 "before the fields.",
                 asked);
    else if (behind_the_port(saw.line) > 0 || (strcmp(asked_address(program), address) != 0 &&
                                               is_taken_at(address, (in_port_t)port)))
        return false; /* the line goes on; or its socket has this address, and it was asked for another */
    else
        snprintf(cause, size,
                 "What it prints is not the address that its socket has. getsockname fills it in, "
                 "and wants the\n"
                 "length to be set to the size of the address before the call.");
    return true;
}

/* A port in place of the one that is right. */
bool other_port(struct program *program, char *cause, size_t size)
{
    in_port_t seen = (in_port_t)saw.back, right = (in_port_t)saw.expected;
    if (saw.kind != OTHER_PORT) return false;
    if (right == 0 && is_taken(swap(seen))) right = swap(seen);
    if (seen == swap(right) && right == asked_port(program) && is_taken(seen))
        snprintf(cause, size,
                 "It was asked for port %d (0x%04x) and took %d (0x%04x): the bytes are swapped.\n"
                 "The port does not go through htons into sin_port.",
                 right, right, seen, seen);
    else if (seen == swap(right))
        snprintf(cause, size,
                 "It printed %d (0x%04x) for %d (0x%04x): the bytes are swapped.\n"
                 "The port does not go through ntohs before it is printed.",
                 seen, seen, right, right);
    else if (seen == port_of(program) && seen != 0)
        snprintf(cause, size,
                 "This is the server's own port. The client's is in the address that accept has "
                 "filled in.");
    else if (right == asked_port(program) && seen == 5000 && !is_taken(right))
        snprintf(cause, size,
                 "It was asked for port %d and took 5000: its second argument is not used.", right);
    else
        return false;
    return true;
}

/* With a family of 0, AF_UNSPEC, Linux takes connect for the end of a connection, and reports success: connect(2). */
bool no_family(struct program *program, char *cause, size_t size)
{
    static const char nowhere[] = " from 0.0.0.0:0";
    const char *output;
    output_of(program, &output);
    bool somebody_listened = saw.kind == NOT_ACCEPTED || saw.kind == ENDED ||
                             (saw.kind == OTHER_STATUS && saw.expected == 0);
    if (!somebody_listened ||
        (strstr(output, nowhere) == NULL && strstr(errors_of(program), nowhere) == NULL))
        return false;
    snprintf(cause, size,
             "Its own end is 0.0.0.0:0, so nothing was connected: is connect called, and is\n"
             "sin_family set to AF_INET? Without the family connect returns 0 on Linux, and does "
             "nothing.");
    return true;
}
