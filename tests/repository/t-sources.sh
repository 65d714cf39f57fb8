#!/bin/sh
# t-sources.sh [TEST...]: the sizes of the sources, and what the pages send their readers to.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# A file has one subject, and a reader sees all of it.
test_no_source_has_more_than_300_lines() {
	# too_long FILE...: names those that are.
	too_long() { awk 'FNR == 301 { print FILENAME " has more than 300 lines: split it by subject"; wrong = 1 } END { exit wrong }' "$@"; }
	seq 301 >"$room/too long.c"
	! too_long "$room/too long.c" >/dev/null || { echo 'a file of 301 lines is not noticed'; return 1; }
	set -- Makefile
	find lessons common tests slides .ci -name node_modules -prune -o -type f -print >"$room/files"
	while IFS= read -r file; do
		case $file in
		*.[ch] | *.sh | *.awk | *.mjs | *.gnuplot | *.mk | *.css | */Makefile) set -- "$@" "$file" ;;
		*)
			IFS= read -r first <"$file" || :
			case $first in '#!'*) set -- "$@" "$file" ;; esac ;;
		esac
	done <"$room/files"
	[ $# -gt 150 ] || { echo "only $# sources found"; return 1; }
	too_long "$@"
}

# AGENTS.md is at the top because that is where assistants look for it.
# shellcheck disable=SC2015 # an empty list is as good as none
test_the_top_level_holds_what_belongs_there_and_nothing_else() {
	git ls-files >"$room/files" 2>/dev/null && [ -s "$room/files" ] || { echo 'no git here that knows what belongs to the repository'; return 77; }
	sed 's#/.*##; /^\./d' "$room/files" | sort -u >"$room/top"
	printf '%s\n' AGENTS.md LICENSE Makefile README.md common lessons slides tests | diff "$room/top" - ||
		{ echo 'the top level (<) and what belongs there (>)'; return 1; }
}

# The sections are those of Linux. A small image has man without pages; those of the threads are in glibc-doc on Debian 12.
test_each_man_page_that_a_page_names_exists() {
	[ "$(uname)" = Linux ] || { echo 'the pages name the manual of Linux'; return 77; }
	has_page() {
		page=$(man -w "$1" "$2" 2>/dev/null) && [ -e "$(echo "$page" | head -n 1)" ]
	}
	if ! has_page 2 socket || ! has_page 7 ip; then
		echo "no man pages here: make doctor names their packages"
		return 77
	fi
	failed=0 without=''
	# shellcheck disable=SC2046,SC2086 # words
	for name in $(cat $pages lessons/*/variation.md lessons/*/hints lessons/further/*/hints slides/deck.md |
		grep -o 'man [1-9] [a-z0-9_.-]*[a-z0-9]' | sort -u | tr ' ' /); do
		name=${name#*/}
		has_page "${name%/*}" "${name#*/}" && continue
		case $name in
		[18]/*) command -v "${name#*/}" >/dev/null || continue ;; # a tool brings its own page
		3/pthread_*) has_page 3 pthread_mutex_lock || { without="$without $name"; continue; } ;;
		esac
		echo "man ${name%/*} ${name#*/} stands on a page, and there is none"
		failed=1
	done
	[ "$failed" = 0 ] || return 1
	[ -z "$without" ] || echo "note: not looked for, as glibc-doc is not here:$without"
}

run_tests "$@"
