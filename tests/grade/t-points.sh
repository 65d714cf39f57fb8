#!/bin/sh
# t-points.sh [TEST...]: the points of wrong programs: each piece of the museum, and what each lesson begins with.
# slow: it grades each piece of the museum. `make test ONLY=points`, when the rule of the points or the checks have changed.
# PIECES='7 126' takes these pieces alone: for the first test.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

# put_lesson STUDENT LESSON: the right programs.
put_lesson() {
	for program in $(written_in "$2" | cut -d ' ' -f 1); do for_practice "lessons/$2/$program.c" | hand_in "$1/${2##*/}/$program.c"; done
}
for piece in tests/museum/*.patch; do
	case " ${PIECES:-all} " in ' all ' | *" $(basename "${piece%%-*}") "*) ;; *) continue ;; esac
	name=$(basename "$piece" .patch)
	name=${name#*-}
	original=$(original_of "$piece")
	lesson=$(dirname "${original#lessons/}")
	[ -z "$(denied_in_a_sandbox "$lesson")" ] || continue
	put_lesson "$name" "$lesson"
	patched "$piece" "$original" "$room/made.c" || exit 1
	for_practice "$room/made.c" | hand_in "$name/${lesson##*/}/${original##*/}"
	echo "$name ${lesson##*/}"
done >"$room/pieces"
[ -n "${PIECES:-}" ] || for lesson in $lessons; do
	written_in "$lesson" | while read -r program from; do for_practice "$from" | hand_in "starter/$lesson/$program.c"; done
	put_lesson right "$lesson"
done
# One of two programs.
[ -n "${PIECES:-}" ] || for_practice lessons/06-single-echo/client.c | hand_in 'no server/06-single-echo/client.c'
grade POINTS=10 >"$room/story" || { cat "$room/story"; exit 1; }

# points STUDENT LESSON: prints them.
points() {
	sed -n "s/^\"$1\",$2,\([0-9.]*\),.*/\1/p" "$submissions/grades.csv"
}

test_each_piece_of_the_museum_has_the_points_of_the_table() {
	while read -r name lesson; do echo "$name $(points "$name" "$lesson")"; done <"$room/pieces" >"$room/points"
	awk '
	function says(text) { print text; wrong = 1 }
	/^#/ || NF == 0 { next }
	FILENAME ~ /museum$/ { if ($1 in class) says($1 " stands twice in tests/grade/museum"); class[$1] = $2; worth[$1] = $3; next }
	!($1 in class) { says($1 " is missing in tests/grade/museum; it has " $2); next }
	$2 - worth[$1] > 0.6 || worth[$1] - $2 > 0.6 { says($1 " has " $2 ", and tests/grade/museum says " worth[$1]) }
	class[$1] == "small" && $2 < 6.6 { says($1 " is a small slip, and has only " $2) }
	class[$1] == "step" && $2 > 5 { says($1 " misses the step, and has " $2) }
	END { exit wrong }' tests/grade/museum "$room/points"
}

test_right_programs_have_all_points() {
	wrong=0
	for lesson in $lessons; do [ "$(points right "$lesson")" = 10.0 ] || { grep "^\"right\",$lesson" "$submissions/grades.csv" | cut -c 1-500; wrong=1; }; done
	return "$wrong"
}

test_what_a_lesson_begins_with_keeps_less_than_half() {
	for lesson in $lessons; do echo "$lesson $(points starter "$lesson")"; done >"$room/starters"
	awk '$2 > 5 { print "what " $1 " begins with has " $2; wrong = 1 } END { exit wrong }' "$room/starters" || return
	echo "note: $(tr '\n' ' ' <"$room/starters")"
}

# strlen-on-binary, recv-0-goes-on and closed-twice: what was passed before a limit counts.
test_a_limit_takes_away_nothing_that_was_passed() {
	wrong=0
	for piece in strlen-on-binary:06-single-echo recv-0-goes-on:07-multi-echo closed-twice:08-threaded-echo; do
		passed=$(sed -n "s/^\"${piece%:*}\",${piece#*:},[^,]*,[^,]*,\([0-9]*\),.*/\1/p" "$submissions/grades.csv")
		[ "${passed:-0}" -gt 10 ] || { echo "$piece: only $passed checks count"; wrong=1; }
	done
	return "$wrong"
}

test_a_missing_program_is_one_reason() {
	grep '^"no server",06' "$submissions/grades.csv" >"$room/out"
	if [ "$(wc -c <"$room/out")" -ge 600 ] || ! grep -q 'server.c is not there' "$room/out"; then
		cut -c 1-1500 "$room/out"
		return 1
	fi
	awk -v points="$(points 'no server' 06-single-echo)" 'BEGIN { exit !(points > 1 && points <= 6) }' || { cut -c 1-300 "$room/out"; return 1; }
}

run_tests "$@"
