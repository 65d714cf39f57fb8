# grade-report.sh: the points, and where they are told. grade reads it with `.`.
# shellcheck shell=sh disable=SC2034,SC2154 # what grade sets, and what it uses

awk -v room="$room" -v worth="$POINTS" -f "$here"/grade-points.awk "$room/lessons" "$room/numbered" >"$room/rows"
if grep '^wrong' "$room/rows" >"$room/wrong"; then
	n=1
	IFS=$tab read -r _ lesson why <"$room/wrong"
	for each in $lessons; do [ "$each" = "$lesson" ] && break; n=$((n + 1)); done
	rm -f "$done_before/$(cat "$room/jobs/$n/key")"
	fail "on this machine lesson $lesson itself does not pass its checks, so nobody can be graded:
       $why
$(cat "$room/jobs/$n/errors" "$room/jobs/$n/compiled" 2>/dev/null)"
fi

# The time of a student's last commit. His repository may name commands that git would run: it is read in a sandbox.
kit=$room/common
n=0
while IFS= read -r student; do
	n=$((n + 1))
	if [ ! -d "$DIR/$student/.git" ] || [ -L "$DIR/$student/.git" ]; then continue; fi
	cp -R "$DIR/$student/.git" "$room/git.$n" 2>/dev/null || continue
	[ -z "$owner" ] || chown -R "$owner:$owner" "$room/git.$n"
	filtered=1
	time=$(sandbox "$room/git.$n" sh -c 'ulimit -t 5; HOME=/tmp exec git --git-dir=/submission log -1 --no-show-signature --format=%cI' 2>/dev/null </dev/null) || time=
	filtered=
	rm -rf "$room/git.$n"
	case $time in *[!0-9T:Z+-]* | '') ;; *) printf 'commit\t%d\t%s\n' $n "$time" ;; esac
done <"$room/students" >"$room/commits"

mkdir -p "$room/report/feedback"
awk -v to="$room/report" -v worth="$POINTS" -v roster="$ROSTER" -f "$here"/grade-report.awk "$room/lessons" "$room/numbered" \
	"$room/rows" "$room/commits" ${ROSTER:+"$ROSTER"}
cat "$room/report/table"

# ---- copies ----

least=90
n=0
{
	for lesson in $lessons; do
		n=$((n + 1))
		[ -n "$VARIATION" ] || written_in "$lesson" | while read -r program from; do
			printf 'source\t%s\t%s\t-1\t%s\n' "$lesson" "$program" "$from"
			printf 'source\t%s\t%s\t0\tlessons/%s/%s.c\n' "$lesson" "$program" "$lesson" "$program"
		done
		[ -z "$VARIATION" ] || for source in "lessons/$lesson"/*.c; do printf 'source\t%s\t%s\t-1\t%s\n' "$lesson" "$(basename "$source" .c)" "$source"; done
		read -r programs <"$room/kits/$lesson/programs"
		s=0
		while [ $((s += 1)) -le "$students" ]; do
			job=$room/jobs/$((own + (s - 1) * lesson_count + n))
			read -r in_folder <"$job/folder"
			for program in $programs; do
				[ ! -f "$job/sources/$in_folder/$program.c" ] || printf 'source\t%s\t%s\t%d\t%s\n' "$lesson" "$program" $s "$job/sources/$in_folder/$program.c"
			done
		done
	done
} | awk -v least=$least -f "$here"/grade-copies.awk >"$room/alike"
awk -F '\t' -v least=$least '
$1 == "student" { name[$2] = substr($0, length("student\t" $2) + 2); next }
function shown(s) { if (s == 0) return "the program of the course"; s = name[s]; gsub(/[\001-\037\177]/, "?", s); return s }
{
	if (!told++) print "Alike but for spaces, comments and names; what the lesson begins with does not count. Judge yourself:"
	printf "  %s/%s.c: %s and %s, %d per cent of %d places\n", $2, $3, shown($4), shown($5), $6, $7
}' "$room/numbered" "$room/alike" >"$room/report/copies.txt"
cat "$room/report/copies.txt"

# ---- files ----

# put NAME: an earlier CSV, which may hold somebody's notes, stays beside the new one.
put() {
	target=$DIR/$1
	if [ -e "$target" ] || [ -L "$target" ]; then
		if cmp -s "$room/report/$1" "$target"; then return; fi
		number=1
		while [ -e "${target%.csv}.old$number.csv" ]; do number=$((number + 1)); done
		mv "$target" "${target%.csv}.old$number.csv"
		echo "What was in $target is now in ${target%.csv}.old$number.csv"
	fi
	cp "$room/report/$1" "$target"
}
for file in "$room/report"/*.csv; do put "${file##*/}"; done
rm -f "$DIR/grades.json" && cp "$room/report/grades.json" "$DIR/"
if [ -L "$DIR/feedback" ] || ! mkdir -p "$DIR/feedback" 2>/dev/null; then
	echo "grade: no feedback is written, because $DIR/feedback is no folder" >&2
else
	n=0
	while IFS= read -r student; do
		n=$((n + 1))
		mv -f "$room/report/feedback/$n.md" "$DIR/feedback/$student.md"
	done <"$room/students"
fi
echo "Points out of $POINTS a lesson. Why each was lost: $DIR/grades.csv, and for each student $DIR/feedback/STUDENT.md"
