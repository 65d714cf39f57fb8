/*
 * What one client of lessons/further/tiny-http may send: the bytes of an input are a whole connection. With -fsanitize=fuzzer, which
 * brings its own main, libFuzzer makes up inputs (`make fuzz`); without it this program takes files of such bytes.
 */
#define main server_main
/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "../../lessons/further/tiny-http/server.c"
#undef main

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The answers are not read: they are short, and the socket has room for them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    int ends[2];
    if (!begun) {
        begun = true;
        folder = open("common", O_RDONLY | O_DIRECTORY);
        if (folder == -1 || freopen("/dev/null", "w", stdout) == NULL) die("open");
        signal(SIGPIPE, SIG_IGN);
    }
    if (size > 3 * REQUEST) return 0; /* all of it has to fit into the socket */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1) die("socketpair");
    const struct timeval patience = {.tv_sec = SECONDS};
    setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (send_all(ends[0], (const char *)data, size) == -1) die("send");
    shutdown(ends[0], SHUT_WR);
    serve((void *)(intptr_t)ends[1]);
    close(ends[0]);
    return 0;
}

#ifndef FUZZING
int main(int argc, char *argv[])
{
    static uint8_t data[4 * REQUEST];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) die(argv[i]);
        fprintf(stderr, "%s\n", argv[i]);
        LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
        fclose(file);
    }
    return 0;
}
#endif
