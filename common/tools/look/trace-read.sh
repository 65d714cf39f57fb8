# trace-read.sh: reads a recorded run: a folder with NAME.strace for each program, and packets.pcap where they were captured. Read with `.`
# shellcheck shell=sh
look=common/tools/look

# packets_of CAPTURE: a line for each packet, as trace-packets.awk says.
packets_of() {
	od -An -v -t u1 "$1" | awk -f $look/trace-packets.awk
}

# events_of FOLDER: all that happened, in order of time: a line for each call (trace-parse.awk) and for each packet.
events_of() {
	for file in "$1"/*.strace; do
		side=${file##*/}
		awk -v side="${side%.strace}" -f $look/trace-parse.awk "$file"
	done >"${room:?}/unsorted"
	[ ! -s "$1/packets.pcap" ] || packets_of "$1/packets.pcap" >>"$room/unsorted"
	LC_ALL=C sort -s -k 1,1 "$room/unsorted" | awk -f $look/trace-settle.awk
}

# story_of EVENTS [OPTION...]: the rows that are drawn of them; the options are those of awk.
story_of() {
	events=$1
	shift
	awk "$@" -f $look/trace-story.awk -f $look/trace-wire.awk "$events"
}

# text_of STORY [OPTION...], picture_of STORY [OPTION...]: draws them.
text_of() {
	story=$1
	shift
	awk "$@" -f $look/trace-rows.awk -f $look/trace-text.awk "$story"
}

picture_of() {
	story=$1
	shift
	awk "$@" -f $look/trace-rows.awk -f $look/trace-svg.awk "$story"
}
