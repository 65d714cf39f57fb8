#!/bin/sh
# run.sh LESSON... [quick]: runs the suite of each lesson; quick leaves the soak cases out.
# The Makefile sets LESSONS, FAULT_LIBRARY, SANITIZE and CC; tests/checker/harness.h says what they mean.
set -u

[ -f "$FAULT_LIBRARY" ] || FAULT_LIBRARY=
PRELOAD_FIRST=
for sanitizer in address:libasan.so thread:libtsan.so; do
	case $SANITIZE in
	*"${sanitizer%:*}"*)
		library=$($CC -print-file-name="${sanitizer#*:}")
		[ -f "$library" ] && PRELOAD_FIRST=$library ;;
	esac
done
export LESSONS FAULT_LIBRARY SANITIZE PRELOAD_FIRST

failed=0
for lesson in "$@"; do
	case " $* " in *' quick '*) export CK_EXCLUDE_TAGS=soak ;; esac
	[ "$lesson" = quick ] && continue
	if [ -n "${STORY:-}" ]; then
		CK_RUN_SUITE=$lesson build/tests/check || failed=$?
		continue
	fi
	# In one piece, because other suites may run beside this one.
	output=$(CK_RUN_SUITE=$lesson build/tests/check 2>&1)
	case $? in
	0) ;;
	77) output="skipped: all checks of $lesson: $output" ;; # this machine allows none; see tests/checker/main.c
	*) failed=1 ;;
	esac
	printf '%s\n' "$output"
done
exit $failed
