#!/bin/sh
# t-agents.sh [TEST...]: AGENTS.md, what an assistant beside a learner reads: it is true, and it gives no step away.
# shellcheck disable=SC2016,SC2317 # backquotes as they stand there; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# What stands in backquotes in FILE, a line each.
named_in() {
	tr '\n' ' ' <"$1" | grep -o '`[^`]*`' | tr -d '`' | sed 's/   */ /g' | sort -u
}

# true_of FILE: each command that it names is one of the Makefile, and each path is there.
true_of() {
	named_in "$1" >"$room/named"
	while IFS= read -r name; do
		case $name in
		make\ *)
			target=${name#make }
			target=${target%% *}
			grep -q "^$target:" Makefile || { echo "$1: there is no '$name'"; return 1; }
			# shellcheck disable=SC2086 # words
			case $target in hint | diff) make -s "$target" ${name#make "$target"} >/dev/null || { echo "$1: '$name' fails"; return 1; } ;; esac ;;
		practice/) ;;
		*) [ -e "$name" ] || { echo "$1: there is no $name"; return 1; } ;;
		esac
	done <"$room/named"
	[ "$(wc -l <"$room/named")" -gt 9 ]
}

# gives_away FILE: it holds a line of a solution, and which.
gives_away() {
	cat lessons/*/*.c lessons/further/*/*.c tests/variations/*/*.patch | sed 's/^+//; s/^[ \t]*//; s/[ \t]*$//' | grep '...........' | grep '[;(]' | sort -u >"$room/lines"
	tr '\n' ' ' <"$1" | sed 's/   */ /g' >"$room/text"
	grep -oF -f "$room/lines" "$room/text"
}

test_each_command_and_path_exists() {
	true_of AGENTS.md || return 1
	for wrong in 's/make why/make what/' 's#lessons/glossary.md#lessons/words.md#' 's/HINT=3/HINT=4/'; do
		sed "$wrong" AGENTS.md >"$room/AGENTS.md"
		! true_of "$room/AGENTS.md" >/dev/null 2>&1 || { echo "taken: $wrong"; return 1; }
	done
}

test_it_names_the_three_hints_in_their_order() {
	named_in AGENTS.md | grep -c '^make hint LESSON=' | grep -qx 3 || return 1
	tr '\n' ' ' <AGENTS.md | grep -q '`make hint LESSON=03`.*HINT=2`.*HINT=3`'
}

test_no_line_of_a_solution_stands_in_it() {
	! gives_away AGENTS.md || return 1
	[ "$(wc -l <"$room/lines")" -gt 500 ] || { echo "only $(wc -l <"$room/lines") lines of solutions"; return 1; }
	{ cat AGENTS.md; echo 'It is this: if (listen(listener, SOMAXCONN) == -1) die("listen"); and no more.'; } >"$room/AGENTS.md"
	gives_away "$room/AGENTS.md" >/dev/null || { echo 'a line of lesson 03 was not noticed'; return 1; }
}

run_tests "$@"
