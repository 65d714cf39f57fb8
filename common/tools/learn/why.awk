# why.awk: the sentences of `make why`. Reads the lines of why: `process` and `socket`, fields apart by tabs.
# The variables: `port`; `swapped`, the same with its bytes turned around.

BEGIN { FS = "\t" }

$1 == "process" { state[$2] = $3; spins[$2] = $4; waits[$2] = " " $5 " "; reuses[$2] = $6; next }
{
	n++
	udp[n] = $2 == "-u"; is[n] = $3; unread[n] = $4; unsent[n] = $5; here[n] = $6; there[n] = $7
	name[n] = $8; pid[n] = $9; fd[n] = $10; uid[n] = $11; left[n] = $12
	mine[n] = port_of($6) == port
	by_ends[$6, $7] = n
	if (is[n] == "LISTEN" && mine[n]) listeners++
}

END {
	for (i = 1; i <= n; i++) {
		if (udp[i]) about_datagrams(i)
		else if (is[i] == "LISTEN") about_listener(i)
		else about_connection(i)
	}
	for (i = 1; i <= n; i++) if (pid[i] != "-" && !(pid[i] in told)) { told[pid[i]] = 1; about_program(i) }
	if (clients_wait) say(clients_wait == 1 ? "A client's connection is in TIME_WAIT for " whole(clients_left) " more: the client closed first. That disturbs nobody." : clients_wait " connections of clients are in TIME_WAIT, the last one for " whole(clients_left) " more: the clients closed first. That disturbs nobody.")
	if (!n) say("Nothing is at port " port ": no program listens, no connection is there, none is in TIME_WAIT.", "A client is refused at once (ECONNREFUSED). Start the server, or compare both ports. A socket that is bound and does not listen (lesson 02) is not shown here.")
	else if (!troubles) {
		say("Nothing is wrong at port " port " now.", "")
		if (holder) say("A second server at this address would fail in bind: Address already in use.", "kill " holder " ends the one that is here. Or take another port.")
	}
}

# Folded for a terminal of 80 columns.
function print_folded(text, indent,    line, i, count, word) {
	count = split(text, word, " ")
	line = indent word[1]
	for (i = 2; i <= count; i++) {
		if (length(line " " word[i]) > 80) {
			print line
			line = indent word[i]
		} else line = line " " word[i]
	}
	print line
}

function say(what, remedy) {
	print_folded(what, "")
	if (remedy != "") print_folded(remedy, "  ")
}

function whole(seconds) { seconds = int(seconds + 0.5); return seconds < 1 ? "less than a second" : seconds (seconds == 1 ? " second" : " seconds") }

function trouble(what, remedy) {
	troubles++
	say(what, remedy)
}

function port_of(end) { sub(/.*:/, "", end); return end }

function who(i) { return pid[i] == "-" ? "a program of another user (" (uid[i] == 0 ? "root" : "uid " uid[i]) ")" : name[i] " (process " pid[i] ")" }

function bytes(count) { return count (count == 1 ? " byte" : " bytes") }

function about_listener(i) {
	if (!mine[i]) {
		trouble(who(i) " listens on " here[i] ": that is " port " with its two bytes turned around.", "The port did not go through htons: lesson 02.")
		return
	}
	say(who(i) " listens on " here[i] "." (here[i] ~ /^(127\.|\[::1\])/ ? " Only programs on this machine reach that address; others are refused." : ""),
		here[i] ~ /^(127\.|\[::1\])/ ? "For other machines give it the address 0.0.0.0." : "")
	if (pid[i] != "-") holder = pid[i]
	else trouble("The port belongs to " who(i) ". Your server cannot have it: bind fails with EADDRINUSE.", "Take another port: ./server 127.0.0.1 5001")
	if (unread[i] > unsent[i]) trouble("Its queue is full (Recv-Q " unread[i] " of " unsent[i] "): further clients get no answer, try again, and time out.", "The program has to call accept: lesson 04. A longer backlog only delays it.")
	else if (unread[i] > 0) trouble(unread[i] (unread[i] == 1 ? " client is" : " clients are") " connected, and " (unread[i] == 1 ? "waits" : "wait") " for accept (Recv-Q " unread[i] " of " unsent[i] ").", "The program does not call accept (lesson 03), or it serves another client first (lesson 07).")
}

function about_connection(i,    other) {
	other = by_ends[there[i], here[i]]
	if (is[i] == "TIME-WAIT") about_time_wait(i)
	else if (is[i] == "SYN-SENT") trouble(who(i) " tries to connect to " there[i] ", and has no answer yet.", "The server's queue is full, or a firewall drops the packets.")
	else if (is[i] == "CLOSE-WAIT") trouble(pid[i] == "-" ? "A connection from " there[i] " has ended, and waits in the queue: nobody has accepted it." : who(i) " has not closed descriptor " fd[i] ", although the other side (" there[i] ") has sent its end of file.", pid[i] == "-" ? "" : "When recv returns 0, close the socket: lesson 06.")
	else if (is[i] != "ESTAB" || pid[i] == "-") return
	else {
		if (unread[i] > 0) trouble(bytes(unread[i]) " from " there[i] " wait in the receive queue of " who(i) ", descriptor " fd[i] ": it does not call recv.", "Look at what it waits for in place of that.")
		if (unsent[i] > 0) trouble(bytes(unsent[i]) " of " who(i) " wait in its send queue: " there[i] " does not receive.", "When both ends only send, both queues fill, and both wait for ever: lesson 06.")
		if (other && mine[i] && !unread[i] && !unsent[i] && !unread[other] && !unsent[other]) about_both(i, other)
	}
}

function about_both(i, other) {
	if (waiting_on(i) && waiting_on(other)) trouble(who(i) " and " who(other) " both wait in recv, and no byte is on its way: neither goes on.", "One of them has to send, or to say that nothing more comes: shutdown(sock, SHUT_WR), lesson 06.")
}

# One of its threads is in a call on this descriptor.
function waiting_on(i) { return index(waits[pid[i]], " " fd[i] " ") > 0 }

function about_time_wait(i,    set) {
	if (!mine[i]) {
		clients_wait++
		if (left[i] > clients_left) clients_left = left[i]
		return
	}
	if (told_wait++) return
	set = "?"
	for (k = 1; k <= n; k++) if (is[k] == "LISTEN" && mine[k] && (pid[k] in reuses)) set = reuses[pid[k]]
	if (set == "yes") say("A connection of this port is in TIME_WAIT for " whole(left[i]) " more. The program that listens has set SO_REUSEADDR: it can start again at once.")
	else if (set == "no") trouble("A connection of this port is in TIME_WAIT for " whole(left[i]) " more, and the program that listens has not set SO_REUSEADDR: it could not start again now.", "Set it before bind: lesson 04.")
	else trouble("A connection of this port is in TIME_WAIT for " whole(left[i]) " more" (listeners ? "." : ", and nobody listens."), "A server that does not set SO_REUSEADDR before bind cannot start until then: bind fails with EADDRINUSE (lesson 04).")
}

function about_datagrams(i) {
	if (!mine[i]) return
	say(who(i) " has the port for datagrams (UDP), " here[i] ".", "")
	if (unread[i] > 0) trouble(bytes(unread[i]) " wait there unread: it does not call recvfrom.", "")
}

function about_program(i) {
	if (state[pid[i]] == "T") trouble(who(i) " is stopped (Ctrl-Z): it does nothing, and keeps the port.", "fg brings it back; kill " pid[i] " and then fg end it.")
	else if (spins[pid[i]] != "") trouble(who(i) " spins: it was running each time that it was looked at, and never waits.", "A call fails or returns 0 again and again, and the loop goes on: look at what it returns. make trace shows its calls.")
}
