# grade-find.awk: which file of which student is which program. A sandbox is given what this names, and nothing else.
# Reads lines with a tab: of lessons `lesson NUMBER NAME PROGRAM...`, of students `student NUMBER NAME`, then what find has found below
# the submissions, as KIND ./STUDENT/PATH; kinds are d folder, x folder that may not be read, l symbolic link, f file,
# b too big a file, o none of these. Prints lines with tabs:
#   take STUDENT LESSON PATH PLACE   this file, a program or what it includes, and its place below the student's folder
#   in STUDENT LESSON FOLDER         the programs are there, below the student's folder; `.` is itself
#   note STUDENT LESSON TEXT         to be said
# With -v suffix=-variation the folders of the variations are meant.
BEGIN { FS = "\t"; MOST_FILES = 30 }
$1 == "lesson" {
	lessons = $2
	name[$2] = $3 suffix
	sub(/^further\//, "", name[$2])
	number[$2] = name[$2] ~ /^[0-9]/ ? substr(name[$2], 1, 2) + 0 : ""
	short[$2] = name[$2]
	sub(/^[0-9]+-/, "", short[$2])
	programs[$2] = split($4, words, " ")
	for (i = 1; i <= programs[$2]; i++) program[$2, i] = words[i]
	next
}
$1 == "student" { student[substr($0, length("student\t" $2) + 2)] = $2; students = $2; next }
{ look($1, substr($0, 5)) }
END {
	for (s = 1; s <= students; s++) for (l = 1; l <= lessons; l++) decide(s, l)
}

function plain(text) { text = tolower(text); gsub(/[ _]+/, "-", text); return text }
function shown(text) { gsub(/[\001-\037\177]/, "?", text); return substr(text, 1, 120) }

# The lesson that a folder is named after, as a person may write it: 03-listen, 3_Listen, Lesson 03, listen. 0 for none.
function lesson_of(folder,  l) {
	if (folder in known) return known[folder]
	text = plain(folder)
	sub(/^lesson-?/, "", text)
	sub(/^0+/, "", text)
	for (l = 1; l <= lessons; l++)
		if (text == short[l] || number[l] != "" && (text == number[l] suffix || text == number[l] "-" short[l])) break
	return known[folder] = l <= lessons ? l : 0
}
# The same for one that only resembles it.
function near(folder,  l, text) {
	text = plain(folder)
	sub(/^lesson-?/, "", text)
	sub(/^0+/, "", text)
	for (l = 1; l <= lessons; l++)
		if (number[l] != "" && text ~ "^" number[l] "([^0-9]|$)" || index(text, short[l])) return l
	return 0
}

function look(kind, path,  n, part, s, l, i, folder, base) {
	n = split(path, part, "/")
	if (!(part[1] in student)) return
	s = student[part[1]]
	if (n == 1) { whole[s] = kind; return }
	base = part[n]
	# The deepest folder that is named after a lesson.
	for (i = kind == "d" || kind == "x" || kind == "l" ? n : n - 1; i > 1 && !(l = lesson_of(part[i])); i--) continue
	if (kind == "x") { if (l) add(unread, s, l, shown(below(path))); else unread_of[s] = shown(below(path)); return }
	if (kind == "d") return
	if (kind == "l" && l && i == n) { add(links, s, l, shown(below(path))); return }
	folder = below(substr(path, 1, length(path) - length(base) - 1))
	if (kind == "f" && base ~ /\.h$/ && part[n - 1] == "common") { common[s, ++commons[s]] = path; return }
	if (!l) {
		if (!is_program(base)) return
		for (i = n - 1; i > 1 && !(l = near(part[i])); i--) continue
		if (l) add(strays, s, l, shown(below(path))); else add(strays, s, 0, shown(below(path)))
		return
	}
	if (!((s, l, folder) in at)) { at[s, l, folder] = ++folders[s, l]; place[s, l, folders[s, l]] = folder }
	files[s, l, folder, ++count[s, l, folder]] = path
	kinds[path] = kind
	for (i = 1; i <= programs[l]; i++)
		if (tolower(base) == program[l, i] ".c" && !((s, l, folder, i) in has && base != program[l, i] ".c")) {
			if (!((s, l, folder, i) in has)) complete[s, l, folder]++
			has[s, l, folder, i] = path
		}
}
function below(path) { sub(/^[^\/]*\/?/, "", path); return path == "" ? "." : path }
function add(list, s, l, text) { if (++list[s, l] <= 3) list[s, l, "text"] = list[s, l, "text"] (list[s, l] > 1 ? ", " : "") text }
# It may be meant as a program.
function is_program(base) {
	return tolower(base) ~ /\.(c|cc|cpp|cxx|c\+\+|zip|tar|gz|tgz|rar|7z|rtf|docx?)$/ || tolower(base) ~ /\.(c|cpp)\.[a-z]+$/
}
# The best place is that of the course.
function rank(folder, l) {
	if (folder == name[l]) return 0
	if (folder == "practice/" name[l]) return 1
	return tolower("/" folder) ~ /\/lessons\// ? 50 : 2 + split(folder, _parts, "/")
}
function decide(s, l,  i, best, folder) {
	for (i = 1; i <= folders[s, l]; i++) {
		folder = place[s, l, i]
		if (complete[s, l, folder] == 0) { strange(s, l, folder); continue }
		if (best == "" || complete[s, l, folder] > complete[s, l, best] ||
		    complete[s, l, folder] == complete[s, l, best] && rank(folder, l) < rank(best, l)) best = folder
	}
	if (whole[s] == "l") note(s, l, "the folder is a symbolic link, which is not followed")
	else if (whole[s] == "x") note(s, l, "the folder may not be read")
	else if (best == "") explain(s, l)
	else take(s, l, best)
}
# No program has the name that is wanted: these files may be meant.
function strange(s, l, folder,  i, n, part) {
	for (i = 1; i <= count[s, l, folder]; i++) {
		n = split(files[s, l, folder, i], part, "/")
		if (is_program(part[n])) add(strays, s, l, shown(below(files[s, l, folder, i])))
	}
}
function wanted(l,  i, text) {
	for (i = 1; i <= programs[l]; i++) text = text (i > 1 ? " and " : "") name[l] "/" program[l, i] ".c"
	return text
}
function explain(s, l) {
	if ((s, l) in links) note(s, l, links[s, l, "text"] " is a symbolic link, which is not followed")
	if ((s, l) in unread) note(s, l, unread[s, l, "text"] " may not be read")
	if ((s, l) in strays) note(s, l, "found " strays[s, l, "text"] ", wanted " wanted(l))
	else if ((s, 0) in strays) note(s, l, "found " strays[s, 0, "text"] ", wanted " wanted(l))
	else if (!((s, l) in links) && !((s, l) in unread))
		note(s, l, "nothing was handed in" (s in unread_of ? "; " unread_of[s] " may not be read" : ""))
}
function note(s, l, text) { print "note\t" s "\t" l "\t" text }
function take(s, l, folder,  i, path, base, taken, said) {
	print "in\t" s "\t" l "\t" folder
	for (i = 1; i <= programs[l]; i++) {
		if (!((s, l, folder, i) in has)) { strange_beside(s, l, folder, i); continue }
		path = has[s, l, folder, i]
		base = path
		sub(/.*\//, "", base)
		if (kinds[path] == "l") note(s, l, base " is a symbolic link, which is not followed")
		else if (kinds[path] == "b") note(s, l, base " has more than a million bytes")
		else if (kinds[path] == "o") note(s, l, base " is no plain file")
		else {
			print "take\t" s "\t" l "\t" path "\t" (folder == "." ? "" : folder "/") program[l, i] ".c"
			if (rank(folder, l) > 1 || base != program[l, i] ".c") said = said (said == "" ? "" : ", ") shown(below(path))
		}
		own[path]
	}
	if (said != "") note(s, l, "taken: " said)
	if (folders[s, l] > 1) others(s, l, folder)
	for (i = 1; i <= count[s, l, folder] && taken < MOST_FILES; i++) {
		path = files[s, l, folder, i]
		if (kinds[path] != "f" || path in own || path !~ /\.[ch]$/) continue
		print "take\t" s "\t" l "\t" path "\t" below(path)
		taken++
	}
	for (i = 1; i <= commons[s] && i <= MOST_FILES; i++) print "take\t" s "\t" l "\t" common[s, i] "\t" below(common[s, i])
}
function strange_beside(s, l, folder, which,  i, n, part, text) {
	for (i = 1; i <= count[s, l, folder]; i++) {
		n = split(files[s, l, folder, i], part, "/")
		if (is_program(part[n]) && !is_one(part[n], l)) text = text (text == "" ? "" : ", ") shown(part[n])
	}
	print "lacks\t" s "\t" l "\t" program[l, which] "\t" program[l, which] ".c is not there" (text == "" ? "" : "; found " text)
}
function is_one(base, l,  i) {
	for (i = 1; i <= programs[l]; i++) if (tolower(base) == program[l, i] ".c") return 1
	return 0
}
function others(s, l, folder,  i, text) {
	for (i = 1; i <= folders[s, l]; i++)
		if (place[s, l, i] != folder && complete[s, l, place[s, l, i]] > 0)
			text = text (text == "" ? "" : ", ") shown(place[s, l, i])
	if (text != "") note(s, l, "there is also " text ", which was not looked at")
}
