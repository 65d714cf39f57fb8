#!/bin/sh
# classroom.sh [NAME...]: tests of the virtual classroom, and of what the README says of a real one. Run from the top of
# the repository, with the lessons built.
set -u
export LC_ALL=C

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
make_room 'classroom test'
mkdir "$room/tmp"
passed=0 failed=0
# Every process of these classrooms has this in its environment.
export CLASSROOM="$room/state"

# shellcheck disable=SC2317 # leave_room calls it
clean_up() {
	exec 8>&-
	[ -z "${holder:-}" ] || wait "$holder"
}

classroom() {
	TMPDIR="$room/tmp" sh common/tools/teach/classroom "$@"
}

wait_until() {
	wait_for 20 "$@" >/dev/null 2>&1 || { echo "waited in vain for: $*"; return 1; }
}

# No process, no file, no namespace: a namespace without a process and without a file is gone.
nothing_is_left() {
	left=$(grep -lsaF "TMPDIR=$room/tmp" /proc/[0-9]*/environ)
	[ -z "$left" ] || { echo "still there: $left"; return 1; }
	if [ -n "$(ls "$room/tmp")" ] || [ -e "$CLASSROOM" ]; then
		echo "still there: $(ls "$room/tmp" "$CLASSROOM")"
		return 1
	fi
}

# ---- the tests: each prints why it fails ----

test_thirty_students_get_all_bytes_back_and_one_without_a_cable_harms_nobody() {
	classroom run 30 >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
	# Name, address:port, sent, back: once without the cable, then with it.
	awk '
	/students?[0-9]+ +192/ {
		rows++
		split($2, from, ":")
		if (from[1] != "192.0.2." 100 + substr($1, 8) || from[2] < 1024) wrong = wrong "\n" $0
		if ($3 == $4) whole[$1] = 1
		else cut[$1] = 1
	}
	END {
		for (name in whole) all++
		for (name in cut) some++
		if (wrong != "" || rows != 31 || all != 30 || some != 1) { print rows " rows, " all " whole, " some " cut" wrong; exit 1 }
	}' "$room/out" && grep -q 'holds 30 connections' "$room/out" && nothing_is_left && return
	cat "$room/out"
	return 1
}

test_a_byte_that_does_not_come_back_is_told() {
	mkdir -p "$room/broken/lessons/08-threaded-echo" "$room/tmp"
	cp -R common "$room/broken/"
	cp lessons/08-threaded-echo/client "$room/broken/lessons/08-threaded-echo/"
	patched tests/classroom.patch lessons/08-threaded-echo/server.c "$room/broken/lessons/08-threaded-echo/server.c" &&
		(cd "$room/broken/lessons/08-threaded-echo" && cc -D_POSIX_C_SOURCE=200809L -pthread -o server server.c) || return 1
	(cd "$room/broken" && ! classroom run 3 >"$room/out" 2>&1) && grep -q 'waited in vain.*student[13].ended' "$room/out" && nothing_is_left
}

test_ctrl_c_and_sigterm_leave_nothing() {
	command -v perl >/dev/null || { echo 'no perl here'; return 77; }
	for signal in INT TERM; do
		: >"$room/out"
		# A group of its own, and SIGINT as a terminal has it: a shell lets background commands ignore it.
		TMPDIR="$room/tmp" perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' sh common/tools/teach/classroom run 150 >"$room/out" 2>&1 &
		process=$!
		wait_until grep -q '^2' "$room/out" || return 1
		kill -$signal "-$process"
		wait $process && { echo "exit status 0 after SIG$signal"; return 1; }
		wait_until nothing_is_left || return 1
	done
}

test_a_shell_opens_a_classroom_and_another_one_comes_in() {
	mkfifo "$room/typed"
	classroom shell teacher 3 <"$room/typed" >"$room/at the teacher" 2>&1 &
	holder=$!
	exec 8>"$room/typed"
	echo '../06-single-echo/server 192.0.2.10 5000; ip -br -4 address show eth0; echo served' >&8
	wait_until grep -q '^listening on 192.0.2.10:5000' "$room/at the teacher" || { cat "$room/at the teacher"; return 1; }
	echo 'echo hello | ./client 192.0.2.10 5000' | classroom shell student2 3 >"$room/out" 2>&1 8>&-
	grep -qx hello "$room/out" || { cat "$room/out"; return 1; }
	if command -v script >/dev/null; then # a terminal, for the prompt
		echo exit | TMPDIR="$room/tmp" script -qec 'sh common/tools/teach/classroom shell student2 3' /dev/null >"$room/out" 2>&1 8>&-
		grep -q 'student2 192.0.2.102 $ ' "$room/out" || { cat "$room/out"; return 1; }
	fi
	classroom shell student4 3 </dev/null >"$room/out" 2>&1 8>&- && { echo 'student4 of 3 was taken'; return 1; }
	grep -q 'student1 to student3' "$room/out" || { cat "$room/out"; return 1; }
	wait_until grep -q '^served' "$room/at the teacher" || return 1
	for line in '192\.0\.2\.10/24' '^connection from 192\.0\.2\.102:'; do
		grep -q "$line" "$room/at the teacher" || { cat "$room/at the teacher"; return 1; }
	done
	exec 8>&-
	wait $holder
	holder=
	nothing_is_left
}

# expect_refusal COMMANDS MESSAGE [HOST]: in a new classroom the last line is this, and the README has it.
expect_refusal() {
	echo "cd ../..; $1" | classroom shell "${3:-student1}" 2 >"$room/out" 2>&1
	[ "$(tail -n 1 "$room/out")" = "$2" ] || { echo "expected '$2', saw:"; cat "$room/out"; return 1; }
	sed -n '/^## In a lab/,/^### Teaching/p' README.md | grep -qF "$2" || { echo "README.md, In a lab: no '$2'"; return 1; }
}

test_the_readme_says_what_each_refusal_means() {
	client=lessons/05-connect/client
	# shellcheck disable=SC2016 # the shell inside expands it
	at_teacher='nsenter --net=/run/netns/teacher'
	server="exec $at_teacher lessons/04-accept/server"
	# What a firewall does that rejects: it answers with ICMP (type 3, code 13). A router has such rules, and answers ARP before.
	rejects="$at_teacher sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; ip rule add pref 1 from 192.0.2.101 prohibit
		ip rule add pref 2 lookup local; ip rule del pref 0'"
	ready=". common/tools/lib.sh; listens() { $at_teacher ss -ltn | grep -q :5000; }; wait_for 10 listens"
	expect_refusal "$client 192.0.2.10 5000" 'connect: Connection refused' &&
		expect_refusal "($server 127.0.0.1 5000) >/dev/null & $ready; $client 192.0.2.10 5000" 'connect: Connection refused' &&
		expect_refusal "$client 192.0.2.99 5000" 'connect: No route to host' &&
		expect_refusal "$client 198.51.100.1 5000" 'connect: Network is unreachable' &&
		expect_refusal "$client 192.0.2.10 5000; $rejects; $client 192.0.2.10 5000 2>'$room/said'
			grep -q InType3 /proc/net/snmp && cat '$room/said'" 'connect: No route to host' &&
		expect_refusal "($server 0.0.0.0 5000) >/dev/null & $ready; $at_teacher ip route add blackhole 192.0.2.101
			echo 1 >/proc/sys/net/ipv4/tcp_syn_retries; $client 192.0.2.10 5000" 'connect: Connection timed out' &&
		expect_refusal 'lessons/04-accept/server 192.0.2.11 5000' 'bind: Cannot assign requested address' teacher &&
		nothing_is_left
}

test_wrong_numbers_and_hosts_are_named() {
	for wrong in 0 151 abc -1 '3 0' 007 99999999999999999999; do
		classroom run "$wrong" >"$room/out" 2>&1 && { echo "STUDENTS=$wrong was taken"; return 1; }
		grep -qF "'$wrong'" "$room/out" || grep -qF "=$wrong:" "$room/out" || { cat "$room/out"; return 1; }
	done
	for wrong in '' student student0 student3 student01 student-1 'student1 x' pupil; do
		classroom shell "$wrong" 2 </dev/null >"$room/out" 2>&1 && { echo "HOST=$wrong was taken"; return 1; }
		grep -qF "HOST='$wrong': give teacher or student1 to student2" "$room/out" || { cat "$room/out"; return 1; }
	done
}

test_without_the_right_it_says_why_and_what_to_do() {
	mkdir -p "$room/bin"
	printf '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n' >"$room/bin/unshare"
	chmod +x "$room/bin/unshare"
	(PATH="$room/bin:$PATH" && ! classroom run 3 >"$room/out" 2>&1) || return 1
	for line in 'Operation not permitted' 'sudo sysctl'; do
		grep -q "$line" "$room/out" || { cat "$room/out"; return 1; }
	done
	rm "$room/bin/unshare"
	for tool in sh sed; do ln -sf "$(command -v $tool)" "$room/bin/$tool"; done
	(PATH="$room/bin" && ! sh common/tools/teach/classroom run 3 >"$room/out" 2>&1) && grep -q 'make deps' "$room/out"
}

test_one_student_is_told_in_the_singular() {
	classroom run 1 >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
	for line in '1 student at 192.0.2.101' 'holds 1 connection\.' 'Then the student sends' '^The student got all its bytes back\.'; do
		grep -q "$line" "$room/out" || { echo "no '$line':"; cat "$room/out"; return 1; }
	done
}

# What a shell ends with is nothing that make should complain about.
test_a_shell_that_is_left_after_an_interrupted_command_ends_well() {
	echo 'sh -c "kill -INT \$\$"; exit' | classroom shell teacher 1 >"$room/out" 2>&1 || { echo "exit status $?"; cat "$room/out"; return 1; }
	nothing_is_left
}

test_the_other_shells_say_what_happened_when_the_first_one_is_left() {
	mkfifo "$room/first" "$room/second"
	classroom shell teacher 2 <"$room/first" >"$room/at the teacher" 2>&1 &
	holder=$!
	exec 8>"$room/first"
	wait_until test -s "$CLASSROOM" || return 1
	TMPDIR="$room/tmp" sh common/tools/teach/classroom shell student1 2 <"$room/second" >"$room/out" 2>&1 8>&- &
	other=$!
	exec 7>"$room/second"
	echo 'echo here' >&7
	wait_until grep -q '^here' "$room/out" || return 1
	exec 8>&-
	wait $holder
	holder=
	wait $other
	status=$?
	exec 7>&-
	if [ $status != 0 ] || [ "$(tail -n 1 "$room/out")" != 'classroom: it is over: its first shell was left.' ] || grep -qi killed "$room/out"; then
		echo "exit status $status:"
		cat "$room/out"
		return 1
	fi
	nothing_is_left
}

test_what_kill_9_leaves_does_not_stay_and_does_not_break_the_next_one() {
	mkfifo "$room/held"
	TMPDIR="$room/tmp" sh common/tools/teach/classroom shell teacher 2 <"$room/held" >"$room/out" 2>&1 &
	process=$!
	exec 8>"$room/held"
	wait_until test -s "$CLASSROOM" || { cat "$room/out"; return 1; }
	read -r inside _ <"$CLASSROOM"
	kill -KILL $process "$inside" 2>/dev/null
	wait $process 2>/dev/null
	exec 8>&-
	wait_until has_ended "$inside" || return 1
	[ -n "$(ls "$room/tmp")" ] || { echo 'kill -9 has left nothing: the test tests nothing'; return 1; }
	# Its number may be that of another process by now: here of this one.
	sed "s/^[0-9]*/$$/; s/ 2 / 7 /" "$CLASSROOM" >"$room/other" && cat "$room/other" >"$CLASSROOM"
	echo 'echo again' | classroom shell teacher 2 >"$room/out" 2>&1
	if ! grep -qx again "$room/out" || ! grep -q '^A new classroom: the teacher, and student1 to student2\.' "$room/out"; then
		cat "$room/out"
		return 1
	fi
	nothing_is_left
}

test_wrong_weather_is_named() {
	for wrong in 100 ms 1h '1ms 2' -1ms; do
		DELAY=$wrong classroom run 1 >"$room/out" 2>&1 && { echo "DELAY=$wrong was taken"; return 1; }
		grep -qF "DELAY='$wrong'" "$room/out" || { cat "$room/out"; return 1; }
	done
	LOSS=100% classroom run 1 >"$room/out" 2>&1 && return 1
	grep -qF "LOSS='100%': give" "$room/out" || { cat "$room/out"; return 1; }
}

has_netem() {
	DELAY=1ms classroom able >"$room/why" 2>&1 || { head -n 1 "$room/why"; return 77; }
}

test_in_bad_weather_all_bytes_come_back() {
	has_netem || return
	DELAY=100ms LOSS=5% classroom run 3 >"$room/out" 2>&1 && grep -q 'Each packet: delay 100ms loss 5%' "$room/out" && nothing_is_left && return
	cat "$room/out"
	return 1
}

# The experiment of the page of udp-echo: the echo needs 600 ms, and the client sends again after 500.
test_with_a_delay_udp_echo_sends_each_line_twice() {
	has_netem || return
	grep -q 'DELAY=300ms' lessons/further/udp-echo/README.md || { echo 'the page has another experiment'; return 1; }
	echo '../further/udp-echo/server 0.0.0.0 >said & nsenter --net=/run/netns/student1 sh -c "seq 5 | ../further/udp-echo/client 192.0.2.10"; cat said; rm said; kill $!' |
		sed "s,said,$room/said,g" | DELAY=300ms classroom shell teacher 1 >"$room/out" 2>&1
	[ "$(grep -c 'try 2 of 3' "$room/out")" = 5 ] && [ "$(grep -c 'bytes from' "$room/out")" = 10 ] && [ "$(grep -c '^[1-5]$' "$room/out")" = 5 ] && return
	cat "$room/out"
	return 1
}

# ---- running them ----

tests=$(sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' tests/classroom.sh)

echo 'Running the tests of the classroom'
if ! classroom able >"$room/out" 2>&1; then
	reason=$(head -n 1 "$room/out")
	echo "skipped: all tests of the classroom: $reason"
	! echo "$reason" | unexpected_skips classroom | grep .
	exit
fi
# shellcheck disable=SC2086 # names
[ $# -gt 0 ] || set -- $tests
for test; do
	"$test" >"$room/story" 2>&1
	case $? in
	0) passed=$((passed + 1)) ;;
	77)
		echo "skipped: $test: $(cat "$room/story")"
		! unexpected_skips classroom <"$room/story" | grep . || failed=$((failed + 1)) ;;
	*)
		failed=$((failed + 1))
		echo "FAILED: $test"
		sed 's/^/  /' "$room/story" ;;
	esac
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
