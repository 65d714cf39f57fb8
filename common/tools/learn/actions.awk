# actions.awk: what a check has found, for GitHub Actions: an annotation a failure on stdout, and a table behind -v summary=FILE, the
# job's summary. Its input are results (tests/checker/result.h), of -v program=FILE; -v lesson=NAME.
# docs.github.com/actions, Workflow commands: `%`, CR and LF are written %25, %0D and %0A, in a property `:` and `,` too.
BEGIN { FS = "\t" }
function text(value) { gsub(/%/, "%25", value); gsub(/\r/, "%0D", value); gsub(/\n/, "%0A", value); return value }
function property(value) { value = text(value); gsub(/:/, "%3A", value); gsub(/,/, "%2C", value); return value }
function cell(value) { gsub(/[]\\`*_|<>&[]/, "\\\\&", value); return value }
function words(name) { gsub(/_/, " ", name); return name }
$1 == "passed" || $1 == "skipped" { all++; passed++ }
$1 == "failed" || $1 == "broken" {
	all++
	print "::error file=" property(program) ",title=" property(lesson ": " words($3)) "::" \
		text($4 ($5 != "" ? "\nCause: " $5 : "") ($6 != "" ? "\nRead: " $6 : ""))
	rows = rows "| " cell(words($3)) " | " cell($4) " | " cell($5) " | " cell($6) " |\n"
}
END {
	if (summary == "" || !all) exit
	printf "### %s: %d of %d checks pass\n\n", lesson, passed, all >>summary
	if (rows != "") printf "| check | seen | cause | read |\n|---|---|---|---|\n%s\n", rows >>summary
}
