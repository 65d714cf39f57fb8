# replay.awk, with replay-state.awk: what `make replay` shows, as JSON: the steps of a run, and at each of them what the programs and
# the kernel have. It reads, one after the other, with the variable `part` before each:
#   part=lines     which line made a call: address and object (as in the frames of trace-parse.awk), file, line
#   part=asks      the questions of the page: lifeline, call, question
#   part=events    the calls and packets, as trace-story.awk reads them
#   part=story     its rows, each with the event that it tells (`call` or `packet` and its number) and the time
# The variables `title` and `said` are shown as they are.

BEGIN { FS = "\t" }

part == "lines" { line_of[$1] = $2 "\t" $3; next }

part == "asks" { asked_at[++asks] = $1 "\t" $2; question[asks] = $3; next }

part == "events" && $5 == "packet" {
	packets++
	packet_time[packets] = $1; size[packets] = $6; protocol_of[packets] = $7; from[packets] = $8; to[packets] = $9
	flags[packets] = $10; seq[packets] = $11; ack[packets] = $12
	next
}

part == "events" {
	i = ++n_calls
	start[i] = $1; end[i] = $2; side[i] = $3; tid[i] = $4; call[i] = $5; fd[i] = $6; protocol[i] = $7
	local_end[i] = plain($8); remote_end[i] = plain($9); arguments[i] = $10; result[i] = $11; data[i] = $13; address[i] = plain($14)
	place[i] = place_of($15)
	if (protocol[i] != "" && !(side[i] in main_thread)) main_thread[side[i]] = tid[i]
	next
}

$1 == "life" { name[++lives] = $3; next }

{
	r = ++rows
	kind[r] = $1
	life[r] = $2
	crosses = $1 ~ /^(data|flags|ack|guess)$/
	other[r] = crosses ? $3 : 0
	text[r] = $(3 + crosses)
	what[r] = $(4 + crosses)
	which[r] = $(5 + crosses)
	when[r] = $(6 + crosses)
	if (what[r] == "call" && !crosses) {
		thread[$2] = tid[which[r]]
		process[$2] = side[which[r]]
	}
}

END {
	printf "{\"title\":%s,\"said\":%s,\n\"lives\":[", quote(title), quote(said)
	for (k = 1; k <= lives; k++) {
		p = (k in process) ? process[k] : ""
		if (p != "" && !(p in number)) { number[p] = parties++; party[parties] = p }
		printf "%s[%s,%s]", (k > 1 ? "," : ""), quote(name[k]), (p == "" ? "null" : number[p])
	}
	printf "],\n\"parties\":["
	for (k = 1; k <= parties; k++) printf "%s%s", (k > 1 ? "," : ""), quote(party[k])
	print "],\n\"steps\":["
	for (r = 1; r <= rows; r = next_row) step(r)
	print "],\n\"files\":["
	for (k = 1; k <= files; k++) print_file(file[k], (k > 1 ? "," : ""))
	print "]}"
}

# One step: a row, and the notes on the same event that follow it.
function step(r,    k, notes, lines, ends, output) {
	for (next_row = r + 1; next_row <= rows && kind[next_row] == "note" && life[next_row] == life[r] && what[next_row] == what[r] && which[next_row] == which[r]; next_row++)
		notes = notes (notes == "" ? "" : ",") quote(text[next_row])
	packets_until(r)
	if (what[r] == "call" && !(other[r])) done_by(r)
	begun[life[r]] = 1
	for (k = 1; k <= lives; k++) lines = lines changed("line", k - 1, (k in begun) && (k in thread) ? line_at(r, k) : "")
	for (k = 1; k <= parties; k++) {
		ends = ends changed("ends", k - 1, shown(party[k]))
		output = output printed(k, when[r])
	}
	printf "%s{\"k\":\"%s\",\"f\":%d%s,\"s\":%s", (r > 1 ? "," : ""), kind[r], life[r] - 1, (other[r] ? ",\"t\":" (other[r] - 1) : ""), quote(text[r])
	if (notes != "") printf ",\"n\":[%s]", notes
	if (asked(r)) printf ",\"q\":%s", quote(question[asked(r)])
	print members("l", lines) members("e", ends) members("o", output) "}"
}

function members(of, list) {
	return list == "" ? "" : ",\"" of "\":{" substr(list, 2) "}"
}

# ,"NUMBER":VALUE when the value is another than before.
function changed(of, k, value) {
	if (value == "" || before[of, k] == value) return ""
	before[of, k] = value
	return ",\"" k "\":" value
}

# The packets that have crossed by now, with that of this row.
function packets_until(r,    k) {
	while (crossed < packets && (packet_time[crossed + 1] <= when[r] && what[r] != "packet" || what[r] == "packet" && crossed < which[r])) {
		k = ++crossed
		if (protocol_of[k] ~ /^TCP/) segment(from[k], to[k], flags[k], seq[k], ack[k], size[k])
		else if (protocol_of[k] ~ /^UDP/) arrive_datagram(to[k], size[k])
	}
}

# A call counts when it returns, and one that is told before it returns at once.
function done_by(r,    i) {
	i = which[r]
	if (call[i] == "connect" && kind[r] ~ /^(call|wait)$/) begin_connect(i)
	if (kind[r] ~ /^(call|back|end)$/ && !(i in done)) { done[i] = 1; do_call(i) }
}

# Where the thread of lifeline k is: [file, line, how], from its call that goes on now, or from its last one. `how` is "now" for
# the line of this step, "waits" or "in" while the call goes on, or "". Then what it waits in. No line: file -1.
function line_at(r, k,    i, how) {
	i = current(thread[k], when[r])
	if (life[r] == k && what[r] == "call" && tid[which[r]] == thread[k]) i = which[r]
	if (!i || kind[r] == "end" && life[r] == k) return last_line[k] == "" ? "[-1,0,\"\"]" : "[" last_line[k] ",\"\"]"
	how = life[r] == k && !other[r] ? "now" : !goes_on(i, when[r]) ? "" : call[i] ~ /^(accept4?|connect|recv.*|read|p?poll|epoll_p?wait)$/ ? "waits" : "in"
	if (place[i] != "") last_line[k] = place[i]
	return "[" (last_line[k] == "" ? "-1,0" : last_line[k]) ",\"" how "\"" (kind[r] == "wait" && how == "now" || how ~ /^(waits|in)$/ ? ",\"" called(i) "\"" : "") "]"
}

# The last call of a thread that has begun by then; calls of its start, before there is a line, do not count.
function current(who, then,    i) {
	for (i = latest[who] + 1; i <= n_calls && start[i] <= then; i++) if (tid[i] == who && call[i] !~ /^(exited|signal)$/) latest_call[who] = i
	latest[who] = i - 1
	return latest_call[who]
}

function goes_on(i, then) {
	return end[i] == "" || end[i] > then
}

function called(i,    name_) {
	name_ = call[i]
	sub(/^recvfrom$/, "recv", name_)
	sub(/^sendto$/, "send", name_)
	sub(/^accept4$/, "accept", name_)
	sub(/^ppoll$/, "poll", name_)
	sub(/^epoll_pwait$/, "epoll_wait", name_)
	return name_ (name_ == "accept" ? "(" arguments[i] + 0 ")" : fd[i] != "" ? "(" fd[i] ")" : "")
}

function asked(r,    k) {
	if (what[r] != "call" || kind[r] !~ /^(call|wait)$/) return 0
	for (k = 1; k <= asks; k++) {
		if (asked_at[k] != name[life[r]] "\t" called_name(which[r])) continue
		if (!(k in first_asked)) first_asked[k] = r
		if (first_asked[k] == r) return k
	}
	return 0
}

function called_name(i,    name_) {
	name_ = called(i)
	sub(/\(.*/, "", name_)
	return name_
}

# What process k has printed by now and not before: the bytes that it wrote to 1 and 2.
function printed(k, then,    i, bytes) {
	for (i = told[k] + 1; i <= n_calls && start[i] <= then; i++)
		if (side[i] == party[k] && call[i] == "write" && fd[i] ~ /^[12]$/ && protocol[i] == "" && result[i] > 0) bytes = bytes bytes_of(data[i])
	told[k] = i - 1
	return bytes == "" ? "" : ",\"" k - 1 "\":\"" bytes "\""
}

# From a string of strace to one of JSON with a character for each byte.
function bytes_of(text_,    out, c, i, octal) {
	sub(/^"/, "", text_)
	sub(/"(\.\.\.)?$/, "", text_)
	for (i = 1; i <= length(text_); i++) {
		c = substr(text_, i, 1)
		if (c != "\\") { out = out (c == "<" ? "\\u003c" : c); continue }
		c = substr(text_, ++i, 1)
		if (c == "v") out = out "\\u000b"
		else if (c !~ /[0-7]/) out = out "\\" c
		else {
			octal = 0
			for (i--; substr(text_, i + 1, 1) ~ /[0-7]/ && octal < 32; i++) octal = octal * 8 + substr(text_, i + 1, 1)
			out = out sprintf("\\u%04x", octal)
		}
	}
	return out
}

# The innermost frame whose line is known: "file number,line".
function place_of(frames,    frame, n, k, found) {
	n = split(frames, frame, "|")
	for (k = 1; k <= n; k++) {
		if (!(frame[k] in line_of)) continue
		split(line_of[frame[k]], found, "\t")
		if (!(found[1] in file_number)) { file[++files] = found[1]; file_number[found[1]] = files }
		return file_number[found[1]] - 1 "," found[2]
	}
	return ""
}

function print_file(path, before_,    line, list, shown_name) {
	while ((getline line <path) > 0) list = list (list == "" ? "" : ",\n") quote(line)
	close(path)
	shown_name = path
	if (index(path, top "/") == 1) shown_name = substr(path, length(top) + 2)
	else sub(/.*\//, "", shown_name)
	print before_ "{\"name\":" quote(shown_name) ",\"lines\":[\n" list "]}"
}

function plain(text_) {
	if (sub(/^\[::ffff:/, "", text_)) sub(/\]/, "", text_)
	return text_
}

# A JSON string; `<` as an escape, so that the data can stand in a script element.
function quote(text_) {
	gsub(/\\/, "&&", text_)
	gsub(/"/, "\\\"", text_)
	gsub(/\t/, "\\t", text_)
	gsub(/\r/, "\\r", text_)
	gsub(/[\001-\037]/, " ", text_)
	gsub(/</, "\\u003c", text_)
	return "\"" text_ "\""
}
