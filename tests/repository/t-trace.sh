#!/bin/sh
# t-trace.sh [TEST...]: make trace, and the pictures that it draws.
# slow: it traces or renders every lesson; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=common/tools/machines.sh
. common/tools/machines.sh
# shellcheck source=tests/packets.sh
. tests/packets.sh

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
		drawn ' RST' SCENARIO=reset && drawn 'recv(4) = -1 ECONNRESET' SCENARIO=reset &&
		drawn 'FIN, ACK .*: a half-close' SCENARIO=half-close &&
		drawn 'the queue is full' SCENARIO=backlog &&
		drawn ' is CLOSE-WAIT' STATES=1 SCENARIO=half-close &&
		grep -q '127.0.0.1:[0-9]* is LISTEN' "$room/drawn" && grep -q 'a slowed run' "$room/drawn" &&
		drawn '^[0-9]* *[0-9.]* bind(3<TCP:' RAW=1 &&
		drawn '6 bytes "hello' LC_ALL=C "SERVER=perl '$room/echo.pl'" || return 1
	traced=08-threaded-echo
	drawn 'thread 2' SCENARIO=two-clients || return 1
	! SCENARIO=none sh common/tools/look/trace "$traced" >"$room/drawn" 2>&1 && grep -q 'not one of' "$room/drawn"
}

# Where nothing can be captured, one line says why, and each arrow is called inferred.
can_capture() {
	find_network || { echo 'no right to make a network of its own'; return 77; }
	PATH=$PATH:/usr/sbin:/sbin command -v tcpdump >/dev/null || { echo 'no tcpdump here'; return 77; }
}

test_the_packets_of_each_scenario_are_those_that_tcpdump_reads() {
	can_trace && can_capture || return
	bad=0
	for run in 06-single-echo/refused 06-single-echo/echo 06-single-echo/half-close 06-single-echo/reset 03-listen/backlog \
		07-multi-echo/two-clients 08-threaded-echo/two-clients further/poll-echo/two-clients further/line-chat/chat \
		further/graceful-stop/stop further/dual-stack-echo/walk further/udp-echo/echo further/udp-echo/unreachable; do
		can_be_built "${run%/*}" || continue
		SCENARIO=${run##*/} SVG=$room/run.svg CAPTURE=$room/run.pcap sh common/tools/look/trace "${run%/*}" >"$room/out" 2>&1 ||
			{ cat "$room/out"; return 1; }
		packets_in_capture "$room/run.pcap" >"$room/captured"
		packets_in_picture "$room/run.svg" >"$room/painted"
		[ -s "$room/captured" ] && diff "$room/captured" "$room/painted" && continue
		echo "$run: the picture has not the packets of the capture (< captured, > drawn)"
		bad=1
	done
	return "$bad"
}

test_pure_acknowledgements_are_drawn_when_they_are_wanted() {
	can_trace && can_capture || return
	for acks in '' 1; do
		wanted=1 # that of the handshake
		ACKS=$acks SVG=$room/run.svg CAPTURE=$room/run.pcap sh common/tools/look/trace 06-single-echo >/dev/null || return 1
		drawn=$(grep -c ' to [a-z]*: ACK seq' "$room/run.svg")
		there=$(tcpdump -n -r "$room/run.pcap" 2>/dev/null | grep -c 'Flags \[\.\].* length 0')
		[ -z "$acks" ] || wanted=$there
		if [ "$there" -lt 2 ] || [ "$drawn" != "$wanted" ]; then
			echo "ACKS=$acks: $drawn of $there are drawn"
			return 1
		fi
	done
}

test_without_a_capture_one_line_says_why_and_arrows_are_inferred() {
	can_trace || return
	mkdir -p "$room/none"
	printf '#!/bin/sh\nexit 1\n' >"$room/none/unshare"
	printf '#!/bin/sh\necho "lo: You do not have permission" >&2\nexit 1\n' >"$room/none/tcpdump"
	chmod +x "$room/none/unshare" "$room/none/tcpdump"
	without() {
		says=$1
		PATH=$room/none:$PATH LC_ALL=C sh common/tools/look/trace 06-single-echo >"$room/out" 2>"$room/err" || { cat "$room/err"; return 1; }
		[ "$(wc -l <"$room/err")" = 1 ] && grep -q "packets were not captured.*$says" "$room/err" &&
			grep -q '[.]> inferred' "$room/out" && grep -q '<[.]*|  *SYN$' "$room/out" && ! grep -q '=>' "$room/out" && return
		cat "$room/err" "$room/out"
		return 1
	}
	without 'no right to make a network' || return
	rm "$room/none/unshare"
	! can_capture >/dev/null || without 'tcpdump says: .*permission'
}

# A client that ends after its first echo, in a folder with a space: nothing stays there.
test_a_client_that_ends_too_soon_is_named_and_nothing_stays() {
	can_trace || return
	mkdir "$room/a room"
	for shell in sh dash bash mksh; do
		command -v "$shell" >/dev/null || continue
		! TMPDIR="$room/a room" CLIENT="sh -c 'head -n 1'" $shell common/tools/look/trace 06-single-echo >"$room/out" 2>&1 ||
			{ echo "it succeeds in $shell"; return 1; }
		grep -q "^trace: client did not come as far as 'again'" "$room/out" || { echo "$shell:"; cat "$room/out"; return 1; }
		[ -z "$(ls "$room/a room")" ] || { echo "$shell leaves"; ls "$room/a room"; return 1; }
	done
	TMPDIR="$room/a room" sh common/tools/look/trace further/unix-echo >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
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
