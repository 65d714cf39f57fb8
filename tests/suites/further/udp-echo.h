/* What the files of the suite for further/udp-echo share. */
#ifndef UDP_ECHO_H
#define UDP_ECHO_H

#include <check.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

enum { LARGEST = 65507 }; /* 65535 less the headers of IPv4 and UDP: udp(7) */

struct program;

/* A datagram socket with the deadline of all events; bound to a port of loopback, which goes to `port` unless that is NULL. */
int own_socket(in_port_t *port);
/* `server 127.0.0.1 0`, already bound. */
struct program *start_bound(const char *faults, in_port_t *port);
void type_line(struct program *client, const char *line);
/* One more datagram comes back; then the end of the server. */
void expect_still_served(struct program *server, in_port_t port);

/* udp-echo_peer.c. What came from the client: a number of four bytes and a line. */
struct request {
    uint32_t number;
    size_t length; /* of both */
    struct sockaddr_in from;
    char line[LARGEST];
};
/* The next one. */
struct request take(int sock);
/* The next one with another number: when the test is slow, the client sends the same one again. */
struct request take_next(int sock, uint32_t before);
/* Sends the first `length` bytes of the request back, and NULs where it has no more. */
void give(int sock, const struct request *request, size_t length);
/*
 * A process that does nothing but answer the requests to `sock`, because the client waits half a second, one and two,
 * and the test may be held up for longer. Check ends it with the test. Returns where each request comes after it was
 * answered: taken().
 *   answer  gets the first request, the one before and this one
 */
int answer_requests(int sock,
                    void (*answer)(int sock, const struct request *first,
                                   const struct request *before, const struct request *request));
/* The next one that was answered there. */
struct request taken(int requests);
void expect_same(const struct request *one, const struct request *other);

void add_datagram_client(TCase *client); /* udp-echo_client.c */
void add_datagram_loss(TCase *loss);     /* udp-echo_loss.c */

#endif
