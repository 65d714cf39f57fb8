#!/bin/sh
# t-progress.sh [TEST...]: what check and progress say of a program is what is true of it, and of nothing else.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=common/tools/compiling.sh
. common/tools/compiling.sh
# shellcheck source=common/tools/machines.sh
. common/tools/machines.sh
export NO_COLOR=1
copy_as_built
cd "$copy" || exit 1

# begin LESSON [FILE]: a program of this lesson is in practice/: its own, or this one.
begin() {
	mkdir -p "practice/$1"
	for_practice "${2:-lessons/$1/server.c}" >"practice/$1/server.c"
}

test_a_header_counts_in_progress() {
	wrong=0
	begin 02-bind-address
	echo 'enum { UNUSED };' >practice/02-bind-address/util.h
	sed 's/^#include "/#include "util.h"\n&/' practice/02-bind-address/server.c >with && mv with practice/02-bind-address/server.c
	says 0 -- make -s progress
	all_pass 02-bind-address
	echo 'this is no C' >practice/02-bind-address/util.h
	says 0 '02-bind-address              does not compile' -- make -s progress
	return "$wrong"
}

test_threads_that_disturb_each_other_do_not_pass_in_progress() {
	wrong=0
	choose_thread_sanitizer "$room"
	[ -z "$no_threads" ] || { echo "no ThreadSanitizer here: $no_threads"; return 77; }
	set -- tests/museum/*-threads-count-together.patch
	patched "$1" "$(original_of "$1")" "$room/race.c" || return
	begin 08-threaded-echo "$room/race.c"
	says 0 'Next: ' -- make -s progress
	! grep '^08-threaded-echo .*s from start\|^08-threaded-echo  *\([0-9]*\) of \1 ' "$room/out" || complain 'it passes'
	return "$wrong"
}

# The compiler shows the line of the mistake, and what stands there is no word of the machine.
test_a_text_of_the_source_is_no_full_disk() {
	wrong=0
	begin 03-listen
	mkdir -p practice/06-single-echo
	for program in server client; do for_practice "lessons/06-single-echo/$program.c" >"practice/06-single-echo/$program.c"; done
	echo 'int f(void) { return g("out of memory") }' | tee -a practice/03-listen/server.c >>practice/06-single-echo/server.c
	for lesson in 03 06; do
		says 1 'server.c does not compile' -- make -s check LESSON="$lesson"
		lacks 'NOT CHECKED'
		lacks 'No such file'
	done
	return "$wrong"
}

test_what_hinders_a_check_is_no_failure_of_the_program() {
	wrong=0
	rm -rf practice
	begin 03-listen
	says 1 'check: TIMEOUT_SCALE in the environment: give a number' 'NOT CHECKED. The checks could not be made' -- env TIMEOUT_SCALE=abc make -s check LESSON=03
	lacks 'NOT YET'
	find_mounts || { echo 'skipped: no right to mount here'; return "$wrong"; }
	mkdir -p "$room/full"
	# shellcheck disable=SC2016,SC2086 # the inner shell expands it; words
	says 1 'NOT CHECKED. The disk or the memory of this machine is full' -- env TMPDIR="$room/full" $mounts sh -c 'mount -t tmpfs -o size=400k none "$TMPDIR" && make -s check LESSON=03'
	lacks 'does not compile'
	lacks 'this compiler has none'
	says 0 'PASSED' -- make -s check LESSON=03
	return "$wrong"
}

run_tests "$@"
