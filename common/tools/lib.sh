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
	room=
	trap leave_room EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 141' PIPE # nobody reads what it prints
	trap 'exit 143' TERM
	find_room "$1" || {
		echo "$1: no folder to run programs in can be made in ${TMPDIR:-/tmp}, /tmp or build: full, or mounted noexec" >&2
		exit 1
	}
}

clean_up() { :; }

leave_room() {
	status=$?
	trap - EXIT
	trap '' HUP INT PIPE TERM # clean up once, and to the end
	[ -z "$room" ] || { clean_up; rm -rf "$room"; }
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

# ---- text ----

# quoted TEXT: as one word of a command line.
quoted() {
	case $1 in
	*\'*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
	*) printf "'%s'" "$1" ;;
	esac
}

# ---- a copy ----

# copy_checkout FOLDER: what belongs to the repository, and nothing of git, of the slides' packages, or in build and practice.
copy_checkout() {
	mkdir -p "$1/slides"
	for entry in .[!.]* *; do
		case $entry in .git | build | practice | slides) ;; *) cp -R "$entry" "$1/" ;; esac
	done
	for entry in slides/*; do [ "$entry" = slides/node_modules ] || cp -R "$entry" "$1/slides/"; done
}

# ---- the course: what lessons/course says ----

# fact LESSON COLUMN: nothing for `-`. Fails, and names it, when the row is missing or cannot be read.
fact() {
	awk -v lesson="$1" -v column="$2" '
	function wrong(why) { print "lessons/course: " why " for " lesson | "cat >&2"; failed = 1; exit 1 }
	/^#/ || $1 != lesson { next }
	rows++ { wrong("a second row") }
	NF != 8 { wrong(NF " columns in place of 8") }
	$2 !~ /^[a-z]+([<=][a-z0-9\/-]+)?(,[a-z]+([<=][a-z0-9\/-]+)?)*$/ { wrong("no list of programs") }
	$4 !~ /^(-|none|one|many)$/ { wrong("clients are -, none, one or many, not " $4) }
	$5 !~ /^(-|port|path)$/ { wrong("an address is -, port or path, not " $5) }
	{
		n = split("lesson programs libraries clients address system root trace", name, " ")
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

# preloaded_first SANITIZERS FOLDER: what a program with these sanitizers wants in LD_PRELOAD before all other libraries: their runtime,
# where that is no part of the program, and FOLDER/absent.so, with which AddressSanitizer starts in half the time (tests/Makefile).
# CC is the compiler that has made the program.
preloaded_first() {
	runtime='' absent=''
	case $1 in
	static,*) ;;
	*address*) runtime=$(${CC:-cc} -print-file-name=libasan.so) ;;
	*thread*) runtime=$(${CC:-cc} -print-file-name=libtsan.so) ;;
	esac
	[ -f "$runtime" ] || runtime=
	case $1 in *address*) [ ! -f "$2/absent.so" ] || absent=$2/absent.so ;; esac
	echo "$runtime${runtime:+${absent:+ }}$absent"
}

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
	root=$(fact "$1" root) || exit
	[ -z "$root" ] || echo 'the rights of root'
)

# ---- what a machine does not allow ----

# skips_in RESULTS: the reasons for what was skipped, a line each: result.h says what stands there.
skips_in() {
	cut -s -f 9 "$1" | tr '|' '\n' | sed 's/^ //; s/ $//; /^$/d'
}

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
	command -v patch >/dev/null || { echo 'patch is missing. This installs it:  make deps'; return 1; }
	cp "$2" "$3" && patch -i "$1" "$3" >"$3.log" 2>&1 && ! grep -q 'with fuzz' "$3.log" && rm -f "$3.log" "$3.orig" && return
	echo "$1 does not fit $2 any more:"
	cat "$3.log"
	rm -f "$3" "$3.log" "$3.orig" "$3.rej"
	return 1
}
