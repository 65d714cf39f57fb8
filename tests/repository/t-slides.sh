#!/bin/sh
# t-slides.sh [TEST...]: the deck, without building it.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_excerpt_on_a_slide_is_there() {
	sh slides/assemble slides/deck.md >"$room/deck" || return 1
	! grep '^ *@' "$room/deck" || return 1
	# What is gone, or too long for a slide, is an error that names its line.
	for wrong in '@code lessons/06-single-echo/server.c gone' '@code lessons/06-single-echo/server.c /nowhere/' \
		'@code lessons/06-single-echo/server.c main' '@code lessons/06-single-echo/server.c /int main/,/^}/' \
		'@code lessons/06-single-echo/gone.c echo' '@call 03-listen gone' '@run 03-listen client 9' '@figure gone' \
		'@figure life send gone' '@run 02-bind-address client 1 2 5' '@gone' 'Ask: @question 03-listen 9' 'Ask: @question gone 1'; do
		printf 'one\n%s\n' "$wrong" >"$room/wrong"
		if sh slides/assemble "$room/wrong" >/dev/null 2>"$room/out" || ! grep -q "line 2: $wrong" "$room/out"; then
			echo "assemble took: $wrong"
			return 1
		fi
	done
}

test_each_slide_has_its_notes_and_the_plans_add_up() {
	awk '
	function over() {
		if (!said || !asked || !minutes) { print "slides/deck.md, the slide before line " NR ": notes need Say, Ask and Minutes"; failed = 1 }
		said = asked = minutes = 0
	}
	NR > 1 && $0 == "---" && ++rules > 1 { over() }
	/^<!-- header: / { part = $0; sub(/^<!-- header: /, "", part); sub(/ -->$/, "", part) }
	/^Say: ./ { said = 1 }
	/^Ask: ./ { asked = 1 }
	/^## (RST|`SO_REUSEADDR`|A port travels)/ { optional = 1 }
	/^Minutes: / { if (optional) saved += $2; optional = 0; minutes = $2; sum[part] += $2; all += $2 }
	END {
		over()
		for (part in sum) print part "\t" sum[part] >"'"$room/parts"'"
		print saved >"'"$room/saved"'"
		if (all != 85) { print "the notes give " all " minutes, and the talk has 85, and five to spare"; failed = 1 }
		exit failed
	}' slides/deck.md || return 1
	awk -F ' *[|] *' '
	FNR == NR { split($0, pair, "\t"); sum[pair[1]] = pair[2]; next }
	$2 in sum { if ($4 != sum[$2]) { print "slides/README.md: " $2 " takes " sum[$2] " minutes"; failed = 1 } delete sum[$2]; given[$2] = $4 }
	$2 ~ /^[1-4]$/ && $4 + 0 > 0 {
		n = split($3, parts, ", ")
		minutes = 0
		for (i = 1; i <= n; i++) { if (!(parts[i] in given)) { print "slides/README.md: no part " parts[i]; failed = 1 } minutes += given[parts[i]] }
		if (minutes != $4 || $4 + $5 != 45) { print "slides/README.md: lab " $2 " does not add up"; failed = 1 }
		labs++
	}
	END {
		for (part in sum) { print "slides/README.md: no row for " part; failed = 1 }
		if (labs != 4) { print "slides/README.md: " labs " labs"; failed = 1 }
		exit failed
	}' "$room/parts" slides/README.md || return 1
	saved=$(cat "$room/saved")
	tr '\n' ' ' <slides/README.md | grep -q "that saves $saved minutes" || { echo "slides/README.md: leaving out the three slides saves $saved minutes"; return 1; }
}

test_an_empty_cell_of_a_page_stops_the_deck() {
	mkdir -p "$room/lessons/01" "$room/common/tools"
	# shellcheck disable=SC2016 # backquotes as they stand there
	printf '| new | what it asks | how it fails | in Python |\n|---|---|---|---|\n| `full` | a | b | c |\n| `call` | a |  | c |\n' >"$room/lessons/01/README.md"
	printf '@call 01 full\n@call 01 call\n' >"$room/deck"
	if (cd "$room" && sh "$OLDPWD/slides/assemble" deck) >/dev/null 2>"$room/out" || ! grep -q 'line 2: @call 01 call: an empty cell' "$room/out" || grep -q 'line 1' "$room/out"; then
		echo 'an empty cell was taken, or a full row was not:'
		cat "$room/out"
		return 1
	fi
}

# A command of a page's console block is run when the page is checked, make demo and make book by their own tests, and a trace when the
# pictures are checked; the rest is run here.
test_each_command_on_a_slide_is_one_that_a_test_runs() {
	has_loopback || return
	# shellcheck disable=SC2016 # backquotes as they stand there
	{ sed -n 's/^Live: //p' slides/deck.md; grep -v '^Live: ' slides/deck.md | grep -e '`make ' -e '`\./'; } |
		grep -o '`[^`]*`' | tr -d '\`' | sort -u >"$room/commands"
	while IFS= read -r command; do
		grep -qxF "\$ $command" lessons/*/README.md && continue
		case $command in
		'make demo' | 'make book') continue ;; # tests/book.sh
		'make trace LESSON='*)
			lesson=${command#*LESSON=}
			lesson=${lesson% ACKS=1} # t-trace.sh
			case $lesson in *' SCENARIO='*) grep -q "^[a-z-]* ${lesson%% *}-[a-z-]* ${lesson##*SCENARIO=} " slides/figures/runs && continue ;; *)
				[ "$(cd lessons && echo "$lesson"-*)" != "$lesson-*" ] && continue ;; esac ;;
		*' /proc/'*)
			[ -e /proc/self ] || { echo "skipped: no /proc here, which a slide reads: $command"; continue; }
			sh -c "$command" >/dev/null && continue ;;
		*) sh -c "$command" >/dev/null && continue ;;
		esac
		echo "slides/deck.md: no test runs: $command"
		return 1
	done <"$room/commands"
	[ "$(wc -l <"$room/commands")" -gt 20 ]
}

# A blocking send waits for room; only the signal handler ends it early: so a part was taken, and not all of it.
test_the_demonstration_of_a_short_send_is_one() {
	has_loopback || return
	make -s build/short-send || return 1
	build/short-send >"$room/out" || return 1
	awk '$1 == "send" && $3 > 0 && $3 < $5 && $5 == 67108864 { right = 1 } END { exit !right }' "$room/out" || { cat "$room/out"; return 1; }
	grep -q '^See: .* of 67108864 bytes' slides/deck.md
}

test_without_marp_the_slides_name_the_command_that_mends_it() {
	make_copy
	make -s -C "$copy" slides >"$room/out" 2>&1 && return 1
	grep -q 'make deps FOR=slides' "$room/out" || { cat "$room/out"; return 1; }
}

run_tests "$@"
