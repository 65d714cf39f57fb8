#!/bin/sh
# t-actions.sh [TEST...]: what `make check` writes for GitHub Actions, and the workflow that runs it.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

# A learner's copy, whose practice/ is its own.
mkdir -p "$room/build" "$room/practice/03-listen"
for folder in common lessons tests build/tests; do ln -s "$PWD/$folder" "$room/$folder"; done
check() {
	(cd "$room" && GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY="$room/summary" ALL=1 sh common/tools/learn/practice check 03-listen) >"$room/out" 2>&1
}

test_a_failure_is_an_annotation_and_a_row_of_the_summary() {
	for_practice lessons/02-bind-address/server.c >"$room/practice/03-listen/server.c"
	! check || { cat "$room/out"; return 1; }
	grep -q '^::error file=practice/03-listen/server.c,title=03-listen%3A [a-z ]*::..*' "$room/out" || { cat "$room/out"; return 1; }
	if ! grep -qE '^### 03-listen: [0-9]+ of [0-9]+ checks pass' "$room/summary" || ! grep -q '^| .* | .* | .* | .* |$' "$room/summary"; then
		cat "$room/summary"
		return 1
	fi
}

test_an_error_of_the_compiler_has_its_line() {
	printf '#include "a,b.h"\nint main(void)\n{\n    return x;\n}\n' >"$room/practice/03-listen/server.c"
	printf '#error 100%%0A, wrong\n' >"$room/practice/03-listen/a,b.h"
	! check || return 1
	rm "$room/practice/03-listen/a,b.h"
	grep -q '^::error file=practice/03-listen/server.c,line=4,col=[0-9]*::' "$room/out" || { cat "$room/out"; return 1; }
	grep -q '^::error file=practice/03-listen/a%2Cb.h,line=1,col=[0-9]*::#error 100%250A, wrong' "$room/out" || { cat "$room/out"; return 1; }
}

test_what_is_right_has_no_annotation() {
	for_practice lessons/03-listen/server.c >"$room/practice/03-listen/server.c"
	check || { cat "$room/out"; return 1; }
	! grep '^::' "$room/out"
}

run_tests "$@"
