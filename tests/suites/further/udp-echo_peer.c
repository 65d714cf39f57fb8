/* further/udp-echo: the client's other end, which may lose, double and delay what it answers. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness.h"
#include "udp-echo.h"

/* False: none has come. */
static bool receive(int sock, struct request *request)
{
    socklen_t size = sizeof request->from;
    char data[LARGEST];
    ssize_t got = recvfrom(sock, data, sizeof data, 0, (struct sockaddr *)&request->from, &size);
    if (got == -1) return false;
    request->length = (size_t)got;
    if (got < 4) return true;
    memcpy(&request->number, data, 4);
    memcpy(request->line, data + 4, request->length - 4);
    return true;
}

static void expect_whole(const struct request *request)
{
    expect(request->length >= 4, "expected a number of four bytes and a line, saw %zu bytes",
           request->length);
}

struct request take(int sock)
{
    struct request request = {.length = 0};
    expect(receive(sock, &request), "expected a datagram of the client: %s", seen_as(errno));
    expect_whole(&request);
    return request;
}

struct request take_next(int sock, uint32_t before)
{
    struct request request;
    do request = take(sock);
    while (request.number == before);
    return request;
}

void give(int sock, const struct request *request, size_t length)
{
    char data[LARGEST] = {0};
    memcpy(data, &request->number, 4);
    memcpy(data + 4, request->line, request->length - 4);
    ssize_t sent = sendto(sock, data, length, 0, (const struct sockaddr *)&request->from,
                          sizeof request->from);
    expect(sent == (ssize_t)length, "sendto: %s", strerror(errno));
}

int answer_requests(int sock,
                    void (*answer)(int sock, const struct request *first,
                                   const struct request *before, const struct request *request))
{
    static struct request first, before, request;
    int ends[2];
    expect(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair: %s", strerror(errno));
    with_deadline(ends[0]);
    pid_t apart = fork_helper();
    if (apart != 0) {
        close(ends[1]);
        return ends[0];
    }
    setpriority(PRIO_PROCESS, 0, -20); /* where it may */
    const struct timeval no_limit = {0};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &no_limit, sizeof no_limit);
    for (; receive(sock, &request); before = request) {
        if (first.length == 0) first = before = request;
        if (request.length >= 4) answer(sock, &first, &before, &request);
        send(ends[1], &request, offsetof(struct request, line) + request.length, 0);
    }
    _exit(0);
}

struct request taken(int requests)
{
    struct request request = {.length = 0};
    expect(recv(requests, &request, sizeof request, 0) > 0, "expected a datagram of the client: %s",
           seen_as(errno));
    expect_whole(&request);
    return request;
}

void expect_same(const struct request *one, const struct request *other)
{
    expect(one->length == other->length && one->number == other->number &&
               memcmp(one->line, other->line, one->length - 4) == 0,
           "expected the same datagram again");
}
