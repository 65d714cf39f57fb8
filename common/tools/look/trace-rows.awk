# trace-rows.awk: reads the rows of trace-story.awk, for both ways to draw them:
#   names[1..lives]   the lifelines
#   kind, from, to, text[1..rows]   what happens; `to` is 0 where nothing crosses
#   first[N]          the row where lifeline N begins

BEGIN { FS = "\t" }
$1 == "life" { names[++lives] = $3; next }
{
	rows++
	kind[rows] = $1
	from[rows] = $2
	to[rows] = ($1 ~ /^(data|flags|ack|guess)$/) ? $3 : 0
	text[rows] = to[rows] ? $4 : $3
	if (!($2 in first)) first[$2] = rows
	if (to[rows] && !(to[rows] in first)) first[to[rows]] = rows
}
END {
	if (!rows) {
		print "trace: nothing to draw: no call on a socket" | "cat >&2"
		exit 1
	}
}
