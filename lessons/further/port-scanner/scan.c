#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "scan [PORTS] | scan --i-have-permission HOST [PORTS]";
static const char wanted_ports[] =
    "PORTS must be ports and ranges from 1 to 65535, such as 22,80,8000-8100.\n"
    "Only this machine is scanned. Another one belongs to somebody: to scan it unasked is rude, "
    "and\ncourts have punished it. With its owner's permission: --i-have-permission HOST";

enum { WINDOW = 512 };                                               /* sockets */
enum { WAIT = 2000 * 1000, QUIET = 2000 * 1000, STEP = 200 * 1000 }; /* microseconds */
enum { UNASKED, ASKED, OPEN, CLOSED, FILTERED, STATES };

static unsigned char ports[65536]; /* the state of each port */
static int counts[STATES];         /* how many ports came to each state */

/* The time on a clock that nobody sets, in microseconds. */
static long long microseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void set_state(int port, int state)
{
    if (ports[port] != state) counts[state]++;
    ports[port] = (unsigned char)state;
}

/* Marks the ports of a list like 22,80,8000-8100, which it takes apart. */
static void ask(char *list)
{
    while (list != NULL) {
        char *part = list, first[8];
        list = strchr(part, ',');
        if (list != NULL) *list++ = '\0';

        int length = (int)strcspn(part, "-");
        snprintf(first, sizeof first, "%.*s", length, part);
        int from = parse_port(first);
        int to = part[length] == '-' ? parse_port(part + length + 1) : from;
        if (from < 1 || to < from) usage(synopsis, part, wanted_ports);
        for (int port = from; port <= to; port++) set_state(port, ASKED);
    }
}

/* Whether the machine has no room for one more socket, and may have it when some are closed. */
static bool is_full(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
           error == EAGAIN || error == EADDRNOTAVAIL;
}

/*
 * Whether a socket is connected to itself. The kernel may give it the very port that it asks as its
 * own; its SYN then meets a socket in SYN-SENT, itself: RFC 9293, section 3.5, simultaneous open.
 */
static bool is_own_peer(int sock, const struct sockaddr_in *remote)
{
    struct sockaddr_in local;
    socklen_t length = sizeof local;
    if (getsockname(sock, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    return local.sin_port == remote->sin_port && local.sin_addr.s_addr == remote->sin_addr.s_addr;
}

/* What the end of a connect, 0 or an error, says of the port. */
static int judge(int sock, int error, const struct sockaddr_in *remote)
{
    switch (error) {
    case 0:
        return is_own_peer(sock, remote) ? CLOSED : OPEN;
    case ECONNRESET:
        return OPEN; /* accepted, and closed at once: a refusal has its own error */
    case ECONNREFUSED:
        return CLOSED;
    case ETIMEDOUT:    /* no answer */
    case EHOSTUNREACH: /* a router or a firewall said no, with ICMP: RFC 1812, section 5.2.7.1 */
    case ENETUNREACH:
    case EACCES: /* a rule of this machine said no */
    case EPERM:
        return FILTERED;
    }
    errno = error;
    die("connect");
}

/* The connects that wait for an answer, the oldest first: what poll watches, and what else we know. */
static struct pollfd watched[WINDOW];
static struct {
    int port;
    long long deadline;
} probes[WINDOW];
static int waiting;

/* Begins to connect to a port. Returns false when there is no room for it until another one ends. */
static bool begin(int port, struct sockaddr_in *remote)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1 && is_full(errno) && waiting > 0) return false;
    if (sock == -1) die("socket");
    if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1) die("fcntl");

    remote->sin_port = htons((in_port_t)port);
    int error = 0;
    if (connect(sock, (struct sockaddr *)remote, sizeof *remote) == -1) error = errno;
    if (error == EINPROGRESS || error == EINTR) {
        watched[waiting] = (struct pollfd){.fd = sock, .events = POLLOUT};
        probes[waiting].port = port;
        probes[waiting].deadline = microseconds() + WAIT;
        waiting++;
        return true;
    }
    bool full = is_full(error) && waiting > 0;
    if (!full) set_state(port, judge(sock, error, remote));
    if (close(sock) == -1) die("close");
    return !full;
}

/* How long poll may wait, in milliseconds: until the time of the oldest connect is over. */
static int time_left(void)
{
    long long left = probes[0].deadline - microseconds();
    return left > 0 ? (int)(left / 1000) + 1 : 0;
}

/* Judges the connects that have ended, and those whose time is over; the others move together. */
static void take_results(struct sockaddr_in *remote)
{
    int kept = 0;
    long long now = microseconds();
    for (int i = 0; i < waiting; i++) {
        if (watched[i].revents == 0 && probes[i].deadline > now) {
            watched[kept] = watched[i];
            probes[kept++] = probes[i];
            continue;
        }
        int error = ETIMEDOUT, sock = watched[i].fd;
        socklen_t length = sizeof error;
        if (watched[i].revents != 0 &&
            getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
            die("getsockopt");
        remote->sin_port = htons((in_port_t)probes[i].port);
        set_state(probes[i].port, judge(sock, error, remote));
        if (close(sock) == -1) die("close");
    }
    waiting = kept;
}

/* Asks all ports that are to be asked. What takes long shows on a terminal how far it is. */
static void scan(struct sockaddr_in *remote)
{
    const bool shows = isatty(STDERR_FILENO);
    long long begun = microseconds(), told = begun + QUIET;
    for (int next = 1;;) {
        /* Fill the window, as far as the limit on descriptors lets it. */
        for (; next <= 65535 && waiting < WINDOW; next++)
            if (ports[next] == ASKED && !begin(next, remote)) break;
        if (waiting == 0) break;

        if (poll(watched, (nfds_t)waiting, time_left()) == -1) {
            if (errno == EINTR) continue;
            die("poll");
        }
        take_results(remote);

        long long now = microseconds();
        if (shows && now >= told) {
            const int settled = counts[OPEN] + counts[CLOSED] + counts[FILTERED];
            fprintf(stderr, "\r%d of %d ports", settled, counts[ASKED]);
            told = now + STEP;
        }
    }
    if (told > begun + QUIET) fprintf(stderr, "\n");
}

/* Prints the open and the filtered ports on stdout, and the counts on stderr. */
static void print_results(const char *host)
{
    for (int port = 1; port <= 65535; port++) {
        if (ports[port] == FILTERED) printf("filtered %d\n", port);
        if (ports[port] != OPEN) continue;
        struct servent *service = getservbyport(htons((in_port_t)port), "tcp");
        printf("open %d%s%s\n", port, service != NULL ? " " : "",
               service != NULL ? service->s_name : "");
    }
    if (fflush(stdout) == EOF || ferror(stdout)) die("write");
    fprintf(stderr, "%s: %d ports: %d open, %d closed, %d filtered\n", host, counts[ASKED],
            counts[OPEN], counts[CLOSED], counts[FILTERED]);
}

int main(int argc, char *argv[])
{
    char system_ports[] = "1-1023"; /* RFC 6335, section 6 */
    const char *host = "127.0.0.1";
    if (argc > 1 && strcmp(argv[1], "--i-have-permission") == 0) {
        if (argc == 2) usage(synopsis, argv[1], "HOST is missing");
        host = argv[2];
        argc -= 2;
        argv += 2;
    }
    if (argc > 2) usage(synopsis, argv[2], "one argument too many");
    struct sockaddr_in remote = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &remote.sin_addr) != 1)
        usage(synopsis, host, "HOST must be a numeric IPv4 address, such as 192.0.2.1");
    ask(argc > 1 ? argv[1] : system_ports);

    /* Survive a reader that has gone. */
    signal(SIGPIPE, SIG_IGN);

    scan(&remote);
    print_results(host);
    return 0;
}
