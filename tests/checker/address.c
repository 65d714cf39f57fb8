/*
 * Where servers are: an address as data. In all checks a port names one. It is 127.0.0.1:PORT; or, where facts.takes_path, the
 * file PORT.sock in a folder of the check's own: unix(7).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"

static in_port_t paths; /* so many have been given out */

/* For nftw(3), which begins with what is deepest; the folder itself has level 0. */
static int remove_below(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about, (void)type;
    return place->level > 0 ? remove(path) : 0;
}

static void empty_folder(const char *folder)
{
    enum { DESCRIPTORS = 8 };
    if (folder[0] != '\0') nftw(folder, remove_below, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

const char *own_folder(void)
{
    static bool known;
    char *folder = folder_of_worker(THIS_WORKER);
    char name[FOLDER] = "/tmp/check-files-XXXXXX"; /* not TMPDIR: a socket's path has to be short */
    if (known) return folder;
    known = true;
    empty_folder(folder); /* of an earlier check */
    if (folder[0] != '\0') return folder;
    need(mkdtemp(name) != NULL && chmod(name, 0777) == 0, "mkdtemp");
    memcpy(folder, name, sizeof name);
    return folder;
}

void forget_folders(void)
{
    for (int i = 0; i < MOST_WORKERS; i++) {
        char *folder = folder_of_worker(i);
        if (folder[0] == '\0') continue;
        empty_folder(folder);
        rmdir(folder);
    }
}

static struct address path_of(in_port_t port)
{
    struct address address = {.length = sizeof(struct sockaddr_un)};
    struct sockaddr_un *place = (struct sockaddr_un *)&address.place;
    snprintf(address.text, sizeof address.text, "%s/%d.sock", own_folder(), port);
    place->sun_family = AF_UNIX;
    snprintf(place->sun_path, sizeof place->sun_path, "%s", address.text);
    return address;
}

struct address address_at(const char *host, in_port_t port)
{
    struct address address = {.length = sizeof(struct sockaddr_in)};
    struct sockaddr_in *place = (struct sockaddr_in *)&address.place;
    snprintf(address.text, sizeof address.text, "%s:%d", host, port);
    *place = loopback(port);
    inet_pton(AF_INET, host, &place->sin_addr);
    return address;
}

struct address address_of(in_port_t port)
{
    return facts.takes_path ? path_of(port) : address_at("127.0.0.1", port);
}

/* One where nobody is: of the ports the kernel chooses, of the paths the next one. */
static struct address free_address(void)
{
    return address_of(facts.takes_path ? ++paths : 0);
}

in_port_t port_in(const char *text)
{
    int port = 0, end = 0;
    size_t before = facts.takes_path ? strlen(own_folder()) : strlen("127.0.0.1");
    if (strncmp(text, facts.takes_path ? own_folder() : "127.0.0.1", before) != 0) return 0;
    sscanf(text + before, facts.takes_path ? "/%d.sock%n" : ":%d%n", &port, &end);
    bool whole = end > 0 && text[before + (size_t)end] == '\0';
    return whole && port > 0 && port <= 65535 ? (in_port_t)port : 0;
}

/* A run at this address; its text stays until so many more are made. */
static struct run run_at(const char *program, struct address address)
{
    static char texts[8][sizeof address.text];
    static int next;
    char *text = texts[next = (next + 1) % 8];
    snprintf(text, sizeof texts[0], "%s", address.text);
    struct run run = {.program = program, .arguments = {text}};
    if (facts.takes_path) return run;
    char *colon = strrchr(text, ':');
    *colon = '\0';
    run.arguments[1] = colon + 1;
    return run;
}

struct run server_at(in_port_t port)
{
    struct run run = run_at("server", port == 0 ? free_address() : address_of(port));
    if (!facts.takes_path) run.arguments[2] = third_argument;
    return run;
}

struct run client_at(in_port_t port)
{
    return run_at("client", address_of(port));
}

struct sockaddr_in loopback(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

in_port_t local_port(int sock)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    expect(getsockname(sock, (struct sockaddr *)&address, &length) == 0, "getsockname");
    return ntohs(address.sin_port);
}

/* Binds a socket to an address where nobody is; the port of that. */
static in_port_t bind_somewhere(int sock)
{
    struct address address = free_address();
    expect(bind(sock, (struct sockaddr *)&address.place, address.length) == 0, "bind: %s",
           strerror(errno));
    return facts.takes_path ? paths : local_port(sock);
}

int reserve_port(in_port_t *port)
{
    int on = 1, sock = need_socket(facts.takes_path ? AF_UNIX : AF_INET, SOCK_STREAM);
    if (!facts.takes_path) setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    *port = bind_somewhere(sock);
    return sock;
}

int own_listener(in_port_t *port)
{
    int listener = with_deadline(need_socket(facts.takes_path ? AF_UNIX : AF_INET, SOCK_STREAM));
    *port = bind_somewhere(listener);
    expect(listen(listener, SOMAXCONN) == 0, "the test's own listener: %s", strerror(errno));
    note_listener(listener);
    return listener;
}

bool is_taken(in_port_t port)
{
    return is_taken_at("127.0.0.1", port);
}

bool is_taken_at(const char *host, in_port_t port)
{
    struct address address = address_at(host, port);
    int sock = need_socket(AF_INET, SOCK_STREAM);
    bool taken =
        bind(sock, (struct sockaddr *)&address.place, address.length) == -1 && errno == EADDRINUSE;
    close(sock);
    return taken;
}

void expect_refused(in_port_t port)
{
    /* Bound, and nobody listens: what was let go may be taken by anybody. It fails where somebody still listens. */
    struct sockaddr_in address = loopback(port);
    int on = 1, held = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(held, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    (void)bind(held, (struct sockaddr *)&address, sizeof address);
    int sock = try_dial(port);
    expect(sock == -1 && errno == ECONNREFUSED,
           "connected to 127.0.0.1:%d: expected it to be refused, saw %s", port,
           sock == -1 ? seen_as(errno) : "a connection");
    close(held);
}
