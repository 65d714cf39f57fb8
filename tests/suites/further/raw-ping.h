/* What the files of the suite for further/raw-ping share. */
#ifndef RAW_PING_H
#define RAW_PING_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct program;

/* A network of its own, where root may have a raw socket and nobody a ping socket. */
bool skip_raw_network(void);
/* From now on ping gets this kind of socket: 0 for a raw one, 1 for a ping socket. */
void use_kind(int kind);
/* `ping 127.0.0.1 count` */
struct program *start_ping(const char *count, const char *faults);
/* Its first line names the kind of its socket. Returns the identifier of its requests. */
int wait_identifier(struct program *ping, int kind);
/* Its line for this reply; its time is more than nothing and less than the time to wait. */
void expect_reply(struct program *ping, int sequence, int ttl);

/* raw-ping_peer.c: ICMP messages, RFC 792. */
enum { REPLY = 0, REQUEST = 8, HEADER = 8 };
struct message {
    unsigned char bytes[256];
    size_t length;
};
/* 0 when the checksum in the message is right. The byte order does not matter: RFC 1071, section 2 (B). */
uint16_t sum_of(const struct message *message);
/* Puts the right checksum in. */
void seal(struct message *message);
/* A raw socket at this address that gets all ICMP messages; the kernel itself answers none. */
int own_replier(const char *from);
/* The next request. */
struct message take_request(int sock);
/* To 127.0.0.1, with this TTL. */
void send_message(int sock, const struct message *message, int ttl);
/* The reply to a request: the same, but for type and checksum. */
struct message reply_to(struct message request);
/* A process that does nothing but answer, because ping waits a second and the test may be held up for longer. */
void answer_pings(int sock, void (*answer)(int sock, const struct message *request, int number));

void add_ping_replies(TCase *replies); /* raw-ping_replies.c; on both kinds of sockets */
void add_ping_loss(TCase *loss);

#endif
