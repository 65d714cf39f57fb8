# trace-svg.awk, after trace-rows.awk: draws the rows of trace-story.awk as an SVG picture. The variable `title` says what is shown.
# With `brief`, for a slide: big type, no title and no legend in the picture.
# Light or dark follows the reader's scheme. Each row is a list item whose label a screen reader reads.

BEGIN {
	gap = 104; left = 56; row_height = 22; top = 76; most = 66; character = 7.85; bottom = 34; scale = 1
	if (brief) { gap = 110; row_height = 24; top = 54; most = 42; character = 10.9; bottom = -8; scale = 1.5 }
}

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
		else if (kind[r] !~ /^(note|state)$/) body = body sprintf("<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", kind[r] == "wait" ? "hollow" : "dot", x(from[r]), y)
		write(text[r], kind[r])
		body = body "</g>\n"
		if (kind[r] == "end") { change(from[r], ""); delete state[from[r]] }
		y += row_height
	}
	for (i = 1; i <= lives; i++) if (state[i] != "") line(i, y - 8)
	height = y + bottom

	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" %srole=\"list\" aria-label=\"%s\">\n", width, height, width * scale, height * scale, brief ? "class=\"brief\" " : "", escape(title)
	print "<title>" escape(title) "</title>"
	print "<style>"
	print "svg{--paper:#fff;--ink:#1f2328;--soft:#59636e;--data:#0550ae;--guess:#8250df;--edge:#d1d9e0}"
	print "@media (prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--soft:#9da7b3;--data:#79c0ff;--guess:#d2a8ff;--edge:#3d444d}}"
	print ".paper{fill:var(--paper);stroke:var(--edge)}"
	print "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:var(--ink);white-space:pre}"
	print ".name{font-weight:bold;text-anchor:middle}.head{font-weight:bold;font-size:15px}.note,.legend{fill:var(--soft)}.state{font-style:italic}.data{fill:var(--data)}.guess{fill:var(--guess)}"
	print ".brief text{font-size:18px}"
	print ".alive{stroke:var(--ink);stroke-width:2}.waits{stroke:var(--soft);stroke-width:2;stroke-dasharray:2 5}"
	print ".dot{fill:var(--ink)}.hollow{fill:var(--paper);stroke:var(--ink);stroke-width:2}"
	print ".way-data{stroke:var(--data);stroke-width:2;fill:none}.way-guess{stroke:var(--guess);stroke-width:2;stroke-dasharray:7 4;fill:none}"
	print ".tip-data{fill:var(--data)}.tip-guess{fill:var(--guess)}"
	print "</style>"
	if (!brief) printf "<rect class=\"paper\" x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", width - 1, height - 1
	if (!brief) printf "<text class=\"head\" x=\"16\" y=\"24\" role=\"listitem\">%s</text>\n", escape(title)
	for (i = 1; i <= lives; i++) printf "<text class=\"name\" x=\"%d\" y=\"%d\" role=\"listitem\">%s</text>\n", x(i), brief ? 24 : 52, escape(names[i])
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
	if (until > since[i]) lines = lines sprintf("<path class=\"%s\" d=\"M%d %dV%d\"/>\n", state[i], x(i), since[i], until)
}

function arrow(r,    a, b, way, tip) {
	way = to[r] > from[r] ? 1 : -1
	a = x(from[r]) + 6 * way
	b = x(to[r]) - 6 * way
	tip = b - 9 * way
	body = body sprintf("<path class=\"way-%s\" d=\"M%d %dH%d\"/><path class=\"tip-%s\" d=\"M%d %dL%d %dL%d %dZ\"/>", kind[r], a, y, tip, kind[r], b, y, tip, y - 5, tip, y + 5)
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
	body = body sprintf("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>", class, text_x + indent, y + 4, escape(words))
}

function legend(    base) {
	base = height - 16
	printf "<g role=\"listitem\" aria-label=\"Legend: a filled dot is a call, a dotted lifeline is blocked, a solid arrow is bytes that cross, a dashed arrow is inferred because strace does not see it\">"
	printf "<circle class=\"dot\" cx=\"22\" cy=\"%d\" r=\"4.5\"/><text class=\"legend\" x=\"32\" y=\"%d\">call</text>", base - 4, base
	printf "<path class=\"waits\" d=\"M86 %dV%d\"/><text class=\"legend\" x=\"96\" y=\"%d\">blocked</text>", base - 13, base + 4, base
	printf "<path class=\"way-data\" d=\"M170 %dH194\"/><path class=\"tip-data\" d=\"M203 %dL194 %dL194 %dZ\"/><text class=\"legend\" x=\"212\" y=\"%d\">bytes that cross</text>", base - 4, base - 4, base - 9, base + 1, base
	printf "<path class=\"way-guess\" d=\"M358 %dH382\"/><path class=\"tip-guess\" d=\"M391 %dL382 %dL382 %dZ\"/><text class=\"legend\" x=\"400\" y=\"%d\">inferred: strace does not see it</text></g>\n", base - 4, base - 4, base - 9, base + 1, base
}

function escape(words) {
	gsub(/&/, "\\&amp;", words)
	gsub(/</, "\\&lt;", words)
	gsub(/>/, "\\&gt;", words)
	gsub(/"/, "\\&quot;", words)
	return words
}
