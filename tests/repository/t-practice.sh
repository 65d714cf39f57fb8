#!/bin/sh
# t-practice.sh [TEST...]: the learner's loop, in a copy of the repository: start, check, hint, diff, progress and hunt.
# shellcheck disable=SC2016,SC2086,SC2317 # what is searched for stands as it is; $mine is one word; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
export NO_COLOR=1

# A copy with the tests as they are built; the tests run in it, one after the other.
copy_as_built
cd "$copy" || exit 1
mine=practice/03-listen/server.c

test_start_gives_the_task_and_overwrites_nothing() {
	wrong=0
	says 1 'make start LESSON=03' -- make -s start
	says 1 '03-listen' 'make start LESSON=03' -- make -s check LESSON=03
	says 0 "$mine begins as lessons/02-bind-address/server.c" 'Call `listen` after `bind`' 'Edit the file, then:' \
		'make check LESSON=03' -- make -s start LESSON=3
	lacks 'make start LESSON=03`'
	! awk 'length > 80' "$room/out" | grep . || complain 'a line is longer than 80 columns'
	same $mine lessons/02-bind-address/server.c
	echo '/* mine */' >>$mine
	cp $mine kept
	says 1 'nothing is overwritten' 'FORCE=1' -- make -s start LESSON=03
	same $mine kept
	says 0 'server.c.old1' -- make -s start LESSON=03-listen FORCE=1
	same $mine.old1 kept
	same $mine lessons/02-bind-address/server.c
	rm $mine.old1
	return "$wrong"
}

test_a_check_tells_the_first_failure_and_then_what_is_next() {
	wrong=0
	says 1 'NOT YET' 'connections are made although nobody accepts them' "so        expected a line on stdout that starts with 'listening on '" \
		'stdout    bound to 127.0.0.1:' 'stderr    (nothing)' 'read      lessons/03-listen/README.md' \
		'try       start it by hand and connect: then `make why` says' -- make -s check LESSON=03
	[ "$(grep -c '  so  ' "$room/out")" = 1 ] || complain 'more than the first failure is told'
	says 1 ' checks of this step pass, and ' 'NOT YET' -- make -s check LESSON=03 ALL=1
	echo 'int main(void) { return undeclared; }' >$mine
	says 1 'undeclared' "$mine does not compile" -- make -s check LESSON=03
	cp lessons/03-listen/server.c $mine
	says 0 'PASSED: all checks of 03-listen' 'run it, look, and break it: lessons/03-listen/README.md' 'Next: make start LESSON=04' \
		-- make -s check LESSON=03
	# shellcheck disable=SC3045 # where it is not known, -lt fails, and nothing is skipped
	! unshare -rn true 2>/dev/null || [ ! -e /proc/self/fd ] || [ "$(ulimit -n)" -lt 64 ] || lacks 'skipped'
	return "$wrong"
}

test_progress_and_from_mine_know_what_has_passed() {
	wrong=0
	mkdir practice/02-bind-address
	cp lessons/02-bind-address/server.c practice/02-bind-address/
	echo 'int unused(void) { char wide = (char)getchar(); usleep(1); return htons(wide + 1); }' >>practice/02-bind-address/server.c
	says 0 'PASSED: all checks of 02-bind-address' 'Next: make start LESSON=04' -- make -s check LESSON=02
	lacks 'warn'
	says 0 'Next: make start LESSON=04' -- make -s progress
	all_pass 02-bind-address
	all_pass 03-listen
	cp lessons/03-listen/server.c kept
	echo '/* mine */' >>$mine
	says 0 "begins as $mine" "$mine has not passed its checks as it is now: make check LESSON=03" -- make -s start LESSON=04 FROM=mine
	lacks 'everybody begins'
	says 1 'make start LESSON=04 FROM=mine FORCE=1' -- make -s start LESSON=04 FROM=mine
	same practice/04-accept/server.c $mine
	says 1 'there is no practice/01-create-socket/server.c' -- make -s start LESSON=05 FROM=mine
	says 0 '01-create-socket             not begun' 'Next: make check LESSON=04' -- make -s progress
	all_pass 03-listen
	says 0 'begins as lessons/04-accept/server.c' 'begins as lessons/05-connect/client.c' -- make -s start LESSON=06
	grep -q 'int main' practice/06-single-echo/client.c || complain 'no client for 06'
	return "$wrong"
}

# missing FILE TEXT...: lesson 03 with this file in place of server.c is not checked, and these texts are said.
missing() {
	rm -rf practice/03-listen
	mkdir -p "$(dirname "practice/03-listen/$1")"
	echo 'int main(void) { return 1; }' >"practice/03-listen/$1"
	shift
	says 1 'there is no practice/03-listen/server.c' "$@" -- make -s check LESSON=03
	lacks PASSED
}

test_a_program_that_is_not_there_is_named_with_what_was_found() {
	wrong=0
	missing main.c 'There is main.c.' "mv 'practice/03-listen/main.c' practice/03-listen/server.c"
	missing Server.c "mv 'practice/03-listen/Server.c' practice/03-listen/server.c"
	missing server.cpp "mv 'practice/03-listen/server.cpp'"
	missing server.c.txt "mv 'practice/03-listen/server.c.txt'"
	missing src/server.c "mv 'practice/03-listen/src/server.c'"
	rm -rf practice/03-listen
	ln -s nowhere practice/03-listen
	says 1 'practice/03-listen is a link to nowhere' -- make -s check LESSON=03
	rm practice/03-listen
	mkdir -p practice/06-single-echo
	rm -f practice/06-single-echo/client.c
	cp lessons/06-single-echo/server.c practice/06-single-echo/
	says 1 'there is no practice/06-single-echo/client.c' 'make start LESSON=06' -- make -s check LESSON=06
	says 0 'practice/06-single-echo/client.c begins as' -- make -s start LESSON=06
	same practice/06-single-echo/server.c lessons/06-single-echo/server.c
	return "$wrong"
}

test_other_files_help_or_do_not_disturb() {
	wrong=0
	rm -rf practice/03-listen
	mkdir practice/03-listen
	{
		echo '#include "util.h"'
		sed 's/^    int listener = .*/    helper();\n&/' lessons/03-listen/server.c
	} >$mine
	echo 'int helper(void);' >practice/03-listen/util.h
	echo 'int helper(void) { return 3; }' >practice/03-listen/util.c
	echo 'int main(void) { return 3; }' >practice/03-listen/scratch.c
	says 0 'PASSED' -- make -s check LESSON=03
	cp lessons/03-listen/server.c $mine
	echo 'this is no C' >practice/03-listen/scratch.c
	says 0 'PASSED' -- make -s check LESSON=03
	return "$wrong"
}

test_diff_shows_the_step_and_hunt_wants_a_number() {
	wrong=0
	says 0 '+    if (listen(listener, SOMAXCONN) == -1) die("listen");' -- make -s diff LESSON=03
	says 0 '--- common/empty.c' -- make -s diff LESSON=01
	says 1 'name a bug, for example  make hunt BUG=7  from 1 to ' -- make -s hunt
	says 1 'the museum has wrong programs from 1 to' -- make -s hunt BUG=999
	says 0 'a program of lesson 03-listen with one mistake' -- make -s hunt LESSON=03
	says 0 'a program of lesson 03-listen with one mistake' -- make -s hunt LESSON=03
	set -- practice/hunt-*
	[ $# -gt 1 ] || complain 'the same again'
	return "$wrong"
}

run_tests "$@"
