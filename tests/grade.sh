#!/bin/sh
# grade.sh [SUBJECT...]: `make grade` and `make meet`: runs tests/grade/t-SUBJECT.sh; without names all that do not say in a line
# `# slow:` why they take long. Run from the top of the repository, with the lessons and the tests built. One after another: each
# of them has as much to do as the machine can.
set -u
failed=0
if [ $# = 0 ]; then
	for file in tests/grade/t-*.sh; do
		grep -q '^# slow: ' "$file" || set -- "$@" "$(basename "${file#*/t-}" .sh)"
	done
fi
for subject; do
	[ -f "tests/grade/t-$subject.sh" ] || { echo "grade.sh: there is no tests/grade/t-$subject.sh" >&2; exit 2; }
	sh "tests/grade/t-$subject.sh" || failed=1
done
exit $failed
