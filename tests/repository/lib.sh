# lib.sh: read with `.` by tests/repository/t-*.sh, which run from the top of the repository.
# A test is a function test_WHAT_IT_PROMISES. It prints why it fails. With status 77 it was skipped, and its last line is
# the reason; a line "skipped: REASON" of one that passes tells of a part that was. In CI only the reasons of
# tests/repository/skips-in-ci are good ones. Lines "note: …" are told also when it passes. The last line of a file is
# run_tests "$@" : all tests of the file, or those that are named, in their order.
# The output is TAP (testanything.org), which prove(1) reads.
# shellcheck shell=sh disable=SC2034,SC2317 # what the files use, and what run_tests calls

set -u
export LC_ALL=C
# Make's variables of this run must not reach the makes that the tests start.
unset MAKEFLAGS MFLAGS MAKELEVEL LESSON SANITIZE ONLY FOR

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
make_room 'repository test'
copy="$room/a copy"

lessons=$(cd lessons && echo [0-9]*)
pages="README.md slides/README.md $(find lessons -name README.md | sort)"
# The further lessons that this system can build.
further=$(for lesson in lessons/further/*/; do
	lesson=${lesson#lessons/} lesson=${lesson%/}
	if can_be_built "$lesson"; then
		echo "$lesson"
	else
		echo "# without $lesson, which is for $(fact "$lesson" system) only" >&2
	fi
done)

# Copies what belongs to the repository, and nothing that was built, into a folder with a space in its name.
make_copy() {
	[ ! -d "$copy" ] || return 0
	copy_checkout "$copy"
	make -s -C "$copy" clean >/dev/null
}

# copy_as_built: what the learner's commands need, with what is built of it.
copy_as_built() {
	[ -d "$copy" ] || { mkdir "$copy" && cp -Rp common lessons Makefile README.md tests "$copy/"; }
	mkdir -p "$copy/build"
	[ -d "$copy/build/tests" ] || cp -R build/tests "$copy/build/" # newer than the sources
}

# Fails, and names it, when a process runs a program of the copy. /proc/PID/exe tells.
no_process_of_the_copy() {
	[ -e /proc/self/exe ] || { echo 'no /proc here to look for processes'; return 77; }
	# One command for all of them: on a busy machine one for each takes longer than a program lives.
	# shellcheck disable=SC2012 # one process for all of them: find -printf is not POSIX
	! ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's/^.* -> /still there: /p' | grep -F "$copy/"
}

# ---- what a command says; a test begins with wrong=0 and ends with  return $wrong ----

# says STATUS TEXT... -- COMMAND...: the command ends with this status (1 means any failure), and says each of the texts.
says() {
	status=$1
	shift
	: >"$room/texts"
	while [ "$1" != -- ]; do
		printf '%s\n' "$1" >>"$room/texts"
		shift
	done
	shift
	"$@" >"$room/out" 2>&1
	seen=$?
	[ "$seen" = 0 ] || seen=1
	if [ "$seen" != "$status" ]; then
		complain "status $seen of: $*"
		return
	fi
	while IFS= read -r text; do
		grep -qF -- "$text" "$room/out" || complain "no '$text' from: $*"
	done <"$room/texts"
}

complain() {
	echo "$1:"
	cat "$room/out"
	wrong=1
}

# lacks TEXT: the last command did not say it.
lacks() {
	! grep -qF -- "$1" "$room/out" || complain "'$1' is said"
}

# all_pass LESSON: the last command said that all checks of it pass, however many there are.
all_pass() {
	grep -q "^$1  *\([1-9][0-9]*\) of \1 checks pass" "$room/out" || complain "not all checks of $1 pass"
}

same() {
	: >"$room/out"
	cmp "$1" "$2" >"$room/out" 2>&1 || complain "$1 is not $2"
}

# ---- what a test needs ----

# can_trace: strace is here and may trace, or the reason is printed, and the status is 77.
can_trace() {
	strace -o /dev/null true 2>/dev/null || { echo 'no strace here, or no right to trace'; return 77; }
	[ -e /proc/self/fd ] || { echo 'no /proc here, which strace needs'; return 77; }
}

# has_loopback: packets reach 127.0.0.1, or the reason is printed, and the status is 77.
has_loopback() {
	case $(lessons/05-connect/client 127.0.0.1 1 2>&1 </dev/null) in
	*unreachable*) echo "no way to 127.0.0.1 here"; return 77 ;;
	esac
}

tests=$(sed -n 's/^\(test_[a-zA-Z0-9_]*\)() .*/\1/p' "$0") # now: a test may go into another folder

# can_browse: Node.js, the driver of the slides and a Chromium are here, or the reason is printed, and the status is 77.
can_browse() {
	# shellcheck source=slides/browser.sh
	. slides/browser.sh
	if ! command -v node >/dev/null || [ ! -d slides/node_modules/puppeteer-core ] || [ -z "$CHROME_PATH" ]; then
		echo 'no browser here with its driver: make deps FOR=slides'
		return 77
	fi
}

run_tests() {
	name=${0##*/t-}
	name=${name%.sh}
	failed=0 number=0
	# shellcheck disable=SC2086 # names
	[ $# -gt 0 ] || set -- $tests
	echo "1..$#"
	for test; do
		number=$((number + 1))
		title="$number - $name: $(echo "${test#test_}" | tr _ ' ')"
		("$test") >"$room/story" 2>&1
		status=$?
		skipped=$(case $status in 0) sed -n 's/^skipped: //p' "$room/story" ;; 77) tail -n 1 "$room/story" ;; esac)
		if [ -n "$skipped" ] && printf '%s\n' "$skipped" | unexpected_skips repository | grep . >>"$room/story"; then status=1; fi
		case $status in
		0)
			echo "ok $title"
			grep -e '^note: ' -e '^skipped: ' "$room/story" | sed 's/^/# /' ;;
		77) echo "ok $title # SKIP $skipped" ;;
		*)
			failed=1
			echo "not ok $title"
			sed 's/^/#   /' "$room/story" ;;
		esac
	done
	exit $failed
}
