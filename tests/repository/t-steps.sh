#!/bin/sh
# t-steps.sh [TEST...]: the steps: their size, what they build on, and their C.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_step_is_small() {
	for lesson in $lessons; do
		for name in server client; do
			from=$(written_in "$lesson" | sed -n "s/^$name //p")
			case $from in *empty.c | '') continue ;; esac
			most_added=25 most_removed=5
			case $lesson in 05-* | 06-*) most_added=40 most_removed=6 ;; 07-*) most_removed=7 ;; esac
			diff -w "$from" "lessons/$lesson/$name.c" >"$room/diff"
			added=$(grep -c '^>' "$room/diff")
			removed=$(grep -c '^<' "$room/diff")
			echo "step $lesson/$name.c +$added -$removed (most: +$most_added -$most_removed)"
			[ "$added" -le "$most_added" ] && [ "$removed" -le "$most_removed" ] || return 1
		done
	done
	lines=$(wc -l <lessons/08-threaded-echo/server.c)
	echo "the server of 08 has $lines lines (most: 130)"
	[ "$lines" -le 130 ]
}

# The calls are the same; what an AF_UNIX server needs beyond an address is few lines.
test_the_step_to_a_path_is_small() {
	added=$(diff -w lessons/08-threaded-echo/server.c lessons/further/unix-echo/server.c | grep -c '^>')
	echo "step further/unix-echo/server.c +$added (most: +20)"
	[ "$added" -le 20 ]
}

# The strict macro hides what is not in POSIX.1-2008, and musl's headers hide it in their own way.
test_each_lesson_is_posix_2008_alone() {
	if grep -nE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif)|#[[:space:]]*define[[:space:]]+_' lessons/[0-9]*/*.c; then return 1; fi
	[ "$(grep -cE '^[[:space:]]*#[[:space:]]*(if|elif)' common/die.h)" = 1 ] || { echo 'common/die.h: an #if besides its guard'; return 1; }
	for compiler in cc musl-gcc; do
		command -v "$compiler" >/dev/null || continue
		for source in lessons/[0-9]*/*.c; do
			"$compiler" -std=c11 -D_POSIX_C_SOURCE=200809L -pedantic-errors -Werror=implicit-function-declaration -fsyntax-only "$source" || return 1
		done
	done
}

run_tests "$@"
