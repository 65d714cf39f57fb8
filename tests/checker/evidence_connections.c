/*
 * Evidence in what connections a program has: evidence.h. They are asked of the kernel: proc(5), /proc/PID/net/tcp.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"
#include "program.h"

/* One TCP socket of a program. */
struct end {
    in_addr_t local, remote; /* in network byte order */
    in_port_t port, remote_port;
    unsigned state; /* TCP_LISTEN and so on: 10 listens, 2 is a connect that waits */
};
enum { SYN_SENT = 2, LISTEN = 10, MOST_ENDS = 1024, MOST_SOCKETS = 2048 };

/* The inodes of its sockets. Returns how many. */
static int inodes_of(pid_t process, unsigned long inodes[], int most)
{
    char path[300], kind[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)process);
    DIR *folder = opendir(path);
    if (folder == NULL) return 0;
    for (struct dirent *entry; count < most && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%ld/fd/%.100s", (long)process, entry->d_name);
        ssize_t length = readlink(path, kind, sizeof kind - 1);
        if (length < 0) continue;
        kind[length] = '\0';
        count += sscanf(kind, "socket:[%lu]", &inodes[count]) == 1;
    }
    closedir(folder);
    return count;
}

static bool is_among(unsigned long inode, const unsigned long inodes[], int count)
{
    for (int i = 0; i < count; i++)
        if (inodes[i] == inode) return true;
    return false;
}

/* Its TCP sockets that listen, connect or are connected; -1 where the system does not show them. */
static int ends_of(struct program *program, struct end ends[])
{
    static unsigned long inodes[MOST_SOCKETS];
    char path[64], line[512];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%ld/net/tcp", (long)pid_of(program));
    FILE *table = is_running(program) ? fopen(path, "r") : NULL;
    if (table == NULL) return -1;
    int sockets = inodes_of(pid_of(program), inodes, MOST_SOCKETS);
    while (count < MOST_ENDS && fgets(line, sizeof line, table) != NULL) {
        unsigned local, port, remote, remote_port, state;
        unsigned long inode;
        if (sscanf(line, " %*d: %8x:%4x %8x:%4x %2x %*s %*s %*s %*u %*d %lu", &local, &port,
                   &remote, &remote_port, &state, &inode) != 6 ||
            !is_among(inode, inodes, sockets))
            continue;
        ends[count++] = (struct end){local, remote, (in_port_t)port, (in_port_t)remote_port, state};
    }
    fclose(table);
    return count;
}

/* It said where it listens, and a connect there fails. */
bool nobody_listens(struct program *program, char *cause, size_t size)
{
    struct end ends[MOST_ENDS];
    in_port_t printed = port_of(program);
    int asked = asked_port(program);
    if (saw.kind != NOT_CONNECTED || saw.error != ECONNREFUSED) return false;
    int count = ends_of(program, ends);
    if (count == -1 || printed == 0) return false;
    const struct end *listener = NULL;
    for (int i = 0; i < count && listener == NULL; i++)
        if (ends[i].state == LISTEN) listener = &ends[i];
    if (listener == NULL)
        snprintf(cause, size,
                 "It said that it listens, and no socket of it does: is listen called, and for "
                 "this socket?");
    else if (listener->local != 0 && listener->local != inet_addr(asked_address(program)))
        return false; /* at another address */
    else if (listener->port == swap(printed) && listener->port != printed)
        snprintf(
            cause, size,
            "It printed port %d (0x%04x) and has %d (0x%04x): the bytes are swapped.\n%s", printed,
            printed, listener->port, listener->port,
            asked == printed
                ? "The port does not go through htons into sin_port, nor through ntohs out of it."
                : "The port does not go through ntohs before it is printed.");
    else if (listener->port != printed)
        snprintf(cause, size,
                 "It printed port %d, and it listens at port %d. Are there two sockets, and listen "
                 "got the "
                 "one that was not\nbound?",
                 printed, listener->port);
    else
        snprintf(cause, size,
                 "It listens now, and did not when it printed this line: call listen before it.");
    return true;
}

/* A connect of the check has no answer: it failed for that, or it waits while the time of the check is over. */
static bool connect_waits(void)
{
    struct program self = {.pid = getpid()};
    struct end ends[MOST_ENDS];
    if (saw.kind == NOT_CONNECTED)
        return saw.error == EINPROGRESS || saw.error == EAGAIN || saw.error == ETIMEDOUT;
    if (saw.kind != TIME_OVER) return false;
    for (int i = ends_of(&self, ends) - 1; i >= 0; i--)
        if (ends[i].state == SYN_SENT) return true;
    return false;
}

/* Over loopback only a listener whose queue is full leaves a connect without an answer. See listen(2). */
bool queue_full(struct program *program, char *cause, size_t size)
{
    struct end ends[MOST_ENDS];
    if (!connect_waits()) return false;
    for (int i = ends_of(program, ends) - 1; i >= 0; i--) {
        if (ends[i].state != LISTEN) continue;
        snprintf(
            cause, size,
            "The queue of its listener is full, and the next client waits: the second argument "
            "of listen is\n"
            "too small.%s",
            program->run.arguments[2] == NULL ? " Give SOMAXCONN." : "");
        return true;
    }
    return false;
}

/* The client waits for the end of file, and the server still has the connection. */
bool not_closed(struct program *program, char *cause, size_t size)
{
    enum { ESTABLISHED = 1, CLOSE_WAIT = 8 };
    struct end ends[MOST_ENDS];
    if (saw.kind != NO_END || strcmp(program->run.program, "server") != 0) return false;
    for (int i = ends_of(program, ends) - 1; i >= 0; i--) {
        if (ends[i].state != ESTABLISHED && ends[i].state != CLOSE_WAIT) continue;
        snprintf(cause, size,
                 "The socket that accept returned is not closed: the client waits for the end of "
                 "file.%s",
                 facts.echoes
                     ? "\nClose it after recv has returned 0, and also after a failed call."
                     : "");
        return true;
    }
    return false;
}

/* After an interrupted accept the next one worked: the program has the client's socket, and has not told its port. */
bool forgotten(struct program *program, char *cause, size_t size)
{
    enum { ESTABLISHED = 1, CLOSE_WAIT = 8 };
    struct end ends[MOST_ENDS];
    const char *output;
    char port[16];
    if (facts.takes_path || saw.kind != NO_BYTES ||
        strstr(faults_of(program), "accept=EINTR") == NULL)
        return false;
    for (int i = ends_of(program, ends) - 1; i >= 0; i--) {
        if (ends[i].state != ESTABLISHED && ends[i].state != CLOSE_WAIT) continue;
        snprintf(port, sizeof port, ":%d\n", ends[i].remote_port);
        output_of(program, &output);
        if (strstr(output, port) != NULL) continue;
        snprintf(
            cause, size,
            "It has the socket of the client at port %d, and went on without it. A call that works "
            "leaves errno as\n"
            "it was: look first at what accept returned, and at errno only when that is -1.",
            ends[i].remote_port);
        return true;
    }
    return false;
}

/* A client whose input has ended, and whose connection is open in both directions. */
bool no_half_close(struct program *program, char *cause, size_t size)
{
    enum { ESTABLISHED = 1 };
    struct end ends[MOST_ENDS];
    if (saw.kind != STILL_RUNS || strcmp(program->run.program, "client") != 0 || program->in != -1)
        return false;
    for (int i = ends_of(program, ends) - 1; i >= 0; i--) {
        if (ends[i].state != ESTABLISHED) continue;
        snprintf(cause, size,
                 "Its input has ended, and its connection is still open in both directions: only\n"
                 "shutdown(sock, SHUT_WR) tells the server that nothing more will come.");
        return true;
    }
    return false;
}

bool is_connecting(struct program *program)
{
    struct end ends[MOST_ENDS];
    for (int i = ends_of(program, ends) - 1; i >= 0; i--)
        if (ends[i].state == SYN_SENT) return true;
    return false;
}

/* The check listens, and waited for the client, or for a line that it prints when it is connected. */
static bool nobody_came(void)
{
    bool listens = saw.wanted == NULL || noted_listener() != -1;
    return !somebody_came() && (saw.kind == NOT_ACCEPTED || (saw.kind == ENDED && listens));
}

/* It says that it is connected, and no packet has come. */
static bool connects_without_a_packet(struct program *program)
{
    const char *output;
    output_of(program, &output);
    return nobody_came() && (strstr(output, "connected to") != NULL ||
                             strstr(errors_of(program), "connected to") != NULL);
}

/* A client that goes somewhere else. */
bool goes_elsewhere(struct program *program, char *cause, size_t size)
{
    struct sockaddr_in to;
    struct in_addr wanted;
    int asked = asked_port(program);
    if (facts.takes_path || strcmp(program->run.program, "client") != 0 || somebody_came())
        return false;
    bool failed = nobody_came() || strstr(errors_of(program), "connect: ") != NULL;
    if ((!failed && saw.kind != STILL_RUNS) || asked < 1) return false;
    bool known = goes_to(program, &to);
    if (!known) to = loopback((in_port_t)asked);
    int port = ntohs(to.sin_port);
    bool numbers = known && inet_pton(AF_INET, asked_address(program), &wanted) == 1;
    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &to.sin_addr, address, sizeof address);
    if (numbers && to.sin_addr.s_addr != wanted.s_addr)
        snprintf(cause, size, "It was asked for %s:%d, and its connect goes to %s:%d.%s",
                 asked_address(program), asked, address, port,
                 to.sin_addr.s_addr == htonl(wanted.s_addr)
                     ? "\ninet_pton writes the address in network byte order: no htonl after it."
                     : "");
    else if (port == swap((in_port_t)asked) && port != asked)
        snprintf(
            cause, size,
            "It was asked for port %d (0x%04x) and went to %d (0x%04x): the bytes are swapped.\n"
            "The port does not go through htons into sin_port.",
            asked, (unsigned)asked, port, (unsigned)port);
    else if (port == 5000 && port != asked)
        snprintf(cause, size,
                 "It was asked for port %d and went to 5000: its second argument is not used.",
                 asked);
    else if (port != asked)
        snprintf(cause, size, "It was asked for port %d, and its connect goes to %s:%d.", asked,
                 address, port);
    else if (connects_without_a_packet(program))
        snprintf(cause, size,
                 "It says that it is connected, and nobody has come. A datagram socket connects "
                 "without a packet:\n"
                 "is it SOCK_STREAM? And is connect called?");
    else
        return false;
    return true;
}
