# classroom-inside.sh: what classroom does inside its namespaces, which are ours: we are root in them. It reads this with `.`
# shellcheck shell=sh disable=SC2154 # what classroom sets

on() {
	host=$1
	shift
	nsenter --net="/run/netns/$host" "$@"
}

# add_host NAME ADDRESS: a cable from the switch, its end named as the host, to the host's eth0.
add_host() {
	ip netns add "$1"
	ip link add name "$1" type veth peer name eth0 netns "$1"
	ip link set dev "$1" master switch up
	printf '%s\n' 'link set dev lo up' "address add $2/24 dev eth0" 'link set dev eth0 up' | ip -n "$1" -batch -
	# shellcheck disable=SC2086 # words
	[ -z "$weather" ] || tc -n "$1" qdisc add dev eth0 root netem $weather
}

# Writes over the line before it; without a text it only wipes.
progress() {
	[ ! -t 2 ] || printf '\r%-32s\r%s' '' "${1:-}" >&2
}

# The teacher and the students at the switch; from now on a shell can come in.
build_hosts() {
	read -r pid _ </proc/self/stat # as the outside counts
	began=$(began "$pid")
	echo "$pid" >"$room/pid"
	mount -t tmpfs none /run
	mount -t proc none /proc 2>/dev/null || :
	ip link add name switch type bridge
	ip link set dev switch up
	add_host teacher "$teacher"
	number=0
	while [ $((number += 1)) -le "$students" ]; do
		progress "student $number of $students"
		add_host student$number 192.0.2.$((100 + number))
	done
	progress
	echo "$pid $began $students $room" >"$state"
}

# Waits until a command succeeds; longer in bad weather.
wait_until() {
	wait_for $((${weather:+50} + 10)) "$@" >/dev/null 2>&1 || fail "waited in vain for: $*"
}

all_connected() {
	[ "$(grep -c '^connection from ' "$room/teacher")" = "$students" ] &&
		[ "$(cat "$room"/student*.out | grep -c '^hello from ')" = "$students" ]
}

# talk HOST: a student's client; room/HOST.ended says how it ended.
talk() {
	ended=0
	on "$1" "$client" "$teacher" 5000 >"$room/$1.out" 2>"$room/$1.err" || ended=$?
	echo "exit status $ended" >"$room/$1.ended"
}

wait_student() {
	wait_until test -s "$room/student$1.ended"
	grep -qx 'exit status 0' "$room/student$1.ended" || fail "$(cat "$room/student$1.err")"
}

# row NUMBER REMARK: who it is, where it connects from as both ends say, and its bytes.
row() {
	from=$(sed -n "s/^connected to $teacher:5000 from //p" "$room/student$1.err")
	grep -qx "connection from $from" "$room/teacher" || fail "the teacher has not seen student$1 at '$from'"
	printf '%-11s %-20s %10s %11s%s\n' "student$1" "$from" "$(wc -c <"$room/student$1.all" | tr -d ' ')" \
		"$(wc -c <"$room/student$1.out" | tr -d ' ')" "${2:+  $2}"
}

expect_all_back() {
	cmp "$room/student$1.all" "$room/student$1.out" || fail "student$1 did not get all its bytes back"
}

run_inside() {
	if [ "$students" = 1 ]; then
		all='1 student at 192.0.2.101' send='the student sends' got='The student got all its bytes back'
	else
		all="$students students from 192.0.2.101 on" send='all students send' got="All $students got all their bytes back"
	fi
	echo "1. A switch, the teacher at $teacher, $all.${weather:+ Each packet:$weather.}"
	build_hosts
	on teacher "$server" 0.0.0.0 5000 >"$room/teacher" 2>&1 &
	wait_until grep -q '^listening on' "$room/teacher"
	echo "2. At the teacher's: server 0.0.0.0 5000. At each student's: client $teacher 5000."
	mkfifo "$room/go"
	number=0
	while [ $((number += 1)) -le "$students" ]; do
		{ echo "hello from student$number" && cat "$text"; } >"$room/student$number.all"
		# A line at once, and the rest when the fifo opens.
		{ head -n 1 "$room/student$number.all" && : <"$room/go" && tail -n +2 "$room/student$number.all"; } |
			talk student$number &
	done
	wait_until all_connected
	held=$(on teacher ss -Htn state established 'sport = :5000' | wc -l | tr -d ' ')
	echo "   The teacher's kernel holds $held connection$([ "$held" = 1 ] || echo s)."

	gone=$(((students + 1) / 2))
	echo "3. The cable of student$gone is pulled. Then $send $text."
	ip link set dev student$gone down
	exec 9<>"$room/go"
	number=0
	while [ $((number += 1)) -le "$students" ]; do
		progress "waiting for student$number"
		[ $number = $gone ] || wait_student $number
	done
	progress
	printf '   %-11s %-20s %10s %11s\n' host 'connected from' 'bytes sent' 'bytes back'
	number=0
	while [ $((number += 1)) -le "$students" ]; do
		printf '   '
		if [ $number = $gone ]; then
			row $number 'the cable is out'
			! cmp -s "$room/student$number.all" "$room/student$number.out" || fail "student$number got bytes through no cable"
		else
			row $number
			expect_all_back $number
		fi
	done
	echo "4. The cable of student$gone is back. TCP sends again what was lost:"
	ip link set dev student$gone up
	wait_student $gone
	printf '   '
	row $gone
	expect_all_back $gone
	echo "$got. Now the classroom is taken away."
}

# enter HOST: the shell. The prompt says where it is. How its last command ended is no matter of ours.
enter() {
	find_address "$1"
	echo "This is $1, $address; the teacher is $teacher, the students are 192.0.2.101 to 192.0.2.$((100 + students))."
	cd "${server%/*}" || exit
	echo "You are in ${server%/*}. Try: ./server 0.0.0.0 5000    on teacher, then on a student: ./client $teacher 5000"
	set -- sh
	! command -v bash >/dev/null || set -- bash --norc --noprofile
	export PS1="$host_name $address \$ "
	untold nsenter --net="/run/netns/$host_name" "$@" || :
}
