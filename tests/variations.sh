#!/bin/sh
# variations.sh [LESSON...]: proves the checks of the variations with tests/variations/LESSON: right.patch makes of the
# lesson's program one that does what variation.md asks for, and each wrong-NN.patch makes of that one a wrong one. The checks
# pass the right one. They fail each wrong one in the check that its head names (the first of several), and the lesson's own
# program in the one that the head of right.patch names. Run from the top, with the lessons and the tests built. The lessons
# go side by side: most of the time is spent in waiting for what a wrong program does not do.
set -u
export LC_ALL=C

if [ $# != 1 ]; then
	unset CDPATH
	# shellcheck disable=SC2046 # words
	[ $# -gt 0 ] || set -- $(cd tests/variations && echo [0-9]* further/*)
	printf '%s\n' "$@" | xargs -P 8 -n 1 sh "$0"
	exit
fi

lesson=$1
patches=tests/variations/$lesson
[ -f "$patches/right.patch" ] || {
	echo "variations.sh: there is no $patches/right.patch" >&2
	exit 2
}
# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
# shellcheck source=common/tools/compiling.sh
. common/tools/compiling.sh
make_room variations
original=$(original_of "$patches/right.patch")
program=$(basename "$original" .c)
mkdir -p "$room/practice/program" "$room/common"
cp common/die.h "$room/common/"
source=$room/practice/program/$program.c
failed=0 proved=0

# check SANITIZERS FLAGS [OPTION...]: compiles the source and runs the checks of the variation on it.
check() {
	sanitizers=$1 flags=$2
	shift 2
	# shellcheck disable=SC2086 # words
	(cd "$room/practice/program" && cc -D_POSIX_C_SOURCE=200809L -g -pthread $flags -o $program $program.c) >"$room/story" 2>&1 ||
		return 2
	side=-c
	[ "$program" != server ] || side=-s
	sh tests/run.sh -q "$@" $side "$(quoted "$room/practice/program/$program")" -z "$sanitizers" -r "$room/results" "variation/$lesson" >"$room/story" 2>&1
}

# check_threads [FLAGS]: the same with ThreadSanitizer, for a program with threads and where it runs; as `make check` does.
check_threads() {
	[ -z "$THREAD_SANITIZERS" ] || [ "$(fact "$lesson" libraries)" != -pthread ] ||
		check "$THREAD_SANITIZE" "$THREAD_SANITIZERS $*" -m
}

# put FILE: the source is what a learner would have in practice/.
put() {
	for_practice "$1" >"$source"
}

lost() {
	failed=1
	echo "$lesson: $1"
	sed 's/^/  /' "$room/story"
}

# fails PATCH WHAT: the source fails in a check that the patch's head names, with no cause that it does not name. The first try has
# little patience, because a wrong program is waited for in vain; a machine with much to do may need more.
fails() {
	for scale in 0.4 4; do
		status=0
		export TIMEOUT_SCALE=$scale
		{ check '' -w && check_threads -w; } || status=$?
		case $status in
		0) why='pass' ;;
		2) why='cannot be made for' ;;
		*)
			why=$(awk -f tests/judge.awk "$1" "$room/results") && {
				proved=$((proved + 1))
				return
			}
			why="judge otherwise ($why)" ;;
		esac
	done
	lost "the checks $why $2"
}

patched "$patches/right.patch" "$original" "$room/right.c" >"$room/story" || lost 'the right program cannot be made'
put "$room/right.c"
choose_sanitizers "$room"
choose_thread_sanitizer "$room"
# It meets no deadline, so that long ones cost nothing; on a busy machine a sanitizer may need them.
export TIMEOUT_SCALE=6
if check "$SANITIZE" "-Wall -Wextra -Werror $SANITIZERS" && check_threads; then proved=$((proved + 1)); else lost 'the right program fails'; fi

put "$original"
fails "$patches/right.patch" 'the program of the lesson itself'
for patch in "$patches"/wrong-*.patch; do
	if patched "$patch" "$room/right.c" "$room/wrong.c" >"$room/story"; then
		put "$room/wrong.c"
		fails "$patch" "$patch"
	else
		lost "$patch cannot be made"
	fi
done
[ $failed != 0 ] || echo "$lesson: $proved programs judged rightly"
exit $failed
