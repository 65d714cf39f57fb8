# trace-net.sh: the network in which trace runs its programs, and the packets that cross it. trace reads this with `.`
# Only lo is in that network, and only these programs are: so each packet is theirs. network_namespaces(7), tcpdump(8).
# shellcheck shell=sh disable=SC2154,SC2317 # what trace sets; wait_for calls some of these

# shellcheck source=common/tools/machines.sh
. common/tools/machines.sh

PATH=$PATH:/usr/sbin:/sbin # where some systems keep ip and tcpdump

# The trace begins again in a network of its own. Where that cannot be made it goes on, and OWN_NETWORK stays empty.
enter_network() {
	[ -z "${OWN_NETWORK:-}" ] || return 0
	find_network || return 0
	export OWN_NETWORK=1 LC_ALL="$users_locale"
	# shellcheck disable=SC2086,SC2016 # options; the inner shell expands them
	exec unshare $network sh -c 'ip link set lo up && exec sh "$0" "$@"' "$0" "$lesson"
}

# Sets plain to what takes the rights of that network away again: the programs that are traced have those of the user, as always.
find_plain() {
	plain=
	[ -n "${OWN_NETWORK:-}" ] && [ "$(id -u)" != 0 ] || return 0
	plain='setpriv --inh-caps=-all --ambient-caps=-all'
	$plain true 2>/dev/null || plain=
}

# For what is done at a fixed port, which elsewhere another program may have.
need_own_network() {
	[ -z "${OWN_NETWORK:-}" ] || return 0
	echo "trace: no right here to make a network of its own, which SCENARIO=$SCENARIO needs: unshare -Un" >&2
	exit 1
}

# From here on all packets go into packets.pcap. AppArmor lets tcpdump write to this ending, and to a pipe.
start_capture() {
	why='no right to make a network of its own (unshare -Un)'
	[ -n "${OWN_NETWORK:-}" ] || { not_captured; return 0; }
	why='tcpdump is missing; this installs it:  make deps FOR=trace'
	command -v tcpdump >/dev/null || { not_captured; return 0; }
	stay=
	[ "$(id -u)" != 0 ] || stay='-Z root' # else it would become a user who may not write here
	# shellcheck disable=SC2016 # the inner shell expands them
	sh -c 'echo $$ >"$1/tcpdump.pid"; exec tcpdump -i lo -p --immediate-mode -U -c 5000 $2 -w "$1/packets.pcap"' sh "$room" "$stay" 2>&1 |
		cat >"$room/tcpdump.says" &
	wait_for 5 listens_or_ended && holds "$room/tcpdump.says" 'listening on' && captured=1 && return
	why="tcpdump says: $(tail -n 1 "$room/tcpdump.says")"
	end_tcpdump
	not_captured
}

not_captured() {
	echo "trace: packets were not captured, so the dashed arrows are inferred: $why" >&2
}

listens_or_ended() {
	holds "$room/tcpdump.says" 'listening on' || { [ -s "$room/tcpdump.pid" ] && has_ended "$(cat "$room/tcpdump.pid")"; }
}

# A last packet, to an address that nobody else uses, shows that tcpdump has written all before it; packets.pcap then lacks it.
last=127.0.0.2
end_capture() {
	[ -n "$captured" ] || return 0
	lessons/05-connect/client $last 9 >/dev/null 2>&1 || :
	wait_for 5 last_has_come || echo "trace: the capture is not whole: $(tail -n 1 "$room/tcpdump.says")" >&2
	end_tcpdump
	mv "$room/packets.pcap" "$room/all.pcap"
	# shellcheck disable=SC2086 # options
	tcpdump -r "$room/all.pcap" $stay -w "$room/packets.pcap" "not host $last" 2>/dev/null
}

last_has_come() {
	packets_of "$room/packets.pcap" | grep -q "$last"
}

end_tcpdump() {
	[ -s "$room/tcpdump.pid" ] || return 0
	kill "$(cat "$room/tcpdump.pid")" 2>/dev/null || :
	wait_for 5 has_ended "$(cat "$room/tcpdump.pid")" || :
	rm "$room/tcpdump.pid"
}
