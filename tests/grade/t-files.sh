#!/bin/sh
# t-files.sh [TEST...]: the files that `make grade` writes, what it remembers, and what it is asked for.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

hand_in "ann/03-listen/server.c" <"$good"
hand_in "=1+1/03-listen/server.c" <lessons/02-bind-address/server.c
hand_in "ben müller/03-listen/server.c" <<'C'
int main(void) { return 0; }
C
# Two long names that differ at their end; one whose program is ann's, but for names, comments and spaces.
hand_in 'somebody with a very long name one/03-listen/server.c' <"$good"
sed 's/listener/my_socket/g; s/local/here/g; s#/\*.*\*/##; s/^    /\t/' $good | hand_in 'somebody with a very long name two/03-listen/server.c'
printf 'folder,id,name,login\r\nann,17,"Ann, A.",ann1\r\n=1+1,18,=cmd,eq\r\nnobody,19,No Body,no\r\n' >"$room/roster.csv"
grade FORCE=1 ROSTER="$room/roster.csv" 03-listen >"$room/story" || { cat "$room/story"; exit 1; }
cp "$submissions/grades.csv" "$room/first.csv"

test_a_cell_is_no_formula_and_names_are_as_they_are() {
	wrong=0
	row "'=1+1" 03-listen '[0-4]\.[0-9],10'
	! grep -qE '(^|,)"?[=+@-][^0-9,]' "$submissions"/grades*.csv || { grep -nE '(^|,)"?[=+@-][^0-9,]' "$submissions"/grades*.csv; wrong=1; }
	grep -q '^ben müller  *0\.0' "$room/table" || { cat "$room/table"; wrong=1; }
	[ "$(grep -cE '^somebody with a very long name (one|two) ' "$room/table")" = 2 ] || { cat "$room/table"; wrong=1; }
	return "$wrong"
}

test_a_row_a_student_and_what_moodle_and_canvas_import() {
	wrong=0
	head -n 1 "$submissions/grades-wide.csv" | grep -qx 'student,03-listen,sum,last commit' || { cat "$submissions/grades-wide.csv"; wrong=1; }
	grep -qx '"ann",10.0,10.0,""' "$submissions/grades-wide.csv" || wrong=1
	head -n 1 "$submissions/grades-moodle.csv" | grep -qx 'ID number,Username,Full name,03-listen' || wrong=1
	grep -qx '"18","eq","'"'"'=cmd",[0-9.]*' "$submissions/grades-moodle.csv" || { cat "$submissions/grades-moodle.csv"; wrong=1; }
	grep -qx '"17","ann1","Ann, A.",10.0' "$submissions/grades-moodle.csv" || wrong=1
	head -n 1 "$submissions/grades-canvas.csv" | grep -qx 'Student,ID,SIS User ID,SIS Login ID,Section,03-listen' || wrong=1
	sed -n 2p "$submissions/grades-canvas.csv" | grep -qx '    Points Possible,,,,,10' || { cat "$submissions/grades-canvas.csv"; wrong=1; }
	grep -qx '"Ann, A.",,"17","ann1",,10.0' "$submissions/grades-canvas.csv" || wrong=1
	grep -q 'the roster names nobody' "$room/progress" || { cat "$room/progress"; wrong=1; }
	return "$wrong"
}

test_a_reason_has_its_cause_and_the_difference() {
	wrong=0
	grep -q '"cause": "..*"' "$submissions/grades.json" || wrong=1
	grep -q ' - cause: ..* (-[0-9.]*)' "$submissions/grades.csv" || wrong=1
	grep -q 'Read: `lessons/' "$submissions/feedback/=1+1.md" || { cat "$submissions/feedback/=1+1.md"; wrong=1; }
	[ "$wrong" = 0 ] || cut -c 1-600 "$submissions/grades.csv"
	return "$wrong"
}

# A port that differs in each run is masked, and another one stays another one.
test_two_ports_stay_two() {
	printf 'lesson\t1\t03-listen\tserver\nstudent\t1\tann\n' >"$room/who"
	mkdir -p "$room/jobs/1" "$room/jobs/2"
	printf '1\tpassed\tg\tc\t\t\t\town\t\ncomplete\n' >"$room/jobs/1/outcome"
	printf '1\tfailed\tg\tc\texpected port 40001, saw port 40002 at 127.0.0.1:40001\t\t\town\tother\ncomplete\n' >"$room/jobs/2/outcome"
	: >"$room/jobs/1/notes"
	: >"$room/jobs/2/notes"
	awk -v room="$room" -v worth=10 -f common/tools/teach/grade-points.awk "$room/who" >"$room/rows"
	grep -q 'expected port PORT, saw port OTHER-PORT at 127.0.0.1:PORT' "$room/rows" || { cat "$room/rows"; return 1; }
}

# Nine of ten checks fail for one cause: it does nothing, and one loss would be too little.
test_one_cause_for_nearly_all_is_no_small_loss() {
	printf 'lesson\t1\t03-listen\tserver\nstudent\t1\tann\n' >"$room/who"
	mkdir -p "$room/jobs/1" "$room/jobs/2"
	: >"$room/jobs/1/notes"
	: >"$room/jobs/2/notes"
	awk 'BEGIN { for (i = 1; i <= 10; i++) print i "\tpassed\tg\tc\t\t\t\town\t"; print "complete" }' >"$room/jobs/1/outcome"
	awk 'BEGIN { print "1\tpassed\tg\tc\t\t\t\town\t"; for (i = 2; i <= 10; i++) print i "\tfailed\tg\tc\tno line\tIt spins.\t\town\tno_line"; print "complete" }' \
		>"$room/jobs/2/outcome"
	awk -v room="$room" -v worth=10 -f common/tools/teach/grade-points.awk "$room/who" >"$room/rows"
	grep -qx "row	1	1	2.0	1	10" "$room/rows" || { cat "$room/rows"; return 1; }
}

# In lesson 03 too little is new to compare.
test_what_is_alike_is_said() {
	wrong=0
	! grep 'per cent' "$room/table" || wrong=1
	for_practice lessons/04-accept/server.c | hand_in ann/04-accept/server.c
	sed 's/listener/my_socket/g; s/local/here/g; s#/\*.*\*/##; s/^    /\t/' lessons/04-accept/server.c | for_practice /dev/stdin |
		hand_in 'somebody with a very long name two/04-accept/server.c'
	for_practice lessons/02-bind-address/server.c | hand_in 'ben müller/04-accept/server.c'
	grade 04-accept || return
	grep -q 'ann and somebody with a very long name two, 100 per cent' "$room/table" || wrong=1
	grep -q 'the program of the course and ann, 100 per cent' "$room/table" || wrong=1
	! grep -q 'per cent.*ben\|ben.*per cent' "$room/table" || wrong=1
	[ "$wrong" = 0 ] || cat "$room/table"
	return "$wrong"
}

test_a_second_run_takes_what_has_not_changed() {
	wrong=0
	grade ROSTER="$room/roster.csv" 03-listen || return
	grep -q '^grade: 0 to run' "$room/progress" || { echo 'it grades again'; cat "$room/progress"; wrong=1; }
	cmp "$submissions/grades.csv" "$room/first.csv" || wrong=1
	{ echo "/* $$ $(date) */"; cat "$good"; } | hand_in 'ben müller/03-listen/server.c'
	grade 03-listen || return
	row 'ben müller' 03-listen '10\.0'
	grep -q '^grade: 1 to run' "$room/progress" || { echo 'not one is graded:'; cat "$room/progress"; wrong=1; }
	[ -f "$submissions/grades.old1.csv" ] || { echo 'the grades of before are gone'; wrong=1; }
	return "$wrong"
}

# A shell lets its background commands ignore SIGINT; perl takes that back, and makes a group, as a terminal does.
test_what_was_graded_before_ctrl_c_is_not_graded_again() {
	command -v perl >/dev/null || { echo 'no perl here'; return 77; }
	for student in one two; do
		mkdir -p "$room/broken off/$student/03-listen"
		{ echo "/* $student $$ */"; for_practice "$good"; } >"$room/broken off/$student/03-listen/server.c"
	done
	DIR="$room/broken off" JOBS=1 TMPDIR="$room/tmp" perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' sh common/tools/teach/grade 03-listen >"$room/out" 2>&1 &
	grading=$!
	wait_for 120 grep -q '^grading: 1 of 2' "$room/out" || { cat "$room/out"; return 1; }
	kill -INT "-$grading"
	wait "$grading"
	DIR="$room/broken off" TMPDIR="$room/tmp" sh common/tools/teach/grade 03-listen >"$room/table" 2>"$room/progress" || { cat "$room/progress"; return 1; }
	grep -q '^grade: 1 to run, 2 as before' "$room/progress" || { cat "$room/out" "$room/progress"; return 1; }
}

test_one_student_alone() {
	wrong=0
	grade STUDENT=ann 03-listen || return
	[ "$(wc -l <"$submissions/grades.csv")" = 2 ] || { cat "$submissions/grades.csv"; wrong=1; }
	! DIR=$submissions STUDENT=nobody sh common/tools/teach/grade >"$room/out" 2>&1 && grep -q 'there is no folder' "$room/out" || wrong=1
	return "$wrong"
}

test_a_variation_has_a_folder_of_its_own() {
	wrong=0
	for_practice lessons/03-listen/server.c | hand_in 'ann/03-listen-variation/server.c'
	patched tests/variations/03-listen/right.patch lessons/03-listen/server.c "$room/right.c" || return
	for_practice "$room/right.c" | hand_in 'cleo/practice/03-listen-variation/server.c'
	grade VARIATION=1 03-listen || return
	row ann 03-listen '[0-9]\.[0-9]'
	! grep -q '^"ann",03-listen,10' "$submissions/grades.csv" || { echo 'the lesson itself passes'; wrong=1; }
	row cleo 03-listen '10\.0'
	return "$wrong"
}

# The time of the last commit comes from a sandbox: a repository may name commands that git runs.
test_the_last_commit_is_told_and_runs_nothing() {
	command -v git >/dev/null || { echo 'no git here'; return 77; }
	wrong=0
	cd "$submissions/ann" || return
	git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -q -m one --date 2026-01-02T03:04:05Z
	git config core.fsmonitor "touch '$room/ran'" && git config log.showSignature true && git config gpg.program "$room/gpg"
	cd "$OLDPWD" || return
	grade STUDENT=ann 03-listen || return
	grep -q '"20[0-9-]*T[0-9:+Z-]*"$' "$submissions/grades.csv" || { cat "$submissions/grades.csv"; wrong=1; }
	[ ! -e "$room/ran" ] || { echo 'git has run a command of the repository'; wrong=1; }
	return "$wrong"
}

run_tests "$@"
