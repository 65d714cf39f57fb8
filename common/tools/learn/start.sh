# start.sh: start and hunt of practice, which reads it with `.`: what puts a program into practice/.
# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # what practice sets and uses

# ---- start ----

# A page as a terminal shows it: in lines of at most 80 columns, and what stands between backquotes in one of them.
wrapped() {
	awk '
	function put(  words, n, i, part, line, margin) {
		n = split(text, words, " ")
		margin = text ~ /^[0-9]+\. / ? "   " : text ~ /^- / ? "  " : ""
		line = ""
		for (i = 1; i <= n; i++) {
			part = words[i]
			while (gsub(/`/, "`", part) % 2 && i < n) part = part " " words[++i]
			if (line == "") { line = part; continue }
			if (length(line " " part) <= 80) { line = line " " part; continue }
			print line
			line = margin part
		}
		if (n > 0) print line
		text = ""
	}
	/^```/ { put(); print; code = !code; next }
	code || /^$/ { put(); print; next }
	/^([0-9]+\.|[-#>|]) / { put() }
	{ text = text " " $0; sub(/^ /, "", text) }
	END { put() }'
}

# The task, without the links of the page. The page begins it with `make start`, which the reader has just typed: that
# paragraph is left out.
task() {
	if [ -n "$VARIATION" ]; then
		cat "lessons/$lesson/variation.md"
	else
		awk '
		/^## / { inside = $0 == "## Practice"; next }
		!inside { next }
		!begun && /`make start LESSON=/ { skipping = 1 }
		$0 == "" { if (begun) gap = 1; skipping = 0; next }
		skipping { next }
		{ if (gap) print ""; gap = 0; begun = 1; print }' "lessons/$lesson/README.md"
	fi | sed 's/\[\([^]]*\)\](\([^)]*\))/\1/g' | wrapped
}

# set_aside FILE: an old file stays, beside the new one.
set_aside() {
	[ -e "$1" ] || return 0
	n=1
	while [ -e "$1.old$n" ]; do n=$((n + 1)); done
	mv "$1" "$1.old$n"
	echo "Your old program is now $1.old$n"
}

# base FILE: the file to begin with. With FROM=mine the learner's own of the same name.
base() {
	file=$1
	if [ "$FROM" = mine ]; then
		own=practice/$(basename "$(dirname "$1")")/$(basename "$1")
		[ -f "$own" ] || fail "there is no $own to begin with. Leave out FROM=mine, and you begin with the lesson's program."
		file=$own
	fi
	printf '%s\n' "$file"
}

start() {
	case $FROM in '' | mine) ;; *) fail "FROM=$FROM: only FROM=mine is known" ;; esac
	list=$(printf %s "$programs" | while read -r program from; do
		if [ ! -e "$here/$program.c" ] || [ -n "$FORCE" ]; then echo "$program $from"; fi
	done)
	[ -n "$list" ] || fail "$here/${programs%% *}.c is there already, and nothing is overwritten. Go on with it: make check $again
       To begin again and keep the old file beside it: make start $again${FROM:+ FROM=$FROM} FORCE=1"
	while read -r program from; do
		source=$(base "$from") || exit 1
	done <<-EOF
		$list
	EOF
	mkdir -p "$here"
	note_time start
	while read -r program from; do
		file=$here/$program.c
		source=$(base "$from")
		set_aside "$file"
		for_practice "$source" >"$file"
		echo "$file begins as $source"
		[ "$FROM" != mine ] || passed "$(basename "$(dirname "$from")")" ||
			echo "$source has not passed its checks as it is now: make check LESSON=$(short_of "$(basename "$(dirname "$from")")")"
	done <<-EOF
		$list
	EOF
	for file in $(give_headers "$lesson" "$here"); do echo "$here/$file is given"; done
	echo
	task
	echo
	echo "Edit the file, then:"
	echo "  ${bold}make check $again$plain"
}

# ---- hunt ----

# BUG=7: tests/museum/07-*.patch, in whose head stands what it is a mistake in. A lesson in place of a number means the
# first one of this lesson that was not begun.
find_piece() {
	# shellcheck disable=SC2046 # words
	set -- $(pieces_of_the_museum)
	count=$#
	case $BUG in *[!0-9]*) number=0 ;; *) number=$(printf '%s\n' "$BUG" | sed 's/^0*\(.\)/\1/') ;; esac
	[ -n "$BUG" ] || [ -z "$lesson" ] || number=$(next_of_lesson "$@")
	[ -n "$BUG$lesson" ] || fail "name a bug, for example  make hunt BUG=7  from 1 to $count, or a lesson:  make hunt LESSON=03"
	[ -n "$number" ] || fail "every wrong program of lesson $short was begun, or there is none: ls practice. Others:  make hunt BUG=7  from 1 to $count"
	piece=$(ls tests/museum/"$(printf %02d "$number")"-*.patch 2>/dev/null) ||
		fail "BUG=$BUG: the museum has wrong programs from 1 to $count. Take one, for example:  make hunt BUG=7"
	original=$(original_of "$piece")
	lesson=$(dirname "${original#lessons/}")
	name=${lesson##*/}
	short=$(short_of "$name")
	here=practice/hunt-$(printf %02d "$number") kept=build/practice/hunt-$(printf %02d "$number")
	again="BUG=$number"
}

next_of_lesson() {
	for file; do
		next=${file##*/}
		next=${next%%-*}
		case $(original_of "$file") in lessons/"$lesson"/*) ;; *) continue ;; esac
		[ -d "practice/hunt-$next" ] || { echo "${next#0}" && return; }
	done
}

hunt() {
	command -v patch >/dev/null || fail 'patch is missing. This installs it:  make deps'
	file=$here/$(basename "$original")
	if [ -e "$file" ] && [ -z "$FORCE" ]; then
		fail "$file is there already, and nothing is overwritten. Go on with it: make check $again
      To begin again and keep the old file beside it: make hunt $again FORCE=1"
	fi
	mkdir -p "$here"
	set_aside "$file"
	says=$(patched "$piece" "$original" "$room/piece.c") || fail "$says"
	for_practice "$room/piece.c" >"$file"
	give_headers "$lesson" "$here" >/dev/null
	echo "$file is a program of lesson $name with one mistake. Find it and mend it, then:"
	echo "  ${bold}make check $again$plain"
}

tell_name() {
	echo "The mistake was: $bold$(basename "$piece" .patch | sed 's/^[0-9]*-//; s/-/ /g')$plain ($piece)"
	[ "$number" = "$count" ] || echo "Next: ${bold}make hunt BUG=$((number + 1))$plain"
}
