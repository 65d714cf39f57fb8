#!/bin/sh
# t-busy.sh [TEST...]: right programs beside two that take all the CPU time they get: nobody pays for another one's program.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

lesson=08-threaded-echo
for student in ann ben cleo; do for_practice lessons/$lesson/server.c | hand_in "$student/$lesson/server.c"; done
# A process for each client is right, too; a check has 500 of them.
patched tests/designs/08-a-process-for-each-client.patch lessons/$lesson/server.c "$room/made.c" || exit 1
for_practice "$room/made.c" | hand_in "dora/$lesson/server.c"
# One spins at once; one listens, and then eight threads spin.
echo 'int main(void) { for (;;) continue; }' | hand_in "spins/$lesson/server.c"
sed 's/^int main.*/static void *spin(void *argument) { for (;;) (void)argument; }\n&/
	/listen(/a\    for (int i = 0; i < 8; i++) { pthread_t one; pthread_create(\&one, NULL, spin, NULL); }' "lessons/$lesson/server.c" |
	for_practice /dev/stdin | hand_in "spins with threads/$lesson/server.c"
started=$(date +%s)
grade FORCE=1 $lesson >"$room/story" || { cat "$room/story"; exit 1; }
took=$(($(date +%s) - started))

test_right_programs_lose_nothing_beside_two_that_spin() {
	wrong=0
	for student in ann ben cleo dora; do row "$student" "$lesson" '10\.0,10,\([0-9]*\),\1,""'; done
	[ "$wrong" = 0 ] || cat "$room/progress"
	echo "note: six programs in $took s; $(grep -c '^once more' "$room/progress") lines of a second round"
	return "$wrong"
}

test_what_spins_loses_its_own_points() {
	wrong=0
	row spins "$lesson" '[0-2]\.[0-9],10,'
	row 'spins with threads' "$lesson" '[0-9]\.[0-9],10,'
	return "$wrong"
}

run_tests "$@"
