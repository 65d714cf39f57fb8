# loop.sh: read with `.` by bench: how long the commands of a learner take, and those of who carries on, beside the aims.
# It works on a copy: no program in practice/ is touched.
# shellcheck shell=sh disable=SC2154 # what bench sets

# Seconds that a command takes.
seconds() {
	read -r from _ </proc/uptime
	"$@" >/dev/null 2>&1 || :
	read -r to _ </proc/uptime
	echo "$from $to" | awk '{ printf "%.2f\n", $2 - $1 }'
}

# shellcheck disable=SC2317 # seconds calls it
bare() {
	flags='-std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Wshadow -Wconversion -O2 -g'
	for lesson in $(cd lessons && echo [0-9]*); do
		for program in $(programs_of "$lesson"); do
			# shellcheck disable=SC2046,SC2086 # words
			cc $flags $(fact "$lesson" libraries) -o "$room/program" "$(source_of "$lesson" "$program")"
		done
	done
}

# The right programs of a lesson, as a learner would have written them.
write_right() {
	written_in "$1" | while read -r program _; do for_practice "lessons/$1/$program.c" >"practice/$1/$program.c"; done
}

# One round in the copy: lines `AIM SECONDS COMMAND`.
loop_round() {
	rm -rf practice build/practice
	for lesson in $(cd lessons && echo [0-9]*); do
		number=${lesson%%-*}
		progress "round $round of $rounds: lesson $number"
		echo "3 $(seconds make start LESSON="$number") make start LESSON=$number"
		[ "$number" != 03 ] || echo "3 $(seconds make check LESSON=03) make check LESSON=03, a line is missing"
		write_right "$lesson"
		case $number in 0[1-5]) aim=1.5 ;; *) aim=3 ;; esac
		echo "$aim $(seconds make check LESSON="$number") make check LESSON=$number"
	done
	echo "1 $(seconds make progress) make progress"
	progress "round $round of $rounds: make"
	compiler=$(seconds bare)
	for folder in lessons/[0-9]*; do make -s -C "$folder" clean; done
	echo "$(echo "$compiler" | awk '{ print $1 * 1.1 }') $(seconds make) make, from nothing; the aim is 1.1 of the bare compiler calls"
}

loop() {
	rounds=${ROUNDS:-3}
	make_room loop
	figures=$PWD/$build/loop
	copy_checkout "$room/copy"
	cd "$room/copy" || exit
	unset MAKEFLAGS # they hold ONLY=loop, and make test would look for a part of this name
	progress 'building'
	make all further checker >/dev/null 2>&1 || { echo 'bench: make checker does not succeed here' >&2; exit 1; }
	round=0
	while [ $((round += 1)) -le "$rounds" ]; do loop_round; done >"$figures"
	if [ -n "${FULL:-}" ]; then
		progress 'make test'
		echo "60 $(seconds sh -c 'make test && touch passed') make test$([ -e passed ] || echo ', which failed')" >>"$figures"
	fi
	progress ''
	echo "Medians of $rounds rounds (least to greatest), load average $(cut -d ' ' -f 1-3 /proc/loadavg)"
	sort -k 3 -k 2,2n "$figures" | awk '
	function tell() {
		if (n) printf "%6.2f s  (%.2f to %.2f)  aim %.2f%s  %s\n", at[int((n + 1) / 2)], at[1], at[n], aim, (at[int((n + 1) / 2)] > aim ? ", missed" : ""), name
		n = 0
	}
	{ command = $0; sub(/^[^ ]* [^ ]* /, "", command) }
	command != name { tell(); name = command }
	{ at[++n] = $2; aim = $1 }
	END { tell() }'
}
