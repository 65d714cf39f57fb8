# bench-svg.awk: draws the figures.csv of bench as an SVG picture. The variable `part` says which:
#   growth   messages for each second of server CPU: when every connection talks, and when ten talk and the others are silent
#   costs    the latency of the slowest messages, and the memory of a silent connection
# and the variable `machine` is what stands below them.
# Colours and lines are those of the sequence diagrams (trace-svg.awk), and light or dark follows the reader's scheme. A
# server is told by its name at the end of its line, its colour, its kind of line and its mark.

BEGIN {
	FS = ","
	wide = 580; high = 300; left = 108; top = 92; plot = 324; height = 500
	n = split("07-multi-echo 08-threaded-echo poll-echo epoll-echo python yours", servers, " ")
	split("waits,note,hollow alive,,dot way-guess,guess,tip-guess way-data,data,tip-data thin,note,hollow own,,dot", classes, " ")
	for (i = 1; i <= n; i++) { split(classes[i], one, ","); way[i] = one[1]; ink[i] = one[2]; mark[i] = one[3] }
}
NR == 1 { next }
{
	median[$1, $2, $3, $4] = $5; least[$1, $2, $3, $4] = $6; greatest[$1, $2, $3, $4] = $7
	if ($1 == "talk" && $2 > most) most = $2
	# The turned figure, because more is better and a busy machine does not change it.
	if ($4 == "cpu_us" && $6 > 0) { $4 = "per_cpu"; median[$1, $2, $3, $4] = 1e6 / $5; least[$1, $2, $3, $4] = 1e6 / $7; greatest[$1, $2, $3, $4] = 1e6 / $6 }
}
END {
	if (most < 10) most = 10
	for (decades = 0; 10 ^ decades < most; decades++) numbers[decades] = 10 ^ decades
	numbers[decades] = 10 ^ decades
	if (part == "growth") {
		title = "Messages for each second of server CPU by number of connections: when all talk, and when ten talk and the others are silent"
		bound = scale("talk", "per_cpu", scale("held", "per_cpu", 0))
		lines(0, "talk", "per_cpu", "All connections talk", "messages for each second of server CPU")
		lines(1, "held", "per_cpu", "10 talk, the others are silent", "messages for each second of server CPU")
	} else {
		title = "Latency of the slowest messages by number of connections, and memory of a silent connection"
		logarithmic = 1
		lines(0, "talk", "p99_us", "All connections talk", "the slowest 1 in 100 takes longer")
		memory(1)
	}
	say(24, height - 18, "note", machine)
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" class=\"figure\" role=\"img\" aria-label=\"%s.%s\">\n", 2 * wide, height, title, told
	print "<style>"
	print "svg{--paper:#fff;--ink:#1f2328;--soft:#59636e;--data:#0550ae;--guess:#8250df;--edge:#d1d9e0}"
	print "@media (prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--soft:#9da7b3;--data:#79c0ff;--guess:#d2a8ff;--edge:#3d444d}}"
	print "text{font:20px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:var(--ink)}"
	print ".mid{text-anchor:middle}.right{text-anchor:end}.name-left{font-weight:bold}text.note{fill:var(--soft)}text.data{fill:var(--data)}text.guess{fill:var(--guess)}"
	print ".paper{fill:var(--paper);stroke:var(--edge)}.alive{stroke:var(--ink);stroke-width:2}.waits{stroke:var(--soft);stroke-width:2;stroke-dasharray:2 5}"
	print ".dot{fill:var(--ink)}.hollow{fill:var(--paper);stroke:var(--ink);stroke-width:2}"
	print ".way-data{stroke:var(--data);stroke-width:2;fill:none}.way-guess{stroke:var(--guess);stroke-width:2;stroke-dasharray:7 4;fill:none}"
	print ".tip-data{fill:var(--data)}.tip-guess{fill:var(--guess)}"
	print "</style>"
	printf "<rect class=\"paper\" x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n%s</svg>\n", 2 * wide - 1, height - 1, body
}

function add(text) {
	body = body text "\n"
}

function say(x, y, class, words) {
	add(sprintf("<text class=\"small %s\" x=\"%.1f\" y=\"%.1f\">%s</text>", class, x, y, words))
}

# The greatest median and spread of a figure, if it is more than `bound`.
function scale(load, figure, bound,    i, d) {
	for (i = 1; i <= n; i++) for (d = 0; d <= decades; d++)
		if (greatest[load, numbers[d], servers[i], figure] > bound) bound = greatest[load, numbers[d], servers[i], figure]
	return bound
}

function px(d) {
	return origin + d * plot / decades
}

function py(value) {
	if (!logarithmic) return top + high - value / bound * high
	return top + high - (log(value) - log(low)) / (log(bound) - log(low)) * high
}

function axes(    d, value, step) {
	for (d = 0; d <= decades; d++) say(px(d), top + high + 28, "note mid", thousands(numbers[d]))
	say(origin + plot / 2, top + high + 56, "note mid", "connections")
	if (logarithmic)
		for (value = low; value <= bound * 1.01; value *= 10) tick(value, value < 1000 ? value " µs" : value < 1000000 ? value / 1000 " ms" : value / 1000000 " s")
	else {
		for (step = 10 ^ int(log(bound) / log(10)); bound / step < 3; ) step /= 2
		bound = step * int(bound / step + 0.999)
		for (value = 0; value <= bound; value += step) tick(value, thousands(value))
	}
}

function tick(value, words) {
	add(sprintf("<path class=\"paper\" d=\"M%.1f %.1fH%.1f\"/>", origin, py(value), origin + plot))
	say(origin - 12, py(value) + 7, "note right", words)
}

function heading(side, first, second) {
	origin = side * wide + left
	say(side * wide + 24, 36, "name-left", first)
	say(side * wide + 24, 66, "note", second)
	told = told " " first ", " second ":"
}

# A value of a server; with ten connections all talk, so that is the same measurement.
function at(values, load, d, i, figure) {
	if (load == "held" && numbers[d] == 10) load = "talk"
	return values[load, numbers[d], servers[i], figure]
}

function lines(side, load, figure, first, second,    i, d, y, path, last, names, place, order, a, b, t, moved) {
	heading(side, first, second)
	if (logarithmic) {
		bound = 10 ^ (int(log(scale(load, figure, 0)) / log(10)) + 1)
		low = bound
		for (i = 1; i <= n; i++) for (d = 0; d <= decades; d++) if (least[load, numbers[d], servers[i], figure] > 0)
			while (least[load, numbers[d], servers[i], figure] < low) low /= 10
	}
	axes()
	names = 0
	for (i = 1; i <= n; i++) {
		if (i == 1 && (load == "held" || logarithmic)) continue
		path = ""
		last = -1
		for (d = 0; d <= decades; d++) {
			if (at(median, load, d, i, figure) == "") continue
			y = py(at(median, load, d, i, figure))
			path = path sprintf("%s%.1f %.1f", path == "" ? "M" : "L", px(d), y)
			add(sprintf("<path %s d=\"M%.1f %.1fV%.1f\"/>", style(way[i], "stroke-width:1.5;stroke-dasharray:none;opacity:.6"), px(d) + 2 * i - 6, py(at(least, load, d, i, figure)), py(at(greatest, load, d, i, figure))))
			last = d
		}
		if (last == -1) continue
		add(sprintf("<path %s d=\"%s\"/>", style(way[i], way[i] == "own" ? "stroke-width:4" : way[i] == "thin" ? "stroke-width:1.5;stroke-dasharray:none" : ""), path))
		for (d = 0; d <= last; d++) if (at(median, load, d, i, figure) != "") point(i, px(d), py(at(median, load, d, i, figure)))
		told = told " " name_of(i) ": " sprintf("%.3g", at(median, load, last, i, figure)) " at " numbers[last] " connections."
		if (last < decades) {
			# A line that ends early has its name there; lesson 07's with the reason.
			if (i == 1) say(px(last) + 14, py(at(median, load, last, i, figure)) + 7, ink[i], "07: 1 of 10")
			else say(px(last) + 10, py(at(median, load, last, i, figure)) - 12, ink[i], name_of(i))
			continue
		}
		order[++names] = i
		place[i] = py(at(median, load, last, i, figure)) + 7
	}
	# The names at the right, from the top down, none over another.
	for (a = 1; a <= names; a++) for (b = a + 1; b <= names; b++) if (place[order[b]] < place[order[a]]) { t = order[a]; order[a] = order[b]; order[b] = t }
	for (a = 2; a <= names; a++) if (place[order[a]] < place[order[a - 1]] + 24) place[order[a]] = place[order[a - 1]] + 24
	for (a = names; a >= 1; a--) {
		moved = a == names ? top + high + 4 : place[order[a + 1]] - 24
		if (place[order[a]] > moved) place[order[a]] = moved
	}
	for (a = 1; a <= names; a++) {
		say(px(decades) + 14, place[order[a]], ink[order[a]], name_of(order[a]))
		# How far poll falls, where there is room for the number above its name.
		if (load == "held" && servers[order[a]] == "poll-echo" && (a == 1 || place[order[a]] > place[order[a - 1]] + 40))
			say(px(decades) + 14, place[order[a]] - 22, ink[order[a]], thousands(at(median, load, decades, order[a], figure)))
	}
}

function name_of(i) {
	return servers[i] == "08-threaded-echo" ? "08 threads" : servers[i] == "07-multi-echo" ? "07" : servers[i] == "python" ? "Python" : servers[i]
}

# The classes are those that the sequence diagrams and the slides know; what they have not stands in the element.
function style(name, more) {
	return sprintf("class=\"%s\" style=\"fill:none;%s\"", name == "thin" ? "waits" : name == "own" ? "alive" : name, more)
}

function point(i, x, y) {
	if (i == 3) add(sprintf("<path class=\"%s\" d=\"M%.1f %.1fl7 12h-14z\"/>", mark[i], x, y - 7))
	else if (i == 4) add(sprintf("<path class=\"%s\" d=\"M%.1f %.1fh10v10h-10z\"/>", mark[i], x - 5, y - 5))
	else add(sprintf("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>", mark[i], x, y))
}

# Filled: the server's own memory. Outlined, behind it: the kernel's.
function memory(side,    i, y, user, kernel, longest) {
	heading(side, "A silent connection, of " thousands(most), "KiB: server (filled) + kernel (outlined)")
	for (i = 1; i <= n; i++) if (median["held", most, servers[i], "user_kib"] + median["held", most, servers[i], "kernel_kib"] > longest)
		longest = median["held", most, servers[i], "user_kib"] + median["held", most, servers[i], "kernel_kib"]
	y = top + 24
	for (i = 1; i <= n; i++) {
		user = median["held", most, servers[i], "user_kib"]
		kernel = median["held", most, servers[i], "kernel_kib"]
		if (user == "") continue
		say(side * wide + 24, y + 20, ink[i], name_of(i))
		add(sprintf("<path class=\"%s\" d=\"M%.1f %.1fh%.1fv26h%.1fz\"/>", mark[i] == "hollow" ? "dot" : mark[i], origin + 56, y, user / longest * 220, -user / longest * 220))
		add(sprintf("<path %s d=\"M%.1f %.1fh%.1fv26h%.1fz\"/>", style(way[i], "stroke-dasharray:none"), origin + 56, y, (user + kernel) / longest * 220, -(user + kernel) / longest * 220))
		say(origin + 66 + (user + kernel) / longest * 220, y + 20, ink[i], sprintf(user < 1 ? "%.2f + %.0f" : "%.0f + %.0f", user, kernel))
		told = told " " name_of(i) ": " user " and " kernel " KiB."
		y += 52
	}
	say(side * wide + 24, top + high + 28, "note", "the kernel holds both ends of it")
}

function thousands(value,    text) {
	text = sprintf("%d", value + 0.5)
	while (text ~ /[0-9][0-9][0-9][0-9]($|,)/) sub(/[0-9][0-9][0-9]($|,)/, ",&", text)
	return text
}
