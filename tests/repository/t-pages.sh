#!/bin/sh
# t-pages.sh [TEST...]: the pages: their form, and whether they show the truth.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_page_has_its_headings_and_at_most_150_lines() {
	# What is made of the file `questions` does not count: its answers are folded.
	for lesson in $lessons $further; do
		page=lessons/$lesson/README.md
		case $lesson in further/*) number='' questions='' ;; *) number="${lesson%%-*} " questions=Questions ;; esac
		printf '%s\n' 'You will' 'Predict, then try by hand' 'Practice' 'The step' 'Run it' 'Look' 'Break it' ${questions:+"$questions"} \
			'Go deeper' >"$room/headings"
		sed -n 's/^## //p' "$page" | diff "$room/headings" - || { echo "$page: other headings (>)"; return 1; }
		[ "$(sed '/^<!-- questions: /,/^<!-- end of the questions/d' "$page" | wc -l)" -le 150 ] || { echo "$page: more than 150 lines"; return 1; }
		grep -q "^# ${number}[A-Z]" "$page" || { echo "$page: no title"; return 1; }
		# The whole, and its three parts.
		sed -n "s/^Builds on: .* · about \([0-9]*\) minutes: \([0-9]*\) reading, \([0-9]*\) doing, \([0-9]*\) practice\\\\\$/\1 \2 \3 \4/p" "$page" >"$room/minutes"
		awk "{ right = \$1 == \$2 + \$3 + \$4 } END { exit !right }" "$room/minutes" ||
			{ echo "$page: no line 'Builds on: … · about N minutes: N reading, N doing, N practice', or it does not add up"; return 1; }
	done
}

test_each_page_shows_the_real_diffs_and_outputs() {
	# In a network of its own where that may be made: the suites beside it fill the kernel's table of TIME-WAITs.
	apart=
	unshare -rn ip link set lo up 2>/dev/null && apart='unshare -rn'
	# shellcheck disable=SC2086,SC2016 # words; the inner shell expands them
	$apart sh -c "${apart:+ip link set lo up; }"'exec sh common/tools/keep/pages check "$@"' sh $lessons $further
}

# page_of_copy LESSON EDIT: whether the page of the copy still shows the truth after an edit by sed.
page_of_copy() {
	sed "$2" "lessons/$1/README.md" >"$copy/lessons/$1/README.md"
	! cmp -s "lessons/$1/README.md" "$copy/lessons/$1/README.md" || [ -z "$2" ] || { echo "the edit '$2' changes nothing"; return 2; }
	(cd "$copy" && PATH=$room/bin:$PATH sh common/tools/keep/pages check "$1")
}

test_a_page_fails_for_what_our_programs_print_and_only_notes_what_other_tools_print() {
	command -v nc >/dev/null || { echo 'no nc here'; return 77; }
	make_copy
	make -s -C "$copy" 03-listen || return 1
	mkdir "$room/bin"
	printf '#!/bin/sh\necho "another nc"\nexec %s "$@"\n' "$(command -v nc)" >"$room/bin/nc"
	chmod +x "$room/bin/nc"
	page_of_copy 03-listen '' >"$room/told" || { cat "$room/told"; return 1; }
	grep -q '^note:.*another nc' "$room/told" || { echo 'what nc prints was not noted:'; cat "$room/told"; return 1; }
	page_of_copy 03-listen 's/^listening on/LISTENING on/' >"$room/told"
	status=$?
	rm -r "${room:?}/bin"
	if [ "$status" = 1 ] && grep -q '> listening on' "$room/told"; then return; fi
	cat "$room/told"
	return 1
}

test_a_port_of_the_page_is_any_port_of_the_run() {
	has_loopback || return
	make_copy
	make -s -C "$copy" 04-accept || return 1
	page_of_copy 04-accept 's/\(from 127.0.0.1:\)[0-9]*/\150002/'
}

test_each_break_can_be_made_and_compiles() {
	for lesson in $lessons $further; do
		edit=$(sed -n 's/^<!-- break \(.*\) -->$/\1/p' "lessons/$lesson/README.md")
		source=${edit%%: *}
		[ -n "$edit" ] || { echo "lessons/$lesson/README.md: no <!-- break FILE: EDIT -->"; return 1; }
		mkdir -p "$room/broken/lessons/$lesson"
		cp -R common "$room/broken/"
		for file in lessons/"$lesson"/*.h; do [ ! -e "$file" ] || cp "$file" "$room/broken/lessons/$lesson/"; done
		sed "${edit#*: }" "lessons/$lesson/$source" >"$room/broken/lessons/$lesson/$source"
		! cmp -s "lessons/$lesson/$source" "$room/broken/lessons/$lesson/$source" ||
			{ echo "$lesson: the edit changes nothing"; return 1; }
		(cd "$room/broken/lessons/$lesson" && cc -w -D_POSIX_C_SOURCE=200809L -fsyntax-only "$source") || return 1
	done
}

test_each_lesson_has_three_levels_of_hints() {
	for lesson in $lessons $further; do
		for level in 1 2 3; do
			grep -q "^$level [A-Za-z]" "lessons/$lesson/hints" || { echo "lessons/$lesson/hints: no line that starts with $level"; return 1; }
		done
		! grep -vn -e "^[123] ." "lessons/$lesson/hints" || { echo "lessons/$lesson/hints: a line without its level"; return 1; }
		! awk 'length > 100' "lessons/$lesson/hints" | grep . || { echo "lessons/$lesson/hints: longer than 100 characters"; return 1; }
	done
}

test_each_practice_section_names_the_commands() {
	for lesson in $lessons $further; do
		name=${lesson##*/}
		case $lesson in further/*) ;; *) name=${lesson%%-*} ;; esac
		sed -n '/^## Practice/,/^## The step/p' "lessons/$lesson/README.md" >"$room/section"
		for command in start check hint; do
			grep -qF "\`make $command LESSON=$name\`" "$room/section" || { echo "lessons/$lesson/README.md: no make $command LESSON=$name"; return 1; }
		done
		[ ! -f "lessons/$lesson/variation.md" ] || grep -qF "\`make start LESSON=$name VARIATION=1\`" "$room/section" || { echo "lessons/$lesson/README.md: no variation"; return 1; }
	done
	for lesson in $lessons $further; do
		case $lesson in further/*) name=${lesson#*/} ;; *) name=${lesson%%-*} ;; esac
		[ -f "lessons/$lesson/variation.md" ] || case $lesson in further/*) continue ;; esac
		[ "$(wc -l <"lessons/$lesson/variation.md")" -le 15 ] || { echo "lessons/$lesson/variation.md: more than 15 lines"; return 1; }
		head -n 1 "lessons/$lesson/variation.md" | grep -q "^# $name, a variation: " || { echo "lessons/$lesson/variation.md: no title"; return 1; }
	done
}

test_each_link_leads_to_a_file() {
	for page in $pages; do
		grep -o '](\([^)#]*\)' "$page" | sed 's/^](//' | while read -r link; do
			case $link in http* | '') continue ;; esac
			[ -e "$(dirname "$page")/$link" ] || { echo "$page: $link is not there"; return 1; }
		done || return 1
	done
}

test_the_readme_lists_every_lesson_and_every_command_exists() {
	for lesson in $lessons; do
		grep -q "^| \[$lesson\](lessons/$lesson/README.md) |" README.md ||
			{ echo "README.md: its table has no row for $lesson"; return 1; }
	done
	# shellcheck disable=SC2086 # names
	cat $pages | grep -o -e '`make [0-9a-z-]*' -e '^make [0-9a-z-]*' | sort -u |
		while read -r _ target; do
		[ -z "$target" ] || [ -d "lessons/$target" ] || [ -d "lessons/further/$target" ] || grep -q "^${target}[ :]" Makefile || { echo "make $target stands in a page and not in the Makefile"; return 1; }
	done
}

# What a learner needs first is on the first screen, with a contents of the rest.
test_the_readme_begins_with_the_start_and_its_contents_name_each_section() {
	sed '/^## The lessons/q' README.md >"$room/first"
	[ "$(wc -l <"$room/first")" -le 40 ] || { echo "README.md: the start and the contents take $(wc -l <"$room/first") lines"; return 1; }
	for command in 'make demo' 'make deps' 'make start LESSON=01' 'make check LESSON=01' 'make hint' 'make progress' '(lessons/glossary.md)'; do
		grep -qF "$command" "$room/first" || { echo "README.md: its first screen has no $command"; return 1; }
	done
	grep -o '](#[^)]*)' "$room/first" | tr -d '](#)' | sort -u >"$room/linked"
	# The anchor that GitHub makes of a heading.
	sed -n '/^## Start/d; s/^##* //p' README.md | tail -n +2 | tr '[:upper:] ' '[:lower:]-' | tr -d ',' | grep -v '^hunt$' | sort >"$room/sections"
	diff "$room/linked" "$room/sections" || { echo 'README.md: links of its contents (<) and sections (>)'; return 1; }
}

# The README promises both to who reads with a screen reader, or without colour.
test_each_picture_has_a_description_and_colour_can_be_left_out() {
	for page in $pages; do
		grep -o '!\[[^]]*\]([^)]*)' "$page" | sed 's/^!\[\([^]]*\)\](\(.*\))/\1|\2/' | while IFS='|' read -r described picture; do
			case $picture in *badge.svg) continue ;; esac
			[ "${#described}" -ge 40 ] || { echo "$page: $picture: its description says little: '$described'"; return 1; }
		done || return 1
	done
	find lessons slides/figures -name '*.svg' | while read -r picture; do
		grep -q -e '<title>..*</title>' -e 'aria-label="..*"' "$picture" || { echo "$picture has no description"; return 1; }
	done || return 1
	grep -rlF '\033[' common | while read -r tool; do
		grep -q 'NO_COLOR' "$tool" || { echo "$tool makes colours, and does not ask NO_COLOR"; return 1; }
	done
}

# rows_of PAGE...: whether each row of a table has as many cells as its first; \| is no border. Code blocks are no tables.
rows_of() {
	awk '
	FNR == 1 { code = 0; cells = 0 }
	/^ *```/ { code = !code }
	!/^\|/ || code { cells = 0; next }
	{
		row = $0
		gsub(/\\\|/, "", row)
		n = gsub(/\|/, "", row)
		if (!cells) cells = n
		if (n != cells) { print FILENAME ":" FNR ": " n - 1 " cells, and the first row has " cells - 1; wrong = 1 }
	}
	END { exit wrong }' "$@"
}

test_each_row_of_a_table_has_the_cells_of_its_head() {
	# shellcheck disable=SC2086 # names
	rows_of $pages lessons/glossary.md tests/README.md || return 1
	# shellcheck disable=SC2016 # backquotes as they stand there
	printf '| a | b |\n|---|---|\n| `x|y` | c |\n' >"$room/page"
	rows_of "$room/page" >"$room/out" && { echo 'a row with a cell more is not noticed'; return 1; }
	grep -q ':3: 3 cells, and the first row has 2' "$room/out"
}

run_tests "$@"
