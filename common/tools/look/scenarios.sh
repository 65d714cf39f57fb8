# scenarios.sh: what trace can play; it reads this with `.`. A scenario is a function: `two-clients` is play_two_clients. Its title
# stands over the drawing. The steps are those of trace-run.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # what trace sets and uses

play_alone() {
	title='the server alone'
	start_server
	end_server
}

play_connect() {
	title='a client connects'
	start_server
	start_client client
	end_client client
	end_server
}

play_echo() {
	title='two lines there and back'
	start_server
	start_client client
	type_to client 'hello\n'
	await client out hello
	type_to client 'again\n'
	await client out again
	end_client client
	end_server
}

play_half_close() {
	play_connect
	title='a client that only half-closes'
}

play_two_clients() {
	title='two clients at once, the first one silent for a while'
	start_server
	start_client 'client 1'
	await server out connection
	start_client 'client 2'
	await 'client 2' err 'connected to'
	type_to 'client 2' 'two\n'
	# In 08 the echo comes before all sleep again. In 07 it cannot: the line is sent, and the first client goes on.
	await 'client 2' strace 'sendto('
	type_to 'client 1' 'one\n'
	await 'client 1' out one
	end_client 'client 1'
	await 'client 2' out two
	end_client 'client 2'
	end_server
}

# At a path, of which the drawing shows the last part.
play_path() {
	play_two_clients
	title='two clients at a path, and no packet'
	for file in "$room"/*.strace; do
		sed "s#$room/##g" "$file" >"$room/shortened"
		mv "$room/shortened" "$file"
	done
}

play_refused() {
	title='nobody listens'
	port=1
	start_client client
	end_client client
}

play_unreachable() {
	title='a datagram to a port where nobody listens'
	port=1
	start_client client
	type_to client 'hello\n'
	end_client client
}

play_reset() {
	title='a client that resets the connection'
	cc -g -std=c11 -D_POSIX_C_SOURCE=200809L -o "$room/peer" "$tools/peer.c"
	CLIENT=''
	start_server
	start_client client "$room/peer"
	end_client client
	end_server
}

# Lesson 03 with a backlog of 1: the queue holds two clients. The third would try for two minutes.
play_backlog() {
	title='a full backlog: lesson 03 with a backlog of 1'
	number=03 clients=none client=lessons/05-connect/client
	patched "$tools/backlog.patch" lessons/03-listen/server.c "$room/backlog.c" >&2 || exit
	cc -g -std=c11 -D_POSIX_C_SOURCE=200809L -I lessons/03-listen -o "$room/backlog" "$room/backlog.c"
	start_server "$room/backlog"
	for one in 'client 1' 'client 2'; do
		start_client "$one"
		finish "$one"
	done
	start_client 'client 3'
	await 'client 3' strace 'connect('
	wait_for 5 has_tried_again || :
	kill "$(program_of 'client 3')" 2>/dev/null || true
	finish 'client 3'
	end_server
}

# A socket in SYN-SENT (02) to the port has sent its SYN a second time: proc(5), retrnsmt.
has_tried_again() {
	awk -v port="$(printf ':%04X' "$port")" '$4 == "02" && index($3, port) && $7 !~ /^0*$/ { found = 1 } END { exit !found }' /proc/net/tcp
}

# With the default address and port, and to a name.
play_walk() {
	title='a client tries every address'
	need_own_network
	where=127.0.0.1 to=
	start_server
	start_client client
	type_to client 'hello\n'
	await client out hello
	end_client client
	end_server
	# getaddrinfo asks the kernel with UDP sockets which source address it would use: man 3 getaddrinfo, RFC 6724.
	grep -v -e SOCK_DGRAM -e '(3<UDP' "$room/client.strace" >"$room/walk"
	mv "$room/walk" "$room/client.strace"
}

play_stop() {
	title='a signal while a client is connected'
	start_server
	start_client 'client 1'
	type_to 'client 1' 'one\n'
	await 'client 1' out one
	kill "$(program_of server)"
	await server out stopping
	start_client 'client 2'
	end_client 'client 2'
	type_to 'client 1' 'two\n'
	await 'client 1' out two
	end_input server
	end_client 'client 1'
	finish server
}

play_chat() {
	title='a line in two parts, and two lines in one'
	start_server
	start_client 'client 1'
	await server out 'connection from'
	start_client 'client 2'
	await 'client 1' out joined
	type_to 'client 1' hel
	await server strace '"hel"'
	type_to 'client 1' 'lo\n'
	await 'client 2' out hello
	type_to 'client 2' 'one\ntwo\n'
	await 'client 1' out two
	end_client 'client 1'
	await 'client 2' out left
	end_client 'client 2'
	end_server
}

# The client of line-chat types the requests: it sends what it reads, and prints what comes, whoever speaks first.
play_http() {
	title='three requests on one connection'
	cc -g -std=c11 -D_POSIX_C_SOURCE=200809L -o "$room/typist" lessons/further/line-chat/client.c
	start_server
	start_client client "$room/typist"
	type_to client 'GET /common/em'
	await server strace '"GET /common/em"'
	type_to client 'pty.c HTTP/1.1\r\nHost: here\r\n\r\n'
	await client out 'return 0'
	type_to client 'HEAD / HTTP/1.1\r\nHost: here\r\n\r\n'
	await client out 'Not Found'
	type_to client 'GET /none HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n'
	await client out '404 Not Found$'
	end_client client
	end_server
}
