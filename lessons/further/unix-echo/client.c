#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "client [PATH]";

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

/* Prints what comes back next. Returns its length; 0, the end of file, only when nothing is due. */
static ssize_t print_reply(int sock, ssize_t due)
{
    char buffer[16 * 1024];
    ssize_t received;
    while ((received = recv(sock, buffer, sizeof buffer, 0)) == -1)
        if (errno != EINTR) die("recv");
    if (received == 0 && due > 0) {
        fprintf(stderr, "recv: connection closed by server\n");
        exit(EXIT_FAILURE);
    }
    fwrite(buffer, 1, (size_t)received, stdout);
    if (fflush(stdout) == EOF || ferror(stdout)) die("write");
    return received;
}

int main(int argc, char *argv[])
{
    if (argc > 2) usage(synopsis, argv[2], "one argument too many");
    const char *path = argc > 1 ? argv[1] : "echo.sock";
    struct sockaddr_un remote = {.sun_family = AF_UNIX};
    if (path[0] == '\0' || path[0] == '-' || strlen(path) > 103)
        usage(synopsis, path, "PATH must have 1 to 103 bytes, and not begin with -");
    snprintf(remote.sun_path, sizeof remote.sun_path, "%s", path);

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (sock == -1) die("socket");

    if (connect(sock, (struct sockaddr *)&remote, sizeof remote) == -1) die("connect");

    fprintf(stderr, "connected to %s\n", path);

    char buffer[16 * 1024];
    ssize_t typed;
    while ((typed = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
        if (send_all(sock, buffer, (size_t)typed) == -1) die("send");
        for (ssize_t due = typed; due > 0;) due -= print_reply(sock, due);
    }
    if (typed == -1) die("read");
    if (shutdown(sock, SHUT_WR) == -1) die("shutdown");
    while (print_reply(sock, 0) > 0) continue;

    if (close(sock) == -1) die("close");
    return 0;
}
