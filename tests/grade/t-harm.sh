#!/bin/sh
# t-harm.sh [TEST...]: `make grade` on programs that do harm.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

# harm STUDENT BODY: a program for lesson 03, from what main does.
harm() {
	hand_in "$1/03-listen/server.c" <<-C
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <signal.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <sys/prctl.h>
		#include <sys/shm.h>
		#include <sys/socket.h>
		#include <sys/syscall.h>
		#include <sys/wait.h>
		#include <unistd.h>
		int main(int argc, char *argv[]) { (void)argc; (void)argv; $2 }
	C
}

# A program of a sandbox, seen from outside, has its path without the tmpfs that it is on.
no_process_left() {
	# shellcheck disable=SC2012 # one process for all of them: find -printf is not POSIX
	! ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's/^.* -> //p' |
		grep -q -x -e '/practice/03-listen/server' -e '/tmp/practice/03-listen/server' -e "$room/.*"
}

some_process() {
	! no_process_left
}

# The process namespace dies a moment after the one who made it.
wait_no_process_left() {
	wait_for 20 no_process_left || { echo 'a process is left'; return 1; }
}

here=03-listen/server.c
mkdir "$submissions/empty"
hand_in "good/$here" <"$good"
hand_in "one, \"two\" and three/$here" <"$good"
hand_in "starter/$here" <lessons/02-bind-address/server.c
echo 'int main(void) { return' | hand_in "broken/$here"
harm loop 'for (;;) continue;'
harm forks 'for (;;) fork();'
harm prints 'for (;;) puts("listening on 127.0.0.1:5000");'
harm fills 'static char mib[1 << 20]; static const char *in[] = {"/tmp", "/dev/shm", "", "/submission"};
	for (unsigned n = 0;; n++) { char path[99]; snprintf(path, sizeof path, "%s/file%u", in[n % 4], n);
	int file = open(path, O_CREAT | O_WRONLY, 0600); if (file != -1) { write(file, mib, sizeof mib); close(file); } }'
harm memory 'for (;;) { char *more = malloc(1 << 20); if (more) memset(more, 1, 1 << 20); }'
harm parent 'kill(getppid(), SIGKILL);'
harm all 'kill(1, SIGKILL); kill(-1, SIGKILL);'
harm detached 'if (fork() == 0) { setsid(); signal(SIGTERM, SIG_IGN); for (;;) pause(); }'
harm deletes "system(\"rm -rf ../.. /submission /kit '$submissions' '$room' '$PWD/build/tests'\");"
harm forges 'char path[99]; pid_t of[] = {1, getppid(), getpid()};
	for (int p = 0; p < 3; p++) for (int fd = 0; fd < 40; fd++) { snprintf(path, sizeof path, "/proc/%d/fd/%d", of[p], fd);
	int file = p < 2 ? open(path, O_WRONLY | O_APPEND) : fd + 3; for (int i = 1; i < 99; i++) dprintf(file, "%d\tpassed\tstate\t\t\t\t\town\t\n", i);
	dprintf(file, "complete\n"); }'
harm borrows "execv(\"/kit/lessons/03-listen/server\", argv); execv(\"$PWD/lessons/03-listen/server\", argv);"
# Exit status 200 when nothing of it was possible: the reasons say what was seen.
harm calls '
	int done = (shmget(IPC_PRIVATE, 1 << 20, 0600) != -1) | (syscall(SYS_memfd_create, "m", 0) != -1) << 1
	| (socket(AF_UNIX, SOCK_STREAM, 0) != -1) << 2 | (syscall(SYS_socket, 0x100000001, SOCK_STREAM, 0) != -1) << 3
	| (syscall(SYS_keyctl, 0, -3, 0) != -1) << 4 | (mmap(0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) << 5
	| (prctl(PR_SET_DUMPABLE, 0) == 0) << 6; 
	FILE *keys = fopen("/proc/keys", "r"); char line[99]; if (keys && fgets(line, sizeof line, keys)) done |= 128;
	return done ? 100 : 200;'
harm reads_faults 'FILE *me = fopen("/proc/self/environ", "r"); static char all[9999]; fread(all, 1, 9998, me);
	for (int i = 0; i < 9998; i++) if (!all[i]) all[i] = 32;
	return getenv("FAULTS") || strstr(all, "FAULTS=") || strstr(all, "=E") ? 100 : 200;'
echo '#include "/dev/zero"' | hand_in "zero/$here"
printf '__asm__(".incbin \\"/proc/1/fd/3\\"");\nint main(void) { return 0; }\n' | hand_in "incbin/$here"
echo "#include \"$submissions/good/03-listen/server.c\"" | hand_in "reads/$here"
mkdir -p "$submissions/link/03-listen"
ln -s ../../good/03-listen/server.c "$submissions/link/03-listen/server.c"
mkdir "$submissions/folder link"
ln -s ../good/03-listen "$submissions/folder link/03-listen"
(cd "$submissions" && find . -type f -exec cksum {} + | sort) >"$room/before"
files_here() {
	find . -path ./.git -prune -o -path ./build/grade -prune -o -type f -print | sort | cksum
}
before=$(files_here)
grade FORCE=1 03-listen >"$room/story" || { cat "$room/story"; exit 1; }
all=$(sed -n 's/^"good",03-listen,[^,]*,[^,]*,\([0-9]*\),.*/\1/p' "$submissions/grades.csv")

test_right_programs_get_all_points_whatever_their_names() {
	wrong=0
	row good 03-listen "10\.0,10,$all,$all,\"\","
	row 'one, ""two"" and three' 03-listen "10\.0,10,$all,$all,\"\","
	return "$wrong"
}

test_what_does_harm_loses_its_own_points() {
	wrong=0
	for student in loop forks prints fills memory parent all detached deletes forges borrows calls reads_faults; do
		row "$student" 03-listen "[0-2]\.[0-9],10,[0-9]*,$all,\"..*\""
	done
	return "$wrong"
}

test_what_does_not_compile_says_why() {
	wrong=0
	row broken 03-listen "0\.0,10,0,$all,\"server.c does not compile: ..*\""
	row reads 03-listen "0\.0,10,0,$all,\"server.c does not compile: .*No such file"
	row zero 03-listen "[0-2]\.[0-9],10,[0-9]*,$all,\"..*\""
	row incbin 03-listen "0\.0,10,0,$all,\"server.c does not compile: ..*\""
	return "$wrong"
}

test_links_are_not_followed() {
	wrong=0
	row empty 03-listen "0\.0,10,0,$all,\"nothing was handed in\""
	row link 03-listen "0\.0,10,0,$all,\"server.c is a symbolic link"
	row 'folder link' 03-listen "0\.0,10,0,$all,\"03-listen is a symbolic link"
	return "$wrong"
}

# says_status STUDENT: its status 200 was seen, and 100 never.
says_status() {
	if ! grep -q 'status 200' "$submissions/feedback/$1.md" || grep -q 'status 100' "$submissions/feedback/$1.md"; then
		head -n 40 "$submissions/feedback/$1.md"
		return 1
	fi
}

# Shared memory, memfd, Unix sockets also by a number with other upper bits, keys, hiding from /proc, the names of keys.
test_calls_that_no_lesson_needs_are_refused() {
	says_status calls
}

test_a_program_does_not_see_which_call_will_fail() {
	says_status reads_faults
}

test_nothing_else_has_changed() {
	(cd "$submissions" && find . -type f ! -path './grades*' ! -path './feedback/*' -exec cksum {} + | sort) | cmp -s - "$room/before" ||
		{ echo 'a submission has changed'; return 1; }
	[ "$(files_here)" = "$before" ] || { echo 'the repository has changed'; return 1; }
	[ -z "$(ls "$room/tmp")" ] || { echo 'a temporary folder is left'; return 1; }
	wait_no_process_left
}

test_without_bubblewrap_nothing_is_run() {
	mkdir "$room/few"
	for tool in sh sed grep id nproc make; do ln -s "$(command -v "$tool")" "$room/few/"; done
	! DIR=$submissions PATH="$room/few" sh common/tools/teach/grade >"$room/out" 2>&1 || { echo 'it grades without bubblewrap'; return 1; }
	grep -q 'make deps FOR=grade' "$room/out" || { cat "$room/out"; return 1; }
}

# A shell lets its background commands ignore SIGINT; perl takes that back, and makes a group, as a terminal does.
test_ctrl_c_leaves_nothing() {
	command -v perl >/dev/null || { echo 'no perl here'; return 77; }
	cksum <"$submissions/grades.csv" >"$room/grades"
	DIR=$submissions STUDENT=loop FORCE=1 TMPDIR="$room/tmp" perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' sh common/tools/teach/grade 03-listen >"$room/out" 2>&1 &
	grading=$!
	wait_for 60 some_process || { echo 'no program was seen to run:'; cat "$room/out"; return 1; }
	kill -INT "-$grading"
	wait "$grading"
	[ $? = 130 ] || { echo 'it does not end with 130'; return 1; }
	wait_no_process_left || return
	[ -z "$(ls "$room/tmp")" ] || { echo 'a temporary folder is left'; return 1; }
	cksum <"$submissions/grades.csv" | cmp - "$room/grades"
}

run_tests "$@"
