#!/bin/sh
# t-less-allowed.sh [TEST...]: where a machine allows less than ours, the learner's commands do their work or name the
# reason, and a right program is never told wrong. Each machine is made of this one; a test that cannot make it is skipped.
# slow: it runs the commands of a learner again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
export NO_COLOR=1

# A copy with the tests as they are built; the tests run in it, one after the other.
copy_as_built
chmod 755 "$room"
cd "$copy" || exit 1

# under MACHINE COMMAND [ARGUMENT...]: runs it there.
under() {
	sh tests/repository/machine "$@"
}

# can_be MACHINE: it can be made here, or the reason is printed, and the status is 77.
can_be() {
	under "$1" true
}

# Begins lesson 03 anew, for a right program.
begin() {
	rm -rf practice build/practice
	mkdir -p practice/03-listen
	cp lessons/03-listen/server.c practice/03-listen/
}

# the_learner MACHINE TEXT...: a right program passes there, with these texts; progress knows it; and the rest works.
the_learner() {
	machine=$1
	shift
	can_be "$machine" || return
	wrong=0
	begin
	says 0 'PASSED: all checks of 03-listen' "$@" -- under "$machine" make -s check LESSON=03
	says 0 '03-listen' -- under "$machine" make -s progress
	all_pass 03-listen
	says 0 'make check BUG=7' -- under "$machine" make -s hunt BUG=7
	says 0 'The clients have left' -- under "$machine" make -s demo
}

# A wrong program: the checks find the mistakes all the same, and say this of the machine.
starts_with() {
	says 0 'make check LESSON=03' -- under "$machine" make -s start LESSON=03 FORCE=1
	says 1 "$@" 'NOT YET' -- under "$machine" make -s check LESSON=03
}

# doctor_says STATUS PATTERN: make doctor there ends with this status, and has such a line.
doctor_says() {
	says "$1" -- under "$machine" make -s doctor
	grep -q "^$2" "$room/out" || complain "no '$2' from doctor"
}

draws() {
	can_trace >/dev/null || return 0
	says 0 'a call' -- under "$machine" make -s trace LESSON=03
}

# ours_pass SUITE CASE [TEXT...]: our own programs pass this test case there, and these texts are said.
ours_pass() {
	suite=$1 case=$2
	shift 2
	says 0 'Failures: 0, Errors: 0' "$@" -- under "$machine" env CK_RUN_CASE="$case" sh tests/run.sh "$suite"
}

test_where_ptrace_is_denied_leaks_are_not_looked_for() {
	case $(cc -fsanitize=address -x c -o "$room/asan" - 2>&1 <<-C
		int main(void) { return 0; }
	C
	) in '') ;; *) echo 'this compiler has no sanitizers'; return 77 ;; esac
	without='Checking without a search for leaks: LeakSanitizer may not trace here'
	the_learner no-ptrace "$without" || return
	starts_with "$without"
	says 1 'does not let strace trace' -- under no-ptrace make -s trace
	doctor_says 0 'missing *leak search .*LeakSanitizer may not trace here'
	return "$wrong"
}

test_without_proc_the_checks_that_need_it_are_skipped() {
	without='Checking without sanitizers: they need /proc'
	the_learner no-proc "$without" 'skipped in 03-listen: no /proc to see that a program sleeps' ', except those that were skipped' || return
	starts_with "$without"
	says 1 'there is no /proc here' -- under no-proc make -s trace
	doctor_says 0 'missing *sanitizers .*they need /proc'
	ours_pass 05-connect state
	return "$wrong"
}

test_without_namespaces_the_default_port_is_not_tried() {
	the_learner no-namespaces 'skipped in 03-listen: no network namespace' || return
	draws
	doctor_says 0 'ok *compiler'
	return "$wrong"
}

test_with_256_descriptors_there_are_fewer_clients() {
	the_learner 256-descriptors || return
	draws
	ours_pass 08-threaded-echo lasting 'of 500 clients: this machine allows no more than 256 descriptors'
	return "$wrong"
}

test_a_low_soft_limit_is_raised() {
	wrong=0
	# shellcheck disable=SC3045 # a shell that does not know -H says nothing
	case $(ulimit -H -n 2>/dev/null) in
	unlimited | [1-9][0-9][0-9][0-9]*) ;;
	*) echo 'the hard limit on descriptors is low here, too, or not known'; return 77 ;;
	esac
	machine=low-soft-limit
	can_be "$machine" || return
	ours_pass 08-threaded-echo lasting
	lacks skipped
	return "$wrong"
}

test_with_20_descriptors_it_is_the_machine_that_allows_no_more() {
	the_learner 20-descriptors "this machine does not allow the checker's socket: Too many open files; not your program" || return
	draws
	ours_pass 08-threaded-echo 'side by side' "this machine does not allow the checker's socket"
	return "$wrong"
}

test_with_little_memory_there_are_no_sanitizers() {
	without='Checking without sanitizers: '
	the_learner little-memory "$without" || return
	starts_with "$without"
	draws
	doctor_says 0 'missing *sanitizers .*limit on memory'
	return "$wrong"
}

test_a_kernel_without_ipv6_makes_no_program_wrong() {
	machine=no-ipv6
	can_be "$machine" || return
	wrong=0
	doctor_says 0 'missing *IPv6 *this kernel has none'
	make -s further
	says 1 'no check can be made here: no IPv6 loopback address here' -- \
		under no-ipv6 env CK_RUN_CASE='two families' sh tests/run.sh further/dual-stack-echo
	return "$wrong"
}

test_where_loopback_is_down_each_command_says_so() {
	machine=no-loopback
	can_be "$machine" || return
	wrong=0
	down='no way to 127.0.0.1 (connect: Network is unreachable): sudo ip link set lo up'
	begin
	says 1 "$down" 'NOT CHECKED.' -- under no-loopback make -s check LESSON=03
	lacks 'NOT YET'
	says 0 "$down" 'not checked' -- under no-loopback make -s progress
	says 0 'make check LESSON=03' -- under no-loopback make -s start LESSON=03 FORCE=1
	says 1 'connect: Network is unreachable' 'make doctor' -- under no-loopback make -s demo
	doctor_says 1 'NEEDED *loopback .*sudo ip link set lo up'
	! grep -q -e '^[a-z ]* port 5000 ' -e '^[a-z ]* IPv6 ' "$room/out" || complain 'what depends on loopback is told, too'
	says 0 "skipped: all checks of 03-listen: $down" -- under no-loopback env CI= sh tests/run.sh 02-bind-address 03-listen
	return "$wrong"
}

test_a_temporary_folder_is_found_where_programs_can_be_run() {
	for machine in no-tmp noexec-tmp; do
		the_learner "$machine" || return
		draws
		doctor_says 0 'missing *TMPDIR'
		grep -q '^ok *loopback' "$room/out" || complain 'no loopback'
		[ "$wrong" = 0 ] || return 1
	done
}

test_where_nothing_can_be_run_or_written_one_line_says_so() {
	can_be noexec-checkout || return
	wrong=0
	begin
	for command in 'check LESSON=03' 'start LESSON=03' progress demo trace 'test LESSON=03'; do
		# shellcheck disable=SC2086 # words
		says 1 'Programs cannot be run in this folder' -- under noexec-checkout make -s $command
	done
	return "$wrong"
}

test_a_folder_of_another_user_is_named() {
	wrong=0
	begin
	as=
	if [ "$(id -u)" = 0 ]; then
		as='setpriv --reuid=65534 --regid=65534 --clear-groups'
		$as true 2>/dev/null || { echo 'no setpriv here to be somebody else'; return 77; }
		chown -R 65534:65534 .
		chown root build/tests
	else
		chmod a-w build/tests
	fi
	for command in 'check LESSON=03' progress demo 'test LESSON=03'; do
		# shellcheck disable=SC2086 # words
		says 1 'build/tests cannot be written to. Was make run with sudo once?' -- $as make -s $command
	done
	if [ "$(id -u)" = 0 ]; then chown -R root:root .; else chmod u+w build/tests; fi
	return "$wrong"
}

test_without_a_compiler_one_line_says_so() {
	wrong=0
	begin
	for command in 'check LESSON=03' 'start LESSON=03' progress demo trace 'test LESSON=03'; do
		# shellcheck disable=SC2086 # words
		says 1 'There is no C compiler here: no command cc.' 'make doctor' -- under no-compiler make -s $command
	done
	machine=no-compiler
	doctor_says 1 'NEEDED *compiler'
	return "$wrong"
}

test_without_libasan_there_are_no_sanitizers() {
	the_learner no-sanitizers 'Checking without sanitizers: this compiler has none.' || return
	doctor_says 0 'missing *sanitizers .*libasan'
	return "$wrong"
}

run_tests "$@"
