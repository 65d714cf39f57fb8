# lib.sh: read with `.` by tests/grade/t-*.sh, which run from the top of the repository, with the lessons and the tests built. A file
# hands in what its tests need, grades once, and each test looks at what came of it. tests/repository/lib.sh says what a test is.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317 # what the files use, and what run_tests calls

# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
command -v bwrap >/dev/null || {
	echo 'grade test: bubblewrap is missing. This installs it:  make deps FOR=grade' >&2
	exit 1
}
submissions="$room/the submissions"
mkdir -p "$room/tmp" "$submissions"
chmod 755 "$room" "$room/tmp" # root's sandboxes run as nobody
good=lessons/03-listen/server.c

# hand_in PATH: a file below the submissions, from stdin.
hand_in() {
	mkdir -p "$(dirname "$submissions/$1")"
	cat >"$submissions/$1"
}

# grade [VARIABLE=VALUE...] [LESSON]: its output goes to $room/table, and what it says beside to $room/progress.
grade() {
	(
		while case ${1:-} in *=*) true ;; *) false ;; esac do
			export "${1?}"
			shift
		done
		DIR=$submissions TMPDIR="$room/tmp" sh common/tools/teach/grade "$@"
	) >"$room/table" 2>"$room/progress" && return
	echo 'grade did not end well:'
	cat "$room/progress"
	return 1
}

# row STUDENT LESSON PATTERN: the row goes on like that.
row() {
	grep -q "^\"$1\",$2,$3" "$submissions/grades.csv" && return
	echo "$1: not $3: $(grep "^\"$1\",$2" "$submissions/grades.csv" | cut -c 1-400)"
	wrong=1
}
