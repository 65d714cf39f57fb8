# replay.sh: how trace writes a run as a page to step through; it reads this with `.`, after trace-read.sh.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # what trace uses and sets

# Where a call was made: strace -k gives the stack, addr2line(1) the line. Sets stack, and unlit, which says why no line can be lit.
choose_stack() {
	stack='' unlit=''
	if ! strace -k -o /dev/null true 2>/dev/null; then
		unlit='this strace was built without stack traces (-k)'
	elif ! command -v addr2line >/dev/null || ! command -v readelf >/dev/null; then
		unlit='addr2line or readelf is missing: binutils'
	else
		stack=-k
		return
	fi
	echo "replay: no line is lit: $unlit" >&2
}

# compile_with_lines: the lesson's programs into $room, not optimised, so that each call has its line.
compile_with_lines() {
	for program in server client; do
		eval "of=\$${program}_of"
		case " $(programs_of "$of") " in *" $program "*) ;; *) continue ;; esac
		# shellcheck disable=SC2046 # options
		${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -g -O0 -o "$room/$program" "$(source_of "$of" "$program")" $(fact "$of" libraries) || exit 1
		eval "$program=\$room/$program"
	done
}

# lines_of EVENTS: a line for each frame of a call whose source line is known: the frame, the file, the line.
lines_of() {
	awk -F '\t' '$15 != "" { n = split($15, frame, "|"); for (k = 1; k <= n; k++) print frame[k] }' "$1" | sort -u >"$room/frames"
	sed 's/^[^ ]* //' "$room/frames" | sort -u | while IFS= read -r object; do
		[ ! -r "$object" ] || lines_in "$object"
	done
}

# A frame has the place in the file, and after the call; addr2line wants the address of the call.
lines_in() {
	segment=$(readelf -lW "$1" 2>/dev/null | awk '$1 == "LOAD" && / R E / { print $2 " " $3; exit }')
	[ -n "$segment" ] || return 0
	awk -v object="$1" 'substr($0, index($0, " ") + 1) == object' "$room/frames" >"$room/frames.here"
	while read -r address _; do
		printf '0x%x\n' $((address - ${segment% *} + ${segment#* } - 1))
	done <"$room/frames.here" >"$room/addresses"
	addr2line -a -i -e "$1" <"$room/addresses" 2>/dev/null | awk '
		FILENAME != "-" { frame[++frames] = $0; next }
		/^0x[0-9a-f]*$/ { k++; next }
		!(k in known) && /:[1-9][0-9]*( \(.*\))?$/ && !/^\/usr\// {
			known[k] = 1
			sub(/ \(.*/, "")
			line = $0
			sub(/.*:/, "", line)
			sub(/:[0-9]*$/, "")
			print frame[k] "\t" $0 "\t" line
		}' "$room/frames.here" -
}

# questions_of PAGE: what the page asks before a call, as its comments say: `<!-- ask before LIFELINE: CALL -->`, and then the
# question, up to its question mark. A line each: lifeline, call, question.
questions_of() {
	[ -f "$1" ] || return 0
	tr '\n' ' ' <"$1" | awk '{
		n = split($0, part, "<!-- ask before ")
		for (k = 2; k <= n; k++) {
			at = index(part[k], " -->")
			where = substr(part[k], 1, at - 1)
			text = substr(part[k], at + 4)
			text = substr(text, 1, index(text, "?"))
			gsub(/[`*]|^ +/, "", text)
			sub(/: /, "\t", where)
			print where "\t" text
		}
	}'
}

# data_of LINES ASKS EVENTS STORY [OPTION...]: what the page shows; the options are those of awk.
data_of() {
	lines=$1 asks=$2 events=$3 story=$4
	shift 4
	awk "$@" -f $look/replay.awk -f $look/replay-state.awk part=lines "$lines" part=asks "$asks" part=events "$events" part=story "$story"
}

# write_replay FILE: from $room/events, $room/story and what was drawn of it in $room/text.
write_replay() {
	: >"$room/lines"
	[ -n "$unlit" ] || lines_of "$room/events" >"$room/lines"
	questions_of "$folder/README.md" >"$room/asks"
	said='TCP states and queues: from the calls and the captured packets, by the rules of RFC 9293, section 3.3.2.'
	[ -n "$captured" ] || said='TCP states and queues: from the calls, and from packets inferred from them, by the rules of RFC 9293, section 3.3.2. No packet was captured.'
	[ -z "$unlit" ] || said="$said No line is lit: $unlit."
	data_of "$room/lines" "$room/asks" "$room/events" "$room/story" -v title="$title" -v said="$said" -v top="$PWD" >"$room/data"
	fill_template $look/replay.html >"$room/replay"
	cat "$room/replay" >"$1"
}

# fill_template FILE: with the title, the colours of the palette, the drawing and the data.
fill_template() {
	awk -v title="$title" -v data="$room/data" -v drawing="$room/text" -v palette=common/tools/palette '
		function escape(words) { gsub(/&/, "\\&amp;", words); gsub(/</, "\\&lt;", words); return words }
		function colours(column,    row, word) {
			while ((getline row <palette) > 0) if (row ~ /^[a-z]/) { split(row, word, " +"); printf "--%s: %s; ", word[1], word[column] }
			close(palette)
		}
		/^@colours@$/ {
			printf ":root { color-scheme: light dark; "; colours(2); print "}"
			printf "@media (prefers-color-scheme: dark) { :root { "; colours(3); print "} }"
			next
		}
		/^@drawing@$/ { while ((getline row <drawing) > 0) print escape(row); next }
		/^@data@$/ { while ((getline row <data) > 0) print row; next }
		{ at = index($0, "@title@"); if (at) $0 = substr($0, 1, at - 1) escape(title) substr($0, at + 7); print }' "$1"
}
