# judge.awk PATCH RESULTS: what was told of a wrong program is what the head of its patch names. Its lines:
#   Check: NAME [NAME...]   the check that fails first; where chance decides, one of them
#   Cause: TEXT             a part of the cause that is told first; without such a line none is
#   Also: TEXT              a part of another cause that may be told; no other one may
# RESULTS is what the checker writes with -r. Prints why it is not so, and then fails.
BEGIN { FS = "\t" }

function is_among(cause, list, count,  i) {
	for (i = 1; i <= count; i++) if (index(cause, list[i])) return 1
	return 0
}

NR == FNR && sub(/^Check: /, "") {
	count = split($0, names, " ")
	for (i = 1; i <= count; i++) checks[names[i]]
	next
}
NR == FNR && sub(/^Cause: /, "") { first[++causes] = named[++all] = $0; next }
NR == FNR && sub(/^Also: /, "") { named[++all] = $0; next }
NR == FNR || $1 != "failed" { next }

{ failed++ }
failed == 1 && !($3 in checks) { print "another check is the first: " $3; wrong = 1 }
failed == 1 && causes && !is_among($5, first, causes) { print "the first cause is another one: " $5; wrong = 1 }
$5 != "" && !is_among($5, named, all) { print "this cause is on no list: " $5; wrong = 1 }

END {
	if (!failed) print "it passes"
	exit wrong || !failed
}
