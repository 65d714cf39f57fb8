# grade-lanes.sh: how grade runs its jobs: many side by side, each in two sandboxes, and none that a run before has done. grade reads it
# with `.`.
# shellcheck shell=sh disable=SC2034,SC2154 # what grade sets, and what it uses

# build_job JOB: compiles its programs in a sandbox: job/made.tar. What compiles has no results to read or write.
build_job() {
	job=$room/jobs/$1
	read -r lesson <"$job/lesson"
	read -r in_folder <"$job/folder"
	kit=$room/kits/$lesson
	read -r libs <"$kit/libraries" || libs=
	read -r programs <"$kit/programs"
	[ ! -f "$job/made/made.tar" ] || return 0
	mkdir -p "$job/made"
	# shellcheck disable=SC3045,SC2086 # every shell on Linux has ulimit -t and -v; words
	(
		ulimit -t 30
		ulimit -v 1000000
		ulimit -f 65536
		filtered=1
		sandbox "$job/sources" sh /kit/grade-inside build $programs
	) >"$job/made/made.tar" 2>"$job/errors" 3>"$job/compiled" </dev/null &
	wait $! || printf 'lacks\tall\tnothing compiles: the compiler was stopped\n' >>"$job/compiled"
	[ -z "$owner" ] || chown -R "$owner:$owner" "$job/made"
}

# has_made JOB: a program came of it.
has_made() {
	[ "$(tar -tf "$room/jobs/$1/made/made.tar" 2>/dev/null | grep -c '^\./[a-z]')" != 0 ]
}

# run_job JOB: compiles, checks, and remembers what came of it. How the sandbox ends is nobody's business: what counts is what was
# told.
run_job() {
	build_job "$1"
	these=
	[ ! -f "$job/these" ] || read -r these <"$job/these"
	result=$job/result
	[ -z "$these" ] || result=$job/again
	if has_made "$1"; then
		# shellcheck disable=SC2086 # words
		sandbox "$job/made" sh /kit/grade-inside check $suite_of"$lesson" $programs \
			</dev/null >/dev/null 2>>"$job/errors" 3>"$result" &
		wait $! || true
	fi
	: >>"$result"
	if [ -z "$these" ]; then
		cat "$job/compiled" "$result" >"$job/outcome"
	else
		{ echo retried; cat "$result"; } >>"$job/outcome"
	fi
	read -r key <"$job/key"
	if cp "$job/outcome" "$done_before/$key.$$.$1"; then mv "$done_before/$key.$$.$1" "$done_before/$key"; fi || : # not remembered, then
}

# The jobs that lost checks in waiting, which a busy machine may have cost, and the numbers of those that are to be tried once
# more: for each cause one, until one has failed again. Not those that lost most: that is no busy machine.
lost_checks() {
	for outcome in "$room"/jobs/*/outcome; do [ ! -f "$outcome" ] || echo "$outcome"; done | awk -F '\t' -v own="$own" -f "$here"/grade-lost.awk
}

# A lane takes one job after another that no other lane has taken.
lane() {
	trap 'kill $! 2>/dev/null; exit 143' TERM
	trap '' HUP INT # the one who started the lanes ends them
	for n in $to_do; do
		if [ -d "$room/taken/$round.$n" ] || ! mkdir "$room/taken/$round.$n" 2>/dev/null; then continue; fi
		$do_job "$n"
		: >"$room/jobs/$n/done.$round"
	done
}

count_done() {
	set -- "$room"/jobs/*/done."$round"
	if [ -e "$1" ]; then echo $#; else echo 0; fi
}

a_lane_works() {
	for lane in $lanes; do ! kill -0 "$lane" 2>/dev/null || return 0; done
	return 1
}

# run_jobs ROUND COMMAND LANES JOB...: the command with the number of each job, and tells how far it is.
run_jobs() {
	round=$1 do_job=$2 lane_count=$3
	shift 3
	to_do=$*
	[ $# -gt 0 ] || return 0
	while [ "$lane_count" -gt 0 ]; do
		lane &
		lanes="$lanes $!"
		lane_count=$((lane_count - 1))
	done
	told=0
	while finished=$(count_done) && [ "$finished" -lt $# ] && a_lane_works; do
		if [ -t 2 ]; then
			printf '\r%s: %d of %d ' "$round" "$finished" $# >&2
		elif [ $((finished * 10 / $#)) -gt $told ]; then
			told=$((finished * 10 / $#))
			echo "$round: $finished of $#" >&2
		fi
		sleep 0.2
	done
	[ ! -t 2 ] || printf '\r                        \r' >&2
	# shellcheck disable=SC2086 # process ids
	wait $lanes || true
	lanes=
	finished=$(count_done)
	[ "$finished" = $# ] || fail "only $finished of $# jobs came to their end (why stands above)"
}
