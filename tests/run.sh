#!/bin/sh
# run.sh [OPTION...] SUITE...: runs the checker with its options (build/tests/check --help), and adds those that it needs
# here: the fault library, and the runtime of the sanitizers, which has to stand before it. CC is the compiler that has one.
# Of several suites the output comes suite by suite, each in one piece, because other suites may run beside them.
set -u

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh

# Which skips are expected in CI depends on what runs the suites.
sanitizers='' where=suites files=
while getopts s:c:xan:w:qkmo:r:t:j:p:z:f:b:u:e:i:g:y: option; do
	case $option in
	z) sanitizers=$OPTARG ;;
	u) [ -z "$OPTARG" ] || where=emulators ;;
	r | t | j) files=1 ;;
	*) ;; # the checker's
	esac
done
[ -z "$sanitizers" ] || where=sanitizers
first=$(preloaded_first "$sanitizers" build/tests)
faults=build/tests/fault.so # tests/Makefile makes it where programs can be given one
[ -f "$faults" ] || faults=

# What is left of the words are the options; the names of suites have no spaces.
words=$# number=0 suites=
for word; do
	if [ $((number += 1)) -lt $OPTIND ]; then set -- "$@" "$word"; else suites="$suites $word"; fi
done
shift "$words"
check() {
	build/tests/check -f "$faults" -b "$first" "$@"
}

[ $number -ge $OPTIND ] || { echo 'run.sh: name a suite; build/tests/check -l lists them' >&2; exit 2; }
if [ $number = $OPTIND ]; then
	check "$@" "${suites# }"
	exit
fi
[ -z "$files" ] || { echo 'run.sh: -r, -t and -j are for one suite' >&2; exit 2; }
make_room 'the tests'
failed=0
for suite in $suites; do
	: >"$room/results"
	check "$@" -r "$room/results" "$suite" >"$room/output" 2>&1
	case $? in
	0) ;;
	77) # this machine allows none
		printf 'skipped: all checks of %s: ' "$suite"
		[ -s "$room/results" ] || printf '\t\t\t\t\t\t\t\t%s\n' "all checks: $(cat "$room/output")" >"$room/results" ;;
	*) failed=1 ;;
	esac
	cat "$room/output"
	skips_in "$room/results" | sort -u | unexpected_skips $where >"$room/unexpected"
	[ ! -s "$room/unexpected" ] || { failed=1; cat "$room/unexpected"; }
done
exit $failed
