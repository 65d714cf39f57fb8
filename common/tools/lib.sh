# lib.sh: read with `.` by the scripts, which run from the top of the repository.
# shellcheck shell=sh disable=SC2317 # the trap calls these

# ---- the user's shell ----

# Numbers are read and written with a point, lines are sorted by their bytes, and tools say what the pages show.
export LC_ALL=C
# These change what cd prints and where it goes, how tools read their options, and which file a shell reads first.
unset CDPATH POSIXLY_CORRECT GREP_OPTIONS GREP_COLOR GREP_COLORS ENV BASH_ENV

# ---- a temporary folder ----

# can_run_in FOLDER: programs can be written there and run.
can_run_in() {
	probe=$1/can-run.$$
	printf '#!/bin/sh\n' >"$probe" && chmod +x "$probe" && "$probe" && rm "$probe" && return
	rm -f "$probe"
	return 1
} 2>/dev/null

# find_room NAME makes a folder where programs can be run, and sets $room to it: in TMPDIR, in /tmp, or in build. The first
# may be missing, and the first two may be mounted noexec. Fails, with $room empty, where there is none.
find_room() {
	for place in "${TMPDIR:-/tmp}" /tmp "$PWD/build"; do
		room=$place/$1.$$
		while [ -e "$room" ]; do room=$room+; done # of somebody who had this process id
		mkdir -m 700 "$room" 2>/dev/null || continue
		! can_run_in "$room" || return 0
		rmdir "$room"
	done
	room=
	return 1
}

# make_room NAME makes such a folder, which goes away with the script: at its end, at Ctrl-C, or when the terminal is
# closed. Before that clean_up is called: a script with more to clean up defines its own.
make_room() {
	find_room "$1" || {
		echo "$1: no folder to run programs in can be made in ${TMPDIR:-/tmp}, /tmp or build: full, or mounted noexec" >&2
		exit 1
	}
	trap leave_room EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

clean_up() { :; }

leave_room() {
	status=$?
	trap - EXIT
	trap '' HUP INT TERM # clean up once, and to the end
	clean_up
	rm -rf "$room"
	exit "$status"
}

# ---- waiting ----

# wait_for SECONDS COMMAND [ARGUMENT...]: again and again until the command succeeds, at most SECONDS (a whole number)
# times TIMEOUT_SCALE, rounded up. Fails when it was too late; what to say then is the caller's.
wait_for() {
	scale=${TIMEOUT_SCALE:-1}
	case $scale in *.*) scale=${scale%%.*} scale=$((${scale:-0} + 1)) ;; esac
	tries_left=$(($1 * 20 * scale))
	shift
	until "$@"; do
		[ $((tries_left -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}

# holds FILE TEXT: the file holds the text, as it stands. has_ended PROCESS. Both are for wait_for.
holds() {
	grep -qF -- "$2" "$1" 2>/dev/null
}

has_ended() {
	! kill -0 "$1" 2>/dev/null
}

# ---- what a learner's program is compiled with ----

# runs_silently PROGRAM: ends with 0 and prints nothing; what it prints goes to PROGRAM.says.
runs_silently() {
	"$1" >"$1.says" 2>&1 && [ ! -s "$1.says" ]
} 2>/dev/null

# A shell that does not know the option says nothing.
memory_is_limited() {
	# shellcheck disable=SC3045 # see above
	case $(ulimit -v 2>/dev/null) in '' | unlimited) return 1 ;; esac
}

# choose_sanitizers FOLDER: sets SANITIZE (what the option -z of the checker takes) and SANITIZERS (for cc), both empty where programs
# with them cannot be built or run. Their runtime is part of the program where that can be, which then starts in half the
# time. Where only leaks cannot be looked for, it says so to the program in ASAN_OPTIONS.
# Sets without to what is missing, `sanitizers` or `a search for leaks`, and why to the reason; empty when nothing is.
# shellcheck disable=SC2034 # the caller reads them
choose_sanitizers() {
	SANITIZE=address,undefined
	SANITIZERS='-fsanitize=address,undefined -fno-sanitize-recover=all'
	without='' why=''
	static='-static-libasan -static-libubsan'
	rm -f "$1/probe"
	echo 'int main(void) { return 0; }' >"$1/probe.c"
	# What this compiler has made once need not be made again; whether it runs is asked each time.
	probing_cc=$(command -v cc) probe_kept=build/probe.$(printf '%s' "$probing_cc" | tr -c '[:alnum:]' _)
	# shellcheck disable=SC2086 # words
	if [ -n "$(find "$probe_kept" -newer "$probing_cc" 2>/dev/null)" ]; then
		cp "$probe_kept" "$1/probe"
	elif ! says=$(cc $SANITIZERS $static -o "$1/probe" "$1/probe.c" 2>&1) || [ -n "$says" ]; then
		static=
	else
		cp "$1/probe" "$probe_kept.$$" && mv "$probe_kept.$$" "$probe_kept"
	fi 2>/dev/null
	[ -z "$static" ] || SANITIZERS="$SANITIZERS $static" SANITIZE=static,$SANITIZE
	# shellcheck disable=SC2086 # words
	if ! cc $SANITIZERS -o "$1/probe" "$1/probe.c" 2>/dev/null; then
		why='this compiler has none'
	elif runs_silently "$1/probe"; then
		return
	elif ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" runs_silently "$1/probe"; then
		export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
		without='a search for leaks' why='LeakSanitizer may not trace here, as in some containers'
		return
	elif [ ! -e /proc/self/maps ] && [ "$(uname)" = Linux ]; then
		why='they need /proc, which is missing here'
	elif memory_is_limited; then
		why='the limit on memory leaves no room for them (ulimit -v)'
	else
		why="a program with them does not run here: $(head -n 1 "$1/probe.says")"
	fi
	without=sanitizers SANITIZE='' SANITIZERS=''
}

# choose_thread_sanitizer FOLDER: sets THREAD_SANITIZE and THREAD_SANITIZERS likewise for ThreadSanitizer, which cannot stand in one
# program with the others. Without it no_threads is the reason, and both are empty.
# shellcheck disable=SC2034 # the caller reads them
choose_thread_sanitizer() {
	THREAD_SANITIZE=thread THREAD_SANITIZERS='-fsanitize=thread' no_threads=''
	echo '#include <pthread.h>
	static void *end(void *argument) { return argument; }
	int main(void) { pthread_t t; return pthread_create(&t, NULL, end, NULL) || pthread_join(t, NULL); }' >"$1/probe.c"
	if says=$(cc -fsanitize=thread -static-libtsan -pthread -o "$1/probe" "$1/probe.c" 2>&1) && [ -z "$says" ]; then
		THREAD_SANITIZE=static,thread THREAD_SANITIZERS='-fsanitize=thread -static-libtsan'
	elif ! cc -fsanitize=thread -pthread -o "$1/probe" "$1/probe.c" 2>/dev/null; then
		no_threads='this compiler has none'
	fi
	[ -n "$no_threads" ] || runs_silently "$1/probe" || no_threads="a program with it does not run here: $(head -n 1 "$1/probe.says")"
	[ -z "$no_threads" ] || THREAD_SANITIZE='' THREAD_SANITIZERS=''
}

# ---- a submission ----

# Beside the sanitizers. -O1 is what makes a wrong program fail as its source says, and it is compiled soon.
# shellcheck disable=SC2034 # the caller reads it
BUILD_FLAGS='-g -O1 -fno-omit-frame-pointer'

# build_program FOLDER PROGRAM OUT [OPTION...]: makes OUT of the PROGRAM.c that a learner has in FOLDER. Where that needs
# functions of other files there, those without a main are taken, too. OUT.says is what the compiler said. For make check and
# make grade alike.
# shellcheck disable=SC2086 # LIBS is words
build_program() {
	folder=$1 program=$2 out=$3
	shift 3
	cc "$@" -o "$out" "$folder/$program.c" $LIBS 2>"$out.says" && return
	grep -qi undefined "$out.says" || return
	for other in "$folder"/*.c; do
		grep -Eq '(^|[^[:alnum:]_])main[[:space:]]*\(' "$other" || set -- "$@" "$other"
	done
	cc "$@" -o "$out" "$folder/$program.c" $LIBS 2>"$out.says"
}

# ---- a copy ----

# copy_checkout FOLDER: what belongs to the repository, and nothing of git, of the slides' packages, or in build and practice.
copy_checkout() {
	mkdir -p "$1/slides"
	for entry in .[!.]* *; do
		case $entry in .git | build | practice | slides) ;; *) cp -R "$entry" "$1/" ;; esac
	done
	cp -R slides/[!n]* "$1/slides/" # without node_modules
}

# ---- the course: what lessons/course says ----

# fact LESSON COLUMN: nothing for `-`. Fails, and names it, when the row is missing or cannot be read.
fact() {
	awk -v lesson="$1" -v column="$2" '
	function wrong(why) { print "lessons/course: " why " for " lesson | "cat >&2"; failed = 1; exit 1 }
	/^#/ || $1 != lesson { next }
	rows++ { wrong("a second row") }
	NF != 7 { wrong(NF " columns in place of 7") }
	$2 !~ /^[a-z]+([<=][a-z0-9\/-]+)?(,[a-z]+([<=][a-z0-9\/-]+)?)*$/ { wrong("no list of programs") }
	$4 !~ /^(-|none|one|many)$/ { wrong("clients are -, none, one or many, not " $4) }
	{
		n = split("lesson programs libraries clients system root trace", name, " ")
		for (i = 1; i <= n; i++) if (name[i] == column) { known = 1; text = $i }
		if (!known) wrong("no column " column)
	}
	END {
		if (failed) exit 1
		if (!rows) wrong("no row")
		gsub(/,/, " ", text)
		if (text != "-") print text
	}' lessons/course
}

# programs_of LESSON: what is built.
programs_of() (
	row=$(fact "$1" programs) || exit
	names=
	for program in $row; do names="$names ${program%%[<=]*}"; done
	echo "${names# }"
)

# written_in LESSON: what the learner writes, a line each: the program, and the file that it begins with.
written_in() (
	row=$(fact "$1" programs) || exit
	for program in $row; do
		case $program in
		*'<empty') echo "${program%<*} common/empty.c" ;;
		*'<'*) echo "${program%<*} lessons/${program#*<}.c" ;;
		esac
	done
)

# give_headers LESSON FOLDER: the headers that the lesson gives to a learner go there, unless they are there. Prints their names.
give_headers() {
	for header in lessons/"$1"/*.h; do
		[ ! -e "$header" ] || [ -e "$2/${header##*/}" ] || { cp "$header" "$2/" && echo "${header##*/}"; }
	done
}

# for_practice FILE: prints a lesson's program as it stands in practice/, whose folders are two below the top.
for_practice() {
	sed 's#"\(\.\./\)*common/die\.h"#"../../common/die.h"#' "$1"
}

# source_of LESSON PROGRAM: the file that it is built from.
source_of() (
	row=$(fact "$1" programs) || exit
	case " $row " in
	*" $2="*)
		row=${row#*"$2="}
		echo "lessons/${row%% *}.c" ;;
	*) echo "lessons/$1/$2.c" ;;
	esac
)

# can_be_built LESSON: on this system.
can_be_built() (
	system=$(fact "$1" system) && case $system in '' | "$(uname)") ;; *) exit 1 ;; esac
)

# denied_in_a_sandbox LESSON: what of its needs no sandbox of make grade has; nothing for a lesson that can be graded.
denied_in_a_sandbox() (
	root=$(fact "$1" root) && played=$(fact "$1" trace) || exit
	[ -z "$root" ] || echo 'the rights of root'
	[ "$played" != path ] || echo 'sockets of the family AF_UNIX'
)

# ---- what a machine does not allow ----

# unexpected_skips WHERE: reads reasons for which something was skipped, a line each. In CI, whose machine has all that the
# tests need, it prints those that tests/repository/skips-in-ci does not list for WHERE; elsewhere nothing.
unexpected_skips() {
	[ "${CI:-}" = true ] || { cat >/dev/null; return; }
	expected=$(cut -f 1,2 tests/repository/skips-in-ci)
	while IFS= read -r reason; do
		printf '%s\n' "$expected" | grep -qxF -- "$(printf '%s\t%s' "$1" "$reason")" ||
			echo "FAILED: skipped in CI, and no row of tests/repository/skips-in-ci is '$1' and '$reason'"
	done | sort -u
}

# ---- wrong programs ----

# pieces_of_the_museum: its patches, by their numbers.
pieces_of_the_museum() {
	printf '%s\n' tests/museum/*.patch | sort -t / -k 3n
}

# original_of PATCH: the file that a patch of tests/museum or tests/variations is for. Before its diff stand lines of a head.
original_of() {
	sed -n 's/^--- //p' "$1"
}

# patched PATCH ORIGINAL FILE: writes ORIGINAL with the patch to FILE. Fails, and says why, when it does not fit. Fuzz is no fit:
# patch(1) would put the lines where others of their kind stand.
patched() {
	cp "$2" "$3" && patch -i "$1" "$3" >"$3.log" 2>&1 && ! grep -q 'with fuzz' "$3.log" && rm -f "$3.log" "$3.orig" && return
	echo "$1 does not fit $2 any more:"
	cat "$3.log"
	rm -f "$3" "$3.log" "$3.orig" "$3.rej"
	return 1
}
