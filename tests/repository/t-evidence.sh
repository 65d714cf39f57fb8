#!/bin/sh
# t-evidence.sh [TEST...]: what the checker takes for evidence of a cause.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_evidence_is_found_where_it_is_and_only_there() {
	sh tests/run.sh -a -r "$room/results" evidence >"$room/out" 2>&1
	status=$?
	[ "$status" = 0 ] || [ "$status" = 77 ] || { cat "$room/out"; return 1; }
	skips_in "$room/results" | sort -u | sed 's/^/skipped: /'
}

# Those that a header declares as `evidence one, another;`.
evidence_in() {
	tr '\n' ' ' <"$1" | tr ';' '\n' | sed -n 's/.*[ /]evidence \([a-z_, ]*\)$/\1/p' | tr -d ' ' | tr ',' '\n'
}

test_each_function_that_looks_for_evidence_has_a_test_of_both_kinds() {
	names=$(evidence_in tests/checker/evidence.h)
	used=$(tr '{' '\n' <tests/checker/causes.c | sed -n 's/^\([a-z_]*\), [A-Z_0-9]*}.*/\1/p')
	[ "$(echo "$names" | sort)" = "$(echo "$used" | sort)" ] || {
		printf 'evidence.h has:\n%s\ncauses.c uses:\n%s\n' "$names" "$used"
		return 1
	}
	failed=0
	for name in $names; do
		for kind in SHOWN NOT_SHOWN; do
			grep -Eq "(^|[^_A-Z])$kind\\($name," tests/suites/evidence/*.c && continue
			echo "no $kind($name, ...) in tests/suites/evidence"
			failed=1
		done
	done
	return "$failed"
}

# The rows of tests/checker/later.c: the number of a lesson, printed as in its name, and a word.
test_the_calls_that_are_no_later_lessons_are_those_of_the_lessons_themselves() {
	tr '{' '\n' <tests/checker/later.c | sed -n 's/^\([1-8]\), "\([a-z_]*\)"}.*/0\1 \2/p' >"$room/told"
	[ "$(wc -l <"$room/told")" -gt 15 ] || { echo 'tests/checker/later.c has no table'; return 1; }
	failed=0
	while read -r number word; do
		case $word in thread | threads | mutex) continue ;; esac
		first=$(grep -lE "(^|[^a-z_])$word\(" lessons/0*/*.c | head -n 1)
		case $first in lessons/"$number"-*) ;; *) echo "$word is in $number, and comes first in ${first:-none}"; failed=1 ;; esac
	done <"$room/told"
	# each socket call of the lessons stands there, but for those of 01
	for word in $(grep -ohE '\<(socket|close|bind|listen|accept|connect|send|recv|shutdown|[gs]etsock[a-z]*|inet_[a-z]*|[hn]to[nh]s)\(' lessons/0[2-8]*/*.c |
		tr -d '(' | sort -u); do
		case $word in socket | close) continue ;; esac
		grep -q " $word\$" "$room/told" || { echo "$word stands in no row of tests/checker/later.c"; failed=1; }
	done
	return "$failed"
}

run_tests "$@"
