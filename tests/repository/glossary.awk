# glossary.awk GLOSSARY PAGE...: the pages in reading order. Where a word of the glossary stands for the first time, it is set off with
# stars, as a word is that is explained there, and the glossary names this page; or it is a link to its entry. Then it is set off on
# the page that the glossary names. A word in backquotes is the name of something: it first stands on that page, or in such a link.
# Headings, blocks of code, comments and other links do not count; inline code counts for names alone. A plural with s counts.
# Prints what is wrong.

function wrong(text) { print text; failed = 1 }

FNR == 1 { file = FILENAME; if (NR > 1) n_pages++; page[n_pages] = file; code = 0 }

# ---- the glossary ----

NR == FNR && /^\| <a id=/ {
	cells = split($0, cell, / *\| */)
	if (cells != 5) wrong(FILENAME ", line " FNR ": not three cells")
	text = cell[2]
	match(text, /"[^"]*"/)
	anchor = substr(text, RSTART + 1, RLENGTH - 2)
	sub(/.*<\/a>/, "", text)
	words++
	is_name[words] = sub(/^`/, "", text)
	sub(/`$/, "", text)
	word[words] = text
	id[words] = anchor
	if ((text = tolower(text)) <= last) wrong(FILENAME ", line " FNR ": " word[words] " is not in its place")
	last = text
	gsub(/ /, "-", text)
	if (text != anchor) wrong(FILENAME ", line " FNR ": the anchor of " word[words] " is not " text)
	link = cell[4]
	match(link, /\(.*\)/)
	home[words] = substr(link, RSTART + 1, RLENGTH - 2)
	next
}
NR == FNR { next }

# ---- a page becomes one text, with marks that no page has: ^1 id ^2 text ^3 for a link to an entry ----

/^```/ { code = !code; next }
code || /^#/ { next }
{
	gsub(/<!--[^>]*-->|<[^>]*>/, "")
	whole[n_pages] = whole[n_pages] " " $0
}

function flat(text,    out, label, target) {
	gsub(/[ \t]+/, " ", text)
	out = ""
	while (match(text, /\[[^]]*\]\([^)]*\)/)) {
		label = target = substr(text, RSTART, RLENGTH)
		out = out substr(text, 1, RSTART - 1)
		text = substr(text, RSTART + RLENGTH)
		sub(/^\[/, "", label); sub(/\]\(.*/, "", label)
		sub(/.*\(/, "", target); sub(/\)$/, "", target)
		if (target ~ /glossary\.md#/) { sub(/.*#/, "", target); out = out "\001" target "\002" label "\003" }
	}
	return out text
}

# Stars inside code are no stars, and code is no text: with keep its letters stay, for names.
function without_code(text, keep,    out, inner) {
	out = ""
	while (match(text, /`[^`]*`/)) {
		inner = substr(text, RSTART + 1, RLENGTH - 2)
		gsub(/\*/, "", inner)
		out = out substr(text, 1, RSTART - 1) (keep ? inner : "")
		text = substr(text, RSTART + RLENGTH)
	}
	return out text
}

# How the word stands at its first place in the text: "" nowhere, "plain", "off" for set off, or the id of a link.
function first(text, wanted,    low, at, before, after, rest, left, links, n) {
	low = tolower(text)
	wanted = tolower(wanted)
	rest = low
	left = 0
	while (at = index(rest, wanted)) {
		at += left
		before = at > 1 ? substr(low, at - 1, 1) : " "
		after = substr(low, at + length(wanted), 2)
		sub(/^s/, "", after)
		after = substr(after, 1, 1)
		# The id of a link is no text.
		links = substr(low, 1, at)
		gsub(/[^\001\002]/, "", links)
		if (before !~ /[a-z0-9_\/-]/ && after !~ /[a-z0-9_]/ && links !~ /\001$/) return how(substr(text, 1, at - 1))
		left = at
		rest = substr(low, at + 1)
	}
	return ""
}

# What is open at the end of the text.
function how(text,    target, stars) {
	if (match(text, /\001[^\003]*$/)) {
		target = substr(text, RSTART + 1)
		sub(/\002.*/, "", target)
		return target
	}
	gsub(/\*\*/, "*", text)
	stars = gsub(/\*/, "", text)
	return stars % 2 ? "off" : "plain"
}

# Whether it is set off anywhere.
function is_set_off(text, wanted,    part) {
	gsub(/\*\*/, "*", text)
	while (match(text, /\*[^*]*\*/)) {
		part = substr(text, RSTART + 1, RLENGTH - 2)
		if (first(part, wanted) != "") return 1
		text = substr(text, RSTART + RLENGTH)
	}
	return 0
}

function is_home(n, name,    tail) {
	tail = "/" home[n]
	return substr(name, length(name) - length(tail) + 1) == tail
}

END {
	if (words < 40 || words > 60) wrong(words + 0 " words")
	for (p = 1; p <= n_pages; p++) {
		text = flat(whole[p])
		plain[p] = without_code(text, 0)
		named[p] = without_code(text, 1)
	}
	for (w = 1; w <= words; w++) {
		seen = ""
		explained = 0
		for (p = 1; p <= n_pages; p++) {
			text = is_name[w] ? named[p] : plain[p]
			if (is_home(w, page[p])) explained = is_name[w] ? first(text, word[w]) != "" : is_set_off(text, word[w])
			if (seen != "") continue
			seen = first(text, word[w])
			if (seen == "" || seen == id[w]) continue
			if (is_name[w] ? is_home(w, page[p]) : seen == "off" && is_home(w, page[p])) continue
			wrong(page[p] ": " word[w] " stands for the first time, and is neither explained there (with stars" \
				(seen == "off" ? "; it has them, and the glossary names " home[w] : "") ") nor a link to the glossary")
		}
		if (seen == "") wrong(word[w] " is in the glossary and on no page")
		else if (!explained) wrong(home[w] ": does not explain " word[w] ", as the glossary says")
	}
	exit failed
}
