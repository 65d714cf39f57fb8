# trace-wire.awk: what trace-story.awk tells of the packets. Captured ones are told as they are, each at the lifelines that hold its
# ends at that time. Without a capture, what must have crossed is inferred from the calls.

# ---- captured ----

function keep_packet() {
	packets++
	packet_time[packets] = $1; size[packets] = $6; carrier[packets] = $7; from[packets] = $8; to[packets] = $9
	flags[packets] = $10; seq[packets] = $11; ack[packets] = $12; carried[packets] = $13; about[packets] = $14
	if (flags[packets] ~ /^(SYN, ACK|RST)/) answered[$9, $8] = 1
}

# From now on the thread of this call talks on its socket's end of the connection; who only closes it does not.
function hold(i,    key) {
	key = local_end[i] "," remote_end[i]
	if (remote_end[i] != "" && (call[i] !~ /^(close|shutdown)$/ || !(key in holds))) holds[key] = tid[i]
	if (call[i] ~ /^accept/) accepted[key] = 1
	if (call[i] ~ /^(close|shutdown)$/) closed_by[key] = call[i] ~ /shutdown/ ? "a half-close" : ""
}

# The lifeline of an end: who talks there, who listens there, who is just connecting or sending from it, or nobody: the kernel.
function lifeline(here, there, time,    who, k) {
	who = (here "," there) in holds ? holds[here "," there] : at_port(listener, here)
	for (k = n; who == "" && k > 0; k--)
		if (call[k] ~ /^(connect|sendto)$/ && address[k] == there && start[k] <= time && (end[k] == "" || end[k] >= time)) who = tid[k]
	if (who == "") who = at_port(bound, here)
	if (who == "" && (here "," there) in holder) who = holder[here "," there]
	if (!(who in life)) return kernel
	holds[here "," there] = who
	return life[who]
}

# What is known of an end, or of every address at its port.
function at_port(known, here,    port) {
	port = here
	sub(/.*:/, "", port)
	return here in known ? known[here] : ("0.0.0.0:" port) in known ? known["0.0.0.0:" port] : ("[::]:" port) in known ? known["[::]:" port] : ""
}

function tell_packet(k,    way, kind, ends) {
	way = from[k] "," to[k]
	kind = size[k] ? "data" : flags[k] == "ACK" ? "ack" : "flags"
	if (carrier[k] ~ /^ICMP/ && about[k] != "") { # it comes back to who has sent what it is about
		split(about[k], ends, "->")
		cross("flags", lifeline(ends[2], ends[1], packet_time[k]), lifeline(ends[1], ends[2], packet_time[k]), "ICMP: " flags[k])
		return
	}
	if (flags[k] ~ /^SYN$/) delete holds[way] # the same ports may come again
	if (kind == "ack" && !acks && !finishes[way]) return
	cross(kind, lifeline(from[k], to[k], packet_time[k]), lifeline(to[k], from[k], packet_time[k]), described(k) remark(k, way))
}

function described(k) {
	if (carrier[k] ~ /^UDP/) return "UDP, " bytes(size[k]) " " excerpt(carried[k])
	if (carrier[k] ~ /^ICMP/) return "ICMP: " flags[k]
	return flags[k] " seq " seq[k] (ack[k] == "" ? "" : ", ack " ack[k]) (size[k] ? ", " bytes(size[k]) " " excerpt(carried[k]) : "")
}

# Why this packet was sent, where it shows.
function remark(k, way,    same, again) {
	if (carrier[k] !~ /^TCP/) return ""
	same = way "," flags[k] "," seq[k] "," size[k]
	again = (same in sent) && flags[k] != "ACK" ? " again" : ""
	sent[same] = 1
	if (flags[k] == "SYN") return again ((from[k], to[k]) in answered ? "" : at_port(listener, to[k]) != "" ? ": no answer, the queue is full" : ": no answer")
	if (flags[k] == "SYN, ACK") { finishes[to[k] "," from[k]] = 1; return again }
	if (finishes[way]) { delete finishes[way]; return flags[k] == "ACK" && at_port(listener, to[k]) != "" ? "; now in the listener's queue" : again }
	if (flags[k] ~ /FIN/) return again (!(way in closed_by) ? ": the kernel closes for the dead" : closed_by[way] != "" ? ": " closed_by[way] : "")
	if (flags[k] ~ /RST/ && seq[k] == 0) return ": nobody listens"
	if (flags[k] ~ /RST/ && at_port(listener, from[k]) != "" && !(way in accepted)) return ": never accepted"
	return again
}

# ---- inferred ----

function guess_before(i, me) {
	if (call[i] == "connect" && (address[i] in listener)) cross("guess", me, life[listener[address[i]]], "SYN, and no answer: the queue is full")
}

# What has come before a call returns.
function guess_arrival(i, me, peer) {
	if (error[i] == "ECONNRESET") {
		if (peer && !((remote_end[i] "," local_end[i]) in closed)) cross("guess", peer, me, "RST")
		closed[local_end[i] "," remote_end[i]] = 1
	}
	if (call[i] ~ /^(recv|read)/ && (result[i] > 0 || result[i] == 0 && is_datagram(i)) && peer) cross("guess", peer, me, bytes(result[i]) " " excerpt(data[i]))
}

function guess_after(i, me, peer,    to, other) {
	if (result[i] == 0 && call[i] ~ /^(shutdown|close)$/) guess_fin(i, me, peer, arguments[i] ~ /SHUT_WR/ ? "FIN: a half-close" : "FIN")
	if (call[i] != "connect") return
	to = at_port(listener, address[i])
	if (error[i] == "ECONNREFUSED") {
		other = me == 1 ? 2 : 1
		if (lives > 1) { cross("guess", me, other, "SYN"); cross("guess", other, me, "RST: nobody listens") }
		else row("note", me, "SYN was sent, RST came back: nobody listens there")
	} else if (result[i] == 0 && to != "") {
		cross("guess", me, life[to], "SYN")
		cross("guess", life[to], me, "SYN, ACK")
		cross("guess", me, life[to], "ACK; now in the listener's queue")
	}
}

# A connection's first shutdown or close sends FIN; a close after a shutdown sends nothing new.
function guess_fin(i, me, peer, text,    key) {
	key = local_end[i] "," remote_end[i]
	if (remote_end[i] == "" || is_datagram(i) || key in closed) return
	closed[key] = 1
	if (peer) cross("guess", me, peer, (key in resets) ? "RST" : text)
}

# With the process its open sockets end too.
function guess_end(i, me,    k, key) {
	if (tid[i] != main_thread[side[i]]) return
	for (k = 1; k <= n; k++) {
		key = local_end[k] "," remote_end[k]
		if (side[k] == side[i] && remote_end[k] != "" && !is_datagram(k) && !is_local(k) && !(key in closed) && call[k] ~ /^(accept4?|getsockname|connect|recv.*|send.*)$/) {
			closed[key] = 1
			if (peer_of(k)) cross("guess", me, peer_of(k), "FIN: the kernel closes for the dead")
		}
	}
}
