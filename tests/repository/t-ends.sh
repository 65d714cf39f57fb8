#!/bin/sh
# t-ends.sh [TEST...]: commands that end, and leave nothing behind.
# slow: it builds all, or calls a command again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=common/tools/machines.sh
. common/tools/machines.sh

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

# Helpers of a check that has failed hold its stdout as long as they live.
test_a_failed_check_leaves_no_process() {
	sed 's/no reply yet: /again: /' lessons/further/udp-echo/client.c >"$room/client.c"
	cc -D_POSIX_C_SOURCE=200809L -I lessons/further/udp-echo -o "$room/client" "$room/client.c" || return
	mkfifo "$room/stdout"
	sh tests/run.sh -q -w 1 -c "$(quoted "$room/client")" further/udp-echo >"$room/stdout" 2>&1 &
	cat "$room/stdout" >"$room/said" &
	wait_for 60 has_ended $! || { kill $!; cat "$room/said"; return 1; }
	grep -q '  so  ' "$room/said" || { echo 'it did not fail'; cat "$room/said"; return 1; }
}

test_where_tmp_cannot_be_written_no_check_is_made() {
	find_mounts || { echo 'no right to mount here'; return 77; }
	# shellcheck disable=SC2016 # the inner shell expands it
	$mounts sh -c 'mount --bind . /mnt && mount -t tmpfs -o ro none /tmp && cd /mnt && build/tests/check 01-create-socket
		echo "status $?"' >"$room/said" 2>&1
	[ "$(tail -n 1 "$room/said")" = 'status 77' ] && grep -q '^no file can be made in /tmp (Read-only' "$room/said" && return
	cat "$room/said"
	return 1
}

# In a /tmp that nobody else uses: a failed check, with a folder in the folder of the check; and a whole suite that passes.
test_a_check_leaves_no_file_behind() {
	find_mounts || { echo 'no right to mount here'; return 77; }
	leaves_nothing 1 false && leaves_nothing 0 lessons/further/tiny-http/server
}

# leaves_nothing STATUS SERVER: the check ends so.
leaves_nothing() {
	# shellcheck disable=SC2016 # the inner shell expands it
	TMPDIR=/tmp $mounts sh -c 'mount --bind . /mnt && mount -t tmpfs none /tmp && cd /mnt || exit
		sh tests/run.sh -q -x -s "$1" further/tiny-http >&2
		echo "status $?, left:" && ls -A /tmp' sh "$2" >"$room/left" 2>"$room/said"
	[ "$(cat "$room/left")" = "status $1, left:" ] || { echo "with $2"; cat "$room/said" "$room/left"; return 1; }
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
