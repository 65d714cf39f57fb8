#!/bin/sh
# t-glossary.sh [TEST...]: the words of the course are explained where they come first. glossary.awk says what that means.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# in_reading_order FOLDER: the glossary below it, and the pages, as lessons/course has them.
in_reading_order() {
	echo "$1/glossary.md"
	sed -n 's/^\([^# ][^ ]*\) .*/\1/p' lessons/course | while read -r lesson; do echo "$1/$lesson/README.md"; done
}

look() {
	# shellcheck disable=SC2046 # names without spaces
	(cd "$2" && awk -f "$1/tests/repository/glossary.awk" $(cd "$1" && in_reading_order lessons))
}

test_each_word_of_the_glossary_is_explained_or_linked_where_it_comes_first() {
	look "$PWD" .
}

test_each_entry_of_the_glossary_leads_to_a_page_and_each_link_to_an_entry() {
	[ "$(sed -n 's/.*<a id="\([^"]*\)".*/\1/p' lessons/glossary.md | sort | uniq -d)" = '' ] || return 1
	grep -o ']([^)]*)' lessons/glossary.md | tr -d ']()' | while read -r page; do
		[ -f "lessons/$page" ] || { echo "lessons/glossary.md: no $page"; return 1; }
	done || return 1
	# shellcheck disable=SC2086 # names
	grep -o 'glossary\.md#[^)]*' $pages | while IFS='#' read -r page anchor; do
		grep -q "<a id=\"$anchor\">" lessons/glossary.md || { echo "${page%%:*}: the glossary has no $anchor"; return 1; }
	done
}

# wrong_after FILE EDIT TEXT: after an edit by sed the pages are wrong, and this is said.
wrong_after() {
	rm -rf "${room:?}/edited"
	mkdir "$room/edited"
	in_reading_order lessons | while read -r page; do
		mkdir -p "$room/edited/${page%/*}" && cp "$page" "$room/edited/$page"
	done
	sed "$2" "lessons/$1" >"$room/edited/lessons/$1"
	! cmp -s "lessons/$1" "$room/edited/lessons/$1" || { echo "the edit '$2' changes nothing"; return 1; }
	! look "$PWD" "$room/edited" >"$room/said" || { echo "not noticed: $1: $2"; return 1; }
	grep -qF "$3" "$room/said" || { echo "no '$3' after $1: $2:"; cat "$room/said"; return 1; }
}

# shellcheck disable=SC2016 # backquotes as they stand there
test_a_word_that_comes_before_its_explanation_is_noticed() {
	wrong_after 03-listen/README.md 's/\*handshake\*/handshake/' '03-listen/README.md: handshake stands' &&
		wrong_after 02-bind-address/README.md 's/^Clients must know/After the handshake clients know/' '02-bind-address/README.md: handshake stands' &&
		wrong_after 01-create-socket/README.md 's/^\(A \*socket\* is\)/With nc: \1/' '01-create-socket/README.md: nc stands' &&
		wrong_after 01-create-socket/README.md 's/#ss)/#nc)/' '01-create-socket/README.md: ss stands' &&
		wrong_after 01-create-socket/README.md 's/^\(A \*socket\* is\)/Ports and \1/' '01-create-socket/README.md: port stands' &&
		wrong_after glossary.md '/id="handshake"/s/03/04/g' 'the glossary names 04' &&
		wrong_after glossary.md '/id="handshake"/s/handshake/greeting/g' 'greeting is not in its place' &&
		wrong_after glossary.md '/id="pipe"/s/a bar/`|`/' 'not three cells' &&
		wrong_after glossary.md '/id="nc"/s/`nc`/nc/' 'nc is in the glossary and on no page'
}

run_tests "$@"
