# bench.gnuplot: draws the figures.csv of bench as an SVG picture. bench sets these variables with -e:
#   part     growth: messages for each second of server CPU: when every connection talks, and when ten talk and the others are
#            silent; costs: the latency of the slowest messages, and the memory of a silent connection
#   figures  the file; machine: what stands below the picture
# Colour, mark and kind of line tell the servers apart, each alone. bench lets the colours follow the reader's scheme.

set encoding utf8
set terminal svg size 1160,500 font "monospace,20"
set datafile separator ','
set datafile missing NaN
servers = "07-multi-echo 08-threaded-echo poll-echo epoll-echo python yours"
names = "'07: 1 of 10' '08 threads' poll-echo epoll-echo Python yours"
ink = '#1f2328'; soft = '#59636e'; edge = '#d1d9e0'
set linetype 1 lc rgb soft dt 3 lw 2 pt 6
set linetype 2 lc rgb ink dt 1 lw 2 pt 7
set linetype 3 lc rgb '#8250df' dt (7, 4) lw 2 pt 9
set linetype 4 lc rgb '#0550ae' dt 1 lw 2 pt 5
set linetype 5 lc rgb soft dt 1 lw 1.5 pt 6
set linetype 6 lc rgb ink dt 1 lw 4 pt 13
set pointsize 0.8
set errorbars 0

# Whether a row of the file is this one; with ten connections all talk, so that "held" is the same measurement.
row(load, i, figure) = strcol(3) eq word(servers, i) && strcol(4) eq figure && (strcol(1) eq load || load eq 'held' && $2 == 10 && strcol(1) eq 'talk')
rows(load, i) = int(system(sprintf("grep -c '^%s,.*,%s,' '%s'", load, word(servers, i), figures)))
shown = ''
do for [i = 1:words(servers)] { if (rows('talk', i) > 0) { shown = shown . ' ' . i } }

set border 3 lc rgb edge
set tics nomirror textcolor rgb soft
set grid ytics lc rgb edge lt 1 dt 1 lw 1
set label 1 machine at screen 0.02, 0.045 textcolor rgb soft
heading(left, first, second) = sprintf("set label 2 '{/:Bold %s}' at screen %g, 0.93; set label 3 '%s' at screen %g, 0.87 textcolor rgb '%s'", first, left, second, left, soft)

set multiplot
set logscale x
set xrange [0.8:12500]
set xtics ('1' 1, '10' 10, '100' 100, '1,000' 1000, '10,000' 10000)
set xlabel 'connections' textcolor rgb soft offset 0, 0.3
set bmargin at screen 0.24
set tmargin at screen 0.82

if (part eq 'growth') {
	set yrange [0:*]
	set ytics ('0' 0, '50,000' 5e4, '100,000' 1e5, '150,000' 1.5e5, '200,000' 2e5, '300,000' 3e5, '400,000' 4e5, '600,000' 6e5)
	unset key
	eval heading(0.02, 'All connections talk', 'messages for each second of server CPU')
	set lmargin at screen 0.10
	set rmargin at screen 0.43
	plot for [i in shown] figures using (row('talk', int(i), 'cpu_us') ? $2 : NaN):(1e6 / $5):(1e6 / $7):(1e6 / $6) with yerrorlines lt int(i)

	unset label 1
	eval heading(0.48, '10 talk, the others are silent', '')
	set lmargin at screen 0.48
	set rmargin at screen 0.77
	set yrange [0:GPVAL_Y_MAX]
	set format y ''
	set ytics 50000
	set key at screen 0.785, 0.80 left top Left reverse samplen 2
	silent = shown[1:2] eq ' 1' ? shown[3:*] : shown
	stats figures using (row('held', 3, 'cpu_us') ? $2 : NaN) nooutput # how far poll falls: its last number
	plot for [i in silent] figures using (row('held', int(i), 'cpu_us') ? $2 : NaN):(1e6 / $5):(1e6 / $7):(1e6 / $6) with yerrorlines lt int(i) notitle, \
		figures using (row('held', 3, 'cpu_us') && $2 == STATS_max ? $2 : NaN):(1e6 / $5):(sprintf('%.0f', 1e6 / $5)) with labels left offset 1, 0.4 textcolor rgb '#8250df' notitle, \
		for [i in shown] keyentry with linespoints lt int(i) title word(names, int(i))
}

if (part eq 'costs') {
	if (shown[1:2] eq ' 1') { shown = shown[3:*] }
	eval heading(0.02, 'All connections talk', 'the slowest 1 in 100 takes longer')
	set lmargin at screen 0.10
	set rmargin at screen 0.46
	set logscale y
	set ytics ('10 µs' 10, '100 µs' 100, '1 ms' 1e3, '10 ms' 1e4, '100 ms' 1e5, '1 s' 1e6, '10 s' 1e7)
	set key top left Left reverse samplen 2
	plot for [i in shown] figures using (row('talk', int(i), 'p99_us') ? $2 : NaN):5:6:7 with yerrorlines lt int(i) notitle, \
		for [i in shown] keyentry with linespoints lt int(i) title word(names, int(i))

	# For each server, at the greatest number of connections: its place in the list, and KiB of the server and of the kernel.
	memory = "< awk -F , -v servers='" . servers . "' '$1 == \"talk\" && $2 > most { most = $2 } { kib[$2, $3, $4] = $5 } END { n = split(servers, s, \" \");" . \
		" for (i = 2; i <= n; i++) if ((most, s[i], \"user_kib\") in kib) print i \",\" kib[most, s[i], \"user_kib\"] \",\" kib[most, s[i], \"kernel_kib\"] \",\" most }' '" . figures . "'"
	unset label 1
	stats memory using 4 nooutput
	eval heading(0.52, sprintf('A silent connection, of %d,%03d', STATS_max / 1000, int(STATS_max) % 1000), 'KiB: server (filled) + kernel (outlined)')
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
	plot for [i in shown] memory using (0):($1 == int(i) ? 7 - $1 : NaN):(0):2:(6.7 - $1):(7.3 - $1) with boxxyerror lt int(i) fs solid noborder, \
		for [i in shown] memory using (0):($1 == int(i) ? 7 - $1 : NaN):(0):($2 + $3):(6.7 - $1):(7.3 - $1) with boxxyerror lt int(i) dt 1 lw 2 fs empty, \
		memory using ($2 + $3):(7 - $1):(sprintf($2 < 1 ? '%.2f + %.0f' : '%.0f + %.0f', $2, $3)) with labels left offset 1, 0, \
		memory using (0):(7 - $1):(word(names, int($1))) with labels right offset -1, 0
}
unset multiplot
