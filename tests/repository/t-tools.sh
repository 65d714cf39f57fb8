#!/bin/sh
# t-tools.sh [TEST...]: other awks, other shells, BusyBox in place of everything, and make 3.81.
# slow: it runs the commands of a learner in each shell; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2015,SC2317 # the list of commands ends at the first that fails; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=common/tools/machines.sh
. common/tools/machines.sh
# shellcheck source=common/tools/look/trace-read.sh
. common/tools/look/trace-read.sh
# shellcheck source=common/tools/look/replay.sh
. common/tools/look/replay.sh
export NO_COLOR=1

# named TOOL NAME: the folder $room/TOOL holds TOOL under that name; BusyBox looks at the name that it is called by.
named() {
	command -v "$1" >/dev/null || { echo "no $1 here"; return 77; }
	mkdir -p "$room/$1"
	ln -sf "$(command -v "$1")" "$room/$1/$2"
}

# prints TEXT COMMAND...: whatever its status, the command prints the text.
prints() {
	text=$1
	shift
	"$@" >"$room/out" 2>&1 </dev/null
	grep -qF -- "$text" "$room/out" && return
	echo "no '$text' of: $*"
	cat "$room/out"
	return 1
}

# ---- awk ----

# What a student's program may have printed becomes no link, no HTML, no formula and no end of a string.
made_of_results() {
	printf 'failed\tcase\tits_check\tsaw \\q <b>*x*</b> [1](2) & | "y"\tcause: 5 %%, a\tREADME.md\town\t\n' >"$room/results"
	rm -rf "$room/summary" "$room/report"
	mkdir -p "$room/report/feedback"
	awk -v lesson=03 -v program=a,b.c -v summary="$room/summary" -f common/tools/learn/actions.awk "$room/results"
	{
		printf 'lesson\t1\t03-listen\nstudent\t1\t=a "b"\nrow\t1\t1\t9.0\t5\t6\n'
		printf 'reason\t1\t1\t1.0\t' && cut -f 4- "$room/results"
	} >"$room/told"
	awk -v to="$room/report" -v worth=10 -v roster= -f common/tools/teach/grade-report.awk "$room/told"
	cat "$room/summary" "$room"/report/* "$room"/report/feedback/* 2>/dev/null
}

test_what_a_program_has_printed_is_harmless_in_each_report() {
	made_of_results >"$room/reports"
	for wanted in '"text": "saw \\q <b>*x*</b> [1](2) & | \"y\""' '- saw \\q \<b\>\*x\*\</b\> \[1\](2) \& \| "y"' \
		'| its check | saw \\q \<b\>\*x\*\</b\> \[1\](2) \& \| "y" |' "\"'=a \"\"b\"\"\"" '::error file=a%2Cb.c,title=03%3A its check::saw \q'; do
		grep -qF -- "$wanted" "$room/reports" || { echo "not there: $wanted"; cat "$room/reports"; return 1; }
	done
}

# Prints what awk programs make: all files of ours, and those in scripts that need no bubblewrap and no long run.
made_by_awk() {
	for folder in tests/trace/*/; do
		events_of "${folder%/}" >"$room/events"
		cat "$room/events"
		story_of "$room/events" >"$room/whole"
		awk -v from='listen[(]' -v until='accept.*=' -f common/tools/look/trace-brief.awk "$room/whole" >"$room/brief"
		for rows in whole brief; do
			brief=${rows#whole}
			text_of "$room/$rows"
			picture_of "$room/$rows" -v title='a & b' -v brief="$brief"
		done
		data_of /dev/null /dev/null "$room/events" "$room/whole"
	done 2>&1
	for page in lessons/*/README.md lessons/further/*/README.md; do questions_of "$page"; done
	made_of_results
	sh common/tools/learn/help Makefile
	sh slides/assemble slides/deck.md
	sh common/tools/book/card
	printf '@gone\n' >"$room/deck"
	{ sh slides/assemble "$room/deck" >/dev/null; } 2>&1
	awk -f common/tools/measure/bench-table.awk slides/figures/figures.csv
	awk -f common/tools/measure/bench-aims.awk slides/figures/figures.csv
	sh tests/repository/t-slides.sh test_each_slide_has_its_notes_and_the_plans_add_up
	sh tests/repository/t-pages.sh test_each_lesson_has_three_levels_of_hints
	for form in page gift cards; do awk -v form="$form" -f common/tools/keep/questions.awk lessons/[0-9]*/questions; done
	sh tests/repository/t-glossary.sh
	sh tests/repository/t-times.sh test_the_labs_have_time_for_their_lessons
	sh tests/museum.sh 37
	sh common/tools/keep/pages check 01-create-socket
	(cd "$copy" && make -s start LESSON=01 FORCE=1 | grep -v -e old)
}

# The same as the awk that is here under that name.
awk_makes_the_same() {
	named "$1" awk || return
	copy_as_built
	[ -f "$room/made" ] || made_by_awk >"$room/made"
	PATH=$room/$1:$PATH made_by_awk >"$room/made.$1"
	[ "$(wc -l <"$room/made")" -gt 1000 ] && diff "$room/made" "$room/made.$1"
}

test_gawk_makes_the_same() { awk_makes_the_same gawk; }
test_mawk_makes_the_same() { awk_makes_the_same mawk; }
test_original_awk_makes_the_same() { awk_makes_the_same original-awk; }
test_the_awk_of_busybox_makes_the_same() { awk_makes_the_same busybox; }

# ---- the shells ----

# what_a_learner_does [MAKE-SETTING]: each command does its work.
what_a_learner_does() {
	copy_as_built
	cd "$copy" || return
	rm -rf practice build/practice
	server=practice/03-listen/server.c
	prints 'make start' make -s "$@" help &&
		prints 'Edit the file, then:' make -s "$@" start LESSON=03 &&
		prints 'NOT YET' make -s "$@" check LESSON=03 &&
		cp lessons/03-listen/server.c "$server" &&
		prints 'PASSED' make -s "$@" check LESSON=03 &&
		prints ' checks pass' make -s "$@" progress &&
		prints "$server.old1" make -s "$@" start LESSON=03 FORCE=1 &&
		prints 'HINT=2' make -s "$@" hint LESSON=03 &&
		prints '+    if (listen(' make -s "$@" diff LESSON=03 &&
		prints 'with one mistake' make -s "$@" hunt BUG=3 &&
		! cmp -s lessons/08-threaded-echo/server.c practice/hunt-03/server.c &&
		prints '[eva]    got all' make -s "$@" demo &&
		make -s "$@" doctor >"$room/out" || {
		cat "$room/out"
		return 1
	}
	sh common/tools/keep/pages check 02-bind-address >"$room/page" || { cat "$room/page"; return 1; }
	sed -n 's/^skipped: /note: /p' "$room/page" # the machine is made to lack much
	if can_trace >"$room/reason"; then
		prints 'recv(3) = 0: end of file' make -s "$@" trace LESSON=06
	else
		echo "note: without make trace: $(cat "$room/reason")"
	fi
}

# Every script can be read, and what a learner does is done. The scripts are run by `sh`, the recipes by what SHELL says.
works_in() {
	named "$1" sh || return
	# shellcheck disable=SC2013 # words
	for script in $(grep -l -e '^#!/bin/sh' -e '^# shellcheck shell=sh' common/tools/* common/tools/*/* slides/* tests/*.sh tests/repository/* .ci/run 2>/dev/null); do
		"$room/$1/sh" -n "$script" || return
	done
	PATH=$room/$1:$PATH what_a_learner_does SHELL=sh
}

test_everything_works_in_dash() { works_in dash; }
test_everything_works_in_bash() { works_in bash; }
test_everything_works_in_mksh() { works_in mksh; }

# As on Alpine: nothing but BusyBox, what compiles, and what BusyBox has no name for.
test_everything_works_with_busybox_alone() {
	command -v busybox >/dev/null || { echo 'no busybox here'; return 77; }
	mkdir -p "$room/busybox alone"
	for tool in busybox cc gcc as ld make pkg-config ss strace pgrep cksum; do
		path=$(command -v "$tool") && ln -sf "$path" "$room/busybox alone/$tool"
	done
	for tool in $(busybox --list); do
		case $tool in strace | ss | make) ;; *) ln -sf "$(command -v busybox)" "$room/busybox alone/$tool" ;; esac
	done
	PATH="$room/busybox alone" works_in busybox
}

# Only the utilities of POSIX in PATH, and no /proc.
test_everything_works_with_the_utilities_of_posix_and_without_proc() {
	no_proc true 2>/dev/null || { echo 'no right here to hide /proc'; return 77; }
	link_posix_utilities "$room/posix"
	no_proc env PATH="$room/posix" sh tests/repository/t-tools.sh what_a_learner_does
}

# ---- make ----

# With make-3.81 or gnumake-3.81 where one is installed under such a name; anywhere, by what the release notes call new.
test_make_3_81_is_enough() {
	makefiles=$(find Makefile common lessons tests -name Makefile -o -name '*.mk')
	# shellcheck disable=SC2086 # names
	if grep -nE '!=|::?:=|^\.(ONESHELL|RECIPEPREFIX|EXTRA_PREREQS|NOTINTERMEDIATE|WAIT)|--?(output-sync|O|shuffle|jobserver-style)\b|\$\((file|guile|let|intcmp) |^[[:space:]]*(undefine|private|load|-load) |^define .*=$|: *private ' $makefiles; then
		echo 'newer than make 3.81'
		return 1
	fi
	newer=$(command -v make-3.81 || command -v gnumake-3.81) || { echo 'note: not run: no make-3.81 here'; return 0; }
	mkdir -p "$room/old"
	ln -sf "$newer" "$room/old/make"
	PATH="$room/old:$PATH" what_a_learner_does
}

run_tests "$@"
