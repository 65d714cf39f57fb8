#!/bin/sh
# t-bench.sh [TEST...]: make bench and its load generator.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# load_says TEXT EDIT: with this edit in lesson 08's server the load generator ends with 1 and says this.
load_says() {
	sed "s/if (received == 0) return NULL;/& $2/" "$copy/lessons/08-threaded-echo/server.c" >"$copy/lessons/08-threaded-echo/wrong.c"
	cc -w -D_POSIX_C_SOURCE=200809L -pthread -o "$room/wrong" "$copy/lessons/08-threaded-echo/wrong.c" || return 1
	rm "$copy/lessons/08-threaded-echo/wrong.c"
	for load in 'talk 3 0 64' 'connect 3' 'bulk 3' 'pair'; do
		# shellcheck disable=SC2086 # words
		PATIENCE=0.3 "$room/load" $load 0.05 "$room/wrong" >"$room/out" 2>&1
		if [ $? != 1 ] || ! grep -q -e "$1" "$room/out"; then
			echo "load $load, with '$2', not '$1':"
			cat "$room/out"
			return 1
		fi
	done
}

test_the_load_generator_notices_a_wrong_byte_a_lost_byte_and_a_dead_server() {
	[ -e /proc/self/smaps_rollup ] || { echo 'the load generator is for Linux only'; return 77; }
	make_copy
	cc -D_POSIX_C_SOURCE=200809L -O2 -pthread -o "$room/load" common/tools/load.c || return 1
	load_says 'came back as 0x.. instead of 0x' 'buffer[received - 1] ^= 1;' &&
		load_says 'missing\|recv: Resource temporarily unavailable\|instead of' 'if (received == sizeof buffer || received == 64) received--;' &&
		load_says 'closed\|missing\|reset\|Broken pipe' 'exit(0);' &&
		load_says 'bytes came back, and only\|instead of' 'if (received == 64) send(client, buffer, 1, 0); else buffer[0] ^= 1;' || return 1
	! PATIENCE=0.3 "$room/load" pair 0.05 true >"$room/out" 2>&1 && grep -q 'ended without a line' "$room/out" || return 1
	! PATIENCE=0.3 "$room/load" pair 0.05 sleep 5 >"$room/out" 2>&1 && grep -q 'sleep' "$room/out"
}

test_bench_makes_its_table_csv_and_pictures_and_leaves_no_process() {
	[ -e /proc/self/smaps_rollup ] || { echo 'bench is for Linux only'; return 77; }
	make_copy
	make -s -C "$copy" bench SERVER="'$copy/lessons/08-threaded-echo/server'" ROUNDS=1 EACH=0.03 COUNTS='1 10 20' >"$room/out" 2>&1 ||
		{ cat "$room/out"; return 1; }
	for text in '^  messages a second  *1  *10  *20' '^    07-multi-echo .*\*' '^    yours ' ' cores, Linux '; do
		grep -q "$text" "$room/out" || { echo "no '$text' in:"; cat "$room/out"; return 1; }
	done
	grep -q '^talk,10,epoll-echo,messages_s,[0-9.]*,[0-9.]*,[0-9.]*,1$' "$copy/build/bench/figures.csv" || return 1
	if command -v gnuplot >/dev/null; then
		for picture in growth costs; do
			grep -q '>yours<' "$copy/build/bench/$picture.svg" || return 1
		done
	else
		grep -q 'make deps-bench' "$room/out" || { cat "$room/out"; return 1; }
	fi
	if make -s -C "$copy" bench SERVER=false ROUNDS=1 EACH=0.03 COUNTS=1 >"$room/out" 2>&1 || ! grep -q '^bench: yours, ' "$room/out"; then
		echo 'a server that ends at once is not noticed:'
		cat "$room/out"
		return 1
	fi
	no_process_of_the_copy
}

run_tests "$@"
