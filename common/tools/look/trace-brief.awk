# trace-brief.awk: keeps of the rows of trace-story.awk what fits on a slide: the calls of the life cycle and what crosses.
# With the variables `from` and `until`, patterns, only the part from the first row that matches `from` to the next one that
# matches `until` (the N-th one, where it is `N:pattern`), and of them those that do not match `without`. Lifelines without a row in that part are left out. Of a packet only the flags, or the bytes, stay.

BEGIN { FS = OFS = "\t"; inside = from == ""; times = until + 0; sub(/^[0-9]+:/, "", until) }

$1 == "life" { name[$2] = $3; lives = $2; next }
$1 ~ /^(data|flags|ack)$/ {
	if ($1 == "data") sub(/^[A-Z, ]* seq [0-9]*(, ack [0-9]*)?, /, "", $4)
	else sub(/ seq [0-9]*(, ack [0-9]*)?/, "", $4)
}
{ text = $1 ~ /^(data|flags|ack|guess)$/ ? $4 : $3 }
$1 ~ /^(note|state)$/ || text ~ /^(getsockname|setsockopt)\(/ || (text ~ /^exit status/ && until != "") { next }
!inside && !over && text ~ from { inside = 1 }
inside && (without == "" || text !~ without) { row[++rows] = $0; used[$2] = 1; if ($1 ~ /^(data|flags|ack|guess)$/) used[$3] = 1 }
inside && until != "" && text ~ until && --times <= 0 { inside = 0; over = 1 }

END {
	for (i = 1; i <= lives; i++) if (i in used) { number[i] = ++kept; print "life", kept, name[i] }
	for (r = 1; r <= rows; r++) {
		$0 = row[r]
		if ($1 ~ /^(data|flags|ack|guess)$/) $3 = number[$3]
		$2 = number[$2]
		print
	}
}
