#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
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

enum { WINDOW = 512, DEADLINE = 2000, QUIET = 2000, STEP = 200 }; /* sockets; milliseconds */
enum { UNASKED, ASKED, OPEN, CLOSED, FILTERED, STATES };

static unsigned char ports[65536]; /* the state of each port */
static int counts[STATES];         /* how many ports came to each state */

/* Milliseconds on a clock that nobody sets. */
static long long now(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) == -1) die("clock_gettime");
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
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
static int is_full(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
           error == EAGAIN || error == EADDRNOTAVAIL;
}

/*
 * Whether a socket is connected to itself. The kernel may give it the very port that it asks as its
 * own; its SYN then meets a socket in SYN-SENT, itself: RFC 9293, section 3.5, simultaneous open.
 */
static int is_own_peer(int sock, const struct sockaddr_in *remote)
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

    struct pollfd watched[WINDOW]; /* the oldest first */
    struct {
        int port;
        long long deadline;
    } probes[WINDOW];
    int next = 1, count = 0;
    long long begun = now(), told = begun + QUIET;
    const int shows = isatty(STDERR_FILENO);
    for (;;) {
        /* Fill the window, as far as the limit on descriptors lets it. */
        long long deadline = now() + DEADLINE;
        for (; next <= 65535 && count < WINDOW; next++) {
            if (ports[next] != ASKED) continue;
            int sock = socket(AF_INET, SOCK_STREAM, 0);
            if (sock == -1 && is_full(errno) && count > 0) break;
            if (sock == -1) die("socket");
            if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1) die("fcntl");

            remote.sin_port = htons((in_port_t)next);
            int error = 0;
            if (connect(sock, (struct sockaddr *)&remote, sizeof remote) == -1) error = errno;
            if (error == EINPROGRESS || error == EINTR) {
                watched[count] = (struct pollfd){.fd = sock, .events = POLLOUT};
                probes[count].port = next;
                probes[count++].deadline = deadline;
                continue;
            }
            const int full = is_full(error) && count > 0;
            if (!full) set_state(next, judge(sock, error, &remote));
            if (close(sock) == -1) die("close");
            if (full) break;
        }
        if (count == 0) break;

        long long left = probes[0].deadline - now();
        int ready = poll(watched, (nfds_t)count, left > 0 ? (int)left : 0);
        if (ready == -1 && errno == EINTR) continue;
        if (ready == -1) die("poll");

        int kept = 0;
        long long time = now();
        for (int i = 0; i < count; i++) {
            if (watched[i].revents == 0 && probes[i].deadline > time) {
                watched[kept] = watched[i];
                probes[kept++] = probes[i];
                continue;
            }
            int error = ETIMEDOUT, sock = watched[i].fd;
            socklen_t length = sizeof error;
            if (watched[i].revents != 0 &&
                getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
                die("getsockopt");
            remote.sin_port = htons((in_port_t)probes[i].port);
            set_state(probes[i].port, judge(sock, error, &remote));
            if (close(sock) == -1) die("close");
        }
        count = kept;
        if (shows && time >= told) {
            const int settled = counts[OPEN] + counts[CLOSED] + counts[FILTERED];
            fprintf(stderr, "\r%d of %d ports", settled, counts[ASKED]);
            told = time + STEP;
        }
    }
    if (told > begun + QUIET) fprintf(stderr, "\n");

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
    return 0;
}
