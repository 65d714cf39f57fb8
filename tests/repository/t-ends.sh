#!/bin/sh
# t-ends.sh [TEST...]: commands that end, and leave nothing behind.
# slow: it builds all, or calls a command again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_the_demo_ends_by_itself_and_leaves_no_process() {
	make_copy
	make -s -C "$copy" demo >"$room/demo" || { cat "$room/demo"; return 1; }
	[ "$(grep -c 'no byte differs' "$room/demo")" = 3 ] || { cat "$room/demo"; return 1; }
	no_process_of_the_copy
}

# Each of these ends the script at once, and with it its folder.
test_a_temporary_folder_goes_away_with_its_script() {
	for ending in 'exit 3' 'kill -HUP $$' 'kill -INT $$' 'kill -TERM $$'; do
		TMPDIR=$room sh -c ". common/tools/lib.sh; make_room 'to go'; mkdir \"\$room/folder\"; $ending"
		set -- "$room/to go"*
		[ ! -e "$1" ] || { echo "it stays after: $ending"; return 1; }
	done
}

test_ctrl_c_during_the_tests_leaves_no_process() {
	# A group of its own, which gets the signal as a terminal's Ctrl-C would send it. A shell lets its background
	# commands ignore SIGINT; perl takes that back.
	command -v perl >/dev/null || { echo 'no perl here to make a process group and restore SIGINT'; return 77; }
	make_copy
	perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' make -s -C "$copy" test LESSON=08 >"$room/interrupted" 2>&1 &
	tests=$!
	wait_for 120 a_program_runs || { echo 'no program was seen to run'; cat "$room/interrupted"; return 1; }
	kill -INT "-$tests"
	wait "$tests"
	wait_for 20 nothing_runs || no_process_of_the_copy
}

a_program_runs() {
	no_process_of_the_copy >/dev/null
	[ $? = 1 ]
}

nothing_runs() {
	no_process_of_the_copy >/dev/null
}

run_tests "$@"
