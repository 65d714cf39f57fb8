# bench-aims.awk: compares the figures.csv of bench with what these servers shall reach. A row of the list is
#   name | LOAD CONNECTIONS SERVER FIGURE | the same of what it is divided by, or 1 | <= or >= | the aim

BEGIN {
	FS = ","
	n = split(\
	"06 beside a bare ping-pong, one core, messages/s|pair 1 06-single-echo messages_s|pair 1 bare messages_s|>=|0.85;" \
	"08 beside a bare ping-pong, one core, messages/s|pair 1 08-threaded-echo messages_s|pair 1 bare messages_s|>=|0.85;" \
	"08 / Python, CPU a message, 10 connections|talk 10 08-threaded-echo cpu_us|talk 10 python cpu_us|<=|0.90;" \
	"08 / Python, CPU a message, 100 connections|talk 100 08-threaded-echo cpu_us|talk 100 python cpu_us|<=|0.85;" \
	"08 / Python, CPU a connection|connect 100 08-threaded-echo cpu_us|connect 100 python cpu_us|<=|0.40;" \
	"08 / Python, CPU a GB|bulk 10 08-threaded-echo cpu_ms|bulk 10 python cpu_ms|<=|0.22;" \
	"epoll, system calls a message, 10 connections, by strace|talk 10 epoll-echo calls|1|<=|2.10;" \
	"epoll / 08, CPU a message, 10 connections|talk 10 epoll-echo cpu_us|talk 10 08-threaded-echo cpu_us|<=|0.65;" \
	"epoll / 08, CPU a message, 100 connections|talk 100 epoll-echo cpu_us|talk 100 08-threaded-echo cpu_us|<=|0.65;" \
	"epoll / 08, CPU a message, 1,000 connections|talk 1000 epoll-echo cpu_us|talk 1000 08-threaded-echo cpu_us|<=|0.45;" \
	"epoll / 08, slowest in 100, 1,000 connections|talk 1000 epoll-echo p99_us|talk 1000 08-threaded-echo p99_us|<=|0.15;" \
	"epoll / 08, CPU a connection|connect 100 epoll-echo cpu_us|connect 100 08-threaded-echo cpu_us|<=|0.55;" \
	"epoll / 08, CPU a GB|bulk 10 epoll-echo cpu_ms|bulk 10 08-threaded-echo cpu_ms|<=|1.00;" \
	"epoll, 10 talk beside 10,000 held / alone, messages/s|held 10000 epoll-echo messages_s|talk 10 epoll-echo messages_s|>=|0.90;" \
	"epoll, user KiB for each of 10,000 held|held 10000 epoll-echo user_kib|1|<=|0.10;" \
	"poll / epoll, CPU a message, 10 connections|talk 10 poll-echo cpu_us|talk 10 epoll-echo cpu_us|<=|1.10;" \
	"poll / epoll, CPU a message, 100 connections|talk 100 poll-echo cpu_us|talk 100 epoll-echo cpu_us|<=|1.10;" \
	"poll, 10 talk beside 10,000 held / alone, messages/s|held 10000 poll-echo messages_s|talk 10 poll-echo messages_s|shown|", rows, ";")
}
{ median[$1 " " $2 " " $3 " " $4] = $5 }
END {
	printf "\n%-56s%10s%12s\n", "Aims, as ratios of medians", "aim", "measured"
	for (i = 1; i <= n; i++) {
		split(rows[i], row, "|")
		if (!(row[2] in median) || row[3] != 1 && !(row[3] in median)) { printf "  %-54s%6s%4s%12s\n", row[1], row[4], row[5], "-"; continue }
		value = sprintf("%.2f", median[row[2]] / (row[3] == 1 ? 1 : median[row[3]]))
		reached = row[4] == "shown" ? "" : (row[4] == "<=" ? value + 0 <= row[5] + 0 : value + 0 >= row[5] + 0) ? "reached" : "NOT REACHED"
		printf "  %-54s%6s%4s%12s  %s\n", row[1], row[4], row[5], value, reached
	}
}
