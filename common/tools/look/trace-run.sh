# trace-run.sh: the steps of which the scenarios are made, which trace reads with `.`: programs under strace, and waiting for them.
# shellcheck shell=sh disable=SC2154,SC2317 # what trace sets; wait_for calls some of these

# ---- waiting ----

# await NAME STREAM TEXT: until the program has written the text to its stream, out or err; or its strace file holds it. Then all
# programs rest, so that what comes next finds them waiting.
await() {
	wait_for $((10 * slow)) has_come_or_ended "$@" || :
	has_come "$@" || {
		echo "trace: $1 did not come as far as '$3'. What the programs said:" >&2
		cat "$room"/*.out "$room"/*.err >&2
		exit 1
	}
	rest
}

has_come() {
	grep -q -- "$3" "$room/$1.$2" 2>/dev/null
}

has_come_or_ended() {
	has_come "$@" || has_ended "$(cat "$room/$1.pid")"
}

# Until each thread of each program sleeps in a call. A program that never does is drawn as it is.
rest() {
	wait_for $((2 * slow)) all_sleep || :
}

all_sleep() {
	set --
	for file in "$room"/*.strace; do
		read -r process _ <"$file" && set -- "$@" /proc/"$process"/task/*/stat
	done
	! cat "$@" 2>/dev/null | sed 's/.*) //' | grep -qv '^S'
}

# program_of NAME: the process that strace runs.
program_of() {
	awk 'NR == 1 { print $1 }' "$room/$1.strace"
}

# ---- programs ----

# The descriptor that holds the input of a program open.
input_of() {
	case $1 in server) echo 3 ;; *2) echo 5 ;; *) echo 4 ;; esac
}

# type_to NAME TEXT: with the escapes of printf. end_input NAME.
type_to() {
	# shellcheck disable=SC2059 # a format is what is wanted
	{ printf "$2" >&"$(input_of "$1")"; } 2>/dev/null || : # await tells that nothing comes of it
}

end_input() {
	eval "exec $(input_of "$1")>&-"
}

# run NAME COMMAND [ARGUMENT...]: in the background, under strace.
run() {
	name=$1 command=$2
	shift 2
	mkfifo "$room/$name.in"
	calls='network,read,write,close,clone,?clone3,exit,exit_group,?poll,?ppoll,?epoll_create1,?epoll_ctl,?epoll_wait,?epoll_pwait,?fcntl'
	slowly=
	[ -z "$STATES" ] || slowly="-e inject=network,close:delay_exit=${delay}000"
	# shellcheck disable=SC2086 # options
	$plain strace -f -ttt -T -yy -s "$shown" $stack -e trace=$calls $slowly -o "$room/$name.strace" sh -c "exec $command \"\$@\"" sh "$@" \
		<"$room/$name.in" >"$room/$name.out" 2>"$room/$name.err" 3>&- 4>&- 5>&- &
	running="$running $!"
	echo $! >"$room/$name.pid"
	eval "exec $(input_of "$name")>\"\$room/\$name.in\""
}

# start_server [PROGRAM]: the reader's own command, or this program. What comes next knows its port.
start_server() {
	[ $# -gt 0 ] || set -- "$server"
	eval "run server \"\${SERVER:-\$(quoted \"\$1\")}\" $where" # the address and the port, or nothing
	if [ -z "$clients" ]; then # a socket without an address
		await server out press
		return
	fi
	await server out '^\(listening on\|bound to\) .*[:/][0-9a-z]'
	port=$(sed -n 's/^[a-z ]* on .*:\([0-9]*\)$/\1/p; s/^bound to .*:\([0-9]*\)$/\1/p' "$room/server.out" | head -n 1)
	[ -z "$STATES" ] || [ -z "$port" ] || sample &
}

# start_client NAME [PROGRAM]: the same of a client.
start_client() {
	name=$1
	shift
	[ $# -gt 0 ] || set -- "$client"
	eval "run \"\$name\" \"\${CLIENT:-\$(quoted \"\$1\")}\" ${to-127.0.0.1 $port}"
}

# Waits for the end of a process that has to end by itself; a server for ever is ended when its clients have left.
finish() {
	process=$(cat "$room/$1.pid")
	wait_for $((20 * slow)) has_ended "$process" || {
		echo "trace: $1 does not end" >&2
		exit 1
	}
	wait "$process" 2>/dev/null || true
	[ "$1" = server ] || rest
}

# end_client NAME: nothing more comes from its input.
end_client() {
	end_input "$1"
	finish "$1"
}

# The clients have left. A server that does not end by itself within some seconds is ended: one for many clients at once.
# strace passes no signal on, so the program below it gets the signal.
end_server() {
	end_input server
	case $clients in many) ;; *) wait_for $((5 * slow)) has_ended "$(program_of server)" || : ;; esac
	kill "$(program_of server)" 2>/dev/null || :
	finish server
}

# ---- the TCP states ----

# What to add to /proc/uptime for the time that strace writes beside the calls: date(1) knows whole seconds only.
clock_offset() {
	strace -ttt -e trace=read -o "$room/clock" sed q /proc/uptime >/dev/null
	sed -n 's/^\([0-9.]*\) read([0-9]*, "\([0-9.]*\) .*/\1 \2/p' "$room/clock" | awk '{ printf "%.2f", $1 - $2 }'
}

# The kernel's TCP states of all ends on the port, now: time, state, local end, remote end.
look() {
	read -r up _ </proc/uptime
	ss -tanH "sport = :$port or dport = :$port" 2>/dev/null |
		awk -v offset="$offset" -v up="$up" '{ printf "%.2f\t%s\t%s\t%s\n", offset + up, $1, $4, $5 }'
	sleep 0.05
}

sample() {
	offset=$(clock_offset)
	while [ -d "$room" ] && [ ! -f "$room/over" ]; do look; done >>"$room/states"
}

# How many milliseconds to slow each call down, so that two looks see what lies between it and the next; 200 at least.
find_delay() {
	offset=0
	read -r before _ </proc/uptime
	for _ in 1 2 3 4 5; do look; done
	read -r after _ </proc/uptime
	awk -v took="$after" -v before="$before" 'BEGIN { took = (took - before) / 5 * 2 * 1000; printf "%d", took < 200 ? 200 : took }'
}
