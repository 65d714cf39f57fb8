# grade-copies.awk: which programs are alike, but for spaces, comments and names. A program becomes its tokens; a name is NAME, unless C or the
# course gives it. Two programs are compared by their pieces of 12 tokens; pieces that stand in what the lesson begins with are
# everybody's, and do not count.
# Reads lines `source LESSON PROGRAM STUDENT FILE`, STUDENT 0 for the lesson's own program, -1 for what it begins with. Prints
# `alike LESSON PROGRAM ONE OTHER PER-CENT PIECES` where at least -v least per cent of the pieces of both are the same.
BEGIN { FS = "\t"; LENGTH = 12; FEW = 25 }
{ read_source($5, $2 "/" $3, $4) }
END {
	for (i = 1; i <= groups; i++) compare(group[i])
}
function read_source(file, key, who,  line, text, n, i, token, piece, begun) {
	if (!(key in known)) { known[key]; group[++groups] = key }
	n = 0
	inside = 0
	while ((getline line <file) > 0) n = tokens(line, n)
	close(file)
	if (who != -1) { member[key, ++members[key]] = who; size[key, who] = 0 }
	for (i = 1; i + LENGTH - 1 <= n; i++) {
		piece = ""
		for (j = i; j < i + LENGTH; j++) piece = piece list[j] " "
		if (who == -1) { common[key, piece]; continue }
		if ((key, piece) in common || (key, who, piece) in have) continue
		have[key, who, piece]
		size[key, who]++
		holders[key, piece] = holders[key, piece] " " who
		if (!((key, piece) in listed)) { listed[key, piece]; pieces[key, ++piece_count[key]] = piece }
	}
}
# Appends the tokens of a line to list, behind number n. A comment may go on in the next line.
function tokens(line, n,  token) {
	while (line != "") {
		if (inside) {
			if (!match(line, /\*\//)) return n
			line = substr(line, RSTART + 2)
			inside = 0
			continue
		}
		sub(/^[ \t\r\f\v]+/, "", line)
		if (line == "" || line ~ /^\/\// || n > 20000) return n
		if (line ~ /^\/\*/) { inside = 1; line = substr(line, 3); continue }
		if (match(line, /^"([^"\\]|\\.)*"/)) token = "\"\""
		else if (match(line, /^[A-Za-z_][A-Za-z_0-9]*/)) token = name_of(substr(line, 1, RLENGTH))
		else if (match(line, /^[0-9][A-Za-z_0-9.]*/)) token = substr(line, 1, RLENGTH)
		else { match(line, /^./); token = substr(line, 1, 1) }
		list[++n] = token
		line = substr(line, RLENGTH + 1)
	}
	return n
}
function name_of(word) {
	if (word ~ /^(int|char|long|short|unsigned|signed|void|const|static|struct|if|else|for|while|do|return|break|continue|switch|case|default|sizeof|include|define)$/ ||
	    word ~ /^(socket|bind|listen|accept|connect|recv|send|read|write|shutdown|close|poll|printf|perror|exit|htons|ntohs|inet_pton|inet_ntop|getsockname|setsockopt|pthread_[a-z]+)$/)
		return word
	return "NAME"
}
function compare(key,  i, j, k, n, who, one, other, same, bigger, part) {
	split("", both)
	for (i = 1; i <= piece_count[key]; i++) {
		n = split(holders[key, pieces[key, i]], who, " ")
		for (j = 1; j <= n; j++) for (k = j + 1; k <= n; k++) both[who[j], who[k]]++
	}
	for (i = 1; i <= members[key]; i++)
		for (j = i + 1; j <= members[key]; j++) {
			one = member[key, i]
			other = member[key, j]
			bigger = size[key, one] > size[key, other] ? size[key, one] : size[key, other]
			if (bigger < FEW) continue
			same = both[one, other] * 100 / bigger
			split(key, part, "/")
			if (same >= least) printf "alike\t%s\t%s\t%s\t%s\t%d\t%d\n", substr(key, 1, length(key) - length(part[split(key, part, "/")]) - 1),
				part[split(key, part, "/")], one, other, same, bigger
		}
}
