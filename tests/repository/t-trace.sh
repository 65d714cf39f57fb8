#!/bin/sh
# t-trace.sh [TEST...]: make trace, and the pictures that it draws.
# slow: it traces or renders every lesson; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_recorded_runs_are_drawn_as_expected() {
	sh tests/trace.sh
}

test_each_picture_shows_the_calls_of_its_lesson() {
	can_trace || return
	# shellcheck disable=SC2086
	sh common/tools/keep/pictures check $lessons $further
}

# drawn TEXT VARIABLES...: the drawing of a run with these variables holds the text.
drawn() {
	text=$1
	shift
	env "$@" sh common/tools/look/trace "$traced" >"$room/drawn" 2>&1 || { cat "$room/drawn"; return 1; }
	grep -q -e "$text" "$room/drawn" || { echo "no '$text' with $*:"; cat "$room/drawn"; return 1; }
}

test_every_scenario_can_be_traced() {
	can_trace || return
	traced=06-single-echo
	cat >"$room/echo.pl" <<'PERL'
use IO::Socket::INET;
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1], Listen => 5) or die;
printf "listening on %s:%d\n", $listener->sockhost, $listener->sockport;
my $client = $listener->accept;
while (sysread $client, my $bytes, 4096) { syswrite $client, $bytes }
PERL
	drawn 'connect(3, .*) = -1 ECONNREFUSED' SCENARIO=refused &&
		drawn ' RST$' SCENARIO=reset && drawn 'recv(4) = -1 ECONNRESET' SCENARIO=reset &&
		drawn 'FIN: a half-close' SCENARIO=half-close &&
		drawn 'the queue is full' SCENARIO=backlog &&
		drawn ' is CLOSE-WAIT' STATES=1 SCENARIO=half-close &&
		grep -q '127.0.0.1:[0-9]* is LISTEN' "$room/drawn" && grep -q 'a slowed run' "$room/drawn" &&
		drawn '^[0-9]* *[0-9.]* bind(3<TCP:' RAW=1 &&
		drawn '6 bytes "hello' LC_ALL=C "SERVER=perl '$room/echo.pl'" || return 1
	traced=08-threaded-echo
	drawn 'thread 2' SCENARIO=two-clients || return 1
	! SCENARIO=none sh common/tools/look/trace "$traced" >"$room/drawn" 2>&1 && grep -q 'not one of' "$room/drawn"
}

test_without_strace_one_line_says_how_to_mend_it() {
	mkdir -p "$room/bin"
	printf '#!/bin/sh\nexit 1\n' >"$room/bin/strace"
	chmod +x "$room/bin/strace"
	! PATH="$room/bin:$PATH" sh common/tools/look/trace 06-single-echo >"$room/out" 2>&1 &&
		grep -q 'does not let strace trace' "$room/out" && [ "$(wc -l <"$room/out")" -eq 1 ] || return 1
	for tool in sh awk sed grep; do ln -sf "$(command -v "$tool")" "$room/bin/$tool"; done
	rm "$room/bin/strace"
	! PATH="$room/bin" sh common/tools/look/trace 06-single-echo >"$room/out" 2>&1 &&
		grep -q 'make deps FOR=trace' "$room/out" && [ "$(wc -l <"$room/out")" -eq 1 ]
}

run_tests "$@"
