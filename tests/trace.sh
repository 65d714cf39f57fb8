#!/bin/sh
# trace.sh [write]: draws the recorded runs in tests/trace/NAME (*.strace, and packets.pcap in some) and compares with
# tests/trace/NAME/expected: what the parser says on stderr, then the drawing. `write` makes these files anew: read them before you commit them.
# Run from the top of the repository. It needs no strace and no tcpdump.
set -u

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
# shellcheck source=common/tools/look/trace-read.sh
. common/tools/look/trace-read.sh
# shellcheck source=tests/packets.sh
. tests/packets.sh
make_room 'trace test'
failed=0

# Of a drawing its lines, of a picture its labels: there no call is on two lines.
calls() {
	sed 's/^.*aria-label="\([^"]*\)".*$/\1/; s/<[^>]*>//g; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' "$1" | grep -o '[a-z0-9]*([^)]*) = [-0-9]*' | sort -u
}

# crossed STORY: for each direction in order what crossed: SYN, FIN, RST, the bytes.
crossed() {
	awk -F '\t' '$1 ~ /^(data|flags|ack|guess)$/ {
		kind = match($4, /[0-9]+ bytes? /) ? substr($4, RSTART) : $4
		sub(/ seq .*/, "", kind)
		if (kind ~ /FIN/) kind = "FIN"
		sub(/[;:] .*/, "", kind)
		print $2 " to " $3 ": " kind
	}' "$1" | sort -s -k 1,3
}

# same FILE OTHER SENTENCE: the sentence is told when they differ, and how.
same() {
	diff "$1" "$2" >"$room/differs" && return
	echo "$folder$3"
	cat "$room/differs"
	failed=1
}

for folder in tests/trace/*/; do
	events_of "${folder%/}" >"$room/events" 2>"$room/said"
	story_of "$room/events" >"$room/story"
	text_of "$room/story" -v ascii=1 >"$room/drawing" 2>>"$room/said"
	cat "$room/said" "$room/drawing" >"$room/result"
	if [ "${1-}" = write ]; then
		cat "$room/result" >"${folder}expected"
	else
		same "${folder}expected" "$room/result" " is drawn otherwise (< expected, > now):"
	fi
	picture_of "$room/story" -v title="a & b" >"$room/svg" 2>/dev/null
	# The picture has the calls of the drawing.
	calls "$room/drawing" >"$room/drawn"
	calls "$room/svg" >"$room/painted"
	if comm -23 "$room/drawn" "$room/painted" | grep . >"$room/differs"; then
		echo "$folder: the picture lacks"
		cat "$room/differs"
		failed=1
	fi
	# What would be inferred without the capture is what was captured.
	case $folder in
	*/captured-echo/ | */captured-threads/ | */captured-datagrams/)
		crossed "$room/story" >"$room/captured"
		grep -v '	packet	' "$room/events" >"$room/calls"
		story_of "$room/calls" >"$room/story"
		crossed "$room/story" >"$room/inferred"
		same "$room/captured" "$room/inferred" ": the rules of trace-wire.awk infer something else (< captured, > inferred):" ;;
	esac
	[ -s "${folder}packets.pcap" ] || continue
	command -v tcpdump >/dev/null || continue
	packets_in_capture "${folder}packets.pcap" >"$room/captured"
	packets_in_picture "$room/svg" >"$room/painted"
	same "$room/captured" "$room/painted" ": the packets of the picture are not those that tcpdump reads (< captured, > drawn):"
done
exit $failed
