#!/bin/sh
# museum.sh [NUMBER|LESSON...]: what a learner's program is told. Run from the top of the repository, with all built.
#   NUMBER  a wrong program of tests/museum: what it is told first is the cause that its head names (Cause), in the check that it
#           names (Check; where chance decides which is first, each of them), and of six failures no other cause is told (Also)
#   PATCH   a right program of tests/designs passes, although its design is another one
#   LESSON  a folder below lessons/: what `make start` makes fails, and the lesson's own program passes
# Without arguments all of them, four at a time: a check itself runs two.
set -u
export LC_ALL=C
unset MAKEFLAGS MFLAGS MAKELEVEL ONLY FROM FORCE ALL SERVER CLIENT HINT VARIATION BUG

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
pieces=$(pieces_of_the_museum)
count=$(echo "$pieces" | wc -l)

if [ $# = 0 ]; then
	lessons=$(cd lessons && printf '%s\n' [0-9]* further/*)
	lessons=$(for lesson in $lessons; do ! can_be_built "$lesson" || echo "$lesson"; done)
	echo "Running $count wrong programs, and $(echo "$lessons" | wc -l) lessons with what they begin as"
	# shellcheck disable=SC2086 # words; the lessons first, because they take longest
	if { printf '%s\n' $lessons tests/designs/*.patch; echo "$pieces" | sed -n =; } | xargs -n 1 -P 4 sh tests/museum.sh; then
		echo 'Each wrong program is caught and explained; each lesson passes'
		exit 0
	fi
	echo 'FAILED: see above'
	exit 1
fi

make_room 'museum test'
out=$room/out

# A learner's copy, whose practice/ is its own.
chmod 755 "$room" # a check runs types as nobody
mkdir "$room/build"
for folder in common lessons tests build/tests; do ln -s "$PWD/$folder" "$room/$folder"; done

# practice [VARIABLE=VALUE...] COMMAND [LESSON]: what make runs for a learner. Its output goes to $out.
practice() {
	settings=
	while case $1 in *=*) true ;; *) false ;; esac do
		settings="$settings $1"
		shift
	done
	# shellcheck disable=SC2086 # words
	(cd "$room" && env $settings sh common/tools/learn/practice "$@") >"$out" 2>&1
}

# The tests print why they fail.

# judge: the first failure is in a check that the head of the piece names, with the cause that it names, and no failure has a cause
# that the head does not name.
judge() {
	awk -f tests/judge.awk "$piece" "$room"/build/practice/*/results
}

# With eight at once a wrong answer may be the machine's: then once more, with more time.
is_caught_and_explained() {
	piece=$(echo "$pieces" | sed -n "$1p")
	practice BUG="$1" hunt || { cat "$out"; return 1; }
	for scale in 1 4; do
		practice TIMEOUT_SCALE=$scale BUG="$1" ALL=1 MOST=6 check
		judge && return
	done
	cat "$out"
	return 1
}

begins_wrong_and_ends_right() {
	practice start "$1" || { cat "$out"; return 1; }
	! practice check "$1" || { echo 'what it begins as passes'; return 1; }
	for source in "$room/practice/${1##*/}"/*.c; do
		for_practice "lessons/$1/${source##*/}" >"$source"
	done
	# With eight at once a right program, too, may be slow; and it waits for no deadline.
	practice TIMEOUT_SCALE=4 check "$1" || { echo 'the lesson fails:'; cat "$out"; return 1; }
}

# A right program of another design than the lesson's.
passes_too() {
	original=$(original_of "$1")
	lesson=$(dirname "${original#lessons/}")
	mkdir -p "$room/practice/${lesson##*/}"
	give_headers "$lesson" "$room/practice/${lesson##*/}" >/dev/null
	for source in "lessons/$lesson"/*.c; do
		for_practice "$source" >"$room/practice/${lesson##*/}/${source##*/}"
	done
	patched "$1" "$original" "$room/made.c" || return
	for_practice "$room/made.c" >"$room/practice/${lesson##*/}/${original##*/}"
	practice TIMEOUT_SCALE=4 check "$lesson" || { echo 'it fails:'; cat "$out"; return 1; }
}

failed=0
for subject; do
	rm -rf "$room/practice" "$room/build/practice" # of the one before
	name=$subject
	if case $subject in
	*.patch) passes_too "$subject" ;;
	*[!0-9]*) begins_wrong_and_ends_right "$subject" ;;
	*)
		name="$subject $(basename "$(echo "$pieces" | sed -n "${subject}p")" .patch)"
		is_caught_and_explained "$subject" ;;
	esac >"$room/story"; then
		echo "ok: $name"
	else
		failed=1
		printf 'FAILED: %s\n%s\n' "$name" "$(sed 's/^/  /' "$room/story")"
	fi
done
exit $failed
