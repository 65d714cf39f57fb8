#!/bin/sh
# t-pictures.sh [TEST...]: every SVG picture of ours can be seen, wherever it is opened. `make test ONLY=slides` looks at them in a
# browser, light and dark.
# slow: it traces or renders every lesson; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=common/tools/look/trace-read.sh
. common/tools/look/trace-read.sh

pictures=$(find lessons slides/figures -name '*.svg' | sort)
palette=common/tools/palette

# fresh_pictures: what the tools of today draw, into $room/fresh: a recorded run, the same for a slide, and the figures of bench.
fresh_pictures() {
	mkdir -p "$room/fresh"
	events_of tests/trace/threads >"$room/events"
	story_of "$room/events" >"$room/fresh/story"
	picture_of "$room/fresh/story" -v title=Threads >"$room/fresh/trace.svg" &&
		picture_of "$room/fresh/story" -v title=Threads -v brief=1 >"$room/fresh/brief.svg" || return 1
	command -v gnuplot >/dev/null || return 0
	cp slides/figures/figures.csv "$room/fresh/" && sh common/tools/measure/bench draw "$room/fresh"
}

# painted PICTURE: the colours that librsvg paints it with. In PostScript they stand as text: `R G B rg`, or `GREY g`.
painted() {
	rsvg-convert -f ps "$1" >"$room/ps" || return 1
	tr -c '[:print:]\n' ' ' <"$room/ps" | awk '
	function hex(part) { return sprintf("%02x", part * 255 + 0.5) }
	function number(i) { return i > 0 && $i ~ /^[01](\.[0-9]+)?$/ }
	{
		for (i = 2; i <= NF; i++) {
			if ($i == "rg" && number(i - 1) && number(i - 2) && number(i - 3)) print "#" hex($(i - 3)) hex($(i - 2)) hex($(i - 1))
			if ($i == "g" && number(i - 1)) print "#" hex($(i - 1)) hex($(i - 1)) hex($(i - 1))
		}
	}' | sort -u
}

test_librsvg_paints_each_picture_in_the_colours_of_the_palette() {
	command -v rsvg-convert >/dev/null || { echo 'no rsvg-convert here: make deps FOR=slides'; return 77; }
	fresh_pictures || return 1
	bad=0
	for picture in $pictures "$room"/fresh/*.svg; do
		painted "$picture" >"$room/painted" || return 1
		# What the picture names itself; the dark colours of its style do not count.
		sed 's/<style>.*<\/style>//' "$picture" | grep -o '"#[0-9a-f]*"' | tr -d '"' | sort -u >"$room/named"
		awk -v picture="${picture#"$room/"}" '
		FILENAME ~ /palette$/ { if (/^[a-z]/) ours[$2] = 1; next }
		FILENAME ~ /painted$/ { painted[$1] = 1; n++; if (!($1 in ours)) wrong = wrong " paints in " $1 ", which is not in the palette;"; next }
		!($1 in painted) { wrong = wrong " does not paint in its " $1 ";" }
		END {
			if (n < 3) wrong = wrong " paints in " n " colours only;"
			if (wrong) { print picture ": librsvg" wrong; exit 1 }
		}' "$palette" "$room/painted" "$room/named" || bad=1
	done
	return "$bad"
}

test_each_picture_stands_alone_and_has_its_colours_from_the_palette() {
	fresh_pictures || return 1
	style=$(grep '<style>' "$room/fresh/trace.svg") && [ -n "$style" ] || return 1
	bad=0
	for picture in $pictures "$room"/fresh/*.svg; do
		case $picture in
		*/growth.svg | */costs.svg) # gnuplot has its own ways to write a colour
			! grep -q 'var(' "$picture" && grep -q '<style>@media (prefers-color-scheme:dark){svg{filter:.*</style></svg>$' "$picture" && continue
			echo "${picture#"$room/"}: not as common/tools/measure/bench makes it" ;;
		*)
			sed 's/<style>.*<\/style>//' "$picture" | grep -o '#[0-9a-fA-F]\{3,8\}"\|var(.*)' | tr -d '"' | sort -u |
				grep -vxF "$(awk '/^[a-z]/ { print $2 }' "$palette")" | tr '\n' ' ' >"$room/strange"
			grep -qxF "$style" "$picture" && [ ! -s "$room/strange" ] && continue
			echo "${picture#"$room/"}: its <style> is not that of common/tools/look/trace-svg.awk, or these are not light colours of $palette: $(cat "$room/strange")" ;;
		esac
		bad=1
	done
	! grep -n '#[0-9a-fA-F]\{3,8\}[^a-z]' slides/theme.css common/tools/measure/bench.gnuplot common/tools/measure/bench common/tools/look/trace-svg.awk && return "$bad"
}

# WCAG 2.2, 1.4.3: contrast of text.
test_text_in_the_colours_of_the_palette_can_be_read() {
	awk '
	function part(hex, at) {
		v = (index("0123456789abcdef", substr(hex, at, 1)) - 1) * 16 + index("0123456789abcdef", substr(hex, at + 1, 1)) - 1
		v /= 255
		if (v <= 0.04045) return v / 12.92
		v = (v + 0.055) / 1.055
		return v * v * fifth_root(v * v) # to the power of 2.4, which not every awk knows
	}
	function fifth_root(x,    root, i) {
		root = 1
		for (i = 0; i < 40; i++) root -= (root * root * root * root * root - x) / (5 * root * root * root * root)
		return root
	}
	function light(hex) { return 0.2126 * part(hex, 2) + 0.7152 * part(hex, 4) + 0.0722 * part(hex, 6) }
	/^[a-z]/ {
		if (NF != 3 || length($2) != 7 || length($3) != 7) { print "not a row: " $0; failed = 1 }
		page[$1, 1] = light($2)
		page[$1, 2] = light($3)
	}
	function reads(text, ground,    scheme, a, b, t) {
		for (scheme = 1; scheme <= 2; scheme++) {
			a = page[text, scheme] + 0.05
			b = page[ground, scheme] + 0.05
			if (a < b) { t = a; a = b; b = t }
			if (a / b >= 4.5) continue
			printf "%s on %s, %s: %.2f:1\n", text, ground, (scheme == 1 ? "light" : "dark"), a / b
			failed = 1
		}
	}
	END {
		n = split("ink-paper soft-paper data-paper guess-paper ink-lit soft-lit data-lit ink-faint soft-faint data-faint guess-faint", pairs, " ")
		for (i = 1; i <= n; i++) { split(pairs[i], pair, "-"); reads(pair[1], pair[2]) }
		exit failed
	}' "$palette"
}

run_tests "$@"
