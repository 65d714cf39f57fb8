#!/bin/sh
# t-results.sh [TEST...]: the results of the checker in the forms that other programs read.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

apart='' # or a script that runs a command in a network of its own
# reports OPTION...: a run that writes $room/lines, $room/tap and $room/xml.
reports() {
	rm -f "$room/lines" "$room/tap" "$room/xml"
	sh ${apart:+"$apart" sh} tests/run.sh -r "$room/lines" -t "$room/tap" -j "$room/xml" "$@" >"$room/out" 2>&1
}

# XML 1.0, as far as these files use it: each element is closed, attributes have quotes, and nothing else has < or &.
is_well_formed() {
	awk '
	function wrong(why) { print why ": <" $0; failed = 1; exit 1 }
	BEGIN { RS = "<" }
	NR == 1 { if ($0 != "") wrong("text before the first element"); next }
	{
		end = index($0, ">")
		if (!end) wrong("no end of a tag")
		tag = substr($0, 1, end - 1)
		text = substr($0, end + 1)
		gsub(/&#[0-9]+;/, "", text)
		gsub(/&#[0-9]+;/, "", tag)
		if (text ~ /&/ || tag ~ /&/) wrong("an & that is no reference")
		empty = sub(/\/$/, "", tag)
		if (tag ~ /^\?xml .*\?$/ && NR == 2) next
		gsub(/ [a-z]+="[^"]*"/, "", tag)
		if (sub(/^\//, "", tag)) { if (open[depth--] != tag) wrong("closes another element") }
		else if (tag !~ /^[a-z]+$/) wrong("no tag")
		else if (!empty) open[++depth] = tag
	}
	END { if (!failed && depth != 0) wrong("not closed: " open[depth]); exit failed }' "$1" || return
	! command -v xmllint >/dev/null || xmllint --noout "$1"
}

# The same counts in all three: passed and skipped, failed, broken.
counts_agree() {
	lines=$(awk -F '\t' '$1 == "complete" { next } { n[$1]++; all++ }
		END { print all + 0, n["failed"] + 0, n["broken"] + 0, n["skipped"] + 0 }' "$room/lines")
	attributes=$(sed -n 's/^<testsuite .*tests="\([0-9]*\)" failures="\([0-9]*\)" errors="\([0-9]*\)" skipped="\([0-9]*\)".*/\1 \2 \3 \4/p' "$room/xml")
	elements="$(grep -c '<testcase .* time="[0-9.]*">$' "$room/xml") $(grep -c '<failure ' "$room/xml")"
	elements="$elements $(grep -c '<error ' "$room/xml") $(grep -c '<skipped ' "$room/xml")"
	tap="$(grep -c '^\(not \)*ok ' "$room/tap") $(grep -c '^not ok ' "$room/tap")"
	if [ "$lines" != "$attributes" ] || [ "$lines" != "$elements" ]; then
		echo "lines: $lines; attributes of the XML: $attributes; its elements: $elements"
		return 1
	fi
	# shellcheck disable=SC2086 # words
	set -- $lines
	if [ "$tap" != "$1 $(($2 + $3))" ] || ! grep -q "^1\.\.$1\$" "$room/tap"; then
		echo "lines: $lines; TAP: $tap"
		return 1
	fi
}

test_a_right_program_has_the_same_counts_in_lines_tap_and_junit() {
	reports -q 02-bind-address || { cat "$room/out"; return 1; }
	is_well_formed "$room/xml" || return
	counts_agree || return
	grep -q '<testcase classname="02-bind-address: port" name="[a-z0-9 ,]*" time="[0-9]*\.[0-9][0-9][0-9]">' "$room/xml" ||
		{ echo 'no case, name and time:'; head -n 5 "$room/xml"; return 1; }
}

# Without the fault library.
test_skipped_checks_are_told_with_their_reason() {
	build/tests/check -q -r "$room/lines" -t "$room/tap" -j "$room/xml" 02-bind-address >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
	is_well_formed "$room/xml" || return
	counts_agree || return
	grep -q '<skipped message="[^"]*LD_PRELOAD' "$room/xml" || { echo 'no reason in the XML'; return 1; }
	grep -q '^ok .* # SKIP .*LD_PRELOAD' "$room/tap" || { echo 'no reason in the TAP'; return 1; }
}

# What it prints looks like XML, and ends up in the story.
test_a_wrong_program_has_the_message_and_the_cause_of_each_failure() {
	printf '%s\n' '#!/bin/sh' 'printf '\''bound to 127.0.0.1:5<b>"&amp;\001\n'\''' >"$room/markup"
	chmod +x "$room/markup"
	! reports -q -a -x -s "'$room/markup'" 02-bind-address || { echo 'it passes'; return 1; }
	is_well_formed "$room/xml" || return
	counts_agree || return
	grep -q '<failure message="[^"]*saw[^"]*&#60;b&#62;&#34;&#38;amp;' "$room/xml" || { echo 'its line is not in the XML'; return 1; }
	grep -q '<failure .*">The line goes on behind the port: ' "$room/xml" || { echo 'no cause in the XML'; return 1; }
	grep -q '^read: lessons/02-bind-address/README.md</failure>$' "$room/xml" || { echo 'no page in the XML'; return 1; }
	grep -q '^#   cause ' "$room/tap" || { echo 'no cause in the TAP'; return 1; }
}

test_the_first_failure_ends_the_reports_too() {
	! reports -q -x -s false 02-bind-address || { echo 'it passes'; return 1; }
	is_well_formed "$room/xml" || return
	counts_agree || return
	[ "$(grep -c '<failure ' "$room/xml")" = 1 ] || { echo 'not one failure'; return 1; }
}

# outcomes OPTION...: of the checks of 03, a line each, with what is wrong.
outcomes() {
	reports -q "$@" 03-listen
	cut -f 1,3,5 "$room/lines"
}

# The second one takes the same port whenever the kernel may choose one: two copies get in each other's way. In a network of their own,
# where nobody else takes it.
test_two_checks_at_a_time_tell_what_one_at_a_time_tells() {
	# shellcheck disable=SC2016 # the inner shells expand them
	echo 'exec unshare -rn sh -c "ip link set lo up && exec \"\$@\"" sh "$@"' >"$room/apart"
	sh "$room/apart" true 2>/dev/null || { echo 'no right to make a network of its own here'; return 77; }
	apart=$room/apart
	# shellcheck disable=SC2016 # likewise
	echo '[ "$2" != 0 ] || set -- "$1" 40000; exec lessons/03-listen/server "$@"' >"$room/one port"
	for server in lessons/02-bind-address/server "sh '$room/one port'" lessons/03-listen/server; do
		outcomes -w 1 -s "$server" >"$room/one"
		outcomes -w 2 -s "$server" >"$room/two"
		[ -s "$room/one" ] || { echo "no results with $server"; return 1; }
		diff "$room/one" "$room/two" >"$room/differ" || { echo "with $server"; cat "$room/out" "$room/differ"; return 1; }
	done
}

test_a_file_that_cannot_be_written_is_named() {
	wrong=0
	for option in -r -t -j; do
		says 1 "$room/none/file: " -- build/tests/check "$option" "$room/none/file" -s false 01-create-socket
	done
	return "$wrong"
}

# The machine of CI has all that the tests need.
test_in_ci_a_skip_that_is_no_row_of_the_list_is_a_failure() {
	two_suites='08-threaded-echo further/poll-echo' reason="this machine allows fewer than 1,050 descriptors"
	wrong=0
	# shellcheck disable=SC2086,SC3045 # words; every shell has ulimit -n
	(
		ulimit -n 20
		export CK_RUN_CASE='side by side'
		says 0 "$reason" -- env CI= sh tests/run.sh $two_suites
		says 1 "no row of tests/repository/skips-in-ci is 'suites' and '$reason'" -- env CI=true sh tests/run.sh $two_suites
		exit "$wrong"
	)
}

test_in_ci_a_suite_that_can_make_no_check_is_a_failure() {
	unshare -rn true 2>/dev/null || { echo 'no right to make a network of its own here'; return 77; }
	wrong=0
	says 0 'skipped: all checks of 02-bind-address: ' -- env CI= unshare -rn sh tests/run.sh 02-bind-address 03-listen
	says 1 "no row of tests/repository/skips-in-ci is 'suites' and 'all checks: " -- env CI=true unshare -rn sh tests/run.sh 02-bind-address 03-listen
	return "$wrong"
}

run_tests "$@"
