# causes.awk: what a preprocessed file of the checker can tell as a cause, a line each; \n is a space there, as in results. The name of
# the file is -v file=PATH. In evidence*.c and causes.c each sentence is one; in the others those of SUSPECTS.
BEGIN { all = file ~ /\/(evidence[a-z_]*|causes)\.c$/ }

function end_of_text() {
	gsub(/\\n/, " ", text)
	gsub(/\\"/, "\"", text)
	gsub(/\\\\/, "\\", text)
	if (own && (all || inside) && length(text) >= 30 && text ~ / .* .* / && text !~ /%\*|^%s%s/) print text
	text = ""
}

/^# [0-9]+ "/ { end_of_text(); own = index($3, file); next }
{
	gsub(/'"'/, "")
	while ($0 != "") {
		if (match($0, /^[ \t]*"/)) {
			$0 = substr($0, RLENGTH)
			match($0, /^"([^"\\]|\\.)*"/)
			text = text substr($0, 2, RLENGTH - 2)
		} else {
			match($0, /^[^"]+/)
			code = substr($0, 1, RLENGTH)
			if (code ~ /[^ \t]/) end_of_text()
			if (code ~ /struct suspect list\[\]/) inside = 1
			if (code ~ /suspect\(list\)/) inside = 0
		}
		$0 = substr($0, RLENGTH + 1)
	}
}
END { end_of_text() }
