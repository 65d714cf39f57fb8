/* What the files of load share. */
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { CHUNK = 128 * 1024, MESSAGE = 64, EVENTS = 512 };

/* ---- server.c ---- */

/* Of the server: a port of 127.0.0.1; or at_path, where there is one. */
extern const char *at_path;
extern struct sockaddr_storage address;
extern socklen_t address_length;
extern double patience; /* seconds that it may take for an answer */

/* Says why the measurement stopped, ends the server and exits with 1. printf(3) arguments. */
_Noreturn void fail(const char *format, ...);
/* The same for a call: its name and errno. */
_Noreturn void fail_call(const char *call);
/* The same where a connection is lost. What the call says depends on the moment, but mostly the server has ended. */
_Noreturn void lose(const char *what, const char *why);
/* Seconds on a clock that never goes back. */
double now(void);

/* Starts `command... 127.0.0.1 0`, or `command... PATH`, as a group of its own, and waits until it listens. `words` of command. */
void start_server(char *command[], int words);
/* In its place a child that sends back what it receives from one client, and does nothing else. */
void start_bare(void);
/* By SIGTERM to its group, and two seconds later by SIGKILL; waits for its end. */
void stop_server(void);
/* Seconds of CPU time that the server has used, user and system, in all its threads. */
double server_cpu(void);
/* KiB. The second one is of the whole machine, so with the sockets of both ends: the kernel keeps no account for a process. */
double user_memory(void);
double kernel_memory(void);

/* ---- connection.c ---- */

/* The length of the pattern is a prime number, so that no piece which is lost, doubled or swapped leaves the same bytes
   behind it. */
enum { PERIOD = 65521 };

struct connection {
    int sock; /* -1 when it is closed */
    bool half_closed, watched_out;
    size_t shift; /* where in the pattern it begins */
    size_t goal, sent, received;
    double since;
};
extern struct connection *connections;
extern int count;
extern struct epoll_event events[EVENTS];

/* Before the first connection. */
void fill_pattern(void);
/* At least CHUNK bytes of the pattern. */
const char *bytes_at(size_t place);
/* So many, all closed. */
void make_connections(long number);
/* Connects. */
int dial(void);
/* The connection is opened, and will send so many bytes. */
void open_connection(struct connection *c, size_t bytes);
/* Sends what the kernel takes of what is to be sent; the rest when it takes more. */
void push(struct connection *c);
/* All of it is sent: shutdown(2), SHUT_WR. */
void half_close(struct connection *c);
/* With what was sent: `length` bytes that have come back. */
void compare(struct connection *c, const char *back, size_t length);
/* All bytes of its goal are back. */
bool complete(const struct connection *c);
/* Waits so many seconds for something to happen. Returns how many events there are. */
int wait_events(double seconds);
/* The same, for events that must come. */
int need_events(void);
/* Sends and receives what an event allows. Returns the connection. */
struct connection *serve(const struct epoll_event *event);
/* Waits until every byte is back, and for the server's end of file on each connection. */
void finish(void);

/* ---- loads.c: main.c tells what each of them is ---- */

void talk(long talking, long silent, size_t bytes, double seconds);
void connect_many(long in_flight, double seconds);
void bulk(long number, double seconds);
void pair(double seconds);

#endif
