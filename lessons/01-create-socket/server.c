#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/die.h"

int main(int argc, char *argv[])
{
    if (argc > 1) usage("server", argv[1], "no argument is wanted");

    /* Print each line at once, also into a pipe, and survive a reader that has gone. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1) die("socket");

    printf("descriptor %d is a socket; press Enter to close it\n", listener);
    if (getchar() == EOF && ferror(stdin)) die("getchar");

    if (close(listener) == -1) die("close");
    return 0;
}
