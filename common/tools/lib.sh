# lib.sh: read with `.` by the scripts, which run from the top of the repository.
# shellcheck shell=sh disable=SC2317 # the trap calls these

# ---- the user's shell ----

# Numbers are read and written with a point, lines are sorted by their bytes, and tools say what the pages show.
export LC_ALL=C
# These change what cd prints and where it goes, how tools read their options, and which file a shell reads first.
unset CDPATH POSIXLY_CORRECT GREP_OPTIONS GREP_COLOR GREP_COLORS ENV BASH_ENV

# ---- a temporary folder ----

# make_room NAME makes one, and sets $room to it. It goes away with the script: at its end, at Ctrl-C, or when the
# terminal is closed. Before that clean_up is called: a script with more to clean up defines its own.
make_room() {
	room=${TMPDIR:-/tmp}/$1.$$
	while [ -e "$room" ]; do room=$room+; done # of somebody who had this process id
	mkdir -m 700 "$room" || exit 1
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

# ---- the lessons ----

# value LESSON NAME: what the Makefile of a folder below lessons/ sets NAME to.
value() {
	sed -n "s/^$2 = //p" "lessons/$1/Makefile"
}

# ---- wrong programs ----

# original_of PATCH: the file that a patch of tests/museum or tests/variations is for. Before its diff stand lines of a head.
original_of() {
	sed -n 's/^--- //p' "$1"
}

# patched PATCH ORIGINAL FILE: writes ORIGINAL with the patch to FILE. Fails, and says why, when it does not fit.
patched() {
	patch -o "$3" "$2" <"$1" >"$3.log" 2>&1 && rm "$3.log" && return
	echo "$1 does not fit $2 any more:"
	cat "$3.log"
	return 1
}
