#!/bin/sh
# t-bench.sh [TEST...]: make bench and its load generator.
# slow: it builds all, or calls a command again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# Each patch of tests/load makes a wrong server of lesson 08's: each load that its head names ends with 1 and says this.
test_the_load_generator_notices_a_wrong_byte_a_lost_byte_and_a_dead_server() {
	[ -e /proc/self/smaps_rollup ] || { echo 'the load generator is for Linux only'; return 77; }
	make_copy
	cc -D_POSIX_C_SOURCE=200809L -O2 -pthread -o "$room/load" common/tools/measure/load/*.c || return 1
	for patch in tests/load/*.patch; do
		original=$(original_of "$patch") says=$(sed -n 's/^Says: //p' "$patch")
		patched "$patch" "$original" "$copy/${original%/*}/wrong.c" || return 1
		cc -w -D_POSIX_C_SOURCE=200809L -pthread -o "$room/wrong" "$copy/${original%/*}/wrong.c" || return 1
		rm "$copy/${original%/*}/wrong.c"
		# Only what waits for a lost byte has to be impatient.
		case $says in *' for 1 s'*) impatient=1 ;; *) impatient=10 ;; esac
		loads=$(sed -n 's/^Loads: //p' "$patch")
		for load in $loads; do
			case $load in talk) numbers='3 0 64' ;; connect | bulk) numbers=3 ;; *) numbers= ;; esac
			# shellcheck disable=SC2086 # words
			PATIENCE=$impatient "$room/load" "$load" $numbers 0.05 "$room/wrong" >"$room/out" 2>&1
			[ $? = 1 ] && grep -qF "$says" "$room/out" && continue
			echo "load $load, with $patch, did not say '$says':"
			cat "$room/out"
			return 1
		done
	done
}

test_the_load_generator_names_a_command_that_is_no_server() {
	[ -e /proc/self/smaps_rollup ] || { echo 'the load generator is for Linux only'; return 77; }
	cc -D_POSIX_C_SOURCE=200809L -O2 -pthread -o "$room/load" common/tools/measure/load/*.c || return 1
	# refuses TEXT COMMAND...
	refuses() {
		text=$1
		shift
		! PATIENCE=1 "$room/load" pair 0.05 "$@" >"$room/out" 2>&1 && grep -q "$text" "$room/out" && return
		echo "no '$text' with: $*"
		cat "$room/out"
		return 1
	}
	refuses 'the server ended without a line .listening on A:P.$' true && refuses 'no line .listening on A:P. in 1 s$' sh -c 'exec sleep 100'
}

test_each_choice_that_bench_compares_with_lesson_08_fits_and_compiles() {
	for patch in common/tools/measure/choices/*.patch; do
		patched "$patch" "$(original_of "$patch")" "$room/choice.c" || return
		for_practice "$room/choice.c" | sed "s#\"[./]*/common/#\"$PWD/common/#" >"$room/here.c"
		cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -pthread -o "$room/choice" "$room/here.c" || return
	done
}

test_bench_makes_its_table_csv_and_pictures_and_leaves_no_process() {
	[ -e /proc/self/smaps_rollup ] || { echo 'bench is for Linux only'; return 77; }
	make_copy
	make -s -C "$copy" bench SERVER="'$copy/lessons/08-threaded-echo/server'" ROUNDS=1 EACH=0.03 COUNTS='1 10 20' >"$room/out" 2>&1 ||
		{ cat "$room/out"; return 1; }
	for text in '^  messages a second  *1  *10  *20' '^    07-multi-echo .*\*' '^    yours ' ' cores, Linux '; do
		grep -q "$text" "$room/out" || { echo "no '$text' in:"; cat "$room/out"; return 1; }
	done
	for server in epoll-echo unix-echo; do
		grep -q "^talk,10,$server,messages_s,[0-9.]*,[0-9.]*,[0-9.]*,1\$" "$copy/build/bench/figures.csv" || { echo "no figure of $server"; return 1; }
	done
	if command -v gnuplot >/dev/null; then
		for picture in growth costs; do
			grep -q '>yours<' "$copy/build/bench/$picture.svg" || return 1
		done
	else
		grep -q 'make deps FOR=bench' "$room/out" || { cat "$room/out"; return 1; }
	fi
	if make -s -C "$copy" bench SERVER=false ROUNDS=1 EACH=0.03 COUNTS=1 >"$room/out" 2>&1 || ! grep -q '^bench: yours, ' "$room/out"; then
		echo 'a server that ends at once is not noticed:'
		cat "$room/out"
		return 1
	fi
	no_process_of_the_copy
}

run_tests "$@"
