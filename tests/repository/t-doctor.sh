#!/bin/sh
# t-doctor.sh [TEST...]: make doctor.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_the_doctor_names_what_is_missing_and_a_free_port() {
	sh common/tools/doctor >"$room/out" || { cat "$room/out"; return 1; }
	[ "$(grep -c -e '^ok ' -e '^missing ' "$room/out")" -eq "$(wc -l <"$room/out")" ] || { cat "$room/out"; return 1; }
	# Without a compiler and without anything else.
	mkdir -p "$room/nothing" "$room/no strace"
	shell=$(command -v sh)
	if PATH="$room/nothing" "$shell" common/tools/doctor >"$room/out" 2>&1; then echo "a missing compiler is no failure"; return 1; fi
	for line in "NEEDED *compiler" "NEEDED *make" "missing *bwrap .*make deps-grade"; do
		grep -q "^$line" "$room/out" || { cat "$room/out"; return 1; }
	done
	# Without one tool that the lessons do not need.
	for folder in /usr/bin /bin; do ln -sf "$folder"/* "$room/no strace/" 2>/dev/null; done
	rm -f "$room/no strace/strace"
	PATH="$room/no strace" "$shell" common/tools/doctor >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
	grep -q '^missing *strace .*make deps-trace' "$room/out" || { cat "$room/out"; return 1; }
	# With port 5000 in use, in a network of its own.
	unshare -rn ip link set lo up 2>/dev/null || { echo 'the busy port: no right to make a network here'; return 77; }
	make -s 03-listen
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -rn sh -c 'ip link set lo up; mkfifo "$1"; lessons/03-listen/server <"$1" >"$2" & exec 3>"$1"
		tries=200; until grep -q listening "$2" || [ $((tries -= 1)) = 0 ]; do sleep 0.05; done
		sh common/tools/doctor; exec 3>&-; wait' sh "$room/hold" "$room/narration" >"$room/out" 2>&1
	grep -q '^missing *port 5000 .*server 127.0.0.1 5001$' "$room/out" || { cat "$room/out"; return 1; }
}

run_tests "$@"
