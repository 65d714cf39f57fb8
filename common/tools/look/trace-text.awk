# trace-text.awk, after trace-rows.awk: draws the rows of trace-story.awk for a terminal: 80 columns, in UTF-8 unless `ascii` is set.

BEGIN {
	width = 80
	if (ascii) { bar = "|"; waiting = ":"; dot = "*"; solid = "="; thin = "-"; dashed = "."; right = ">"; left = "<"; cross = "+" }
	else { bar = "│"; waiting = "┊"; dot = "●"; solid = "━"; thin = "─"; dashed = "╌"; right = "▶"; left = "◀"; cross = "┼" }
}

END {
	gap = lives > 3 ? 9 : 11
	for (i = 1; i <= lives; i++) head = head sprintf("%-" gap "s", substr(names[i], 1, gap - 1))
	print head
	for (i = 1; i <= lives; i++) state[i] = " "
	for (r = 1; r <= rows; r++) {
		for (i = 1; i <= lives; i++) if (first[i] == r) state[i] = bar
		if (kind[r] == "wait") state[from[r]] = waiting
		if (kind[r] == "back") state[from[r]] = bar
		if (to[r]) arrow(r); else point(r)
		if (kind[r] == "end") state[from[r]] = " "
	}
	print ""
	print dot " a call   " waiting " blocked" legend()
}

function legend(    r, seen) {
	for (r = 1; r <= rows; r++) seen[kind[r]] = 1
	return (seen["guess"] ? "   " dashed dashed right " inferred from the calls: no packets were captured" : "") \
		(seen["data"] || seen["flags"] ? "   " solid solid right " a packet" : "") (seen["ack"] ? "   " thin thin right " ACK only" : "")
}

function point(r,    i, line) {
	line = ""
	for (i = 1; i <= lives; i++)
		line = line ((i == from[r] && kind[r] ~ /^(call|wait|back|end)$/) ? dot : state[i]) blanks(gap - 1)
	write(line, (kind[r] == "note" ? "  " : kind[r] == "state" ? "  == " : "") text[r])
}

function arrow(r,    i, k, line, low, high, fill) {
	low = from[r] < to[r] ? from[r] : to[r]
	high = from[r] < to[r] ? to[r] : from[r]
	fill = kind[r] == "guess" ? dashed : kind[r] == "ack" ? thin : solid
	for (i = 1; i <= lives; i++) {
		line = line (i > low && i < high && state[i] != " " ? cross : i > low && i < high ? fill : state[i])
		for (k = 1; k < gap; k++)
			line = line (i < low || i >= high ? " " : i == low && k == 1 && from[r] == high ? left : \
				i == high - 1 && k == gap - 1 && from[r] == low ? right : fill)
	}
	write(line, text[r])
}

# The text beside the lifelines, on as many lines as it needs.
function write(line, text,    room, cut, i, rest) {
	room = width - lives * gap
	while (length(text) > room) {
		cut = room
		while (cut > room / 2 && substr(text, cut, 1) != " ") cut--
		if (cut <= room / 2) cut = room
		print trimmed(line substr(text, 1, cut))
		rest = substr(text, cut + 1)
		sub(/^ +/, "", rest)
		text = "    " rest
		line = ""
		for (i = 1; i <= lives; i++) line = line state[i] blanks(gap - 1)
	}
	print trimmed(line text)
}

function trimmed(line) {
	sub(/ +$/, "", line)
	return line
}

function blanks(count) {
	return sprintf("%" count "s", "")
}
