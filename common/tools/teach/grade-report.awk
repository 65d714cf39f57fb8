# grade-report.awk: writes what grade-points.awk has found out, for people and for other programs, into the folder -v to:
#   table, grades.csv (a row a student and lesson), grades-wide.csv (a row a student), grades.json, feedback/NUMBER.md;
#   with a roster grades-moodle.csv and grades-canvas.csv
# Its files: lessons and students as for grade-find.awk; the lines of grade-points.awk; `commit NUMBER TIME`; with -v roster=FILE that
# one as the last.
BEGIN { FS = "\t" }
FILENAME == roster { read_roster($0); next }
$1 == "lesson" { lessons = $2; lesson[$2] = $3; sub(/^further\//, "", lesson[$2]); next }
$1 == "student" { students = $2; student[$2] = substr($0, length("student\t" $2) + 2); next }
$1 == "commit" { commit[$2] = $3; next }
$1 == "row" { points[$2, $3] = $4; passed[$2, $3] = $5; total[$2, $3] = $6; next }
$1 == "reason" { n = ++reasons[$2, $3]; cost[$2, $3, n] = $4; text[$2, $3, n] = $5; cause[$2, $3, n] = $6; read[$2, $3, n] = $7; next }
END {
	write_table(to "/table")
	write_rows(to "/grades.csv")
	write_wide(to "/grades-wide.csv")
	write_json(to "/grades.json")
	for (s = 1; s <= students; s++) if (student[s] != "") write_feedback(to "/feedback/" s ".md", s)
	if (roster != "") write_imports()
}

# ---- cells ----

# A spreadsheet runs a cell that begins like a formula.
function cell(value) {
	if (value ~ /^[=+@\t\r-]/) value = "'" value
	gsub(/"/, "\"\"", value)
	return "\"" value "\""
}
# As many columns as a terminal shows: the bytes after the first of a character in UTF-8 are none.
function width(value) { gsub(/[\200-\277]/, "", value); return length(value) }
function plain(value) { gsub(/[\001-\037\177]/, "?", value); return value }
function padded(value, columns) { while (width(value) < columns) value = value " "; return value }
function sum_of(s,  l, sum) { for (l = 1; l <= lessons; l++) sum += points[s, l]; return sprintf("%.1f", sum) }

# One line: the notes, and each loss with its cost.
function reasons_of(s, l,  i, all) {
	for (i = 1; i <= reasons[s, l]; i++)
		all = all (i > 1 ? "; " : "") text[s, l, i] (cause[s, l, i] != "" ? " - cause: " cause[s, l, i] : "") \
			(cost[s, l, i] > 0 ? sprintf(" (-%.2f)", cost[s, l, i]) : "")
	return all
}

# ---- files ----

function write_table(file,  s, l, columns, head) {
	columns = 7
	for (s = 1; s <= students; s++) if (width(plain(student[s])) > columns && width(plain(student[s])) <= 40) columns = width(plain(student[s]))
	printf "%s", padded("student", columns) >file
	for (l = 1; l <= lessons; l++) printf " %5s", head_of(l) >file
	print "   sum" >file
	for (s = 1; s <= students; s++) {
		printf "%s", padded(plain(student[s]), columns) >file
		for (l = 1; l <= lessons; l++) printf " %" column_of(l) "s", points[s, l] >file
		printf " %5s\n", sum_of(s) >file
	}
	close(file)
}
function column_of(l) { return length(head_of(l)) > 5 ? length(head_of(l)) : 5 }
function head_of(l) { return lesson[l] ~ /^[0-9]/ ? substr(lesson[l], 1, 2) : lesson[l] }
function write_rows(file,  s, l) {
	print "student,lesson,points,out of,passed,total,reasons,last commit" >file
	for (s = 1; s <= students; s++)
		for (l = 1; l <= lessons; l++)
			printf "%s,%s,%s,%s,%d,%d,%s,%s\n", cell(student[s]), lesson[l], points[s, l], worth, passed[s, l], total[s, l],
				cell(reasons_of(s, l)), cell(commit[s]) >file
	close(file)
}
function write_wide(file,  s, l) {
	printf "student" >file
	for (l = 1; l <= lessons; l++) printf ",%s", lesson[l] >file
	print ",sum,last commit" >file
	for (s = 1; s <= students; s++) {
		printf "%s", cell(student[s]) >file
		for (l = 1; l <= lessons; l++) printf ",%s", points[s, l] >file
		printf ",%s,%s\n", sum_of(s), cell(commit[s]) >file
	}
	close(file)
}

# RFC 8259, section 7. The bytes of a name that is no UTF-8 are the reader's concern.
function json(value) {
	gsub(/\\/, "&&", value)
	gsub(/"/, "\\\"", value)
	gsub(/[\001-\037]/, " ", value)
	return "\"" value "\""
}
function write_json(file,  s, l, i) {
	print "[" >file
	for (s = 1; s <= students; s++)
		for (l = 1; l <= lessons; l++) {
			printf "{\"student\": %s, \"lesson\": %s, \"points\": %s, \"out_of\": %s, \"passed\": %d, \"total\": %d, \"last_commit\": %s, \"reasons\": [",
				json(student[s]), json(lesson[l]), points[s, l], worth, passed[s, l], total[s, l], json(commit[s]) >file
			for (i = 1; i <= reasons[s, l]; i++)
				printf "%s{\"text\": %s, \"cause\": %s, \"read\": %s, \"points\": %.2f}", (i > 1 ? ", " : ""), json(text[s, l, i]),
					json(cause[s, l, i]), json(read[s, l, i]), -cost[s, l, i] >file
			printf "]}%s\n", (s == students && l == lessons ? "" : ",") >file
		}
	print "]" >file
	close(file)
}

# For the student: what was lost, why, and what to read. Markdown: what a program has printed must not become a link or HTML.
function harmless(value) { gsub(/[]\\`*_{}[<>#|!&]/, "\\\\&", value); return value }
function write_feedback(file, s,  l, i) {
	printf "# %s: %s of %d points\n", harmless(plain(student[s])), sum_of(s), worth * lessons >file
	for (l = 1; l <= lessons; l++) {
		printf "\n## %s: %s of %s points\n\n", lesson[l], points[s, l], worth >file
		printf "%d of %d checks pass.\n", passed[s, l], total[s, l] >file
		for (i = 1; i <= reasons[s, l]; i++) {
			printf "\n- %s%s\n", harmless(text[s, l, i]), (cost[s, l, i] > 0 ? sprintf(" (-%.2f points)", cost[s, l, i]) : "") >file
			if (cause[s, l, i] != "") printf "  Cause: %s\n", harmless(cause[s, l, i]) >file
			if (read[s, l, i] != "") printf "  Read: `%s`\n", read[s, l, i] >file
		}
	}
	close(file)
}

# ---- what learning platforms import ----

# A line of CSV, RFC 4180, into field[1..]. Returns how many.
function split_csv(line, field,  n, c, i, quoted, value) {
	sub(/\r$/, "", line)
	n = 1
	value = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (quoted && c == "\"" && substr(line, i + 1, 1) == "\"") { value = value c; i++ }
		else if (c == "\"") quoted = !quoted
		else if (c == "," && !quoted) { field[n++] = value; value = "" }
		else value = value c
	}
	field[n] = value
	return n
}
function read_roster(line,  n, i, field) {
	if (FNR == 1) sub(/^\357\273\277/, "", line) # a byte order mark
	n = split_csv(line, field)
	if (FNR == 1) { for (i = 1; i <= n; i++) column[tolower(field[i])] = i; return }
	if (line == "") return
	listed[field[column["folder"]]] = ++rows
	id[rows] = field[column["id"]]
	person[rows] = field[column["name"]]
	login[rows] = field[column["login"]]
	folder[rows] = field[column["folder"]]
}
# Moodle, docs.moodle.org/en/Grade_import: the teacher maps the columns by their heads; a student is found by ID number or username. A line
# has as many columns as the head, and a value above 100 refuses the whole file, so there is no sum: Moodle makes it.
# Canvas, its guide "How do I import grades in the Gradebook?": the first columns of its own export, in their order; a student is found by the
# SIS User ID, the SIS Login ID or the name, an assignment by its title; then the row of the possible points.
function write_imports(  s, l, r, moodle, canvas, file) {
	moodle = to "/grades-moodle.csv"
	canvas = to "/grades-canvas.csv"
	printf "ID number,Username,Full name" >moodle
	printf "Student,ID,SIS User ID,SIS Login ID,Section" >canvas
	for (l = 1; l <= lessons; l++) { printf ",%s", lesson[l] >moodle; printf ",%s", lesson[l] >canvas }
	print "" >moodle
	printf "\n    Points Possible,,,," >canvas
	for (l = 1; l <= lessons; l++) printf ",%s", worth >canvas
	print "" >canvas
	for (s = 1; s <= students; s++) {
		if (!(student[s] in listed)) { print "grade: " plain(student[s]) " is not in the roster" >"/dev/stderr"; continue }
		r = listed[student[s]]
		seen[r]
		printf "%s,%s,%s", cell(id[r]), cell(login[r]), cell(person[r]) >moodle
		printf "%s,,%s,%s,", cell(person[r]), cell(id[r]), cell(login[r]) >canvas
		for (l = 1; l <= lessons; l++) { printf ",%s", points[s, l] >moodle; printf ",%s", points[s, l] >canvas }
		print "" >moodle
		print "" >canvas
	}
	for (r = 1; r <= rows; r++) if (!(r in seen)) print "grade: the roster names " plain(folder[r]) ", and there is no such folder" >"/dev/stderr"
	close(moodle)
	close(canvas)
}
