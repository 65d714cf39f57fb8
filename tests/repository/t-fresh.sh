#!/bin/sh
# t-fresh.sh [TEST...]: what can be said of tests/repository/fresh without a bare machine. `make test ONLY=fresh` is the rest.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_the_start_is_read_from_the_readme() {
	sh tests/repository/fresh commands README.md >"$room/commands"
	cat "$room/commands"
	[ "$(grep -c '^make ' "$room/commands")" -gt 1 ] && ! grep -v '^make ' "$room/commands"
}

# says LINE COMMAND...: it fails, and all it prints is one line that begins so.
says() {
	line=$1
	shift
	! "$@" >"$room/said" 2>&1 || { echo 'it should fail'; return 1; }
	cat "$room/said"
	[ "$(wc -l <"$room/said")" = 1 ] && grep -q "^$line" "$room/said"
}

test_one_line_tells_why_it_cannot_run() {
	if [ "$(id -u)" != 0 ]; then
		says 'fresh: cannot run: a new root is for root alone' sh tests/repository/fresh bookworm
		return
	fi
	mkdir "$room/bin"
	ln -s "$(command -v id)" "$(command -v sh)" "$room/bin/"
	for tool in debootstrap unshare pivot_root git; do
		says "fresh: cannot run: no $tool here" env PATH="$room/bin" sh tests/repository/fresh bookworm || return 1
		ln -s "$(command -v id)" "$room/bin/$tool" # something that fails
	done
	says 'fresh: cannot run: no right to mount' env PATH="$room/bin" sh tests/repository/fresh bookworm
}

run_tests "$@"
