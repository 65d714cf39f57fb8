# trace-packets.awk: turns a capture of loopback, as `od -An -v -t u1 FILE.pcap` prints its bytes, into one line for each packet.
# The fields are those of trace-parse.awk, so that calls and packets can be sorted together:
#   1, 2 time  3 `wire`  4 number  5 `packet`  6 bytes that it carries  7 protocol  8 from  9 to  10 flags, or what ICMP says
#   11 sequence number  12 acknowledgement (both relative: SYN is 0; empty where there is none)  13 data  14 for ICMP: the ends
#   of the packet that it is about
# pcap: draft-ietf-opsawg-pcap; IPv4 and IPv6: RFC 791, RFC 8200; TCP: RFC 9293; UDP: RFC 768; ICMP: RFC 792, RFC 4443.

BEGIN {
	OFS = "\t"
	part = "file"
	need = 24
	flag_count = split("2 SYN 1 FIN 4 RST 8 PSH 16 ACK 32 URG", flag, " ")
	says[3, 3] = says[1, 4] = "port unreachable"
	says[8, 0] = says[128, 0] = "echo request"
	says[0, 0] = says[129, 0] = "echo reply"
}

# Each part of the file is taken when all of its bytes have come.
{ for (i = 1; i <= NF; i++) { byte[have++] = $i; if (have == need) take() } }

END {
	if (part == "file") { print "trace: no capture: it has no head" | "cat >&2"; exit 1 }
}

function take() {
	have = 0
	if (part == "file") {
		little = byte[0] != 161 # 0xa1b2c3d4 as it stands, or with nanoseconds 0xa1b23c4d; else turned around
		fraction = byte[little ? 1 : 2] == 60 ? 1e9 : 1e6
		part = "head"
		need = 16
	} else if (part == "head") {
		time = sprintf("%d.%06d", host(0), host(4) / (fraction / 1e6))
		need = host(8)
		part = "packet"
		if (!need) take()
	} else {
		packet(need)
		part = "head"
		need = 16
	}
}

# A number of four bytes in the order of the machine that wrote the file; of two and of four in network order.
function host(at) {
	return little ? ((byte[at + 3] * 256 + byte[at + 2]) * 256 + byte[at + 1]) * 256 + byte[at] : four(at)
}
function two(at) { return byte[at] * 256 + byte[at + 1] }
function four(at) { return two(at) * 65536 + two(at + 2) }

# An Ethernet frame, as lo has them: 14 bytes, the last two name what is in it.
function packet(length_,    type) {
	number++
	type = two(12)
	end = length_
	if (type == 2048) ip4(14)
	else if (type == 34525) ip6(14)
}

function ip4(at) {
	if (at + two(at + 2) < end) end = at + two(at + 2)
	upper(at, byte[at + 9], at + (byte[at] % 16) * 4, "", 0)
}

function ip6(at) { upper(at, byte[at + 6], at + 40, "v6", 0) }

# What IP carries. `about`: it is quoted by an ICMP message.
function upper(ip, protocol, at, version, about,    from, to) {
	from = address(ip, version, 0)
	to = address(ip, version, 1)
	if (protocol == 6 || protocol == 17) {
		from = from ":" two(at)
		to = to ":" two(at + 2)
		if (about) return from "->" to
	}
	if (about) return ""
	if (protocol == 6) tcp(at, from, to, "TCP" version)
	else if (protocol == 17) put(end - at - 8, "UDP" version, from, to, "", "", "", at + 8, "")
	else if (protocol == 1 || protocol == 58) icmp(at, from, to, "ICMP" version)
}

function tcp(at, from, to, protocol,    data, seq, ack, flags, k) {
	data = at + int(byte[at + 12] / 16) * 4
	for (k = 1; k < flag_count; k += 2)
		if (int(byte[at + 13] / flag[k]) % 2) flags = flags (flags == "" ? "" : ", ") flag[k + 1]
	# A SYN begins the numbers anew: the same ports may come again.
	if (flags ~ /SYN/ || !((from, to) in first)) first[from, to] = four(at + 4) - (flags ~ /SYN|RST/ ? 0 : 1)
	seq = relative(four(at + 4), first[from, to])
	ack = flags ~ /ACK/ ? relative(four(at + 8), (to, from) in first ? first[to, from] : four(at + 8) - 1) : ""
	put(end - data, protocol, from, to, flags, seq, ack, data, "")
}

function relative(number_, start) {
	return number_ >= start ? number_ - start : number_ - start + 4294967296
}

function icmp(at, from, to, protocol,    quoted, about) {
	quoted = at + 8
	if (byte[at] == 3 && protocol == "ICMP") about = upper(quoted, byte[quoted + 9], quoted + (byte[quoted] % 16) * 4, "", 1)
	if (byte[at] == 1 && protocol == "ICMPv6") about = upper(quoted, byte[quoted + 6], quoted + 40, "v6", 1)
	if (protocol == "ICMPv6" && byte[at] >= 130 && byte[at] <= 143) return # neighbours and groups: nobody's call
	put(about == "" ? end - at - 8 : 0, protocol, from, to, ((byte[at], byte[at + 1]) in says) ? says[byte[at], byte[at + 1]] : "type " byte[at] ", code " byte[at + 1],
		"", "", at + 8, about)
}

function put(carried, protocol, from, to, flags, seq, ack, at, about) {
	print time, time, "wire", number, "packet", carried, protocol, from, to, flags, seq, ack, (carried > 0 ? excerpt(at, carried) : ""), about
}

function address(ip, version, second,    k, at, text) {
	if (version == "v6") return "[" long_address(ip + 8 + second * 16) "]"
	at = ip + 12 + second * 4
	for (k = 0; k < 4; k++) text = text (k ? "." : "") byte[at + k]
	return text
}

# RFC 5952: the longest run of zeros is `::`.
function long_address(at,    k, run, best, best_at, text) {
	for (k = 0; k < 8; k++) {
		run = two(at + k * 2) ? 0 : run + 1
		if (run > best) { best = run; best_at = k - run + 1 }
	}
	if (best < 2) best_at = 8
	for (k = 0; k < 8; k++) {
		if (k == best_at) { text = text "::"; k += best - 1; continue }
		text = text (text == "" || text ~ /:$/ ? "" : ":") sprintf("%x", two(at + k * 2))
	}
	return text
}

# The first bytes, in quotes, with the escapes of strace.
function excerpt(at, count,    k, c, text) {
	for (k = 0; k < count && k < 64; k++) {
		c = byte[at + k]
		text = text (c == 10 ? "\\n" : c == 13 ? "\\r" : c == 9 ? "\\t" : c == 34 ? "\\\"" : c == 92 ? "\\\\" : \
			c >= 32 && c < 127 ? sprintf("%c", c) : sprintf("\\%o", c))
	}
	return "\"" text "\"" (k < count ? "..." : "")
}
