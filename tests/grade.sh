#!/bin/sh
# grade.sh: `make grade` on programs that do harm. Run from the top of the repository, with the lessons and the tests built.
set -u
export LC_ALL=C

command -v bwrap >/dev/null || {
	echo 'grade test: bubblewrap is missing. This installs it:  make deps FOR=grade' >&2
	exit 1
}
# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
make_room 'grade test'
submissions="$room/the submissions"
good=lessons/03-listen/server.c
failed=0
sh tests/run.sh -r "$room/results" 03-listen >/dev/null
all=$(grep -vc '^complete' "$room/results") # checks

complain() {
	echo "FAILED: $1"
	failed=1
}

# hand_in STUDENT: a program for lesson 03, from stdin.
hand_in() {
	mkdir -p "$submissions/$1/03-listen"
	cat >"$submissions/$1/03-listen/server.c"
}

# harm STUDENT BODY: the same, from what main does.
harm() {
	hand_in "$1" <<-C
		#include <fcntl.h>
		#include <signal.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/socket.h>
		#include <unistd.h>
		int main(int argc, char *argv[]) { (void)argc; (void)argv; $2 }
	C
}

# A sandbox's program, seen from outside, has its path without the tmpfs that it is on.
no_process_left() {
	# shellcheck disable=SC2012,SC2317 # one process for all of them: find -printf is not POSIX; wait_for calls it
	! ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's/^.* -> //p' |
		grep -q -x -e '/practice/03-listen/server' -e '/tmp/practice/03-listen/server' -e "$room/.*"
}

# shellcheck disable=SC2317 # wait_for calls it
some_process() {
	! no_process_left
}

# The process namespace dies a moment after the one who made it.
wait_no_process_left() {
	wait_for 20 no_process_left
}

mkdir -p "$room/tmp" "$submissions/empty"
chmod 755 "$room" "$room/tmp" # root's sandboxes run as nobody
hand_in good <$good
hand_in 'one, "two" and three' <$good
hand_in starter <lessons/02-bind-address/server.c
echo 'int main(void) { return' | hand_in broken
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
	int file = p < 2 ? open(path, O_WRONLY | O_APPEND) : fd + 3; for (int i = 0; i < '"$all"'; i++) dprintf(file, "passed\tstate\n");
	dprintf(file, "complete \n"); }'
harm borrows "execv(\"/kit/lessons/03-listen/server\", argv); execv(\"$PWD/lessons/03-listen/server\", argv);"
echo "#include \"$submissions/good/03-listen/server.c\"" | hand_in reads
mkdir -p "$submissions/link/03-listen"
ln -s ../../good/03-listen/server.c "$submissions/link/03-listen/server.c"
mkdir "$submissions/folder link"
ln -s ../good/03-listen "$submissions/folder link/03-listen"
(cd "$submissions" && find . -type f -exec cksum {} + | sort) >"$room/before"

# ---- all of them at once ----

echo "Grading $(find "$submissions" -mindepth 1 -maxdepth 1 | wc -l) submissions, most of which do harm"
before=$(find . -path ./.git -prune -o -type f -print | sort | cksum)
DIR=$submissions TMPDIR="$room/tmp" sh common/tools/teach/grade >"$room/table" 2>"$room/progress" || {
	complain 'grade did not end well'
	cat "$room/progress"
}
cat "$room/table"
grades=$submissions/grades.csv

# row STUDENT PATTERN: the row of lesson 03 goes on like that.
row() {
	grep -q "^\"$1\",03-listen,$2" "$grades" || complain "$1: not $2: $(grep "^\"$1\",03" "$grades" | cut -c 1-300)"
}
row good "10\.0,10,$all,$all,\"\"$"
row 'one, ""two"" and three' "10\.0,10,$all,$all,\"\"$"
row starter "2\.0,10,[0-9]*,$all,\"state: .* (-[0-9.]*); .* (-[0-9.]*)\"$"
row broken "0\.0,10,0,$all,\"server.c does not compile: "
row empty "0\.0,10,0,$all,\"nothing was handed in\"$"
row reads "0\.0,10,0,$all,\"server.c does not compile: "
row link "0\.0,10,0,$all,\"server.c is a symbolic link"
row 'folder link' "0\.0,10,0,$all,\"the folder is a symbolic link"
for student in loop forks prints fills memory parent all detached deletes forges borrows; do
	row $student "[0-2]\.[0-9],10,[0-9]*,$all,\"..*\"$"
done
(cd "$submissions" && find . -type f ! -name grades.csv -exec cksum {} + | sort) | cmp -s - "$room/before" ||
	complain 'a submission has changed'
[ "$(find . -path ./.git -prune -o -type f -print | sort | cksum)" = "$before" ] || complain 'the repository has changed'
wait_no_process_left || complain 'a process is left'
[ -z "$(ls "$room/tmp")" ] || complain 'a temporary folder is left'

# ---- again: nothing is overwritten ----

mv "$submissions" "$room/all"
mkdir "$submissions"
mv "$room/all/loop" "$submissions/"
echo 'my notes' >"$submissions/grades.csv"
mkdir "$room/few"
for tool in sh sed grep id nproc make; do ln -s "$(command -v $tool)" "$room/few/"; done
DIR=$submissions PATH="$room/few" sh common/tools/teach/grade >"$room/out" 2>&1 && complain 'it grades without bubblewrap'
grep -q 'make deps FOR=grade' "$room/out" || complain "no way to mend a missing bubblewrap: $(cat "$room/out")"

# ---- Ctrl-C ----

# A shell lets its background commands ignore SIGINT; perl takes that back, and makes a group, as a terminal does.
if command -v perl >/dev/null; then
	DIR=$submissions TMPDIR="$room/tmp" perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' sh common/tools/teach/grade >"$room/out" 2>&1 &
	grading=$!
	wait_for 60 some_process || complain "no program was seen to run: $(cat "$room/out")"
	kill -INT "-$grading"
	wait $grading
	[ $? = 130 ] || complain 'Ctrl-C does not end it with 130'
	wait_no_process_left || complain 'Ctrl-C leaves a process'
	[ -z "$(ls "$room/tmp")" ] || complain 'Ctrl-C leaves a temporary folder'
	grep -q 'my notes' "$submissions/grades.csv" || complain 'Ctrl-C has changed grades.csv'
else
	echo 'skipped: Ctrl-C: no perl here'
	! echo 'no perl here' | unexpected_skips grade | grep . || failed=1
fi

[ $failed = 0 ] && echo 'grade test: passed'
exit $failed
