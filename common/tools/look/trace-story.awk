# trace-story.awk, with trace-wire.awk: turns calls (trace-parse.awk) and packets (trace-packets.awk), sorted by their time, into
# the rows of a sequence diagram, fields apart by tabs. First one row for each lifeline, then what happens, in order of time:
#   life N NAME            lifeline N, counted from 1
#   call N TEXT            a call that returned at once
#   wait N TEXT            a call that blocks ...
#   back N TEXT            ... and returns
#   note N TEXT            what is known of a descriptor now
#   state N TEXT           the TCP state of an end, from ss (a slowed run: the variable `states` names the samples)
#   data N TO TEXT         a packet with bytes crosses from lifeline N to lifeline TO
#   flags N TO TEXT        a packet without any: SYN, FIN, RST, or ICMP
#   ack N TO TEXT          a packet that is an acknowledgement only
#   guess N TO TEXT        without a capture: what must have crossed, inferred from the calls
#   end N TEXT             the lifeline ends
# At the end of each of these stands what it tells of: `call` or `packet`, its number among those, and the time.
# An end of a connection is written A:P. Its key is `local end,remote end`.

BEGIN { FS = OFS = "\t" }

$5 == "packet" { keep_packet(); next }

{
	n++
	start[n] = $1; end[n] = $2; side[n] = $3; tid[n] = $4; call[n] = $5; fd[n] = $6; protocol[n] = $7
	local_end[n] = plain($8); remote_end[n] = plain($9); arguments[n] = $10; result[n] = $11; error[n] = $12; data[n] = $13
	address[n] = plain($14)
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
	if (call[n] == "listen" && is_local(n)) local_listener = 1
	# Who gets ECONNRESET had a peer that sent RST.
	if (error[n] == "ECONNRESET") resets[remote_end[n] "," local_end[n]] = 1
}

# An IPv4 end as an IPv6 socket shows it is an IPv4 end: RFC 4291, section 2.5.5.2.
function plain(text) {
	if (sub(/^\[::ffff:/, "", text)) sub(/\]/, "", text)
	return text
}

# The server's lifelines stand on the left, its threads beside it, then the clients.
function lay_out(of_server,    k, i) {
	for (k = 1; k <= tids; k++) {
		i = first_call[k]
		if ((side[i] == "server") != of_server) continue
		life[tid[i]] = ++lives
		name[lives] = tid[i] == main_thread[side[i]] ? side[i] : "thread " ++threads
	}
}

# The rows wait until all are known: the kernel has a lifeline only where it answers for nobody.
function row(kind, from, text) {
	out[++rows] = kind OFS from OFS text
	at[rows] = now
	used[from] = 1
}

function cross(kind, from, to, text) {
	out[++rows] = kind OFS from OFS to OFS text
	at[rows] = now
	used[from] = used[to] = 1
}

function print_rows(    k, part) {
	for (k = 1; k <= lives; k++) if (k in used || k != kernel) { number[k] = ++shown; print "life", shown, name[k] }
	for (k = 1; k <= rows; k++) {
		split(out[k], part, OFS)
		if (part[1] ~ /^(data|flags|ack|guess)$/) print part[1], number[part[2]], number[part[3]], part[4], at[k]
		else print part[1], number[part[2]], part[3], at[k]
	}
}

END {
	# Where the server of the run is none, it is the C library that talks over such a socket: nscd(8).
	for (i = 1; i <= n; i++) if (is_local(i) && !local_listener) relevant[i] = 0
	lay_out(1)
	if (packets) name[kernel = ++lives] = "kernel"
	lay_out(0)
	# Each call is one moment, or two when something happened elsewhere while it blocked.
	for (i = 1; i <= n; i++) {
		if (!relevant[i] || !(tid[i] in life)) continue
		if (call[i] ~ /^(accept4?|recv.*|read|connect|p?poll|epoll_p?wait)$/ && blocked(i)) {
			moment(start[i], "wait", i)
			if (end[i] != "") moment(end[i], "back", i)
		} else
			moment(call[i] ~ /^(accept4?|recv.*|read|p?poll|epoll_p?wait)$/ ? end[i] : start[i], "call", i)
		if (call[i] == "connect" && result[i] == 0) moment(end[i], "after", i)
	}
	for (i = 1; i <= packets; i++) moment(packet_time[i], "packet", i)
	if (states != "") read_states()
	for (m = next_moment(); m; m = following) {
		now = (what[m] == "packet" ? "packet" : "call") OFS which[m] OFS when[m]
		if (what[m] == "packet") tell_packet(which[m])
		else tell(what[m], which[m])
		following = next_moment()
		if (samples) tell_states(following ? when[following] : 1e12)
	}
	print_rows()
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
			row("state", life[me], shown " is " sample_state[told])
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

function tell(kind, i,    me) {
	me = life[tid[i]]
	if (kind == "after") { row("note", me, parts(i)); return }
	if (call[i] == "exited") { tell_end(i, me); return }
	hold(i)
	if (kind == "wait") {
		row("wait", me, name_of(i) " blocks")
		if (!packets && !is_local(i)) guess_before(i, me)
		return
	}
	if (!packets && !is_local(i)) guess_arrival(i, me, peer_of(i))
	row(kind == "back" ? "back" : "call", me, name_of(i) outcome(i))
	if (!packets && !is_local(i)) guess_after(i, me, peer_of(i))
	if (result[i] != -1 && result[i] != "?" && call[i] ~ /^(socket|bind|accept4?)$/) row("note", me, parts(i))
}

function tell_end(i, me) {
	if (!packets) guess_end(i, me)
	row("end", me, (result[i] ~ /^SIG/ ? "ended by " result[i] : tid[i] == main_thread[side[i]] ? "exit status " result[i] : "the thread ends"))
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

# Of the family AF_UNIX: no packet crosses.
function is_local(i) {
	return protocol[i] == "UNIX"
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
	if (is_local(i)) return fd[i] ": " protocol[i] ", " local_parts(i)
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

# A client's socket has no address.
function local_parts(i) {
	if (call[i] == "connect") return "local unnamed, remote " address[i]
	if (call[i] == "bind") return "local " address[i] ", remote ?"
	return call[i] ~ /^accept/ ? "local " address[i] ", remote unnamed" : "local ?, remote ?"
}

# The descriptors that poll watches, without those that it ignores.
function watched(text,    list) {
	while (match(text, /fd=-?[0-9]+/)) {
		if (substr(text, RSTART + 3, 1) != "-") list = list (list == "" ? "" : ", ") substr(text, RSTART + 3, RLENGTH - 3)
		text = substr(text, RSTART + RLENGTH)
	}
	return list
}
