#!/bin/sh
# t-evidence.sh [TEST...]: what the checker takes for evidence of a cause.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_evidence_is_found_where_it_is_and_only_there() {
	sh tests/run.sh -a evidence >"$room/out" 2>&1
	status=$?
	[ "$status" = 0 ] || [ "$status" = 77 ] || { cat "$room/out"; return 1; }
	sed -n 's/^skipped in [^:]*: /skipped: /p' "$room/out" | sort -u
}

# Those that a header declares as `evidence one, another;`.
evidence_in() {
	tr '\n' ' ' <"$1" | tr ';' '\n' | sed -n 's/.*[ /]evidence \([a-z_, ]*\)$/\1/p' | tr -d ' ' | tr ',' '\n'
}

test_each_function_that_looks_for_evidence_has_a_test_of_both_kinds() {
	names=$(evidence_in tests/checker/evidence.h)
	used=$(sed -n 's/^    {\([a-z_]*\), [A-Z].*},$/\1/p' tests/checker/causes.c | grep -v '^NULL$')
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

run_tests "$@"
