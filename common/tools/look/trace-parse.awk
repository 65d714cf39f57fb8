# trace-parse.awk: turns what strace -f -ttt -T -yy wrote into one line for each call, fields apart by tabs:
#   1 start  2 end (seconds; end is empty when the call never returned)  3 side (the variable `side`)  4 thread id
#   5 call, or `exited` or `signal`  6 descriptor  7 protocol  8 local end  9 remote end (of the descriptor, from -yy; those of a socket
#   of the family AF_UNIX are inode numbers, which its path does not change)
#   10 arguments, without what -yy adds  11 result  12 error name  13 data, as strace escapes it, or what poll and epoll_wait found ready  14 address argument
#   15 with strace -k: where in the program the call was made, the innermost frame first: ADDRESS OBJECT|...
# A line that is none of strace's is told on stderr and left out. Without any good line the exit status is 1.

BEGIN { FS = "\n"; OFS = "\t" }

# With strace -k the frames of the stack follow a call: of each the address and the object, without those in shared libraries.
/^ > / {
	if (with_frames && $0 !~ /\.so(\.|\()/ && match($0, / \[0x[0-9a-f]+\]$/)) {
		address = substr($0, RSTART + 2, RLENGTH - 3)
		object = substr($0, 4, RSTART - 4)
		sub(/\([^(]*$/, "", object)
		held = held (held ~ /\t$/ ? "" : "|") address " " object
	}
	next
}

/^[0-9]+ +[0-9]+\.[0-9]+ / {
	split($0, word, " ")
	pid = word[1]
	start = word[2]
	rest = $0
	sub(/^[0-9]+ +[0-9]+\.[0-9]+ /, "", rest)

	if (rest ~ /^\+\+\+ (exited with|killed by) /) {
		gsub(/^\+\+\+ (exited with |killed by )|( \(core dumped\))? \+\+\+$/, "", rest)
		for (p in pending) if (p == pid) finish(pending_start[p], "", pending[p] ")", "?", "")
		put(start, start, "exited", "", "", "", "", "", rest, "", "", "")
	} else if (rest ~ /^--- SIG/) {
		split(rest, word, " ")
		put(start, start, "signal", "", "", "", "", "", word[2], "", "", "")
	} else if (rest ~ /<unfinished \.\.\.>$/) {
		sub(/ *<unfinished \.\.\.>$/, "", rest)
		pending[pid] = rest
		pending_start[pid] = start
		good++
	} else if (rest ~ /^<\.\.\. [a-z0-9_]+ resumed>/) {
		if (!(pid in pending)) { complain("it resumes a call that was not begun"); next }
		sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", rest)
		rest = pending[pid] rest
		start = pending_start[pid]
		delete pending[pid]
		whole(start, rest)
	} else if (rest ~ /^[a-z0-9_]+\(/) {
		whole(start, rest)
	} else
		complain("neither a call, a signal nor an end")
	next
}
{ complain("no process id and time at its start: strace needs -f -ttt") }

END {
	for (p in pending) { pid = p; finish(pending_start[p], "", pending[p] ")", "?", "") }
	flush()
	if (!good) {
		print "trace: " FILENAME ": no line of strace in it. It wants the output of strace -f -ttt -T -yy" | "cat >&2"
		exit 1
	}
}

function complain(why) {
	print "trace: " FILENAME ", line " FNR " is left out: " why ": " substr($0, 1, 60) | "cat >&2"
}

# `call(arguments) = result [ERROR (text)] [<seconds>]`: finds the last " = " outside of strings and brackets.
function whole(start, text,    close_at, tail, took, result, error) {
	close_at = closing(text, index(text, "("))
	tail = substr(text, close_at + 1)
	if (!close_at || tail !~ /^ *= /) { complain("the call is cut off"); return }
	sub(/^ *= /, "", tail)
	took = ""
	if (match(tail, / <[0-9.]+>$/)) {
		took = substr(tail, RSTART + 2, RLENGTH - 3)
		tail = substr(tail, 1, RSTART - 1)
	}
	answer = tail
	result = tail
	sub(/ .*/, "", result)
	error = ""
	if (match(tail, / E[A-Z0-9]+/)) error = substr(tail, RSTART + 1, RLENGTH - 1)
	finish(start, took == "" ? start : sprintf("%.6f", start + took), substr(text, 1, close_at), result, error)
}

# The place of the bracket that closes the one at `from`, or 0. Strings and <what -yy adds> count as one piece.
function closing(text, from,    i, c, depth, quoted) {
	depth = 0
	quoted = 0
	for (i = from; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (quoted) {
			if (c == "\\") i++
			else if (c == "\"") quoted = 0
		} else if (c == "\"") quoted = 1
		else if (c ~ /[({[]/) depth++
		else if (c ~ /[])}]/ && --depth == 0) return i
	}
	return 0
}

function finish(start, end, text, result, error,    call, arguments, fd, ends, address, data, shown, data_at) {
	good++
	call = substr(text, 1, index(text, "(") - 1)
	arguments = substr(text, index(text, "(") + 1)
	sub(/\)$/, "", arguments)

	# The descriptor that the call works on: the first argument, or what socket and accept return.
	shown = (call ~ /^(socket|accept4?)$/ && result ~ /^[0-9]+</) ? result : arguments
	fd = ""
	protocol = local_end = remote_end = ""
	if (shown ~ /^[0-9]+</) {
		fd = shown + 0
		ends = substr(shown, index(shown, "<") + 1)
		if (match(ends, /^(TCP|UDP|RAW|ICMP|PING)(v6)?:\[/)) {
			protocol = substr(ends, 1, RLENGTH - 2)
			ends = substr(ends, RLENGTH, closing(ends, RLENGTH) - RLENGTH + 1)
			split_ends(substr(ends, 2, length(ends) - 2))
		} else if (match(ends, /^UNIX(-STREAM)?:\[/)) {
			protocol = "UNIX"
			split(substr(ends, RLENGTH + 1), inode, /->|[],]/)
			local_end = inode[1]
			if (inode[2] ~ /^[0-9]+$/) remote_end = inode[2]
		}
	} else if (shown ~ /^[0-9]+/)
		fd = shown + 0
	sub(/<.*/, "", result)

	address = socket_address(arguments)
	data = ""
	data_at = index(arguments, "iov_base=") # recvmsg and sendmsg have an address before the data
	if (!data_at && match(arguments, /^[0-9]+<UNIX[^ ]*>, /)) data_at = RLENGTH # and here a path
	if (match(substr(arguments, data_at + 1), /"([^"\\]|\\.)*"(\.\.\.)?/) && call ~ /^(send|recv|read|write)/)
		data = substr(arguments, data_at + RSTART, RLENGTH)
	if (call ~ /^p?poll$/) data = ready(answer)
	if (call ~ /^epoll_p?wait$/) data = happened(arguments)
	if (call ~ /^accept/ && protocol == "UNIX" && match(shown, /,"[^"]*"\]/)) address = substr(shown, RSTART + 2, RLENGTH - 4)
	gsub(/<[A-Za-z0-9-]+:\[[^ ]*\]>/, "", arguments)
	gsub(/<[^ ,>]*>/, "", arguments)
	put(start, end, call, fd, protocol, local_end, remote_end, arguments, result, error, data, address)
}

# From what poll answered, such as "1 ([{fd=5<...>, revents=POLLIN}])": "5 POLLIN", with more of them after commas.
function ready(text,    list, one) {
	while (match(text, /fd=[0-9]+/)) {
		one = substr(text, RSTART + 3, RLENGTH - 3)
		text = substr(text, RSTART + RLENGTH)
		if (!match(text, /revents=[A-Z|]+/)) break
		list = list (list == "" ? "" : ", ") one " " substr(text, RSTART + 8, RLENGTH - 8)
	}
	return list
}

# The same from what epoll_wait filled in, such as "[{events=EPOLLIN, data={u32=5, u64=5}}]".
function happened(text,    list, which) {
	while (match(text, /events=[A-Z|]+, data=\{u32=[0-9]+/)) {
		which = substr(text, RSTART + 7, RLENGTH - 7)
		text = substr(text, RSTART + RLENGTH)
		sub(/, data=\{u32=/, " ", which)
		list = list (list == "" ? "" : ", ") substr(which, index(which, " ") + 1) " " substr(which, 1, index(which, " ") - 1)
	}
	return list
}

# "A:P->A:P" or "A:P", or an inode number while the socket has no name.
function split_ends(ends,    arrow) {
	if (ends ~ /^[0-9]+$/) return
	arrow = index(ends, "->")
	local_end = arrow ? substr(ends, 1, arrow - 1) : ends
	remote_end = arrow ? substr(ends, arrow + 2) : ""
}

# The address in a struct sockaddr_in, sockaddr_in6 or sockaddr_un, or "".
function socket_address(text,    port, host) {
	if (match(text, /sun_path="[^"]*"/)) return substr(text, RSTART + 10, RLENGTH - 11)
	if (!match(text, /sin6?_port=htons\([0-9]+\)/)) return ""
	port = substr(text, RSTART, RLENGTH)
	gsub(/[^(]*\(|\)/, "", port)
	if (match(text, /inet_addr\("[0-9.]+"\)/)) {
		host = substr(text, RSTART + 11, RLENGTH - 13)
		return host ":" port
	}
	if (match(text, /AF_INET6, "[0-9a-fA-F:.]+"/)) {
		host = substr(text, RSTART + 11, RLENGTH - 12)
		return "[" host "]:" port
	}
	return ""
}

# The frames of a call may still follow it.
function flush() {
	if (held != "") print held
	held = ""
}

function put(start, end, call, fd, protocol, local_end, remote_end, arguments, result, error, data, address) {
	good++
	flush()
	with_frames = call !~ /^(exited|signal)$/
	held = start OFS end OFS side OFS pid OFS call OFS fd OFS protocol OFS local_end OFS remote_end OFS arguments OFS result OFS error OFS data OFS address (with_frames ? OFS : "")
}
