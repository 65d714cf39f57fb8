#!/bin/sh
# t-why.sh [TEST...]: make why says what is the matter. Each state is made in a network of its own, at port 5000.
# shellcheck disable=SC2016,SC2317 # the inner shell expands the scripts; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=common/tools/machines.sh
. common/tools/machines.sh

able() {
	command -v ss >/dev/null || { echo 'no ss here'; return 77; }
	[ -e /proc/self/syscall ] || { echo 'no /proc here that tells what a program waits for'; return 77; }
	find_network || { echo 'no right to make a network of its own'; return 77; }
}

# in_state SCRIPT: runs it there, then what make why runs. The script starts programs with `go`, which are ended after it.
in_state() {
	# shellcheck disable=SC2086 # options
	room=$room unshare $network sh -c '
		ip link set lo up
		. common/tools/lib.sh
		started=
		# What runs in the background would have /dev/null for its stdin.
		go() { exec 7<&0; "$@" <&7 >/dev/null 2>&1 & started="$started $!"; }
		listening() { ss -Hltn "sport = :$1" | grep -q .; }
		is() { ss -Htan state "$1" "( sport = :5000 or dport = :5000 )" | grep -q .; }
		# wait_on DESCRIPTOR...: each program in turn waits in a call on this one.
		wait_on() {
			for pid in $started; do
				[ "$(cut -d " " -f 2 "/proc/$pid/syscall")" = "0x$1" ] || return
				shift
			done
		}
		eval "$1"
		${as:-} sh common/tools/learn/why
		kill -CONT $started
		kill -KILL $started' sh "$1" </dev/null >"$room/out" 2>/dev/null || : # it ends with what kill says
}

# tells TEXT...: what make why has just said holds each of them; its lines are folded.
tells() {
	awk 'length > 80 { exit 1 }' "$room/out" || { echo 'a line is longer than a terminal:'; cat "$room/out"; return 1; }
	tr '\n' ' ' <"$room/out" | sed 's/  */ /g' >"$room/told"
	for text; do
		grep -qF -- "$text" "$room/told" || { echo "it does not say '$text':"; cat "$room/out"; return 1; }
	done
}

# wrong_server PIECE: a server of the museum, at $room/wrong.
wrong_server() {
	patch=$(echo tests/museum/*-"$1".patch)
	original=$(original_of "$patch")
	patched "$patch" "$original" "$room/wrong.c" && cc -I "$(dirname "$original")" -o "$room/wrong" "$room/wrong.c"
}

test_nothing_and_a_healthy_server_are_told_so() {
	able || return
	in_state : && tells 'Nothing is at port 5000' 'A client is refused at once' || return 1
	in_state 'go lessons/08-threaded-echo/server; wait_for 10 listening 5000' &&
		tells '(process ' 'listens on 127.0.0.1:5000' 'Only programs on this machine' 'Nothing is wrong at port 5000 now.' 'would fail in bind: Address already in use'
}

test_a_queue_that_nobody_empties_is_told_with_its_numbers() {
	able || return
	mkfifo "$room/open"
	patched common/tools/look/backlog.patch lessons/03-listen/server.c "$room/backlog.c" && cc -I lessons/03-listen -o "$room/backlog" "$room/backlog.c" || return 1
	in_state 'exec 9<>"$room/open"; go lessons/03-listen/server <&9; wait_for 10 listening 5000; lessons/05-connect/client >/dev/null' &&
		tells '1 client is connected, and waits for accept (Recv-Q 1 of' || return 1
	in_state 'exec 9<>"$room/open"; go "$room/backlog" <&9; wait_for 10 listening 5000
		lessons/05-connect/client >/dev/null; lessons/05-connect/client >/dev/null; go lessons/05-connect/client; wait_for 10 is syn-sent' &&
		tells 'Its queue is full (Recv-Q 2 of 1)' 'client (process ' 'tries to connect to 127.0.0.1:5000, and has no answer'
}

# A server that closes each connection first, so that its end is in TIME_WAIT, and listens on; with an argument it sets SO_REUSEADDR.
closes_first() {
	cat >"$room/closes.c" <<'C'
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(5000), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    (void)argv;
    if (argc > 1 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) return 1;
    if (bind(listener, (struct sockaddr *)&local, sizeof local) == -1 || listen(listener, 1) == -1) return 1;
    for (;;) close(accept(listener, NULL, NULL));
}
C
	cc -o "$room/closes" "$room/closes.c"
}

test_time_wait_is_told_with_its_seconds_and_whether_so_reuseaddr_is_set() {
	able && closes_first || return
	mkfifo "$room/typed"
	# The server's end is in FIN-WAIT-2 when the client has its end of file; it is in TIME_WAIT when the client has closed, too.
	connection='wait_for 10 listening 5000; exec 8<>"$room/typed"; go lessons/06-single-echo/client <&8; wait_for 10 is close-wait; kill -KILL $!; wait_for 10 is time-wait'
	in_state "go \"\$room/closes\"; $connection; kill -KILL \$started; started=; wait_for 10 eval '! listening 5000'" &&
		tells 'in TIME_WAIT for ' ' seconds more, and nobody listens' 'bind fails with EADDRINUSE' || return 1
	in_state "go \"\$room/closes\" reuse; $connection" && tells 'in TIME_WAIT for ' || return 1
	# Some systems do not let one program look into another's socket.
	grep -q 'SO_REUSEADDR before bind cannot start' "$room/out" && { echo 'no right here to look at the option of another program'; return 77; }
	tells 'The program that listens has set SO_REUSEADDR: it can start again at once.' || return 1
	in_state "go \"\$room/closes\"; $connection" && tells 'has not set SO_REUSEADDR: it could not start again now' 'Set it before bind: lesson 04'
}

test_a_stopped_program_and_another_users_are_told() {
	able || return
	in_state 'go lessons/08-threaded-echo/server; wait_for 10 listening 5000; kill -STOP $started' && tells 'is stopped (Ctrl-Z)' || return 1
	if [ "$(id -u)" != 0 ] || ! setpriv --reuid 65534 --clear-groups test -r common/tools/learn/why; then
		echo 'skipped: only root has two users'
		return
	fi
	as='setpriv --reuid 65534 --clear-groups' && export as
	in_state 'go lessons/08-threaded-echo/server; wait_for 10 listening 5000' && tells 'belongs to a program of another user (root)' 'bind fails with EADDRINUSE'
}

test_two_ends_that_wait_and_a_program_that_spins_are_told() {
	able || return
	cat >"$room/waits.c" <<'C'
#include <netinet/in.h>
#include <sys/socket.h>
int main(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(5000), .sin_addr.s_addr = htonl(0x7f000001)};
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    char byte;
    return connect(sock, (struct sockaddr *)&to, sizeof to) == -1 || recv(sock, &byte, 1, 0) == -1;
}
C
	cc -o "$room/waits" "$room/waits.c" || return 1
	in_state 'go lessons/06-single-echo/server; wait_for 10 listening 5000; go "$room/waits"; wait_for 10 wait_on 4 3' &&
		tells 'both wait in recv, and no byte is on its way' || return 1
	wrong_server recv-0-goes-on || return 1
	in_state 'go "$room/wrong"; wait_for 10 listening 5000; lessons/05-connect/client >/dev/null; wait_for 10 is close-wait' &&
		tells ' spins: it was running each time' 'has not closed descriptor ' 'although the other side (127.0.0.1:'
}

test_a_program_with_a_space_in_its_name_is_named() {
	able || return
	cp lessons/08-threaded-echo/server "$room/my server"
	in_state 'go "$room/my server"; wait_for 10 listening 5000' && tells 'my server (process ' 'listens on 127.0.0.1:5000'
}

test_a_port_without_htons_is_found() {
	able || return
	wrong_server no-htons || return 1
	mkfifo "$room/held"
	in_state 'exec 9<>"$room/held"; go "$room/wrong" <&9; wait_for 10 listening 34835' && tells 'listens on 127.0.0.1:34835: that is 5000 with its two bytes turned around' 'htons'
}

test_a_wrong_port_is_refused() {
	for bad in 0 65536 abc 5000x -1 05000 08080; do
		PORT=$bad sh common/tools/learn/why >"$room/out" 2>&1
		status=$?
		if [ "$status" != 2 ] || ! tells 'PORT='; then
			echo "PORT=$bad: status $status"
			return 1
		fi
	done
}

test_an_ss_that_fails_is_no_empty_port() {
	able || return
	mkdir "$room/bin"
	printf '#!/bin/sh\necho "Cannot open netlink socket: Protocol not supported" >&2\nexit 255\n' >"$room/bin/ss"
	chmod +x "$room/bin/ss"
	! PATH="$room/bin:$PATH" sh common/tools/learn/why >"$room/out" 2>&1 || { echo 'it succeeds'; return 1; }
	tells 'why: ss cannot look at the sockets of this machine. It says: Cannot open netlink socket' && ! grep 'Nothing is' "$room/out"
}

run_tests "$@"
