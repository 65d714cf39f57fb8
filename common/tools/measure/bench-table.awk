# bench-table.awk: draws the figures.csv of bench as tables, a row for each server. Beside a median stands the spread,
# half of the way from the least to the greatest.

BEGIN { FS = "," }
/^#/ || $1 == "load" { next } # the machine, and the heads
{
	median[$1, $2, $3, $4] = $5
	spread[$1, $2, $3, $4] = $5 > 0 ? ($7 - $6) / 2 / $5 * 100 : 0
	if ($3 != "bare" && $3 !~ /^06/ && !seen[$3]++) servers[++many] = $3
	if ($1 == "talk" && !counted[$2]++) numbers[++n] = $2
	if ($1 == "held") most = $2
}
END {
	print "\nEvery connection sends a message of 64 bytes, waits for its echo, and sends the next"
	grid("talk", "messages_s", "messages a second")
	grid("talk", "p50_us", "latency, the median, us")
	grid("talk", "p99_us", "latency of the slowest in 100, us")
	grid("talk", "cpu_us", "server CPU for each message, us")
	if (waits) print "  * the server answers the first connection only; the others wait until it has left"
	if (most) {
		print "\nTen connections talk, all the others are silent"
		grid("held", "messages_s", "messages a second")
		grid("held", "cpu_us", "server CPU for each message, us")
	}
	print "\nConnections with one message, 100 at a time, and bulk data on 10 connections"
	printf "  %-34s%11s     %11s     %11s     %11s\n", "", "conn. a s", "CPU us each", "GB a second", "CPU ms a GB"
	for (i = 1; i <= many; i++)
		printf "    %-32s%s%s%s%s\n", servers[i], cell("connect", 100, servers[i], "connections_s"), cell("connect", 100, servers[i], "cpu_us", 1), cell("bulk", 10, servers[i], "gb_s", 2), cell("bulk", 10, servers[i], "cpu_ms")
	if (!most) exit
	print "\nMemory for each of " thousands(most) " connections, KiB. user: resident memory of the server. kernel: slab, stacks and page"
	print "tables of the whole machine, so with the sockets of the client's end"
	printf "  %-34s%11s     %11s\n", "", "user", "kernel"
	for (i = 1; i <= many; i++) if (("held", most, servers[i], "user_kib") in median)
		printf "    %-32s%s%s\n", servers[i], cell("held", most, servers[i], "user_kib", 2), cell("held", most, servers[i], "kernel_kib", 1)
}

function grid(load, figure, title,    i, k, line) {
	printf "  %-34s", title
	for (k = 1; k <= n; k++) if (shown(load, k)) printf "%11s     ", thousands(numbers[k])
	print ""
	for (i = 1; i <= many; i++) {
		line = ""
		for (k = 1; k <= n; k++) if (shown(load, k)) line = line cell(load, numbers[k], servers[i], figure, figure == "cpu_us")
		if (line ~ /[0-9]/) printf "    %-32s%s\n", servers[i], line
	}
}

# With ten connections or fewer nobody is silent.
function shown(load, k) {
	return load == "talk" || numbers[k] > 10
}

function cell(load, number, server, figure, digits,    text, served) {
	if (!((load, number, server, figure) in median)) return sprintf("%11s     ", "-")
	text = digits ? sprintf("%." digits "f", median[load, number, server, figure]) : thousands(median[load, number, server, figure])
	served = median[load, number, server, "served"]
	if (served != "" && served < number) { text = text "*"; waits = 1 }
	return sprintf("%11s", text) sprintf(" ±%-2d%%", spread[load, number, server, figure] + 0.5)
}

function thousands(value,    text) {
	text = sprintf("%d", value + 0.5)
	while (text ~ /[0-9][0-9][0-9][0-9]($|,)/) sub(/[0-9][0-9][0-9]($|,)/, ",&", text)
	return text
}
