# questions.awk: reads lessons/NAME/questions, a file or more, and prints one form of it. What the lines mean stands at the head of
# each file: kind and text, and a question begins with `ask`.
#   form=page    what stands on the lesson's page
#   form=gift    for Moodle: GIFT, with choices. A backslash stands before ~ = # { } : and before itself; \n is a new line.
#   form=cards   for flash cards: question, answer with its reason, lesson, with tabs between. The fields are HTML, as Anki takes them.
#   form=ask     the question and its answer in one line, of number=N
#   form=run     the console blocks of the run that answers number=N, as common/tools/keep/pages reads them; else nothing
# Fails, and names the line, when a file is not as it should be.

function wrong(why) { printf "%s, line %d: %s\n", FILENAME, FNR, why | "cat >&2"; failed = 1; exit 1 }

FNR == 1 { end_question(); lesson = FILENAME; sub(/\/questions$/, "", lesson); sub(/.*\//, "", lesson); n = 0; new = 1 }
/^#/ || /^$/ { next }
{
	kind = $1
	text = $0
	if (!sub(/^[a-z]+ /, "", text)) wrong("no text after the kind")
}
kind == "ask" { end_question(); n++; ask = text; next }
ask == "" { wrong("a question begins with ask") }
kind == "code" { code[++codes] = text; next }
kind == "right" { if (right != "") wrong("a second right answer"); right = text; next }
kind == "wrong" { others[++wrongs] = text; next }
kind == "because" { because = because (because == "" ? "" : " ") text; next }
kind == "server" || kind == "client" {
	if (text !~ /^\$ / && run_of[runs] != kind) wrong("a run begins with a command: $ ...")
	run_of[++runs] = kind
	run[runs] = text
	next
}
{ wrong("unknown: " kind) }
END { if (!failed) end_question(); exit failed }

function end_question() {
	if (ask == "") return
	if (right == "" || because == "" || wrongs < 2) wrong("the question before this line needs right, because and two wrong")
	if (form == "page") page()
	if (form == "gift") gift()
	if (form == "cards") cards()
	if (form == "ask" && n == number) print ask " (" right ".)"
	if (form == "run" && n == number) blocks("console ", "")
	ask = right = because = ""
	codes = wrongs = runs = 0
}

# blocks(KIND, NAMED): what stands in each terminal, one after the other.
function blocks(prefix, named,    i, terminal, both) {
	for (i = 2; i <= runs; i++) if (run_of[i] != run_of[1]) both = 1
	for (i = 1; i <= runs; i++) {
		if (run_of[i] != terminal) {
			if (terminal) print "```"
			terminal = run_of[i]
			if (named && both) print (i > 1 ? "\n" : "") "In the terminal of the " terminal ":"
			print "```" prefix (named ? "" : terminal)
		}
		print run[i]
	}
	if (terminal) print "```"
}

function page(    i) {
	print (new ? "" : "\n") "**Question " n ".** " ask
	new = 0
	if (codes) {
		print "```c"
		for (i = 1; i <= codes; i++) print code[i]
		print "```"
	}
	print "<details><summary>Answer</summary>\n\n**" right ".** " because
	if (runs) { print ""; blocks("console", 1) }
	print "\n</details>"
}

function escaped(text,    i, letter, out) {
	for (i = 1; i <= length(text); i++) {
		letter = substr(text, i, 1)
		out = out (index("~=#{}:\\", letter) ? "\\" : "") letter
	}
	return out
}

function gift(    i, all) {
	if (n == 1) print "$CATEGORY: Sockets in C/" lesson "\n"
	print "::" escaped(lesson " " n) "::[markdown]" escaped(ask)
	for (i = 1; i <= codes; i++) all = all (i == 1 ? "\\n\\n" : "\\n") "    " escaped(code[i])
	if (codes) print all "\\n"
	print "{\n=" escaped(right)
	for (i = 1; i <= wrongs; i++) print "~" escaped(others[i])
	print "####" escaped(because) "\n}\n"
}

function html(text,    out, inner) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	while (match(text, /`[^`]*`/)) {
		inner = substr(text, RSTART + 1, RLENGTH - 2)
		out = out substr(text, 1, RSTART - 1) "<code>" inner "</code>"
		text = substr(text, RSTART + RLENGTH)
	}
	return out text
}

function cards(    i, front) {
	front = html(ask)
	if (codes) front = front "<pre>"
	for (i = 1; i <= codes; i++) front = front (i > 1 ? "<br>" : "") html(code[i])
	if (codes) front = front "</pre>"
	print front "\t" html(right) ".<br>" html(because) "\t" lesson
}
