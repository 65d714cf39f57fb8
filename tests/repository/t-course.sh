#!/bin/sh
# t-course.sh [TEST...]: lessons/course, which the tools and the lessons' Makefiles read.
# shellcheck disable=SC2015,SC2317 # the list of commands ends at the first that fails; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_lesson_has_a_row_and_each_row_a_lesson() {
	sed -n 's/^\([^# ][^ ]*\) .*/\1/p' lessons/course | sort >"$room/rows"
	(cd lessons && ls -d [0-9]*/ further/*/) | sed 's#/$##' | sort >"$room/folders"
	diff "$room/rows" "$room/folders" >"$room/differs" && return
	echo 'lessons/course (<) and the folders (>):'
	cat "$room/differs"
	return 1
}

test_each_row_names_programs_that_are_there_and_a_scenario() {
	for lesson in $(cd lessons && echo [0-9]* further/*); do
		for column in libraries clients address system root trace; do fact "$lesson" "$column" >/dev/null || return 1; done
		for program in $(programs_of "$lesson"); do
			source=$(source_of "$lesson" "$program")
			[ -f "$source" ] || { echo "lessons/course: $lesson: there is no $source"; return 1; }
		done
		scenario=$(fact "$lesson" trace | tr - _)
		[ -z "$scenario" ] || grep -qxF "play_$scenario() {" common/tools/look/scenarios.sh || { echo "lessons/course: $lesson: no scenario $scenario"; return 1; }
		written_in "$lesson" >"$room/written"
		[ -s "$room/written" ] || { echo "lessons/course: $lesson: nothing to write"; return 1; }
		while read -r program from; do
			[ -f "$from" ] || { echo "lessons/course: $lesson: $program begins with $from, which is not there"; return 1; }
		done <"$room/written"
		# What the Makefile makes of the row is the same.
		set -- "$(make -s -C "lessons/$lesson" programs)" "$(programs_of "$lesson")"
		[ "$1" = "$2" ] || ! can_be_built "$lesson" || { echo "$lesson: make builds '$1', lessons/course says '$2'"; return 1; }
	done
}

# The tools read the row, the checks read the suite.
test_a_suite_and_its_row_say_the_same_of_clients_and_address() {
	for lesson in $(cd lessons && echo [0-9]* further/*); do
		case $lesson in further/*) suites=tests/suites/$lesson.c ;; *) suites="tests/suites/${lesson%%-*}.c tests/suites/variations/${lesson%%-*}.c" ;; esac
		clients=$(fact "$lesson" clients)
		address=$(fact "$lesson" address) number=
		case $lesson in 0*) number=${lesson%%-*} number=.number\ =\ ${number#0} ;; esac
		case $clients in none | '') wanted=NO_CLIENT ;; one) wanted=ONE_CLIENT ;; many) wanted=MANY_CLIENTS ;; esac
		for suite in $suites; do
			stated=$(grep -o '\.serves = [A-Z_]*' "$suite" | sort -u)
			[ "$stated" = ".serves = $wanted" ] || { [ -z "$stated$clients" ] && continue; } ||
				{ echo "lessons/course: $lesson serves ${clients:-none}, and $suite says '$stated'"; return 1; }
			[ "$(grep -o '\.number = [0-9]' "$suite")" = "$number" ] || { echo "$suite has another number than $lesson"; return 1; }
			grep -q '\.takes_path = true' "$suite"
			case $?$address in 0path | 1port | 1) ;; *) echo "lessons/course: $lesson has an address: ${address:-none}, and $suite says something else of takes_path"; return 1 ;; esac
		done
	done
}

# names_it EDIT COMMAND...: with lessons/course after the edit the command fails, and names the lesson.
names_it() {
	edit=$1
	shift
	sed "$edit" right >lessons/course
	! cmp -s right lessons/course || { echo "the edit '$edit' changes nothing"; return 1; }
	! "$@" >out 2>&1 && grep -q 'lessons/course.*03-listen' out && return
	echo "after '$edit' $* succeeds, or does not name the lesson:"
	cat out
	return 1
}

test_a_row_that_is_missing_or_cannot_be_read_is_named() {
	make_copy
	cd "$copy" || return
	cp lessons/course right
	for edit in '/^03-listen/d' 's/^03-listen.*/& &/' '/^03-listen/p' 's,^\(03-listen .*\) -  *connect$,\1 connect,'; do
		names_it "$edit" make -s -C lessons/03-listen && names_it "$edit" fact 03-listen clients || return 1
	done
	for edit in 's/^\(03-listen .*\) none /\1 some /' 's/^\(03-listen .*\) port /\1 road /' 's/^\(03-listen .*server\)</\1<</' 's/^\(03-listen *\)server/\1Server/'; do
		names_it "$edit" fact 03-listen clients || return 1
	done
}

run_tests "$@"
