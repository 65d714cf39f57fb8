# packets.sh: what a capture and what a picture say of the packets, in the same words, so that they can be compared. Read with `.`
# A line a packet, in their order: `S 0`, `S. 0`, `P. 6` (flags as tcpdump writes them, bytes), `UDP 10`, `ICMP`. Those that
# carry nothing but an acknowledgement are left out.
# shellcheck shell=sh

# packets_in_capture FILE: as tcpdump reads it. With -q it does not guess from a port what the bytes of a datagram mean.
packets_in_capture() {
	tcpdump -r "$1" -n -t tcp 2>/dev/null | sed -n 's/^.*Flags \[\([A-Z.]*\)\].*, length \([0-9]*\).*/\1 \2/p' | grep -v '^\. 0$'
	tcpdump -r "$1" -n -t -q not tcp 2>/dev/null | sed -n 's/^.*: UDP, length \([0-9]*\).*/UDP \1/p; s/^.*: ICMP.*/ICMP/p'
}

# packets_in_picture FILE: the labels of its arrows.
packets_in_picture() {
	sed -n 's/^.*role="listitem" aria-label="[a-z0-9 ]* to [a-z0-9 ]*: \([^"]*\)".*$/\1/p' "$1" | awk '
	/^UDP/ { datagrams = datagrams "UDP " $2 "\n"; next }
	/^ICMP/ { datagrams = datagrams "ICMP\n"; next }
	{
		flags = $0
		sub(/ seq .*/, "", flags)
		carried = match($0, /, [0-9]+ bytes? /) ? substr($0, RSTART + 2) + 0 : 0
		letters = (flags ~ /FIN/ ? "F" : "") (flags ~ /SYN/ ? "S" : "") (flags ~ /RST/ ? "R" : "") (flags ~ /PSH/ ? "P" : "") (flags ~ /ACK/ ? "." : "")
		if (letters != "." || carried) print letters, carried
	}
	END { printf "%s", datagrams }'
}
