# grade-points.awk: the points of one program, from what its sandbox has written: points, passed, total and the reasons, separated
# by tabs. Its files: the checks that are the step, what was refused, the result. Only a result with its end mark counts.
FILENAME ~ /step$/ { in_step[$1]; steps++; next }
FILENAME ~ /refused$/ || $1 == "note" { reason(FILENAME ~ /refused$/ ? $0 : $2); next }
$1 == "passed" || $1 == "skipped" { all++; passed++; if (all in in_step) step_passed++ }
$1 == "failed" || $1 == "broken" {
	all++
	gsub(/127\.0\.0\.1:[0-9]+/, "127.0.0.1:PORT", $4) # another one in each run
	why = $2 ($3 == "" ? "" : ": " $3) ": " $4
	reason(why)
	lost[why] += price(all)
}
$1 == "stopped" { stopped = $2 }
$1 == "nothing" { nothing = 1 }
mark != "" && $0 == "complete " mark { complete = 1 }
function reason(text) {
	if (!(text in times)) order[++reasons] = text
	times[text]++
}
function price(check) { # what it is worth
	if (steps == 0 || steps == total) return total > 0 ? points / total : 0
	return check in in_step ? 0.8 * points / steps : 0.2 * points / (total - steps)
}
END {
	if (stopped != "") reason("the run was ended: " stopped)
	else if (mark == "" && reasons == 0) reason("nothing was handed in")
	else if (mark != "" && !complete && !nothing) reason("the run ended before its last check: the program disturbed the checker")
	if (complete && total != "" && all != total) { complete = 0; reason("the checker ran " all " checks of " total) }
	if (!complete) passed = step_passed = 0
	if (total == "") total = all
	for (i = 1; i <= reasons; i++) {
		text = text (i > 1 ? "; " : "") order[i]
		if (times[order[i]] > 1) text = text " (" times[order[i]] " times)"
		if (complete && lost[order[i]] > 0) text = text sprintf(" (-%.2f)", lost[order[i]])
	}
	got = steps == 0 || steps == total ? passed * price(1) : 0.8 * points * step_passed / steps + 0.2 * points * (passed - step_passed) / (total - steps)
	printf "%.1f\t%d\t%d\t%s\n", int(got * 10 + 1e-6) / 10, passed, total, text
}
