# bench.gnuplot: draws the figures.csv of bench as an SVG picture. bench sets these variables with -e:
#   part     growth: messages for each second of server CPU: when every connection talks, and when ten talk and the others are
#            silent; costs: the latency of the slowest messages, and the memory of a silent connection
#   figures  the file; its first line, a comment, stands below the picture
#   paper, ink, soft, edge, data, guess  the colours, from common/tools/palette
# Mark and kind of line tell the servers apart, also without colour. Medians only: the spreads of five servers would hide the
# lines, and stand in figures.csv.

set encoding utf8
set micro
set terminal svg size 1160,500 dynamic font "monospace,20" name part background paper
set datafile separator ','
set datafile missing NaN
servers = "07-multi-echo 08-threaded-echo poll-echo epoll-echo python yours"
names = "'07: 1 of 10' '08 threads' poll-echo epoll-echo Python yours"
set linetype 1 lc rgb soft dt 3 lw 2 pt 6
set linetype 2 lc rgb ink dt 1 lw 2 pt 7
set linetype 3 lc rgb guess dt (7, 4) lw 2 pt 9
set linetype 4 lc rgb data dt 1 lw 2 pt 5
set linetype 5 lc rgb soft dt 1 lw 1.5 pt 12
set linetype 6 lc rgb ink dt 1 lw 4 pt 13
set pointsize 0.8

# Whether a row of the file is this one; with ten connections all talk, so that "held" is the same measurement.
row(load, i, figure) = strcol(3) eq word(servers, i) && strcol(4) eq figure && (strcol(1) eq load || load eq 'held' && $2 == 10 && strcol(1) eq 'talk')
rows(load, i) = int(system(sprintf("grep -c '^%s,.*,%s,' '%s'", load, word(servers, i), figures)))
shown = ''
do for [i = 1:words(servers)] { if (rows('talk', i) > 0) { shown = shown . ' ' . i } }

set border 3 lc rgb edge
set tics nomirror scale 0 textcolor rgb soft
set grid ytics lc rgb edge lt 1 dt 1 lw 1
set label 1 system("sed -n '1s/^# //p' '" . figures . "'") at screen 0.02, 0.045 textcolor rgb soft noenhanced
heading(left, first, second) = sprintf("set label 2 '{/:Bold %s}' at screen %g, 0.93 textcolor rgb '%s'; set label 3 '%s' at screen %g, 0.87 textcolor rgb '%s'", first, left, ink, second, left, soft)

set multiplot
set logscale x
set xrange [0.8:12500]
set format '%.0s%c'
set key textcolor rgb ink
set xlabel 'connections' textcolor rgb soft offset 0, 0.3
set bmargin at screen 0.24
set tmargin at screen 0.80

if (part eq 'growth') {
	set yrange [0:*]
	unset key
	eval heading(0.02, 'All connections talk', 'messages for each second of server CPU')
	set lmargin at screen 0.10
	set rmargin at screen 0.43
	plot for [i in shown] figures using (row('talk', int(i), 'cpu_us') ? $2 : NaN):(1e6 / $5) with linespoints lt int(i) title word(names, int(i))

	unset label 1
	eval heading(0.48, '10 talk, the others are silent', '')
	set lmargin at screen 0.48
	set rmargin at screen 0.77
	set xrange [6:12500]
	set yrange [0:GPVAL_Y_MAX]
	set format y ''
	set key at screen 0.785, 0.80 left top Left reverse samplen 2
	silent = shown[1:2] eq ' 1' ? shown[3:*] : shown
	stats figures using (row('held', 3, 'cpu_us') ? $2 : NaN) nooutput # how far poll falls: its last number
	plot for [i in shown[1:2] eq ' 1' ? '1' : ''] keyentry with linespoints lt int(i) title word(names, int(i)), \
		for [i in silent] figures using (row('held', int(i), 'cpu_us') ? $2 : NaN):(1e6 / $5) with linespoints lt int(i) title word(names, int(i)), \
		figures using (row('held', 3, 'cpu_us') && $2 == STATS_max ? $2 : NaN):(1e6 / $5):(gprintf('%.1s%c', 1e6 / $5)) with labels left offset 1, 0.4 textcolor rgb guess notitle
}

if (part eq 'costs') {
	if (shown[1:2] eq ' 1') { shown = shown[3:*] }
	eval heading(0.02, 'All connections talk', 'the slowest 1 in 100 takes longer')
	set lmargin at screen 0.10
	set rmargin at screen 0.46
	set logscale y
	set format y '%.0s %cs'
	set key top left Left reverse samplen 2
	plot for [i in shown] figures using (row('talk', int(i), 'p99_us') ? $2 : NaN):($5 / 1e6) with linespoints lt int(i) title word(names, int(i))

	# For each server, at the greatest number of connections: its place in the list, and KiB of the server and of the kernel.
	memory = "< awk -F , -v servers='" . servers . "' '$1 == \"talk\" && $2 > most { most = $2 } { kib[$2, $3, $4] = $5 } END { n = split(servers, s, \" \");" . \
		" for (i = 2; i <= n; i++) if ((most, s[i], \"user_kib\") in kib) print i \",\" kib[most, s[i], \"user_kib\"] \",\" kib[most, s[i], \"kernel_kib\"] \",\" most }' '" . figures . "'"
	unset label 1
	stats memory using 4 nooutput
	eval heading(0.52, gprintf('A silent connection, of %.0s%c', STATS_max), 'KiB: server (filled) + kernel (outlined)')
	unset logscale
	unset key
	unset xlabel
	unset grid
	unset border
	unset tics
	set lmargin at screen 0.66
	set rmargin at screen 0.86
	set xrange [0:*]
	set yrange [0.5:5.5]
	plot for [i in shown] memory using (0):($1 == int(i) ? 7 - $1 : NaN):(0):2:(6.7 - $1):(7.3 - $1) with boxxyerror lt int(i) fs solid noborder title word(names, int(i)), \
		for [i in shown] memory using (0):($1 == int(i) ? 7 - $1 : NaN):(0):($2 + $3):(6.7 - $1):(7.3 - $1) with boxxyerror lt int(i) dt 1 lw 2 fs empty title word(names, int(i)), \
		memory using ($2 + $3):(7 - $1):(sprintf($2 < 1 ? '%.2f + %.0f' : '%.0f + %.0f', $2, $3)) with labels left offset 1, 0 textcolor rgb ink notitle, \
		memory using (0):(7 - $1):(word(names, int($1))) with labels right offset -1, 0 textcolor rgb ink notitle
}
unset multiplot
