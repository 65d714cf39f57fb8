# replay-state.awk, for replay.awk: what the kernel has at each moment: descriptors, ends of connections with their TCP state, and
# what waits in their queues. Calls and packets move it. The states follow the packets by the rules of RFC 9293, section 3.3.2;
# without a capture the packets are inferred from the calls.
# What may have no value yet goes to a function as `x + 0` or `x ""`: gawk 5.2 takes it for something else otherwise.
# A socket is a number; sock[side, fd] is the one that a descriptor means. An end of a connection is its key, `local,remote`.

# ---- calls ----

# A call has done what it does: number i of the events.
function do_call(i,    me, id, n) {
	me = side[i]
	n = result[i]
	if (call[i] == "exited") { if (tid[i] == main_thread[me]) leave(me); return }
	if (protocol[i] == "" || n == "?") return
	id = sock[me, fd[i]]
	if (n < 0) return
	if (call[i] == "connect" && !packets && carrier[id] ~ /^TCP/) infer_handshake(local[id] "", remote[id] "")
	if (call[i] == "socket") { open_socket(i, fd[i]); return }
	if (call[i] == "bind") local[id] = is_local(i) ? address[i] : known_end(i, "local", address[i])
	if (call[i] == "connect" && is_local(i)) come_to_path(address[i])
	if (call[i] == "listen") { backlog[id] = arguments[i]; sub(/.*, /, "", backlog[id]); sub(/[^0-9]*$/, "", backlog[id]) }
	if (call[i] ~ /^accept4?$/) { take_connection(i, sock[me, arguments[i] + 0] + 0); return }
	if (call[i] == "setsockopt" && arguments[i] ~ /SO_LINGER.*l_onoff=1, l_linger=0/) resets_at_close[id] = 1
	if (call[i] ~ /^(send|write)/ && n > 0) do_send(i, id, n)
	if (call[i] ~ /^(recv|read)/ && n > 0 && arguments[i] !~ /MSG_PEEK/) take_bytes(id, n)
	if (call[i] == "shutdown" && arguments[i] ~ /SHUT_(WR|RDWR)/ && !packets) infer_end(key[id] "")
	if (call[i] == "close") shut(me, fd[i])
}

# No packet crosses: the queues are moved by the calls alone.
function is_local(i) {
	return protocol[i] == "UNIX"
}

function open_socket(i, at,    id) {
	id = ++sockets
	sock[side[i], at] = id
	who[id] = side[i]
	carrier[id] = protocol[i]
	if (is_local(i)) numbered[local_end[i]] = id
	if (at > highest[side[i]] + 0) highest[side[i]] = at
	return id
}

# strace shows a descriptor's ends as they were before the call: the next call on it shows the new ones.
function known_end(i, which, otherwise,    k) {
	for (k = i + 1; k <= n_calls; k++) {
		if (side[k] != side[i] || fd[k] != fd[i]) continue
		if (which == "local" && local_end[k] != "") return local_end[k]
		if (which == "remote" && remote_end[k] != "") return remote_end[k]
		if (call[k] ~ /^(close|socket)$/) break
	}
	return otherwise
}

# While it goes on, the kernel has both ends already.
function begin_connect(i,    id) {
	id = sock[side[i], fd[i]]
	remote[id] = address[i]
	if (is_local(i)) { local[id] = "unnamed"; return }
	local[id] = known_end(i, "local", local[id] "")
	key[id] = local[id] "," remote[id]
	own(key[id], side[i])
	holder[key[id]] = id
	had_descriptor[key[id]] = 1
}

function take_connection(i, listener,    id) {
	id = open_socket(i, fd[i])
	if (waiting[listener] > 0) waiting[listener]--
	if (is_local(i)) { local[id] = address[i]; remote[id] = "unnamed"; return }
	local[id] = local_end[i]
	remote[id] = remote_end[i]
	key[id] = local[id] "," remote[id]
	own(key[id], side[i])
	holder[key[id]] = id
	had_descriptor[key[id]] = 1
}

# A connection without packets: it waits in the listener's queue.
function come_to_path(path,    id) {
	for (id in backlog) if (local[id] == path) waiting[id]++
}

function do_send(i, id, n,    to) {
	if (carrier[id] ~ /^TCP/) {
		sent[key[id]] += n
		if (!packets) infer(local[id] "", remote[id] "", "ACK", n)
	} else if (is_local(i)) {
		if (remote_end[i] in numbered) unread[numbered[remote_end[i]]] += n
	} else if (!packets) {
		to = address[i] != "" ? address[i] : remote[id]
		arrive_datagram(to, n)
	}
}

function take_bytes(id, n) {
	if (carrier[id] ~ /^TCP/) unread[key[id]] -= n < unread[key[id]] ? n : unread[key[id]]
	else unread[id] -= n < unread[id] ? n : unread[id]
}

# A descriptor is closed: the kernel goes on with the connection without it.
function shut(me, at,    id) {
	id = sock[me, at]
	if (!id) return
	if (!packets && key[id] != "") {
		if (unread[key[id]] > 0 || (id in resets_at_close)) infer(local[id] "", remote[id] "", "RST", 0)
		else infer_end(key[id] "")
	}
	delete sock[me, at]
	if (state[key[id]] == "SYN-SENT") state[key[id]] = "CLOSED" # section 3.10.4
	if (key[id] != "") delete holder[key[id]]
	delete backlog[id]
}

# With the process its descriptors end.
function leave(me,    at) {
	for (at = 0; at <= highest[me]; at++) if ((me, at) in sock) shut(me, at)
}

# ---- packets ----

function infer_handshake(here, there) {
	if (!listening_at(there)) return
	infer(here, there, "SYN", 0)
	infer(there, here, "SYN, ACK", 0)
	infer(here, there, "ACK", 0)
}

function infer_end(k,    ends) {
	if (state[k] !~ /^(ESTABLISHED|CLOSE-WAIT)$/) return
	split(k, ends, ",")
	infer(ends[1], ends[2], "FIN, ACK", 0)
}

# A packet that must have crossed, and the acknowledgement that came back.
function infer(from, to, flags, size,    me, peer) {
	me = from "," to
	peer = to "," from
	segment(from, to, flags, next_seq[me] + 0, next_seq[peer] + 0, size)
	next_seq[me] += size + (flags ~ /SYN|FIN/ ? 1 : 0)
	if (size || flags ~ /FIN/) segment(to, from, "ACK", next_seq[peer] + 0, next_seq[me], 0)
}

# A segment crosses: both ends have seen it.
function segment(from, to, flags, seq, ack, size,    me, peer, server) {
	me = from "," to
	peer = to "," from
	if (flags ~ /RST/) {
		state[me] = state[peer] = "CLOSED"
		return
	}
	if (flags == "SYN") {
		name_connecting(from, to)
		state[me] = "SYN-SENT"
		forget(me)
		return
	}
	if (flags ~ /SYN/) {
		server = listening_at(from)
		own(me, who[server])
		state[me] = "SYN-RECEIVED"
		forget(me)
		state[peer] = "ESTABLISHED"
		return
	}
	if (state[peer] == "SYN-RECEIVED") {
		state[peer] = "ESTABLISHED"
		waiting[listening_at(to)]++
	}
	acknowledge(peer, ack)
	if (size && seq + size > received[peer]) {
		unread[peer] += seq + size - (received[peer] ? received[peer] : seq)
		received[peer] = seq + size
	}
	if (flags ~ /FIN/ && !((me) in fin)) {
		fin[me] = seq + size
		state[me] = state[me] == "CLOSE-WAIT" ? "LAST-ACK" : "FIN-WAIT-1"
		state[peer] = state[peer] == "ESTABLISHED" ? "CLOSE-WAIT" : state[peer] == "FIN-WAIT-2" ? "TIME-WAIT" : "CLOSING"
	}
}

# Where no later call shows the local end of a connect, its SYN does.
function name_connecting(from, to,    id) {
	for (id = sockets; id > 0; id--) {
		if (remote[id] != to || local[id] != "") continue
		local[id] = from
		delete holder[key[id]]
		key[id] = from "," to
		holder[key[id]] = id
		own(key[id], who[id])
		had_descriptor[key[id]] = 1
		return
	}
}

# This end of a connection belongs to a process.
function own(k, side_) {
	if (!(k in owner)) seen_key[++keys_seen] = k
	owner[k] = side_
}

# The same ports may come again.
function forget(k) {
	delete fin[k]
	sent[k] = acked[k] = unread[k] = received[k] = 0
}

# What this end has sent has arrived up to this number, which counts SYN and FIN.
function acknowledge(k, ack) {
	if (ack - 1 > acked[k]) acked[k] = ack - 1
	if (!(k in fin) || ack <= fin[k]) return
	acked[k] = fin[k] - 1
	if (state[k] == "FIN-WAIT-1") state[k] = "FIN-WAIT-2"
	else if (state[k] == "CLOSING") state[k] = "TIME-WAIT"
	else if (state[k] == "LAST-ACK") state[k] = "CLOSED"
}

function arrive_datagram(to, size,    id) {
	id = bound_at(to)
	if (id) unread[id] += size
}

# ---- who has an address ----

function is_at(id, address,    port) {
	port = address
	sub(/.*:/, "", port)
	return local[id] == address || local[id] == "0.0.0.0:" port || local[id] == "[::]:" port
}

function listening_at(address,    id) {
	for (id = 1; id <= sockets; id++) if ((id in backlog) && is_at(id, address)) return id
	return 0
}

function bound_at(address,    id) {
	for (id = sockets; id > 0; id--) if (carrier[id] ~ /^UDP/ && is_at(id, address)) return id
	return 0
}

# ---- what is shown of it ----

# The sockets of a process, as JSON: [descriptor or why there is none, protocol, local, remote, state, receive queue, send queue], ...
function shown(me,    at, list, k) {
	for (at = 0; at <= highest[me]; at++) if ((me, at) in sock) list = list socket_shown(me, at, sock[me, at])
	for (k = 1; k <= keys_seen; k++) list = list kernel_shown(me, seen_key[k])
	return "[" substr(list, 2) "]"
}

function socket_shown(me, at, id,    k, tcp) {
	k = key[id] ""
	tcp = carrier[id] ~ /^TCP/
	if (id in backlog) return entry(at, carrier[id], local[id] "", "", "LISTEN", waiting[id] + 0, backlog[id] + 0)
	if (!tcp) return entry(at, carrier[id], local[id] "", remote[id] "", "", unread[id] + 0, 0)
	return entry(at, carrier[id], local[id] "", remote[id] "", (k in state) ? state[k] : "CLOSED", unread[k] + 0, unsent(k))
}

# A connection that nobody has accepted yet, or that its program has closed already.
function kernel_shown(me, k,    ends) {
	if (owner[k] != me || (k in holder) || state[k] == "CLOSED" || state[k] == "") return ""
	split(k, ends, ",")
	return entry((k in had_descriptor) ? "closed" : "not accepted", "TCP", ends[1], ends[2], state[k], unread[k] + 0, unsent(k))
}

function unsent(k) {
	return sent[k] > acked[k] ? sent[k] - acked[k] : 0
}

function entry(at, protocol_, here, there, state_, in_queue, out_queue) {
	return ",[\"" at "\"," quote(protocol_) "," quote(here) "," quote(there) ",\"" state_ "\"," in_queue + 0 "," out_queue + 0 "]"
}
