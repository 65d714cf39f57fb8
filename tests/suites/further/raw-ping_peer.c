/* further/raw-ping: the test answers in place of the kernel. ICMP: RFC 792. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness.h"
#include "raw-ping.h"

uint16_t sum_of(const struct message *message)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < message->length; i += 2) {
        uint16_t word;
        memcpy(&word, message->bytes + i, 2);
        sum += word;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum += sum >> 16;
    return (uint16_t)~sum;
}

void seal(struct message *message)
{
    memset(message->bytes + 2, 0, 2);
    uint16_t sum = sum_of(message);
    memcpy(message->bytes + 2, &sum, 2);
}

int own_replier(const char *from)
{
    struct sockaddr_in address = loopback(0);
    inet_pton(AF_INET, from, &address.sin_addr);
    int sock = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    expect(sock != -1, "socket: %s", strerror(errno));
    with_deadline(sock);
    expect(bind(sock, (struct sockaddr *)&address, sizeof address) == 0, "bind: %s",
           strerror(errno));
    expect(write_file("/proc/sys/net/ipv4/icmp_echo_ignore_all", "1"), "icmp_echo_ignore_all: %s",
           strerror(errno));
    return sock;
}

/* False: none has come. */
static bool receive_request(int sock, struct message *request)
{
    do {
        unsigned char packet[512];
        ssize_t got = recv(sock, packet, sizeof packet, 0);
        if (got == -1) return false;
        size_t skip = (packet[0] & 15U) * 4;
        request->length = (size_t)got - skip;
        expect(request->length <= sizeof request->bytes, "expected a small request");
        memcpy(request->bytes, packet + skip, request->length);
    } while (request->bytes[0] != REQUEST);
    return true;
}

struct message take_request(int sock)
{
    struct message request;
    expect(receive_request(sock, &request), "expected an echo request: %s", seen_as(errno));
    return request;
}

void send_message(int sock, const struct message *message, int ttl)
{
    struct sockaddr_in to = loopback(0);
    setsockopt(sock, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    ssize_t sent =
        sendto(sock, message->bytes, message->length, 0, (struct sockaddr *)&to, sizeof to);
    expect(sent == (ssize_t)message->length, "sendto: %s", strerror(errno));
}

struct message reply_to(struct message request)
{
    request.bytes[0] = REPLY;
    seal(&request);
    return request;
}

void answer_pings(int sock, void (*answer)(int sock, const struct message *request, int number))
{
    if (fork_helper() != 0) return;
    setpriority(PRIO_PROCESS, 0, -20); /* where it may */
    const struct timeval no_limit = {0};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &no_limit, sizeof no_limit);
    struct message request;
    for (int number = 1; receive_request(sock, &request); number++) answer(sock, &request, number);
    _exit(0);
}
