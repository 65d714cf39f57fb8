# grade-points.awk: the points of each student in each lesson, from what the sandboxes have told.
#
# THE RULE: of ten points five are for the step itself (the group of checks of that name), three for what else the lesson adds, two
# for what the lessons before added; there each group has the same share, and in a group each check. Of the checks that fail for one
# cause only the dearest is lost, and at least half a point. Nobody keeps more than twice the part of the checks that passes: where all
# fail for one cause, the program does nothing.
#
# Where there are no such checks, the next kind has their share. Reads lines of lessons and students as for grade-find.awk, and
# with -v room=FOLDER what jobs have left there; -v worth is what a lesson is worth. Prints lines with tabs:
#   row STUDENT LESSON POINTS PASSED TOTAL
#   reason STUDENT LESSON COST TEXT CAUSE READ   a note costs 0
#   wrong LESSON TEXT                            the lesson itself does not pass here
BEGIN { FS = "\t" }
$1 == "lesson" { lessons = $2; lesson[$2] = $3; next }
$1 == "student" { students = $2; next }
END {
	for (l = 1; l <= lessons; l++) learn(l, room "/jobs/" l)
	for (s = 1; s <= students; s++) for (l = 1; l <= lessons; l++) judge(s, l, room "/jobs/" lessons + (s - 1) * lessons + l)
}

# Reads what has come of a job: end[CHECK], and saw, cause, page. A later line counts in place of an earlier one.
function load(job,  line, f, n) {
	split("", end); split("", told); split("", saw); split("", cause); split("", page); split("", missing)
	last = complete = notes = lacking = ran = 0
	stopped = ""
	while ((getline line <(job "/notes")) > 0) {
		split(line, f, "\t")
		if (f[1] == "lacks") lack(f[2], f[3]); else note[++notes] = f[2]
	}
	close(job "/notes")
	while ((getline line <(job "/outcome")) > 0) {
		n = split(line, f, "\t")
		ran = 1
		if (f[1] == "lacks") lack(f[2], f[3])
		else if (line == "complete") complete = 1
		else if (f[1] == "stopped" && !again) stopped = f[3]
		else if (line == "retried") again = 1
		else if (n >= 8) {
			end[f[1]] = f[2]
			if (f[3] != "") group[f[1]] = f[3]
			told[f[1]] = f[4]
			saw[f[1]] = f[5]; cause[f[1]] = f[6]; page[f[1]] = f[7]; kind[f[1]] = f[8]; seen[f[1]] = f[9]
			if (f[1] + 0 > last) last = f[1] + 0
		}
	}
	close(job "/outcome")
	again = 0
}
function lack(program, text) { missing[program] = text; lacking++ }

# The lesson itself: which checks there are, of which kind and group, and what each is worth.
function learn(l, job,  i, k, share, all) {
	load(job)
	total[l] = last
	for (i = 1; i <= last; i++) {
		name[l, i] = told[i]
		k = group[i] == "the step" ? "step" : kind[i]
		check_kind[l, i] = k
		check_group[l, i] = group[i]
		if (!((l, k, group[i]) in checks)) groups[l, k]++
		checks[l, k, group[i]]++
		if (end[i] != "passed" && end[i] != "skipped") print "wrong\t" lesson[l] "\t" told[i] ": " saw[i]
	}
	if (!complete || !last) print "wrong\t" lesson[l] "\t" (stopped != "" ? stopped : "the checks did not come to their end")
	share["step"] = 5; share["own"] = 3; share["earlier"] = 2
	for (k in share) if (groups[l, k]) all += share[k]
	# What has no checks gives its share to what has.
	for (i = 1; i <= last; i++) {
		k = check_kind[l, i]
		price[l, i] = worth * share_of(l, k, share) / groups[l, k] / checks[l, k, check_group[l, i]]
	}
}
function share_of(l, k, share,  s) {
	s = share[k]
	if (k == "own" && !groups[l, "step"]) s += share["step"]
	if (k == "own" && !groups[l, "earlier"]) s += share["earlier"]
	if (k == "step" && !groups[l, "own"]) s += share["own"]
	if (k == "earlier" && !groups[l, "own"]) s += share["own"] + (groups[l, "step"] ? 0 : share["step"])
	if (k == "step" && !groups[l, "own"] && !groups[l, "earlier"]) s += share["earlier"]
	return s / 10
}

# A port of the moment differs in each run: the first one in a text is PORT, and another one stays another one.
function masked(text,  rest, out, port, label, ports) {
	rest = text
	while (match(rest, /[0-9]+/)) {
		port = substr(rest, RSTART, RLENGTH)
		label = port
		if (length(port) == 5 && port >= 32768 && port <= 60999) {
			if (!(port in ports)) { ports["count"]++; ports[port] = ports["count"] == 1 ? "PORT" : "OTHER-PORT" (ports["count"] > 2 ? ports["count"] - 1 : "") }
			label = ports[port]
		}
		out = out substr(rest, 1, RSTART - 1) label
		rest = substr(rest, RSTART + RLENGTH)
	}
	return out rest
}
function words(name) { gsub(/_/, " ", name); return name }

function judge(s, l, job,  i, m, text, key, lost, passed, points, n, order, count, cost, most, first, of_missing) {
	load(job)
	for (i = 1; i <= notes; i++) say(s, l, 0, note[i], "", "")
	for (i = 1; i <= total[l] && ran; i++) {
		if (end[i] == "passed" || end[i] == "skipped") { passed++; continue }
		key = "left"
		text = stopped != "" ? "the run was ended: " stopped : "the run ended before its last check: the program disturbed the checker"
		if (end[i] == "broken") { key = "broken"; text = words(name[l, i]) ": the check was ended before it could tell" }
		if (end[i] == "failed") {
			text = check_group[l, i] ": " words(name[l, i]) ": " masked(saw[i])
			key = cause[i] != "" ? "cause " cause[i] : text
			gsub(/0x[0-9a-f]+|[0-9]+/, "#", key) # a port, a count: the same fault with another value
		}
		if (lacking && end[i] == "failed" && is_for_want(i)) { of_missing += price[l, i]; continue }
		if (!(key in count)) { order[++n] = key; first[key] = i; says[key] = text }
		count[key]++
		# What fails for one cause counts once, and the same failure of a check that is made several times too.
		if (cause[i] != "" && end[i] == "failed") { if (price[l, i] > cost[key]) cost[key] = price[l, i] }
		else cost[key] += price[l, i]
	}
	for (m in missing) say(s, l, 0, missing[m], "", "")
	if (of_missing > 0) say(s, l, of_missing, "what needs it could not be checked", "", "")
	lost = of_missing
	for (i = 1; i <= n; i++) {
		key = order[i]
		if (cause[first[key]] != "" && end[first[key]] == "failed" && cost[key] < worth / 20) cost[key] = worth / 20
		say(s, l, cost[key], says[key] (count[key] > 1 ? " (" count[key] " checks)" : ""),
			cause[first[key]], end[first[key]] == "failed" ? page[first[key]] : "")
		lost += cost[key]
	}
	points = ran && passed > 0 ? worth - lost : 0
	most = worth * 2 * passed / (total[l] > 0 ? total[l] : 1)
	if (points > most) {
		say(s, l, points - most, "only " passed " of " total[l] " checks pass: twice this part of the points is kept", "", "")
		points = most
	}
	if (ran && passed == 0) points = 0
	print "row\t" s "\t" l "\t" sprintf("%.1f", int((points > 0 ? points : 0) * 10 + 1e-6) / 10) "\t" passed + 0 "\t" total[l]
}
# The program that was to be checked is not there.
function is_for_want(i) { return seen[i] == "no_program" }
function say(s, l, cost, text, why, read) { print "reason\t" s "\t" l "\t" sprintf("%.4f", cost) "\t" text "\t" why "\t" read }
