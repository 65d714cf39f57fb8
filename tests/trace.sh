#!/bin/sh
# trace.sh [write]: draws the recorded runs in tests/trace/NAME/*.strace and compares with tests/trace/NAME/expected:
# what the parser says on stderr, then the drawing. `write` makes these files anew: read them before you commit them.
# Run from the top of the repository. It needs no strace.
set -u

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
make_room 'trace test'
failed=0

calls() {
	sed 's/<[^>]*>//g; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' "$1" | grep -o '[a-z0-9]*([^)]*) = [-0-9]*' | sort -u
}

for folder in tests/trace/*/; do
	for file in "$folder"*.strace; do
		side=${file##*/}
		awk -v side="${side%.strace}" -f common/tools/look/trace-parse.awk "$file" 2>>"$room/said" || echo "status $?" >>"$room/said"
	done | LC_ALL=C sort -s -k 1,1 | awk -f common/tools/look/trace-story.awk >"$room/story"
	awk -v ascii=1 -f common/tools/look/trace-rows.awk -f common/tools/look/trace-text.awk "$room/story" >"$room/drawing" 2>>"$room/said"
	cat "$room/said" "$room/drawing" >"$room/result"
	: >"$room/said"
	if [ "${1-}" = write ]; then
		cat "$room/result" >"${folder}expected"
	elif ! diff "${folder}expected" "$room/result" >"$room/differs"; then
		echo "$folder is drawn otherwise (< expected, > now):"
		cat "$room/differs"
		failed=1
	fi
	awk -v title="a & b" -f common/tools/look/trace-rows.awk -f common/tools/look/trace-svg.awk "$room/story" >"$room/svg" 2>/dev/null
	# The picture has the calls of the drawing.
	calls "$room/drawing" >"$room/drawn"
	calls "$room/svg" >"$room/painted"
	if comm -23 "$room/drawn" "$room/painted" | grep . >"$room/differs"; then
		echo "$folder: the picture lacks"
		cat "$room/differs"
		failed=1
	fi
done
exit $failed
