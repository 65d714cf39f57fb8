#!/bin/sh
# t-paths.sh [TEST...]: a lesson whose servers have a path: the sockets for it are allowed there, and no more than a lesson needs.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

for program in server client; do for_practice lessons/further/unix-echo/$program.c | hand_in "ann/unix-echo/$program.c"; done
# What waits in the queue of a socket is nobody's memory.
hand_in hoards/unix-echo/server.c <<'C'
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(void)
{
    static char data[65536];
    struct sockaddr_un here = {.sun_family = AF_UNIX, .sun_path = "hoard"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink("hoard");
    bind(listener, (struct sockaddr *)&here, sizeof here);
    listen(listener, 4096);
    for (;;) {
        int sock = socket(AF_UNIX, SOCK_STREAM, 0);
        if (sock == -1 || connect(sock, (struct sockaddr *)&here, sizeof here) == -1) pause();
        fcntl(sock, F_SETFL, O_NONBLOCK);
        while (send(sock, data, sizeof data, MSG_NOSIGNAL) > 0) continue;
    }
}
C
grade FORCE=1 further/unix-echo >"$room/story" || { cat "$room/story"; exit 1; }

test_a_right_program_has_all_points() {
	wrong=0
	row ann unix-echo '10\.0,10,\([0-9]*\),\1,""'
	return "$wrong"
}

test_who_makes_too_many_sockets_is_stopped() {
	wrong=0
	row hoards unix-echo '[0-4]\.[0-9],10,.*it made too many sockets'
	return "$wrong"
}

run_tests "$@"
