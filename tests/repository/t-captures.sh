#!/bin/sh
# t-captures.sh [TEST...]: the captures beside the pictures, lessons/*/trace.pcap, and what pages and slides say of them.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
# shellcheck source=tests/packets.sh
. tests/packets.sh
PATH=$PATH:/usr/sbin:/sbin

can_read() {
	command -v tcpdump >/dev/null || { echo "no tcpdump here"; return 77; }
	tcpdump -n -r lessons/06-single-echo/trace.pcap >"$room/read" 2>"$room/says" && [ -s "$room/read" ] && return
	echo "tcpdump reads no file here: $(tail -n 1 "$room/says")"
	return 77
}

# read_capture LESSON: a line for each packet: its number, from, to, flags, bytes.
read_capture() {
	tcpdump -n -t -r "lessons/$1/trace.pcap" 2>/dev/null |
		sed -n 's/^IP6* \([^ ]*\) > \([^ ]*\): Flags \[\([A-Z.]*\)\].* length \([0-9]*\).*/\1 \2 \3 \4/p' | awk '{ print NR, $0 }'
}

test_each_capture_is_that_of_the_picture_beside_it() {
	can_read || return
	bad=0 seen=0
	for picture in lessons/*/trace.svg lessons/further/*/trace.svg; do
		capture=${picture%.svg}.pcap
		packets_in_picture "$picture" >"$room/painted"
		if [ ! -s "$capture" ]; then
			[ ! -s "$room/painted" ] || { echo "$picture has packets, and no capture beside it"; bad=1; }
			continue
		fi
		seen=$((seen + 1))
		packets_in_capture "$capture" >"$room/captured"
		diff "$room/captured" "$room/painted" || { echo "$picture: its packets are not those of $capture (< captured, > drawn)"; bad=1; }
		# The same run, not another one: the ports are the same.
		tcpdump -n -t -r "$capture" 2>/dev/null | grep -o '\.[0-9]* > [0-9a-f.:]*\.[0-9]*:' | tr -cs '0-9\n' '\n' | sort -u >"$room/ports"
		grep -o 'local [0-9.]*:[0-9]*' "$picture" | sed 's/.*://' | sort -u >"$room/local"
		while IFS= read -r port; do
			grep -qx "$port" "$room/ports" || { echo "$picture: nothing of port $port in $capture"; bad=1; }
		done <"$room/local"
		[ "$(wc -c <"$capture")" -lt 10000 ] || { echo "$capture is too large for the repository"; bad=1; }
	done
	[ "$seen" -ge 6 ] || { echo "only $seen captures"; bad=1; }
	return "$bad"
}

test_git_takes_captures_as_they_are() {
	git check-attr text -- lessons/06-single-echo/trace.pcap >"$room/out" 2>/dev/null || { echo 'no git, or no repository, here'; return 77; }
	grep -q ': unset$' "$room/out" || { cat "$room/out"; return 1; }
}

# answer PAGE: what is folded after the sentence that names trace.pcap.
answer() {
	sed -n '/trace\.pcap/,/<\/details>/p' "lessons/$1/README.md" | sed -n '/<details>/,$p' | tr '\n' ' '
}

test_the_answer_of_03_is_what_its_capture_has() {
	can_read || return
	read_capture 03-listen >"$room/packets"
	server=$(awk '$4 == "S" { print $3; exit }' "$room/packets")
	by=$(awk -v server="$server" '$4 ~ /F/ { print ($2 == server ? "server" : "client"); exit }' "$room/packets")
	last=$(awk -v server="$server" '$2 == server { flags = $4 } END { print (flags ~ /R/ ? "RST" : "FIN") }' "$room/packets")
	answer 03-listen | tr -d '*' | grep -q "The $by sent the first FIN.*The server sent a $last" || { echo "the $by sent the first FIN, the server at last a $last; the page: $(answer 03-listen)"; return 1; }
}

test_the_answer_of_06_is_what_its_capture_has() {
	can_read || return
	read_capture 06-single-echo >"$room/packets"
	first=$(awk '$5 > 0 { print $1; exit }' "$room/packets")
	closing=$(awk '$4 ~ /F/ { from = from ? from : $1 } END { print (from ? NR - from + 1 : 0) }' "$room/packets")
	both=$(awk '$4 ~ /F/ { fins++; flags = $4 } END { print fins, flags }' "$room/packets")
	grep -q 'Why are three enough to close?' lessons/06-single-echo/README.md && [ "$closing" = 3 ] && [ "$both" = '2 F.' ] &&
		answer 06-single-echo | grep -q "Packet $first: the first three are the handshake.*its ACK and its FIN" && return
	echo "packet $first has the first byte, $closing packets close; the page: $(answer 06-single-echo)"
	return 1
}

test_the_real_close_on_the_slide_is_that_of_the_capture() {
	can_read || return
	sed -n 's/.*class="real"[^>]*>\([^<]*\)<.*/\1/p' slides/figures/closing.svg >"$room/shown"
	tcpdump -n -t -r lessons/06-single-echo/trace.pcap 2>/dev/null | tail -n 3 |
		sed 's/.*\[F\.\], seq \([0-9]*\), ack \([0-9]*\),.*/FIN, ACK seq \1, ack \2/; s/.*\[\.\], ack \([0-9]*\),.*/ACK seq SEQ, ack \1/' >"$room/real"
	# tcpdump does not show the sequence number of a pure ACK: that of the client goes on after its FIN.
	seq=$(sed -n 's/^FIN, ACK seq \([0-9]*\),.*/\1/p' "$room/real" | head -n 1)
	sed "s/SEQ/$((seq + 1))/" "$room/real" | diff - "$room/shown" || { echo 'slides/figures/closing.svg (>) is not the close of lessons/06-single-echo/trace.pcap (<)'; return 1; }
}

run_tests "$@"
