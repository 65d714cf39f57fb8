#define _DARWIN_C_SOURCE /* macOS shows O_NOFOLLOW only so */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"
#include "http.h"

static const char synopsis[] = "server [ADDRESS [PORT [FOLDER]]]";

/* The limits: bytes of a request; seconds until it has come; requests of one connection. */
enum { REQUEST = 8 * 1024, SECONDS = 10, REQUESTS = 100 };

static int folder; /* whose files are served */

struct client {
    int sock;
    long long deadline;  /* of a request, in milliseconds */
    char bytes[REQUEST]; /* a request, and what has come after it */
    size_t length, used; /* of these bytes: how many there are, and how many in lines taken */
};

/* In place of a status: nobody is there to reply to. */
static const char gone[] = "gone";

/* The time on a clock that nobody sets, in milliseconds. */
static long long milliseconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Sends all of it: one send may take only a part. Returns 0, or -1 with errno set. */
static int send_all(int sock, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(sock, data, length, 0);
        if (sent == -1 && errno == EINTR) continue;
        if (sent == -1) return -1;
        data += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/* Receives once, at most until the deadline: a time for each recv would begin anew with each byte. */
static ssize_t receive(struct client *client, char *data, size_t room)
{
    struct pollfd event = {.fd = client->sock, .events = POLLIN};
    for (;;) {
        long long left = client->deadline - milliseconds();
        int ready = poll(&event, 1, left > 0 ? (int)left : 0);
        if (ready == 0) errno = ETIMEDOUT;
        ssize_t received = ready == 1 ? recv(client->sock, data, room, 0) : -1;
        if (received != -1 || errno != EINTR) return received;
    }
}

/* Takes the next line, without its end, once it is whole. */
static const char *take_line(struct client *client, char **line)
{
    char *end;
    *line = client->bytes + client->used;
    while ((end = memchr(*line, '\n', client->length - client->used)) == NULL) {
        size_t room = REQUEST - client->length;
        if (room == 0) return too_large;
        ssize_t received = receive(client, client->bytes + client->length, room);
        if (received <= 0 && client->length == 0) return gone;
        if (received == -1) return errno == ETIMEDOUT ? timed_out : gone;
        if (received == 0) return bad_request;
        client->length += (size_t)received;
    }
    client->used = (size_t)(end + 1 - client->bytes);
    if (end > *line && end[-1] == '\r') end--;
    *end = '\0';
    /* A carriage return or a NUL inside would be the end of the line for somebody else. */
    return strcspn(*line, "\r") == (size_t)(end - *line) ? NULL : bad_request;
}

/* Receives a request: a line, fields, and an empty line. */
static const char *receive_request(struct client *client, struct request *request)
{
    char *line;
    const char *wrong;
    while ((wrong = take_line(client, &line)) == NULL && *line == '\0') continue;
    if (wrong == too_large) return uri_too_long;
    if (wrong == NULL) wrong = parse_request_line(line, request);
    while (wrong == NULL && (wrong = take_line(client, &line)) == NULL && *line != '\0')
        wrong = parse_field(line, request);
    return wrong == NULL ? check_request(request) : wrong;
}

/* Opens the file of a path, name by name. None is "..", and no link is followed: nothing outside the
   folder is reached, whatever changes between two calls. */
static const char *open_file(char *path, int *file, struct reply *reply)
{
    if (strstr(path, "/.") != NULL) return forbidden;
    *file = folder;
    for (char *name, *slash = path; slash != NULL;) {
        name = slash + 1;
        slash = strchr(name, '/');
        if (slash != NULL) *slash = '\0';
        if (slash == NULL && *name == '\0') name = "index.html";
        int parent = *file;
        *file = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        const char *wrong = *file == -1 ? status_of(errno) : NULL;
        if (parent != folder) close(parent);
        if (wrong != NULL) return wrong;
        reply->type = type_of(name);
    }
    struct stat about;
    if (fstat(*file, &about) == -1) return server_error;
    reply->length = about.st_size;
    return S_ISREG(about.st_mode) ? NULL : S_ISDIR(about.st_mode) ? moved : forbidden;
}

/* Sends a head, and the file or, in its place, the status as a text. Returns NULL, or what failed. */
static const char *send_reply(int sock, int file, const struct request *request,
                              const struct reply *reply)
{
    char data[64 * 1024];
    size_t used = write_head(data, sizeof data, request, reply);
    bool head_only = strcmp(request->method, "HEAD") == 0;
    if (reply->status != ok && !head_only)
        used += (size_t)snprintf(data + used, sizeof data - used, "%s\n", reply->status);
    long long left = reply->status == ok && !head_only ? reply->length : 0;
    while (left > 0) {
        size_t room = sizeof data - used;
        ssize_t part = read(file, data + used, left < (long long)room ? (size_t)left : room);
        if (part == 0) errno = EIO; /* the file has become shorter than promised */
        if (part <= 0) return "read";
        if (send_all(sock, data, used + (size_t)part) == -1) return "send";
        left -= part;
        used = 0;
    }
    return used > 0 && send_all(sock, data, used) == -1 ? "send" : NULL;
}

/* Receives one request and replies to it. Returns whether another one may follow. */
static bool serve_request(struct client *client, bool last)
{
    client->length -= client->used;
    memmove(client->bytes, client->bytes + client->used, client->length);
    client->used = 0;
    client->deadline = milliseconds() + SECONDS * 1000;
    struct request request = {.method = "-", .target = "-"};
    const char *wrong = receive_request(client, &request);
    if (wrong == gone) return false;
    if (last || wrong != NULL || request.content > 0) request.closes = true;

    char path[REQUEST] = "";
    int file = -1;
    struct reply reply = {.status = ok};
    if (wrong == NULL) wrong = parse_path(request.target, path);
    if (wrong == NULL) wrong = open_file(path, &file, &reply);
    if (wrong != NULL) reply = (struct reply){wrong, type_of(".txt"), (long long)strlen(wrong) + 1};
    printf("%s: %s %.100s\n", reply.status, request.method, request.target);
    const char *broken = send_reply(client->sock, file, &request, &reply);
    if (broken != NULL) perror(broken);
    if (file != -1) close(file);
    return broken == NULL && !request.closes;
}

/* The life of one thread: one client, whose descriptor is the value of the pointer itself. */
static void *serve(void *argument)
{
    struct client client = {.sock = (int)(intptr_t)argument};
    const struct timeval patience = {.tv_sec = SECONDS};
    if (setsockopt(client.sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1)
        perror("setsockopt");
    for (int left = REQUESTS; left > 0 && serve_request(&client, left == 1); left--) continue;

    /* To close with bytes unread would reset the connection, and the reply might be lost. */
    if (shutdown(client.sock, SHUT_WR) == 0)
        while (receive(&client, client.bytes, sizeof client.bytes) > 0) continue;
    if (close(client.sock) == -1) perror("close");
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc > 4) usage(synopsis, argv[4], "one argument too many");
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    int port = parse_port(argc > 2 ? argv[2] : "5000");
    if (port == -1) usage(synopsis, argv[2], "PORT must be a number from 0 to 65535");
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    if (inet_pton(AF_INET, address, &local.sin_addr) != 1)
        usage(synopsis, address, "ADDRESS must be a numeric IPv4 address, such as 127.0.0.1");

    folder = open(argc > 3 ? argv[3] : ".", O_RDONLY | O_DIRECTORY);
    if (folder == -1) die("open");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1) die("socket");

    /* A connection of the last run may still be in TIME_WAIT on this port. */
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) die("setsockopt");
    /* Replies leave at once; the sockets that accept returns inherit this. */
    if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1) die("setsockopt");

    if (bind(listener, (struct sockaddr *)&local, sizeof local) == -1) die("bind");
    if (listen(listener, SOMAXCONN) == -1) die("listen");

    socklen_t length = sizeof local;
    if (getsockname(listener, (struct sockaddr *)&local, &length) == -1) die("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &local.sin_addr, text, sizeof text);
    printf("listening on %s:%d\n", text, ntohs(local.sin_port));

    /* Pause after a failed accept: descriptors or memory may be free again after it. */
    const struct timespec backoff = {.tv_nsec = 100 * 1000 * 1000};

    pthread_attr_t attributes;
    errno = pthread_attr_init(&attributes);
    if (errno != 0) die("pthread_attr_init");
    errno = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (errno != 0) die("pthread_attr_setdetachstate");
    errno = pthread_attr_setstacksize(&attributes, 256 * 1024);
    if (errno != 0) die("pthread_attr_setstacksize");

    for (;;) {
        struct sockaddr_in peer;
        length = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &length);
        if (client == -1) {
            if (errno == EINTR) continue;
            perror("accept");
            nanosleep(&backoff, NULL);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
        printf("connection from %s:%d\n", text, ntohs(peer.sin_port));

        pthread_t thread;
        errno = pthread_create(&thread, &attributes, serve, (void *)(intptr_t)client);
        if (errno != 0) {
            perror("pthread_create");
            if (close(client) == -1) perror("close");
        }
    }
}
