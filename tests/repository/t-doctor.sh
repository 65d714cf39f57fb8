#!/bin/sh
# t-doctor.sh [TEST...]: make doctor.
# slow: it builds all, or calls a command again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

shell=$(command -v sh)
out=$room/out

# without TOOL...: sets $tools to a folder with all programs of this system but these.
without() {
	tools="$room/without $*"
	mkdir -p "$tools"
	for folder in /usr/bin /bin /usr/sbin /sbin; do ln -sf "$folder"/* "$tools/" 2>/dev/null; done
	for tool; do rm -f "$tools/$tool"; done
}

# instead TOOL: the rest of the input as a script of this name, first in PATH. Sets $tools.
instead() {
	tools="$room/instead of $1"
	mkdir -p "$tools"
	cat >"$tools/$1"
	chmod +x "$tools/$1"
	tools=$tools:$PATH
}

# doctor [VARIABLE=VALUE...]: what it says, in $out.
doctor() {
	env "$@" "$shell" common/tools/learn/doctor >"$out" 2>&1
}

# says LINE...: each is a basic regular expression for the beginning of a line. says_not: none of them.
says() {
	for line; do
		grep -q "^$line" "$out" || { echo "expected '$line', saw:"; cat "$out"; return 1; }
	done
}

says_not() {
	for line; do
		! grep "^$line" "$out" || { echo "did not expect '$line', saw:"; cat "$out"; return 1; }
	done
}

# in_space OPTIONS SCRIPT: sh in user and other namespaces of its own, where we are root; 77 where we may not.
in_space() {
	unshare --user --map-root-user "$1" true 2>/dev/null || { echo 'no right to make a namespace here'; return 77; }
	unshare --user --map-root-user "$1" "$shell" -c "$2" >"$out" 2>&1
}

test_every_line_says_what_is_here_missing_or_not_known() {
	doctor || { cat "$out"; return 1; }
	says_not 'NEEDED'
	[ "$(grep -c -e '^ok ' -e '^missing ' -e '^not known ' "$out")" -eq "$(wc -l <"$out")" ] || { cat "$out"; return 1; }
	[ "$(wc -l <"$out")" -gt 20 ]
}

test_without_any_tool_it_names_what_is_missing_and_calls_nothing_else_so() {
	mkdir -p "$room/nothing"
	if doctor PATH="$room/nothing"; then echo 'a missing compiler is no failure'; return 1; fi
	says 'NEEDED *compiler' 'NEEDED *make' 'missing *bwrap .*make deps FOR=grade' 'missing *man ' 'missing *pkg-config' \
		'not known loopback .*no compiler' 'not known sanitizers' 'not known Check' 'not known man pages' &&
		says_not 'missing *Check' 'missing *IPv6' 'missing *port' 'NEEDED *loopback'
}

test_a_missing_tool_is_named_with_what_installs_it() {
	without strace ps pgrep man ping tcpdump
	doctor PATH="$tools" || { cat "$out"; return 1; }
	says 'missing *strace .*make deps FOR=trace' 'missing *ps .*procps' 'missing *pgrep .*procps' 'missing *man .*man-db' \
		'missing *ping .*iputils' 'missing *tcpdump' 'not known man pages'
}

test_mktemp_is_not_needed() {
	without mktemp
	doctor PATH="$tools" && says 'ok *compiler'
}

test_a_wrong_tmpdir_is_named_and_hides_nothing() {
	doctor TMPDIR="$room/none" || { cat "$out"; return 1; }
	says 'missing *TMPDIR .*none' 'ok *compiler' || return 1
	in_space --mount 'mount -t tmpfs -o noexec none /mnt && TMPDIR=/mnt exec sh common/tools/learn/doctor' || return
	says 'missing *TMPDIR .*noexec' 'ok *compiler'
}

test_without_a_folder_for_programs_the_compiler_is_not_known() {
	mkdir -p build
	# shellcheck disable=SC2016 # the inner shell expands it
	in_space --mount 'for folder in /tmp build; do mount -t tmpfs -o noexec none $folder || exit; done; unset TMPDIR
		exec sh common/tools/learn/doctor' || return
	says 'not known compiler .*noexec' 'not known this folder' 'not known loopback' 'not known sanitizers' &&
		says_not 'NEEDED' 'missing *IPv6' 'missing *sanitizers' 'missing *port'
}

test_a_full_disk_is_told_as_that() {
	in_space --mount 'mount -t tmpfs -o size=4k none /mnt && TMPDIR=/mnt exec sh common/tools/learn/doctor' || return
	says 'not known compiler .*No space left' 'not known sanitizers' && says_not 'NEEDED' 'missing *IPv6' 'missing *sanitizers'
}

test_a_compiler_without_headers_is_needed_and_the_reason_is_told() {
	instead cc <<-'end'
		#!/bin/sh
		echo 'probe.c:1:10: fatal error: arpa/inet.h: No such file or directory' >&2
		exit 1
	end
	if doctor PATH="$tools"; then cat "$out"; return 1; fi
	says 'NEEDED *compiler .*arpa/inet.h: No such file' 'not known loopback'
}

test_sanitizers_are_missing_for_the_reason_that_is_true() {
	real=$(command -v cc)
	instead cc <<-end
		#!/bin/sh
		case \$* in *-fsanitize*) echo '/usr/bin/ld: cannot find -lasan' >&2; exit 1 ;; esac
		exec $real "\$@"
	end
	doctor PATH="$tools" || { cat "$out"; return 1; }
	says 'missing *sanitizers .*libasan' || return 1
	instead cc <<-end
		#!/bin/sh
		case \$* in *-fsanitize*) output= ; while [ "\$1" != -o ]; do shift; done
			printf '#!/bin/sh\necho "==1==ERROR: no shadow memory" >&2\nexit 1\n' >"\$2"; exec chmod +x "\$2" ;; esac
		exec $real "\$@"
	end
	doctor PATH="$tools" || { cat "$out"; return 1; }
	says 'missing *sanitizers .*no shadow memory' && says_not 'missing *sanitizers .*libasan'
}

test_a_loopback_that_is_down_is_said_once() {
	in_space --net 'exec sh common/tools/learn/doctor'
	status=$?
	[ "$status" != 77 ] || return 77
	[ "$status" = 1 ] && says 'NEEDED *loopback .*ip link set lo up' && says_not '.* port 5000 *in use' 'missing *IPv6' 'missing *port' 'ok *IPv6' &&
		[ "$(grep -c '[^a-z]lo up' "$out")" = 1 ]
}

test_a_busy_port_is_named_with_a_free_one() {
	make -s 03-listen
	mkfifo "$room/hold"
	export room
	# shellcheck disable=SC2016 # the inner shell expands it
	in_space --net '. common/tools/lib.sh; ip link set lo up; lessons/03-listen/server <"$room/hold" >"$room/narration" & exec 3>"$room/hold"
		wait_for 10 holds "$room/narration" listening; sh common/tools/learn/doctor; exec 3>&-; wait' || return
	says 'missing *port 5000 .*server 127.0.0.1 5001$'
}

test_man_pages_are_looked_for_one_by_one() {
	command -v man >/dev/null || { echo 'no man here'; return 77; }
	mkdir -p "$room/pages/man2" "$room/pages/man7"
	doctor MANPATH="$room/pages" && says 'ok *man ' 'missing *man pages .*man 2 socket' || return 1
	for page in 2/socket.2 7/ip.7; do
		name=${page#*/}
		printf '.TH X %s\n.SH NAME\n%s \\- a page\n' "${name#*.}" "${name%.*}" >"$room/pages/man$page"
	done
	doctor MANPATH="$room/pages" && says 'missing *man pages .*pthread_mutex_lock' && says_not '.*man 2 socket' || return 1
	# A small image has a program that only says where the pages went.
	instead man <<-'end'
		#!/bin/sh
		echo 'This system has been minimized by removing packages and content'
	end
	doctor PATH="$tools" && says 'missing *man pages .*man 2 socket'
}

test_strace_and_bwrap_are_missing_a_right_only_when_they_say_so() {
	for tool in strace bwrap; do
		instead "$tool" <<-'end'
			#!/bin/sh
			echo "PTRACE_TRACEME: Operation not permitted" >&2
			exit 1
		end
		doctor PATH="$tools" && says "missing *$tool .*may not" || return 1
		instead "$tool" <<-'end'
			#!/bin/sh
			echo "error while loading shared libraries: x.so" >&2
			exit 127
		end
		doctor PATH="$tools" && says "not known $tool .*loading shared libraries" && says_not "missing *$tool" || return 1
	done
}

# A compiler that tells when it runs, and takes its time: the signal comes in the middle.
test_a_closed_terminal_leaves_no_folder() {
	mkfifo "$room/runs"
	mkdir "$room/tmp"
	instead cc <<-end
		#!/bin/sh
		[ ! -p "$room/runs" ] || { echo >"$room/runs"; rm -f "$room/runs"; }
		sleep 0.2
		exit 1
	end
	TMPDIR="$room/tmp" PATH="$tools" "$shell" common/tools/learn/doctor >"$out" 2>&1 &
	process=$!
	read -r _ <"$room/runs"
	kill -HUP "$process"
	wait_for 20 has_ended "$process" || { echo 'it goes on'; return 1; }
	[ -z "$(ls "$room/tmp")" ] || { echo "left: $(ls "$room/tmp")"; return 1; }
}

run_tests "$@"
