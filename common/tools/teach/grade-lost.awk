# grade-lost.awk: reads the paths of outcomes (grade-lanes.sh), and prints for a job with lost checks that are to be tried once more
# its number and theirs. Of the lesson itself, the first -v own=JOBS, all are tried again.
{
	n = file = $0
	sub(/\/outcome$/, "", n)
	sub(/.*\//, "", n)
	split("", end); split("", group); split("", sure)
	all = lost = again = late = 0
	list = ""
	while ((getline <file) > 0) {
		if ($1 == "retried") again = 1
		if ($1 == "stopped" && $2 == "late" && !again) late = 1
		if ($1 !~ /^[0-9]+$/) continue
		end[$1] = is_waiting() || $2 == "failed" && n + 0 <= own ? "lost" : $2
		group[$1] = $6 != "" ? $6 : $1
		if ($6 != "") gsub(/0x[0-9a-f]+|[0-9]+/, "#", group[$1])
		if (again && $2 == "failed") sure[group[$1]]
		if ($1 > all) all = $1 + 0
	}
	close(file)
	for (i = 1; i <= all; i++) if (end[i] == "lost" || end[i] == "failed" || end[i] == "") lost++
	for (i = 1; i <= all; i++)
		if (end[i] == "lost" && !(group[i] in sure)) {
			list = list i ","
			sure[group[i]] # one is enough for now
		}
	if (late && !again) for (i = all + 1; i < all + 1000; i++) list = list i ","
	if (list != "" && lost < all / 2) print n, list
}
# What was waited for did not come, or the check had no time. Another text, or another status, is no matter of time; nor is a program
# that slept: a busy machine keeps one from running that is ready to run.
function is_waiting() {
	return $2 == "broken" || $11 != "asleep" && $2 == "failed" && $9 ~ /^(no_line|no_bytes|no_end|still_runs|not_connected|not_accepted|too_slow|time_over|ended|other)$/
}
