#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../../../common/die.h"

static const char synopsis[] = "server [PATH]";

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

/* Sends every byte back until the end of file. Returns NULL, or the call that failed and errno. */
static const char *echo(int client)
{
    char buffer[64 * 1024];
    for (;;) {
        ssize_t received = recv(client, buffer, sizeof buffer, 0);
        if (received == -1 && errno == EINTR) continue;
        if (received == -1) return "recv";
        if (received == 0) return NULL;
        if (send_all(client, buffer, (size_t)received) == -1) return "send";
    }
}

/* The life of one thread: one client, whose descriptor is the value of the pointer itself. */
static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    const char *failed = echo(client);
    if (failed != NULL) perror(failed);
    if (close(client) == -1) perror("close");
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc > 2) usage(synopsis, argv[2], "one argument too many");
    const char *path = argc > 1 ? argv[1] : "echo.sock";
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    if (path[0] == '\0' || path[0] == '-' || strlen(path) > 103)
        usage(synopsis, path, "PATH must have 1 to 103 bytes, and not begin with -");
    snprintf(local.sun_path, sizeof local.sun_path, "%s", path);

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int listener = socket(AF_UNIX, SOCK_STREAM, 0), probe = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener == -1 || probe == -1) die("socket");

    struct stat left; /* by a killed server: a socket, where nobody answers; all else stays */
    if (connect(probe, (struct sockaddr *)&local, sizeof local) == -1 && errno == ECONNREFUSED &&
        lstat(path, &left) == 0 && S_ISSOCK(left.st_mode) && unlink(path) == -1)
        die("unlink");
    if (close(probe) == -1) die("close");

    if (bind(listener, (struct sockaddr *)&local, sizeof local) == -1) die("bind");
    if (listen(listener, SOMAXCONN) == -1) die("listen");

    printf("listening on %s\n", path);

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
        int client = accept(listener, NULL, NULL);
        if (client == -1) {
            if (errno == EINTR) continue;
            perror("accept");
            nanosleep(&backoff, NULL);
            continue;
        }
        printf("connection on %s\n", path);

        pthread_t thread;
        errno = pthread_create(&thread, &attributes, serve, (void *)(intptr_t)client);
        if (errno != 0) {
            perror("pthread_create");
            if (close(client) == -1) perror("close");
        }
    }
}
