#!/bin/sh
# t-questions.sh [TEST...]: the questions of the lessons: their form, their runs, and what is made of them.
# shellcheck disable=SC2016,SC2317 # backquotes and dollars as they stand there; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# as FORM NUMBER FILE...
as() {
	form=$1 number=$2
	shift 2
	awk -v form="$form" -v number="$number" -f common/tools/keep/questions.awk "$@"
}

test_each_lesson_has_four_to_six_questions_and_two_that_a_run_answers() {
	sed '/^$/q' lessons/01-create-socket/questions >"$room/head"
	for lesson in $lessons; do
		file=lessons/$lesson/questions
		sed '/^$/q' "$file" | diff "$room/head" - || { echo "$file: another head"; return 1; }
		asked=$(grep -c '^ask ' "$file") runs=0 number=0
		{ [ "$asked" -ge 4 ] && [ "$asked" -le 6 ]; } || { echo "$file: $asked questions"; return 1; }
		while [ $((number += 1)) -le "$asked" ]; do [ -z "$(as run "$number" "$file")" ] || runs=$((runs + 1)); done
		[ "$runs" -ge 2 ] || { echo "$file: a run answers only $runs"; return 1; }
		! awk 'length > 140 { print FILENAME ", line " FNR ": longer than 140" }' "$file" | grep . || return 1
	done
}

test_each_page_ends_with_its_questions() {
	# shellcheck disable=SC2086 # names
	sh common/tools/keep/questions check $lessons || return 1
	make_copy
	(cd "$copy" && sed 's/^right 4$/right 5/' "$OLDPWD/lessons/01-create-socket/questions" >lessons/01-create-socket/questions &&
		! sh common/tools/keep/questions check 01-create-socket >/dev/null && sh common/tools/keep/questions write 01-create-socket &&
		grep -q '^\*\*5\.\*\*' lessons/01-create-socket/README.md && [ "$(grep -c '^## ' lessons/01-create-socket/README.md)" = 9 ])
	status=$?
	cp lessons/01-create-socket/questions lessons/01-create-socket/README.md "$copy/lessons/01-create-socket/"
	return "$status"
}

# What may differ from run to run: ports that the kernel chooses, each by the place of its first, and the width of numbers.
told() {
	awk '
	/^```/ { next }
	{
		gsub(/  +/, " ")
		sub(/^ /, "")
		line = ""
		while (match($0, /127\.0\.0\.[0-9]+:[0-9]+/)) {
			end = substr($0, RSTART, RLENGTH)
			split(end, part, ":")
			if (part[2] >= 1024 && part[2] != 5000) {
				if (!(part[2] in place)) place[part[2]] = ++places
				end = part[1] ":PORT" place[part[2]]
			}
			line = line substr($0, 1, RSTART - 1) end
			$0 = substr($0, RSTART + RLENGTH)
		}
		print line $0
	}' "$1"
}

# run_is_true LESSON NUMBER FILE: what the run shows is what happens, in the copy. The page there is the run alone.
run_is_true() {
	page="$copy/lessons/$1/README.md"
	as run "$2" "$3" >"$page"
	[ -s "$page" ] || return 0
	told "$page" >"$room/shown"
	(cd "$copy" && sh common/tools/keep/pages write "$1") || return 1
	told "$page" >"$room/real"
	diff "$room/shown" "$room/real" >"$room/differs" && return
	echo "lessons/$1/questions, question $2: the run is another one (> real):"
	cat "$room/differs"
	return 1
}

test_each_run_shows_what_happens() {
	has_loopback || return
	make_copy
	make -s -C "$copy" all || return 1
	for lesson in $lessons; do
		number=0
		while [ $((number += 1)) -le "$(grep -c '^ask ' "lessons/$lesson/questions")" ]; do
			case $(as ask "$number" "lessons/$lesson/questions") in
			*'(Linux) ('*) [ "$(uname)" = Linux ] || continue ;;
			esac
			run_is_true "$lesson" "$number" "lessons/$lesson/questions" || return 1
		done
	done
	# A wrong answer is noticed.
	sed 's/^client descriptor 4/client descriptor 3/' lessons/01-create-socket/questions >"$room/questions"
	! run_is_true 01-create-socket 1 "$room/questions" >"$room/out" || { echo 'a wrong run of 01 was taken'; return 1; }
	grep -q '> descriptor 4' "$room/out" || { cat "$room/out"; return 1; }
	sed '/^server connection/s/[0-9]*$/40009/' lessons/04-accept/questions >"$room/questions"
	! run_is_true 04-accept 1 "$room/questions" >/dev/null || { echo 'a wrong port of 04 was taken'; return 1; }
}

test_a_file_that_is_not_as_it_should_be_is_named_with_its_line() {
	while IFS='|' read -r lines what; do
		printf 'ask a\nright b\nwrong c\nwrong d\nbecause e\n' | sed "$lines" >"$room/questions"
		if as page 0 "$room/questions" >/dev/null 2>"$room/out" || ! grep -q "$what" "$room/out"; then
			echo "taken, or not said '$what':"
			cat "$room/questions" "$room/out"
			return 1
		fi
	done <<-'EOF'
		1d|line 1: a question begins with ask
		2d|needs right, because and two wrong
		3d|needs right, because and two wrong
		5d|needs right, because and two wrong
		3s/wrong/right/|line 3: a second right answer
		3s/wrong/maybe/|line 3: unknown: maybe
		3s/ c//|line 3: no text after the kind
		5s/because/client/|line 5: a run begins with a command
	EOF
}

# Reads GIFT as Moodle does: a backslash makes the next letter a plain one, \n a new line, and what separates is a plain letter.
read_gift() {
	awk '
	function end() { if (text != "") print kind "\t" text; text = "" }
	/^\/\// || /^\$CATEGORY: / { next }
	{ all = all $0 "\n" }
	END {
		n = length(all)
		for (i = 1; i <= n; i++) {
			letter = substr(all, i, 1)
			if (letter == "\\") { letter = substr(all, ++i, 1); text = text (letter == "n" ? " | " : letter); continue }
			if (letter == ":" && substr(all, i, 2) == "::") { end(); i++; kind = kind == "name" ? "ask" : "name"; continue }
			if (letter == "{") { end(); open++; kind = "answers"; continue }
			if (letter == "}") { end(); open--; kind = ""; continue }
			if (open && (letter == "=" || letter == "~")) { end(); kind = letter; continue }
			if (open && substr(all, i, 4) == "####") { end(); i += 3; kind = "because"; continue }
			if (letter == "#" || letter == ":" || letter == "=" || letter == "~") print "a plain " letter " in: " kind " " text
			if (letter != "\n") text = text letter
		}
		if (open) print "a brace is not closed"
	}' "$1"
}

test_the_questions_come_whole_into_moodle_and_onto_cards() {
	mkdir -p "$room/01-made-up"
	cat >"$room/01-made-up/questions" <<-'EOF'
		ask What ~ is = # this { and } that: `a\n`, \ and `1 < 2 && 3 > 2`?
		code int x[] = {1}; /* ~ # : \ */
		code     return x;
		right a::b = c
		wrong ~d
		wrong #e
		because f{g}
	EOF
	as gift 0 "$room/01-made-up/questions" >"$room/gift" || return 1
	read_gift "$room/gift" >"$room/read"
	diff - "$room/read" <<-'EOF' || return 1
		name	01-made-up 1
		ask	[markdown]What ~ is = # this { and } that: `a\n`, \ and `1 < 2 && 3 > 2`? |  |     int x[] = {1}; /* ~ # : \ */ |         return x; | 
		=	a::b = c
		~	~d
		~	#e
		because	f{g}
	EOF
	as cards 0 "$room/01-made-up/questions" >"$room/cards" || return 1
	printf '%s\t%s\t%s\n' 'What ~ is = # this { and } that: <code>a\n</code>, \ and <code>1 &lt; 2 &amp;&amp; 3 &gt; 2</code>?<pre>int x[] = {1}; /* ~ # : \ */<br>    return x;</pre>' \
		'a::b = c.<br>f{g}' 01-made-up | diff - "$room/cards"
}

test_make_questions_writes_all_of_them() {
	make_copy
	make -s -C "$copy" questions || return 1
	asked=$(cat lessons/*/questions | grep -c '^ask ')
	[ "$(grep -vc '^#' "$copy/build/questions/sockets-in-c.tsv")" = "$asked" ] || return 1
	! awk -F '\t' '!/^#/ && NF != 3' "$copy/build/questions/sockets-in-c.tsv" | grep . || return 1
	read_gift "$copy/build/questions/sockets-in-c.gift" >"$room/read"
	for kind in ask because =; do
		[ "$(awk -F '\t' -v kind="$kind" '$1 == kind' "$room/read" | wc -l)" -eq "$asked" ] || { echo "not $asked of: $kind"; return 1; }
	done
	awk -F '\t' '$1 == "ask" { print $2 }' "$room/read" | sed 's/^\[markdown\]//; s/ |  |.*//' >"$room/asked"
	sed -n 's/^ask //p' lessons/*/questions | diff - "$room/asked"
}

run_tests "$@"
