#!/bin/sh
# t-variations.sh [TEST...]: the tasks beyond the lessons.
# slow: many wrong programs; make test ONLY=museum has them beside its own, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_variation_is_passed_by_right_programs_and_failed_by_wrong_ones() {
	# shellcheck disable=SC2046,SC2086 # words
	sh tests/variations.sh $lessons $(for lesson in $further; do [ ! -f "lessons/$lesson/variation.md" ] || echo "$lesson"; done)
}

test_a_variation_begins_beside_the_lesson_and_overwrites_nothing() {
	mkdir -p "$room/learner/build" "$room/learner/practice/02-bind-address"
	ln -s "$PWD/lessons" "$PWD/common" "$PWD/tests" "$room/learner/"
	ln -s "$PWD/build/tests" "$room/learner/build/"
	(
		cd "$room/learner" || exit
		says() { grep -q "$1" out || { echo "expected '$1':"; cat out; exit 1; }; }
		cp lessons/02-bind-address/server.c practice/02-bind-address/
		VARIATION=1 FROM=mine sh common/tools/learn/practice start 02-bind-address >out || exit
		says "begins as practice/02-bind-address/server.c"
		VARIATION=1 sh common/tools/learn/practice start 02-bind-address >out 2>&1 && exit 1
		says "nothing is overwritten"
		VARIATION=1 sh common/tools/learn/practice check 02-bind-address >out 2>&1 && exit 1
		says "lessons/02-bind-address/variation.md"
		cmp lessons/02-bind-address/server.c practice/02-bind-address/server.c || exit 1
		sh common/tools/learn/practice check 02-bind-address >out 2>&1 || { cat out; exit 1; }
		says "make start LESSON=02 VARIATION=1"
	)
}

run_tests "$@"
