# pages-compare.sh: read with `.` by pages: what a page shows, beside what happens.
# shellcheck shell=sh disable=SC2154 # what pages sets

# Ports, descriptors, process ids, sizes and the width of columns differ from run to run. The port may have been
# another server's just now, so that ss shows a TIME-WAIT of that one too.
patterns() {
	sed -e 's/\([^0-9]\)5000\([^0-9]\)/\1FIVE\2/g' -e 's/\([^0-9]\)5000$/\1FIVE/' \
		-e 's/[0-9][0-9][0-9][0-9][0-9]*/N/g' -e 's/descriptor [0-9]*/descriptor N/' \
		-e 's/identifier [0-9N]*/identifier N/' -e 's/[0-9.]* ms$/N ms/' \
		-e 's/^\(LISTEN  *[0-9]*  *\)[0-9N]*/\1N/' -e 's/^\(open [A-Z0-9]*\) .*/\1/' -e 's/  */ /g' -e 's/ $//' "$1" |
		awk '!/^TIME-WAIT/ || $0 != last { print } { last = $0 }'
}

# The lines of a block without what tools print that are not ours. Ours are run by a path that begins with a dot.
ours() {
	awk 'BEGIN { ours = 1 } /^\$ / { ours = /[ (]\.\.?\//; print; next } ours' "$1"
}

# compare: the blocks with the page. Prints what differs, and fails when that is ours.
compare() {
	differs=
	for new in "$room"/block.*.new; do
		patterns "${new%.new}.old" >"$room/shown"
		patterns "$new" >"$room/real"
		diff "$room/shown" "$room/real" >"$room/differs" && continue
		ours "$room/shown" >"$room/shown.ours"
		ours "$room/real" >"$room/real.ours"
		if cmp -s "$room/shown.ours" "$room/real.ours"; then
			echo "note: $page: a tool prints something else here (< page, > here):"
			sed 's/^/note:   /' "$room/differs"
		else
			echo "$page: a block '$(cat "${new%.new}.kind")' is not what happens (< page, > real); 'make docs' mends it:"
			sed 's/^/  /' "$room/differs"
			differs=1
		fi
	done
	[ -z "$differs" ]
}
