#!/bin/sh
# t-causes.sh [TEST...]: what a failure may have come from, as the checker tells it: each cause is provoked by a wrong program.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# causes: each one that the sources of the checker can tell, a line each.
causes() {
	flags="-D_GNU_SOURCE -Itests/checker $(pkg-config --cflags check)"
	for file in tests/checker/causes.c tests/checker/ending.c tests/checker/evidence*.c tests/suites/*.c tests/suites/further/*.c tests/suites/variations/*.c; do
		# shellcheck disable=SC2086 # words
		cc -E $flags "$file" | awk -v file="$file" -f tests/causes.awk
	done | sort -u
}

# provoked: parts of causes that are told: in the heads of wrong programs, and by the programs that the suite `evidence` runs.
provoked() {
	for patch in tests/museum/*.patch tests/variations/*/wrong-*.patch tests/variations/*/*/wrong-*.patch tests/variations/*/right.patch; do
		sed -n -e 's/^Cause: //p' -e 's/^Also: //p' -e '/^--- /q' "$patch"
	done
	cat tests/suites/evidence/*.c | tr "\n;" " \n" | sed -n 's/.*[^_]SHOWN(.*"\([^"]*\)")$/\1/p'
}

# The list of those that nothing provokes yet gets shorter, never longer.
test_each_cause_is_provoked_by_a_wrong_program() {
	provoked | sort -u >"$room/provoked"
	causes >"$room/causes"
	[ "$(wc -l <"$room/causes")" -gt 150 ] || { echo "only $(wc -l <"$room/causes") causes were found in the sources"; return 1; }
	awk '
	FILENAME == ARGV[1] { parts[++count] = $0; next }
	{ for (i = 1; i <= count; i++) if (index($0, parts[i])) next; print }' "$room/provoked" "$room/causes" >"$room/unprovoked"
	diff tests/unprovoked "$room/unprovoked" >"$room/differs" && return
	sed -n 's/^> /nothing provokes it: /p; s/^< /provoked now, or gone; take it out of tests\/unprovoked: /p' "$room/differs"
	return 1
}

run_tests "$@"
