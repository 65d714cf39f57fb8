# trace-svg.awk, after trace-rows.awk: draws the rows of trace-story.awk as an SVG picture. The variable `title` says what is shown.
# With `brief`, for a slide: big type, no title and no legend in the picture.
# What a program does stands at its lifeline: left of the server's and its threads', right of a client's. What a packet is stands
# above its arrow, in the gap between both sides. A lifeline is interrupted where such a text crosses it.
# The colours are attributes, because not every viewer knows style sheets; those that do follow the reader's light or dark scheme.
# Each row is a list item whose label a screen reader reads.

BEGIN {
	size = 13; row_height = 22; next_line = 16; above = 10; top = 76; bottom = 36; scale = 1; side_most = 28; between = 84; wanted = 830; least = 23
	if (brief) { size = 18; row_height = 24; next_line = 20; above = 10; top = 50; bottom = -6; scale = 1.5; side_most = 24; between = 108; wanted = 760; least = 17 }
	character = size * 0.604
	small = brief ? size : 12 # what crosses
	margin = 16
	beside = size - 1 # from a lifeline to its text

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
	look["tip-data"] = fill("data")
	look["tip-flags"] = look["tip-ack"] = look["tip-guess"] = fill("guess")
	look["data"] = look["tip-data"] " font-size=\"" small "\""
	look["flags"] = look["ack"] = look["guess"] = look["tip-guess"] " font-size=\"" small "\""
	look["paper"] = fill("paper") " stroke=\"" colour["edge"] "\""
	look["hollow"] = fill("paper") stroke("ink")
	look["alive"] = stroke("ink")
	look["waits"] = stroke("soft") " stroke-dasharray=\"2 5\""
	look["way-data"] = stroke("data")
	look["way-flags"] = stroke("guess")
	look["way-ack"] = " stroke=\"" colour["guess"] "\" stroke-width=\"1\""
	look["way-guess"] = stroke("guess") " stroke-dasharray=\"7 4\""
}

function fill(name) { return " fill=\"" colour[name] "\"" }

function stroke(name) { return " stroke=\"" colour[name] "\" stroke-width=\"2\"" }

END {
	place()
	y = top
	for (r = 1; r <= rows; r++) {
		if (to[r]) y += above
		for (i = 1; i <= lives; i++) if (first[i] == r) { state[i] = "alive"; since[i] = y - 11 }
		if (kind[r] == "wait") change(from[r], "waits")
		if (kind[r] == "back" && state[from[r]] == "waits") change(from[r], "alive")
		body = body "<g role=\"listitem\" aria-label=\"" escape(label(r)) "\">"
		at_row = y
		if (to[r]) arrow(r)
		else point(r)
		body = body "</g>\n"
		if (kind[r] == "end") { change(from[r], "", at_row); delete state[from[r]] }
		seen[kind[r]] = 1
		y += row_height
	}
	for (i = 1; i <= lives; i++) if (state[i] != "") line(i, y - 8)
	height = y + bottom

	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" xml:space=\"preserve\"%s", width, height, width * scale, height * scale, fill("ink")
	printf " font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,Liberation Mono,monospace\" font-size=\"%d\"", size
	printf " role=\"list\" aria-label=\"%s\">\n<title>%s</title>\n", escape(title), escape(title)
	print "<style>text{white-space:pre}@media (prefers-color-scheme:dark){" dark "}</style>"
	if (brief) printf "<rect%s width=\"100%%\" height=\"100%%\"/>\n", fill("paper")
	else printf "<rect%s x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", look["paper"], width - 1, height - 1
	if (!brief) printf "<text" look["head"] " x=\"16\" y=\"24\" role=\"listitem\">%s</text>\n", escape(title)
	for (i = 1; i <= lives; i++) printf "<text" look["name"] " x=\"%d\" y=\"%d\" role=\"listitem\">%s</text>\n", x[i], brief ? 24 : 52, escape(names[i])
	printf "%s%s", lines, body
	if (!brief) legend()
	print "</svg>"
}

# Where the lifelines stand: those of the server's side, a gap for what crosses, those of the clients.
function place(    i, left, right, gap) {
	for (i = 1; i <= lives; i++) if (names[i] !~ /^client/) servers = i
	if (servers == lives || !servers) { # alone: the text stands right of it
		servers = wanted = 0
		side_most = brief ? 42 : 66
	}
	if (lives > 4) side_most -= 5
	left = int(longest(1, servers) * character)
	right = int(longest(servers + 1, lives) * character)
	x[1] = servers ? margin + left + beside : 56
	for (i = 2; i <= servers; i++) x[i] = x[i - 1] + between
	gap = wanted - x[servers ? servers : 1] - (lives - servers - 1) * between - beside - right - margin
	if (gap < (least + 3) * character) gap = (least + 3) * character
	if (gap > 44 * character) gap = int(44 * character)
	for (i = servers + 1; i <= lives; i++) if (i > 1) x[i] = int(x[i - 1] + (i == servers + 1 ? gap : between))
	middle = servers ? (x[servers] + x[servers + 1]) / 2 : 0
	fits = int(gap / (small * 0.604)) - 3
	width = x[lives] + beside + right + margin
	if (!brief && width < 740) width = 740 # the legend
	if (!brief && width < length(title) * 9.3 + 32) width = int(length(title) * 9.3 + 32)
}

# Of the texts at these lifelines: how many characters reach beyond the outermost one; room for a name at least.
function longest(low, high,    r, k, n, most, reach) {
	most = 5
	for (r = 1; r <= rows; r++) {
		if (to[r] || from[r] < low || from[r] > high) continue
		n = wrapped(r)
		for (k = 1; k <= n; k++) {
			reach = length(piece_of[k]) + indented(r) - inside(from[r])
			if (reach > most) most = reach
		}
	}
	return most
}

# How many characters fit between a lifeline and the outermost one of its side.
function inside(i) { return int((i <= servers ? i - 1 : lives - i) * between / character) }

function indented(r) { return kind[r] ~ /^(note|state)$/ }

function wrapped(r) { return wrap(text[r], side_most + inside(from[r]) - indented(r)) }

function label(r) {
	if (to[r]) return names[from[r]] " to " names[to[r]] ": " text[r] (kind[r] == "guess" ? " (inferred)" : "")
	return names[from[r]] ": " text[r]
}

# The lifeline goes on in another way from here.
function change(i, into, at) {
	line(i, at ? at : y)
	since[i] = at ? at : y
	state[i] = into
}

# Its line up to here, without the pieces where a text crosses it.
function line(i, until,    k, from_) {
	from_ = since[i]
	for (k = 1; k <= cuts[i]; k++) {
		if (cut_end[i, k] <= from_ || cut[i, k] >= until) continue
		if (cut[i, k] > from_) segment(i, from_, cut[i, k])
		from_ = cut_end[i, k]
	}
	if (until > from_) segment(i, from_, until)
}

function segment(i, from_, until) {
	lines = lines sprintf("<path%s d=\"M%d %dV%d\"/>\n", look[state[i]], x[i], from_, until)
}

function point(r,    n, k, way, a) {
	if (!indented(r)) body = body sprintf("<circle%s cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", kind[r] == "wait" ? look["hollow"] : "", x[from[r]], y)
	n = wrapped(r)
	way = from[r] <= servers ? -1 : 1
	a = x[from[r]] + way * (beside + 8 * indented(r))
	for (k = 1; k <= n; k++) {
		if (k > 1) y += next_line
		piece(piece_of[k], kind[r], a, way < 0 ? "end" : "start", from[r])
	}
}

# The first line of its text stands above the arrow, further ones below it.
function arrow(r,    a, b, way, tip, n, k, at) {
	way = to[r] > from[r] ? 1 : -1
	a = x[from[r]] + 6 * way
	b = x[to[r]] - 6 * way
	tip = b - 9 * way
	body = body sprintf("<path%s d=\"M%d %dH%d\"/><path%s d=\"M%d %dL%d %dL%d %dZ\"/>", look["way-" kind[r]], a, y, tip, look["tip-" kind[r]], b, y, tip, y - 5, tip, y + 5)
	n = wrap(text[r], fits)
	at = middle ? middle : (a + b) / 2
	for (k = 1; k <= n; k++) {
		y = at_row + (k == 1 ? 6 - next_line : (k - 1) * next_line - 3)
		piece(piece_of[k], kind[r], at, "middle", 0)
	}
	y = n == 1 ? at_row : y - 4
}

# A line of text; the lifelines that it crosses are interrupted there.
function piece(words, class, at, anchor, own,    a, b, k, long) {
	body = body sprintf("<text%s%s x=\"%d\" y=\"%d\">%s</text>", look[class], anchor == "start" ? "" : " text-anchor=\"" anchor "\"", at, y + 4, escape(words))
	long = length(words) * (own ? character : small * 0.604)
	a = anchor == "start" ? at : anchor == "end" ? at - long : at - long / 2
	b = a + long
	for (k = 1; k <= lives; k++) if (k != own && x[k] > a - 5 && x[k] < b + 5) { cut[k, ++cuts[k]] = y - size + 2; cut_end[k, cuts[k]] = y + size / 2 }
}

# Into pieces of so many characters, where that can be after a comma or a colon; sets piece_of[1..], and returns how many.
function wrap(words, most,    n, at) {
	while (length(words) > most) {
		for (at = most; at > most / 3 && substr(words, at, 2) !~ /^[,:;] $/; at--) continue
		if (at <= most / 3) for (at = most + 1; at > most / 3 && substr(words, at, 1) != " "; at--) continue
		if (at <= most / 3) at = most
		piece_of[++n] = substr(words, 1, at)
		sub(/ +$/, "", piece_of[n])
		words = substr(words, at + 1)
		sub(/^ +/, "", words)
	}
	piece_of[++n] = words
	return n
}

# Explains what this picture has.
function legend(    base, at, told) {
	base = height - 16
	at = 22
	told = "a filled dot is a call, a dotted lifeline is blocked"
	body = sprintf("<circle cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", at, base - 4) worded(at + 10, base, "call")
	at += 70
	body = body sprintf("<path%s d=\"M%d %dV%d\"/>", look["waits"], at, base - 13, base + 4) worded(at + 10, base, "blocked")
	at += 90
	if (seen["data"]) { at += sample("data", at, base, "packet with bytes"); told = told ", a blue arrow is a captured packet with bytes" }
	if (seen["flags"]) { at += sample("flags", at, base, "packet without bytes"); told = told ", a violet arrow is one without" }
	if (seen["ack"]) { at += sample("ack", at, base, "ACK only"); told = told ", a thin arrow is only an acknowledgement" }
	if (seen["guess"]) { at += sample("guess", at, base, "inferred: no packets were captured"); told = told ", a dashed arrow is inferred from the calls, because no packets were captured" }
	printf "<g role=\"listitem\" aria-label=\"Legend: %s\">%s</g>\n", told, body
}

function sample(name, at, base, words) {
	body = body sprintf("<path%s d=\"M%d %dH%d\"/><path%s d=\"M%d %dL%d %dL%d %dZ\"/>", look["way-" name], at, base - 4, at + 24, look["tip-" name], at + 33, base - 4, at + 24, base - 9, at + 24, base + 1) worded(at + 41, base, words)
	return 41 + length(words) * character + 20
}

function worded(at, base, words) { return sprintf("<text%s x=\"%d\" y=\"%d\">%s</text>", look["legend"], at, base, words) }

function escape(words) {
	gsub(/&/, "\\&amp;", words)
	gsub(/</, "\\&lt;", words)
	gsub(/>/, "\\&gt;", words)
	gsub(/"/, "\\&quot;", words)
	return words
}
