# meet.awk: the table of meet, -v to=FOLDER: table, meet.html, meet.csv. Its lines: `student NUMBER NAME`, and
# `pair CLIENT SERVER` with the fields of a result (tests/checker/result.h): how it ended, and what was seen.
BEGIN { FS = "\t" }
$1 == "student" { students = $2; name[$2] = substr($0, length("student\t" $2) + 2); next }
$1 == "pair" {
	is_client[$2]
	is_server[$3]
	ends[$2, $3] = $4 == "passed" ? "yes" : what($11)
	why[$2, $3] = $4 == "passed" ? "" : $7 != "" ? $7 : "the programs were ended: they took too much"
}
END { write_table(to "/table"); write_page(to "/meet.html"); write_csv(to "/meet.csv") }

# In one word, by the kind of the failure.
function what(kind) {
	if (kind == "other_output" || kind ~ /byte/) return "differs"
	if (kind == "still_runs" || kind == "too_slow" || kind == "time_over") return "hangs"
	if (kind == "no_line" || kind == "other_line") return "no-server"
	return kind == "" ? "ended" : "fails"
}
function plain(value) { gsub(/[\001-\037\177]/, "?", value); return value }
function width(value) { gsub(/[\200-\277]/, "", value); return length(value) }
function padded(value, columns) { while (width(value) < columns) value = value " "; return value }
function most(s,  n) { n = width(plain(name[s])); return n > 9 ? n : 9 }
function write_table(file,  c, s, first) {
	first = 18
	for (c = 1; c <= students; c++) if (c in is_client && width(plain(name[c])) > first) first = width(plain(name[c]))
	printf "%s", padded("client \\ server", first) >file
	for (s = 1; s <= students; s++) if (s in is_server) printf " %s", padded(plain(name[s]), most(s)) >file
	print "" >file
	for (c = 1; c <= students; c++) {
		if (!(c in is_client)) continue
		printf "%s", padded(plain(name[c]), first) >file
		for (s = 1; s <= students; s++) if (s in is_server) printf " %s", padded(ends[c, s], most(s)) >file
		print "" >file
	}
	close(file)
}
function html(value) { gsub(/&/, "\\&amp;", value); gsub(/</, "\\&lt;", value); gsub(/>/, "\\&gt;", value); gsub(/"/, "\\&quot;", value); return plain(value) }
function write_page(file,  c, s) {
	print "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Clients and servers meet</title>" >file
	print "<style>\n:root { color-scheme: light dark }\nbody { font: 1.4rem/1.4 sans-serif; margin: 2rem }\ntable { border-collapse: collapse }" >file
	print "th, td { border: 1px solid; padding: .4rem .8rem; text-align: center }\nth { font-weight: normal }" >file
	print "td.yes { background: #0a7d33; color: #fff }\ntd.no { background: #8a1f11; color: #fff }\n</style>" >file
	print "<h1>Clients and servers meet</h1>\n<p>A file goes from each client to each server, and has to come back as it was.</p>\n<table>" >file
	printf "<tr><th scope=\"col\">client \\ server</th>" >file
	for (s = 1; s <= students; s++) if (s in is_server) printf "<th scope=\"col\">%s</th>", html(name[s]) >file
	print "</tr>" >file
	for (c = 1; c <= students; c++) {
		if (!(c in is_client)) continue
		printf "<tr><th scope=\"row\">%s</th>", html(name[c]) >file
		for (s = 1; s <= students; s++)
			if (s in is_server) printf "<td class=\"%s\" title=\"%s\">%s</td>", (ends[c, s] == "yes" ? "yes" : "no"), html(why[c, s]), ends[c, s] >file
		print "</tr>" >file
	}
	print "</table>\n</html>" >file
	close(file)
}
function cell(value) {
	if (value ~ /^[=+@\t\r-]/) value = "'" value
	gsub(/"/, "\"\"", value)
	return "\"" value "\""
}
function write_csv(file,  c, s) {
	print "client,server,result,seen" >file
	for (c = 1; c <= students; c++)
		for (s = 1; s <= students; s++)
			if ((c, s) in ends) printf "%s,%s,%s,%s\n", cell(name[c]), cell(name[s]), ends[c, s], cell(why[c, s]) >file
	close(file)
}
