/* IP_TTL and IP_RECVTTL are not in POSIX: some systems show them only when asked, before any header. */
#define _DARWIN_C_SOURCE /* macOS */
#define __BSD_VISIBLE 1  /* FreeBSD */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "ping [ADDRESS [COUNT]]";

enum { WAIT = 1000 * 1000 };               /* for each reply, in microseconds */
enum { ECHO_REPLY = 0, ECHO_REQUEST = 8 }; /* ICMP types: RFC 792 */
enum { SIZE = 8 + 56 };                    /* of a request: the ICMP header and some data */

/* The time on a clock that nobody sets, in microseconds. */
static long long microseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The Internet checksum of RFC 1071. Over a message that holds its own checksum it is 0. */
static uint16_t checksum(const unsigned char *data, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) sum += i % 2 == 0 ? data[i] * 256U : data[i];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Stores 16 bits in network byte order. */
static void put16(unsigned char *at, uint16_t value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)(value & 0xff);
}

/* Fills in an echo request: type, code, checksum, identifier, sequence number and data. */
static void make_request(unsigned char *request, uint16_t id, uint16_t sequence)
{
    for (int i = 8; i < SIZE; i++) request[i] = (unsigned char)i;
    request[0] = ECHO_REQUEST;
    request[1] = 0;
    put16(request + 2, 0);
    put16(request + 4, id);
    put16(request + 6, sequence);
    put16(request + 2, checksum(request, SIZE));
}

/* Sends a request. Returns false after it has said why not. */
static bool send_request(int sock, const unsigned char *request)
{
    while (send(sock, request, SIZE, 0) == -1) {
        if (errno == EINTR) continue;
        perror("send");
        return false;
    }
    return true;
}

/* A reply differs from its request in type and checksum; identifier, number and data are the same. */
static bool answers(const unsigned char *message, size_t length, const unsigned char *request)
{
    return length == SIZE && message[0] == ECHO_REPLY && message[1] == 0 &&
           checksum(message, SIZE) == 0 && memcmp(message + 4, request + 4, SIZE - 4) == 0;
}

/* The TTL that came beside the data, IP_RECVTTL, or -1. */
static int ttl_beside(const struct msghdr *message)
{
    const struct cmsghdr *extra = CMSG_FIRSTHDR(message);
    if (extra == NULL || extra->cmsg_level != IPPROTO_IP || extra->cmsg_type != IP_TTL) return -1;
    int ttl;
    memcpy(&ttl, CMSG_DATA(extra), sizeof ttl);
    return ttl;
}

/* Receives the reply to this request, after an IP header if the socket shows it. Returns its TTL, or
   -1 when none has come until `due`. */
static int wait_reply(int sock, bool shows_header, const struct sockaddr_in *remote,
                      const unsigned char *request, long long due)
{
    for (;;) {
        int left = (int)(due - microseconds());
        if (left <= 0) return -1;
        struct timeval limit = {.tv_sec = left / 1000000, .tv_usec = left % 1000000};
        if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
            die("setsockopt");

        struct sockaddr_in peer;
        unsigned char packet[1024];
        union {
            struct cmsghdr header;
            char space[64];
        } control;
        struct iovec part = {.iov_base = packet, .iov_len = sizeof packet};
        struct msghdr message = {.msg_name = &peer,
                                 .msg_namelen = sizeof peer,
                                 .msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        ssize_t received = recvmsg(sock, &message, 0);
        if (received == -1 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            perror("recvmsg");
            return -1;
        }
        /* Linux: a connected ping socket still gets replies from anywhere. */
        if (received < SIZE || peer.sin_addr.s_addr != remote->sin_addr.s_addr) continue;

        /* An IP header has its own length in byte 0, in words of four bytes, and the TTL in byte 8. */
        size_t skip = shows_header ? (packet[0] & 15U) * 4 : 0;
        int ttl = shows_header ? packet[8] : ttl_beside(&message);
        if (answers(packet + skip, (size_t)received - skip, request)) return ttl;
    }
}

int main(int argc, char *argv[])
{
    if (argc > 3) usage(synopsis, argv[3], "one argument too many");
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    /* The sequence number has 16 bits, like a port. */
    int count = parse_number(argc > 2 ? argv[2] : "3", 65535);
    if (count < 1) usage(synopsis, argv[2], "COUNT must be a number from 1 to 65535");
    struct sockaddr_in remote = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, address, &remote.sin_addr) != 1)
        usage(synopsis, address, "ADDRESS must be a numeric IPv4 address, such as 127.0.0.1");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    bool raw = true;
    int sock = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (sock == -1 && (errno == EPERM || errno == EACCES)) {
        perror("socket");
        fprintf(stderr, "a raw socket needs root or the capability CAP_NET_RAW: sudo ./ping,"
                        " or sudo setcap cap_net_raw+ep ping\n"
                        "trying a ping socket, for the groups in net.ipv4.ping_group_range\n");
        raw = false;
        sock = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    }
    if (sock == -1) die("socket");
    bool shows_header = raw;
#ifdef __APPLE__
    shows_header = true; /* also on a ping socket: Apple's SimplePing */
#endif
    int on = 1;
    if (!raw && setsockopt(sock, IPPROTO_IP, IP_RECVTTL, &on, sizeof on) == -1) die("setsockopt");

    if (connect(sock, (struct sockaddr *)&remote, sizeof remote) == -1) die("connect");

    /* Replies to other programs must not be taken for ours. Linux gives a ping socket a number, as its port. */
    struct sockaddr_in local;
    socklen_t length = sizeof local;
    if (getsockname(sock, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    uint16_t id = raw || local.sin_port == 0 ? (uint16_t)getpid() : ntohs(local.sin_port);
    const char *kind = raw ? "raw" : "ping";
    if (printf("%s through a %s socket, identifier %d\n", address, kind, id) < 0) die("write");

    const struct timespec rest = {.tv_nsec = 200 * 1000 * 1000};
    int replies = 0;
    for (int sequence = 1; sequence <= count; sequence++) {
        if (sequence > 1) nanosleep(&rest, NULL);

        unsigned char request[SIZE];
        make_request(request, id, (uint16_t)sequence);
        long long start = microseconds();
        int ttl = -1;
        if (send_request(sock, request))
            ttl = wait_reply(sock, shows_header, &remote, request, start + WAIT);
        double took = (double)(microseconds() - start) / 1000;

        if (ttl != -1) replies++;
        int printed =
            ttl == -1 ? printf("no reply to %d\n", sequence)
                      : printf("reply %d from %s: TTL %d, %.3f ms\n", sequence, address, ttl, took);
        if (printed < 0) die("write");
    }
    if (printf("%d sent, %d came back\n", count, replies) < 0) die("write");

    if (close(sock) == -1) die("close");
    return replies > 0 ? 0 : EXIT_FAILURE;
}
