# trace-story.awk: turns calls (trace-parse.awk, sorted by their start) into the rows of a sequence diagram, fields
# apart by tabs. First one row for each lifeline, then what happens, in order of time:
#   life N NAME            lifeline N, counted from 1
#   call N TEXT            a call that returned at once
#   wait N TEXT            a call that blocks ...
#   back N TEXT            ... and returns
#   note N TEXT            what is known of a descriptor now
#   state N TEXT           the TCP state of an end, from ss (a slowed run: the variable `states` names the samples)
#   data N TO TEXT         bytes that cross from lifeline N to lifeline TO
#   guess N TO TEXT        what strace does not see: handshake, FIN, RST
#   end N TEXT             the lifeline ends

BEGIN { FS = OFS = "\t" }

{
	n++
	start[n] = $1; end[n] = $2; side[n] = $3; tid[n] = $4; call[n] = $5; fd[n] = $6; protocol[n] = $7
	local_end[n] = $8; remote_end[n] = $9; arguments[n] = $10; result[n] = $11; error[n] = $12; data[n] = $13
	address[n] = $14
	# A datagram socket need not be connected: each datagram says where it comes from or goes to.
	if (is_datagram(n) && remote_end[n] == "" && call[n] ~ /^(recv|send)/) remote_end[n] = address[n]
	relevant[n] = protocol[n] != "" || call[n] ~ /^(exited|p?poll|epoll_.*)$/
	if (!relevant[n]) next
	if (protocol[n] != "" && !(tid[n] in seen)) {
		seen[tid[n]] = 1
		first_call[++tids] = n
		if (!(side[n] in main_thread)) main_thread[side[n]] = tid[n]
	}
	# Who talks on an end of a connection: the last thread that sends or receives there, or the one that accepts.
	if (remote_end[n] != "" && (call[n] !~ /^(accept4?|close|shutdown)$/ || !((local_end[n] "," remote_end[n]) in holder)))
		holder[local_end[n] "," remote_end[n]] = tid[n]
	if (call[n] == "listen" && result[n] == 0) listener[local_end[n]] = tid[n]
	# Who gets ECONNRESET had a peer that sent RST.
	if (error[n] == "ECONNRESET") resets[remote_end[n] "," local_end[n]] = 1
}

# The server's lifelines stand on the left, its threads beside it, then the clients.
function lay_out(of_server,    k, i) {
	for (k = 1; k <= tids; k++) {
		i = first_call[k]
		if ((side[i] == "server") != of_server) continue
		life[tid[i]] = ++lives
		print "life", lives, (tid[i] == main_thread[side[i]] ? side[i] : "thread " ++threads)
	}
}

END {
	lay_out(1)
	lay_out(0)
	# Each call is one moment, or two when something happened elsewhere while it blocked.
	for (i = 1; i <= n; i++) {
		if (!relevant[i] || !(tid[i] in life)) continue
		if (call[i] ~ /^(accept4?|recv.*|read|connect|p?poll|epoll_p?wait)$/ && blocked(i)) {
			moment(start[i], "wait", i)
			if (end[i] != "") moment(end[i], "back", i)
		} else
			moment(call[i] ~ /^(accept4?|recv.*|read|p?poll|epoll_p?wait)$/ ? end[i] : start[i], "call", i)
	}
	if (states != "") read_states()
	for (m = next_moment(); m; m = following) {
		tell(what[m], which[m])
		following = next_moment()
		if (samples) tell_states(following ? when[following] : 1e12)
	}
}

# The moment with the smallest time of those not yet told, among equal ones the first that was noted; 0 at the end.
function next_moment(    k, best) {
	for (k = 1; k <= moments; k++) if (!done[k] && (!best || when[k] < when[best])) best = k
	done[best] = 1
	return best
}

# What ss said of each end, again and again: time, state, local end, remote end. The names become those of RFC 9293.
function read_states(    line, part, ends) {
	while ((getline line < states) > 0) {
		split(line, part, "\t")
		sub(/^ESTAB$/, "ESTABLISHED", part[2])
		sub(/^SYN-RECV$/, "SYN-RECEIVED", part[2])
		ends = part[4] ~ /\*$/ ? part[3] : part[3] "," part[4]
		sampled[++samples] = part[1]
		sample_state[samples] = part[2]
		sample_ends[samples] = ends
	}
}

# Tells each state that has changed by this time.
function tell_states(until,    me, ends, shown) {
	while (told < samples && sampled[told + 1] < until) {
		told++
		ends = sample_ends[told]
		me = ends in listener ? listener[ends] : ends in holder ? holder[ends] : ""
		if (me in life && state_told[ends] != sample_state[told]) {
			shown = ends
			sub(/,/, " -> ", shown)
			print "state", life[me], shown " is " sample_state[told]
		}
		state_told[ends] = sample_state[told]
	}
}

function moment(t, kind, i) {
	when[++moments] = t
	what[moments] = kind
	which[moments] = i
}

# Something relevant happened in another lifeline between the start and the end of the call.
function blocked(i,    k) {
	if (end[i] == "" || result[i] == "?") return 1
	if (call[i] == "connect") return end[i] - start[i] > 0.05
	for (k = 1; k <= n; k++) {
		if (!relevant[k] || tid[k] == tid[i] || !(tid[k] in life)) continue
		if (start[k] > start[i] && start[k] < end[i]) return 1
	}
	return 0
}

function tell(kind, i,    me, peer, text) {
	me = life[tid[i]]
	if (call[i] == "exited") { tell_end(i, me); return }
	if (kind == "wait") {
		print "wait", me, name_of(i) " blocks"
		if (call[i] == "connect" && (address[i] in listener)) print "guess", me, life[listener[address[i]]], "SYN, and no answer: the queue is full"
		return
	}
	peer = peer_of(i)

	if (error[i] == "ECONNRESET") {
		if (peer && !((remote_end[i] "," local_end[i]) in closed)) print "guess", peer, me, "RST"
		closed[local_end[i] "," remote_end[i]] = 1
	}
	if (call[i] ~ /^(recv|read)/ && (result[i] > 0 || result[i] == 0 && is_datagram(i)) && peer) print "data", peer, me, bytes(result[i]) " " excerpt(data[i])
	print (kind == "back" ? "back" : "call"), me, name_of(i) outcome(i)

	if (call[i] == "connect") tell_connect(i, me)
	if (result[i] != -1 && result[i] != "?" && call[i] ~ /^(socket|bind|connect|accept4?)$/) print "note", me, parts(i)
	if (result[i] == 0 && call[i] ~ /^(shutdown|close)$/) tell_fin(i, me, peer, arguments[i] ~ /SHUT_WR/ ? "FIN: a half-close" : "FIN")
}

function tell_connect(i, me,    to) {
	to = address[i]
	if (!(to in listener)) { sub(/.*:/, "0.0.0.0:", to) }
	if (error[i] == "ECONNREFUSED") {
		if (lives > 1) { print "guess", me, other(me), "SYN"; print "guess", other(me), me, "RST: nobody listens" }
		else print "note", me, "SYN was sent, RST came back: nobody listens there"
	} else if (result[i] == 0 && (to in listener)) {
		print "guess", me, life[listener[to]], "SYN"
		print "guess", life[listener[to]], me, "SYN, ACK"
		print "guess", me, life[listener[to]], "ACK; now in the listener's queue"
	}
}

# A connection's first shutdown or close sends FIN; a close after a shutdown sends nothing new.
function tell_fin(i, me, peer, text,    key) {
	key = local_end[i] "," remote_end[i]
	if (remote_end[i] == "" || is_datagram(i) || key in closed) return
	closed[key] = 1
	if (peer) print "guess", me, peer, (key in resets) ? "RST" : text
}

# With the process its open sockets end too.
function tell_end(i, me,    k, key) {
	if (tid[i] == main_thread[side[i]])
		for (k = 1; k <= n; k++) {
			key = local_end[k] "," remote_end[k]
			if (side[k] == side[i] && remote_end[k] != "" && !is_datagram(k) && !(key in closed) && call[k] ~ /^(accept4?|getsockname|connect|recv.*|send.*)$/) {
				closed[key] = 1
				if (peer_of(k)) print "guess", me, peer_of(k), "FIN: the kernel closes for the dead"
			}
		}
	print "end", me, (result[i] ~ /^SIG/ ? "ended by " result[i] : tid[i] == main_thread[side[i]] ? "exit status " result[i] : "the thread ends")
}

function peer_of(i,    key) {
	key = remote_end[i] "," local_end[i]
	if (remote_end[i] == "") return 0
	if (key in holder && holder[key] in life) return life[holder[key]]
	return remote_end[i] in listener ? life[listener[remote_end[i]]] : 0 # nobody has accepted it yet
}

# No connection: an empty datagram is one too, and no end is told.
function is_datagram(i) {
	return protocol[i] ~ /^UDP/
}

function other(me) {
	return me == 1 ? 2 : 1
}

# The call as the program wrote it, with the arguments that matter.
function name_of(i,    name, option) {
	name = call[i]
	sub(/^recvfrom$/, "recv", name)
	sub(/^sendto$/, "send", name)
	sub(/^accept4$/, "accept", name)
	if (name == "socket") { option = arguments[i]; sub(/IPPROTO_IP$/, "0", option); return "socket(" option ")" }
	if (name ~ /^(bind|connect)$/) return name "(" fd[i] ", " address[i] ")"
	if (name == "setsockopt") { split(arguments[i], option_words, ", "); sub(/_OLD$/, "", option_words[3]); return name "(" fd[i] ", " option_words[3] ")" }
	if (name ~ /^(listen|shutdown)$/) return name "(" arguments[i] ")"
	if (name == "accept") return name "(" arguments[i] + 0 ")"
	if (call[i] == "sendto" && address[i] != "") return "sendto(" fd[i] ", " excerpt(data[i]) ", " address[i] ")"
	if (name ~ /^p?poll$/) return "poll(" watched(arguments[i]) ")"
	sub(/^epoll_pwait$/, "epoll_wait", name)
	if (name == "epoll_ctl") {
		split(arguments[i], option_words, ", ")
		option = arguments[i]
		sub(/.*events=/, "", option)
		sub(/,.*/, "", option)
		return name "(" fd[i] ", " option_words[2] ", " option_words[3] ", " option ")"
	}
	if (name == "fcntl") {
		option = arguments[i]
		sub(/O_RDONLY\|/, "", option)
		return name "(" option ")"
	}
	if (name == "send") return name "(" fd[i] ", " excerpt(data[i]) ")"
	return name "(" fd[i] ")"
}

function outcome(i) {
	if (result[i] == "?") return " is cut short" (error[i] != "" ? "" : " by the end")
	if (error[i] != "") return " = -1 " error[i]
	if (call[i] ~ /^(recv.*|read)$/ && result[i] == 0 && !is_datagram(i)) return " = 0: end of file"
	if (call[i] == "getsockname") return ": " address[i]
	if (call[i] ~ /^(p?poll|epoll_p?wait)$/) return " = " result[i] (data[i] == "" ? "" : ": " data[i])
	if (call[i] ~ /^(socket|accept4?|recv.*|send.*|read|write|epoll_create1)$/) return " = " result[i]
	return ""
}

function bytes(count) {
	return count (count == 1 ? " byte" : " bytes")
}

# At most 24 characters of what strace shows of the data, never half of an escape.
function excerpt(text,    cut) {
	if (length(text) <= 26) return text
	cut = substr(text, 1, 24)
	sub(/\\[0-9a-z]*$/, "", cut)
	return cut "\"..."
}

# What is known of the descriptor's five parts after this call.
function parts(i,    here, there, k) {
	here = local_end[i] != "" ? local_end[i] : "?"
	there = remote_end[i] != "" ? remote_end[i] : "?"
	if (call[i] ~ /^(bind|connect)$/) {
		# strace shows a descriptor's ends as they were before the call: the next call on it shows the new ones.
		for (k = i + 1; k <= n; k++) if (side[k] == side[i] && fd[k] == fd[i] && local_end[k] != "") {
			here = local_end[k]
			if (remote_end[k] != "") there = remote_end[k]
			break
		}
		if (call[i] == "connect" && there == "?") there = address[i]
		if (call[i] == "bind" && here == "?") here = address[i]
		if (call[i] == "connect") here = here " (ephemeral)"
		else if (address[i] ~ /:0$/) here = here " (chosen by the kernel)"
	}
	if (call[i] ~ /^accept/) there = there " (ephemeral)"
	return fd[i] ": " protocol[i] ", local " here ", remote " there
}

# The descriptors that poll watches, without those that it ignores.
function watched(text,    list) {
	while (match(text, /fd=-?[0-9]+/)) {
		if (substr(text, RSTART + 3, 1) != "-") list = list (list == "" ? "" : ", ") substr(text, RSTART + 3, RLENGTH - 3)
		text = substr(text, RSTART + RLENGTH)
	}
	return list
}
