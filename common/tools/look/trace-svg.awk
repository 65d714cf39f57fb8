# trace-svg.awk, after trace-rows.awk: draws the rows of trace-story.awk as an SVG picture. The variable `title` says what is shown.
# With `brief`, for a slide: big type, no title and no legend in the picture.
# The colours are attributes, because not every viewer knows style sheets; those that do follow the reader's light or dark scheme.
# Each row is a list item whose label a screen reader reads.

BEGIN {
	gap = 104; left = 56; row_height = 22; top = 76; most = 66; character = 7.85; bottom = 34; scale = 1
	if (brief) { gap = 110; row_height = 24; top = 54; most = 42; character = 10.9; bottom = -8; scale = 1.5 }

	palette = "common/tools/palette"
	while ((got = getline row <palette) > 0) {
		if (split(row, word, " +") != 3 || row ~ /^#/) continue
		colour[word[1]] = word[2]
		dark = dark "[fill=\"" word[2] "\"]{fill:" word[3] "}[stroke=\"" word[2] "\"]{stroke:" word[3] "}"
	}
	if (got < 0) { print "trace: cannot read " palette > "/dev/stderr"; exit 1 }

	look["name"] = " font-weight=\"bold\" text-anchor=\"middle\""
	look["head"] = " font-weight=\"bold\" font-size=\"15\""
	look["note"] = look["legend"] = fill("soft")
	look["state"] = " font-style=\"italic\""
	look["data"] = look["tip-data"] = fill("data")
	look["guess"] = look["tip-guess"] = fill("guess")
	look["paper"] = fill("paper") " stroke=\"" colour["edge"] "\""
	look["hollow"] = fill("paper") stroke("ink")
	look["alive"] = stroke("ink")
	look["waits"] = stroke("soft") " stroke-dasharray=\"2 5\""
	look["way-data"] = stroke("data")
	look["way-guess"] = stroke("guess") " stroke-dasharray=\"7 4\""
}

function fill(name) { return " fill=\"" colour[name] "\"" }

function stroke(name) { return " stroke=\"" colour[name] "\" stroke-width=\"2\"" }

END {
	text_x = left + (lives - 1) * gap + 34
	width = int(text_x + most * character + 16)
	if (!brief && width < 664) width = 664 # the legend
	if (!brief && width < length(title) * 9.3 + 32) width = int(length(title) * 9.3 + 32)
	y = top
	for (r = 1; r <= rows; r++) {
		for (i = 1; i <= lives; i++) if (first[i] == r) { state[i] = "alive"; since[i] = y - 11 }
		if (kind[r] == "wait") change(from[r], "waits")
		if (kind[r] == "back" && state[from[r]] == "waits") change(from[r], "alive")
		body = body "<g role=\"listitem\" aria-label=\"" escape(label(r)) "\">"
		if (to[r]) arrow(r)
		else if (kind[r] !~ /^(note|state)$/) body = body sprintf("<circle%s cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", kind[r] == "wait" ? look["hollow"] : "", x(from[r]), y)
		write(text[r], kind[r])
		body = body "</g>\n"
		if (kind[r] == "end") { change(from[r], ""); delete state[from[r]] }
		y += row_height
	}
	for (i = 1; i <= lives; i++) if (state[i] != "") line(i, y - 8)
	height = y + bottom

	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" xml:space=\"preserve\"%s", width, height, width * scale, height * scale, fill("ink")
	printf " font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,Liberation Mono,monospace\" font-size=\"%d\"", brief ? 18 : 13
	printf " role=\"list\" aria-label=\"%s\">\n<title>%s</title>\n", escape(title), escape(title)
	print "<style>text{white-space:pre}@media (prefers-color-scheme:dark){" dark "}</style>"
	if (brief) printf "<rect%s width=\"100%%\" height=\"100%%\"/>\n", fill("paper")
	else printf "<rect%s x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", look["paper"], width - 1, height - 1
	if (!brief) printf "<text" look["head"] " x=\"16\" y=\"24\" role=\"listitem\">%s</text>\n", escape(title)
	for (i = 1; i <= lives; i++) printf "<text" look["name"] " x=\"%d\" y=\"%d\" role=\"listitem\">%s</text>\n", x(i), brief ? 24 : 52, escape(names[i])
	printf "%s%s", lines, body
	if (!brief) legend()
	print "</svg>"
}

function x(i) { return left + (i - 1) * gap }

function label(r) {
	if (to[r]) return names[from[r]] " to " names[to[r]] ": " text[r] (kind[r] == "guess" ? " (inferred)" : "")
	return names[from[r]] ": " text[r]
}

# The lifeline goes on in another way from here.
function change(i, into) {
	line(i, y)
	since[i] = y
	state[i] = into
}

function line(i, until) {
	if (until > since[i]) lines = lines sprintf("<path%s d=\"M%d %dV%d\"/>\n", look[state[i]], x(i), since[i], until)
}

function arrow(r,    a, b, way, tip) {
	way = to[r] > from[r] ? 1 : -1
	a = x(from[r]) + 6 * way
	b = x(to[r]) - 6 * way
	tip = b - 9 * way
	body = body sprintf("<path%s d=\"M%d %dH%d\"/><path%s d=\"M%d %dL%d %dL%d %dZ\"/>", look["way-" kind[r]], a, y, tip, look["tip-" kind[r]], b, y, tip, y - 5, tip, y + 5)
}

# The text, on as many rows as it needs.
function write(words, class,    cut, indent) {
	indent = class ~ /^(note|state)$/ ? 16 : 0
	while (length(words) > most - indent / character) {
		cut = most - int(indent / character)
		while (cut > 20 && substr(words, cut, 1) != " ") cut--
		piece(substr(words, 1, cut), class, indent)
		words = substr(words, cut + 1)
		y += row_height
		indent = 32
	}
	piece(words, class, indent)
}

function piece(words, class, indent) {
	body = body sprintf("<text%s x=\"%d\" y=\"%d\">%s</text>", look[class], text_x + indent, y + 4, escape(words))
}

function legend(    base) {
	base = height - 16
	printf "<g role=\"listitem\" aria-label=\"Legend: a filled dot is a call, a dotted lifeline is blocked, a solid arrow is bytes that cross, a dashed arrow is inferred because strace does not see it\">"
	printf "<circle cx=\"22\" cy=\"%d\" r=\"4.5\"/><text" look["legend"] " x=\"32\" y=\"%d\">call</text>", base - 4, base
	printf "<path" look["waits"] " d=\"M86 %dV%d\"/><text" look["legend"] " x=\"96\" y=\"%d\">blocked</text>", base - 13, base + 4, base
	printf "<path" look["way-data"] " d=\"M170 %dH194\"/><path" look["tip-data"] " d=\"M203 %dL194 %dL194 %dZ\"/><text" look["legend"] " x=\"212\" y=\"%d\">bytes that cross</text>", base - 4, base - 4, base - 9, base + 1, base
	printf "<path" look["way-guess"] " d=\"M358 %dH382\"/><path" look["tip-guess"] " d=\"M391 %dL382 %dL382 %dZ\"/><text" look["legend"] " x=\"400\" y=\"%d\">inferred: strace does not see it</text></g>\n", base - 4, base - 4, base - 9, base + 1, base
}

function escape(words) {
	gsub(/&/, "\\&amp;", words)
	gsub(/</, "\\&lt;", words)
	gsub(/>/, "\\&gt;", words)
	gsub(/"/, "\\&quot;", words)
	return words
}
