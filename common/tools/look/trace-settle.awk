# trace-settle.awk: reads the sorted lines of trace-parse.awk and trace-packets.awk, and mends the ends of calls by the packets.
# strace takes the time of a call before it looks up the sockets in it (-yy), and measures how long the call lasts from after that,
# so the sum of both may be milliseconds too early: before the packet for which the call has waited. No call returns before that
# packet, and none later than the next one of its thread begins.

BEGIN { FS = OFS = "\t" }

{ line[NR] = $0 }
$5 == "packet" {
	p++
	time[p] = $1; size[p] = $6; carrier[p] = $7; from[p] = $8; to[p] = $9; flags[p] = $10; about[p] = $14
	next
}
{
	start[NR] = $1; end[NR] = $2; side[NR] = $3; call[NR] = $5; protocol[NR] = $7; local_end[NR] = plain($8); remote_end[NR] = plain($9)
	result[NR] = $11; error[NR] = $12; address[NR] = plain($14)
	if ($4 in latest) next_start[latest[$4]] = $1
	latest[$4] = NR
	if ($8 != "") ours[$3, plain($8)] = 1
}

END {
	for (i = 1; i <= NR; i++) {
		$0 = line[i]
		if (i in call && $2 != "") {
			due = waited_for(i)
			if (due > $2 && (!(i in next_start) || due < next_start[i])) $2 = sprintf("%.6f", due + 0.000001)
		}
		print
	}
}

function plain(text) {
	if (sub(/^\[::ffff:/, "", text)) sub(/\]/, "", text)
	return text
}

# The time of the packet without which this call could not have returned as it did, or 0.
function waited_for(i,    way) {
	way = remote_end[i] "," local_end[i]
	if (protocol[i] == "UNIX") return called_there(i, way)
	if (error[i] == "ECONNRESET") return arrival(i, way, "RST")
	if (call[i] == "connect") return answer(i)
	if (call[i] ~ /^accept4?$/ && result[i] > 0) return arrival(i, way, "^ACK")
	if (call[i] ~ /^(p?poll|epoll_p?wait)$/ && result[i] > 0) return first_to_side(i)
	if (call[i] !~ /^(recv|read)/ || result[i] < 0 || protocol[i] == "") return 0
	if (protocol[i] ~ /^UDP/) return datagram(local_end[i], ++datagrams[local_end[i]])
	if (result[i] == 0) return arrival(i, way, "FIN")
	return bytes_came(way, received[way] += result[i])
}

# No packet crosses between sockets of the family AF_UNIX: the call of the other end without which this one could not have returned.
function called_there(i, way,    k, count, wanted) {
	wanted = call[i] ~ /^accept/ ? "^connect$" : call[i] !~ /^(recv|read)/ ? "^$" : result[i] > 0 ? "^(send|write)" : "^(shutdown|close)$"
	if (call[i] ~ /^(recv|read)/ && result[i] > 0) count = received[way] += result[i]
	for (k = 1; k <= NR; k++)
		if (call[k] ~ wanted && local_end[k] == remote_end[i] && remote_end[i] != "" && (count -= result[k]) <= 0) return start[k]
	return 0
}

# The first packet of the connection with this flag.
function arrival(i, way, flag,    k) {
	for (k = 1; k <= p; k++) if (from[k] "," to[k] == way && flags[k] ~ flag) return time[k]
	return 0
}

# For connect: the ACK that follows the SYN, ACK; or the refusal.
function answer(i,    k, came) {
	for (k = 1; k <= p; k++) {
		if (time[k] < start[i]) continue
		if (came && flags[k] == "ACK" && to[k] == address[i]) return time[k]
		if (from[k] == address[i] && flags[k] ~ (result[i] == 0 ? "^SYN, ACK" : "RST")) { if (result[i] != 0) return time[k]; came = time[k] }
	}
	return came
}

# The packet with which so many bytes had come.
function bytes_came(way, count,    k) {
	for (k = 1; k <= p; k++) if (from[k] "," to[k] == way && size[k] && (count -= size[k]) <= 0) return time[k]
	return 0
}

function datagram(here, count,    k) {
	for (k = 1; k <= p; k++) if (to[k] == here && carrier[k] ~ /^UDP/ && --count == 0) return time[k]
	return 0
}

function first_to_side(i,    k) {
	for (k = 1; k <= p; k++) if (time[k] > start[i] && ((side[i], to[k]) in ours)) return time[k]
	return 0
}
