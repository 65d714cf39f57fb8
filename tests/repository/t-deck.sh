#!/bin/sh
# t-deck.sh [TEST...]: what the check of the slides complains about.
# slow: it builds a deck and looks at it in a browser; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# A deck with one fault on each slide; the last one is right.
test_each_kind_of_fault_on_a_slide_is_seen() {
	can_browse || return
	marp=slides/node_modules/.bin/marp
	[ -x "$marp" ] || { echo 'no Marp here: make deps FOR=slides'; return 77; }
	fill='# Enough\n\ntext\n\n- one\n- two\n- three\n- four\n- five\n\n'
	{
		printf -- '---\nmarp: true\ntheme: sockets\n---\n\n'
		sh slides/assemble /dev/stdin <<-'STYLE'
		@style
		STYLE
		printf '%b| a | b |\n|---|---|\n| c | |\n\n---\n\n' "$fill"
		printf '%b<figure></figure>\n\n---\n\n' "$fill"
		printf '%b- six\n- seven\n- eight\n\ntoo much\n\n---\n\n' "$fill"
		printf '# Little\n\ntext\n\n---\n\n'
		printf '%b- six\n\n<!--\nSay: this slide is right.\n-->\n' "$fill"
	} >"$room/deck.md"
	for name in deck.html deck.pdf deck-notes.pdf; do # the last one should have notes, and has none
		TMPDIR=$room "$marp" --config-file slides/marp.config.mjs -o "$room/$name" "$room/deck.md" >"$room/says" 2>&1 || { cat "$room/says"; return 1; }
	done
	node slides/check.mjs "$room/deck" >"$room/out" 2>&1 && { echo 'the faults were not seen'; return 1; }
	for fault in 'slide 1: a cell is empty' 'slide 2: a figure is empty' 'slide 3: .* touches the foot' 'slide 4: the lower third is empty' \
		'deck-notes.pdf has notes on 0 pages'; do
		grep -q "$fault" "$room/out" || { echo "no '$fault':"; cat "$room/out"; return 1; }
	done
	! grep 'slide 5' "$room/out"
}

run_tests "$@"
