# grade-find.sh: what was handed in, and the jobs that this makes. grade reads it with `.`.
# shellcheck shell=sh disable=SC2154 # what grade sets

# list KIND TEST...: what find finds below the submissions, at most eight folders deep. Names with a line break or a tab are left
# out, since what follows works with lines.
list() {
	letter=$1
	shift
	(cd "$DIR" && find . -maxdepth 8 \( -name "*$newline*" -o -name "*$tab*" -o -name '.?*' -o -name __MACOSX -o -name node_modules \) -prune \
		-o "$@" -print) 2>/dev/null | sed "s/^/$letter$tab/"
}
newline='
'

# $room/students: a line each. Not a folder of our own.
find_students() {
	{
		list d -type d
		list l -type l
		list f -type f -size -1954
		list b -type f -size +1953
		list o ! -type d ! -type f ! -type l
	} | sed '/^.	\.$/d' >"$room/found"
	while IFS=$tab read -r kind path; do
		[ "$kind" = d ] || continue
		if [ ! -r "$DIR/$path" ] || [ ! -x "$DIR/$path" ]; then printf 'x\t%s\n' "$path"; fi
	done <"$room/found" >"$room/unread"
	cat "$room/unread" >>"$room/found"
	: >"$room/students"
	while IFS=$tab read -r kind path; do
		case $kind$path in [dl]./*/*) continue ;; [dl]./*) ;; *) continue ;; esac
		student=${path#./}
		[ -z "$STUDENT" ] || [ "$student" = "$STUDENT" ] || continue
		[ -d "$DIR/$student" ] || continue
		[ "$student" != feedback ] || ! [ -f "$DIR/grades.csv" ] || continue
		printf '%s\n' "$student"
	done <"$room/found" | sort -u >"$room/students"
	[ -z "$(find "$DIR" -maxdepth 1 -type d -name "*$newline*")" ] ||
		echo 'grade: a folder whose name holds a line break is left out' >&2
	[ -s "$room/students" ] || fail "'$DIR' holds no folder of a student: DIR/STUDENT/03-listen/server.c"
	deep=$({ echo practice; (cd lessons && echo [0-9]*) | tr ' ' '\n'; } | grep -ixF -m 1 -f - "$room/students" || :)
	[ -z "$deep" ] || fail "'$DIR' is the folder of one student: it holds $deep. DIR is the folder above it"
}

# The eight lessons, and each further one that somebody has handed in. Not those that need more than a sandbox allows. Or the
# one that was asked for.
find_lessons() {
	lessons=$(cd lessons && echo [0-9]*)
	suite_of='' suffix=''
	[ -z "$VARIATION" ] || suite_of=variation/ suffix=-variation
	[ -n "$VARIATION" ] || for further in lessons/further/*/; do
		further=${further#lessons/} further=${further%/}
		grep -qi "/${further#*/}/[a-z]*\.c$" "$room/found" || [ "$further" = "$only" ] || continue
		denied=$(denied_in_a_sandbox "$further") || exit
		if [ -n "$denied" ]; then
			echo "grade: ${further#*/} is left out: in a sandbox nobody has $denied" >&2
			[ "$further" != "$only" ] || exit 1
		else
			lessons="$lessons $further"
		fi
	done
	[ -z "$only" ] || lessons=$only
	l=0
	for lesson in $lessons; do
		[ -z "$VARIATION" ] || [ -f "lessons/$lesson/variation.md" ] || fail "$lesson has no variation: there is no lessons/$lesson/variation.md"
		make_kit "$lesson"
		programs_for "$lesson" >"$room/kits/$lesson/programs"
		fact "$lesson" libraries >"$room/kits/$lesson/libraries"
		[ -n "$VARIATION" ] || written_in "$lesson" | sed -n 's#.* lessons/\(.*\)/.*#-o \1#p' | sort -u >"$room/kits/$lesson/before"
		printf 'lesson\t%d\t%s\t%s\n' $((l += 1)) "$lesson" "$(cat "$room/kits/$lesson/programs")"
	done >"$room/lessons"
	lesson_count=$(wc -l <"$room/lessons")
}

# new_job LESSON: jobs have numbers, from 1.
jobs=0
new_job() {
	jobs=$((jobs + 1))
	job=$room/jobs/$jobs
	echo "$1" >"$job/lesson"
	echo . >"$job/folder"
	: >"$job/notes"
}

# The first jobs are our own, one for each lesson: the lesson itself, which tells which checks there are, and that this machine
# can do it. Then one for each student and lesson.
make_jobs() {
	awk -v jobs=$(((1 + $(wc -l <"$room/students")) * lesson_count)) 'BEGIN { while (++n <= jobs) print "jobs/" n "/sources" }' |
		(cd "$room" && mkdir given && xargs mkdir -p) # one process for all
	for lesson in $lessons; do
		new_job "$lesson"
		for program in $(programs_for "$lesson"); do solution "$lesson" "$program" >"$job/sources/$program.c"; done
		give_headers "$lesson" "$job/sources" >"$room/given/$jobs"
	done
	own=$jobs
	students=0
	while IFS= read -r student; do
		students=$((students + 1))
		printf 'student\t%d\t%s\n' $students "$student"
		for lesson in $lessons; do new_job "$lesson"; done
	done <"$room/students" >"$room/numbered"
	awk -v suffix="$suffix" -f "$here"/grade-find.awk "$room/lessons" "$room/numbered" "$room/found" >"$room/taken.list"
	mkdir "$room/taken"
	while IFS=$tab read -r what s l one two; do
		job=$room/jobs/$((own + (s - 1) * lesson_count + l))
		case $what in
		in) printf '%s\n' "$one" >"$job/folder" ;;
		note) printf 'note\t%s\n' "$one" >>"$job/notes" ;;
		lacks) printf 'lacks\t%s\t%s\n' "$one" "$two" >>"$job/notes" ;;
		take) copy "$DIR/$one" "$job/sources/$two" ;;
		esac
	done <"$room/taken.list"
	give_all_headers
}

# The headers that a lesson gives, where a student has not handed them in.
give_all_headers() {
	l=0
	for lesson in $lessons; do
		l=$((l + 1))
		[ -s "$room/given/$l" ] || continue
		s=0
		while [ $((s += 1)) -le "$students" ]; do
			job=$room/jobs/$((own + (s - 1) * lesson_count + l))
			read -r in_folder <"$job/folder"
			set -- "$job/sources/$in_folder"/*.c
			[ ! -e "$1" ] || give_headers "$lesson" "$job/sources/$in_folder" >>"$room/given/$l"
		done
	done
}

# copy FILE PLACE. A file of the course's own lessons is nobody's work.
copy() {
	case $1 in */lessons/*)
		read -r lesson <"$job/lesson"
		if cmp -s "$1" "lessons/$lesson/${2##*/}"; then
			printf 'note\t%s is the program of the course, and was not taken\n' "${1#"$DIR/"}" >>"$job/notes"
			return
		fi ;;
	esac
	folder=${2%/*}
	[ -d "$folder" ] || mkdir -p "$folder"
	{ cat <"$1" >"$2"; } 2>/dev/null || printf 'note\t%s cannot be read\n' "${1##*/}" >>"$job/notes"
}

# solution LESSON PROGRAM: prints the right program, as it stands in practice/.
solution() {
	if [ -n "$VARIATION" ] && [ "$(original_of "tests/variations/$1/right.patch")" = "lessons/$1/$2.c" ]; then
		patched "tests/variations/$1/right.patch" "lessons/$1/$2.c" "$room/right.c" >&2 || exit
		for_practice "$room/right.c"
	else
		for_practice "lessons/$1/$2.c"
	fi
}

# ---- what a run before has done ----

done_before=build/grade/done

# Each job has a key: of its sources, of all that checks them, and of what was asked for.
recall() {
	mkdir -p $done_before
	(cd "$room" && find kits jobs -type f ! -path '*/notes' ! -path 'kits/*/programs' -exec sha256sum {} + | sort -k 2) >"$room/sums"
	awk -v room="$room" -v asked="$SANITIZE $SANITIZERS ${ASAN_OPTIONS:-} ${TIMEOUT_SCALE:-1} $suite_of" '
	{ path = substr($0, index($0, "  ") + 2) }
	path ~ /^kits\// { sub(/^kits\//, "", path); all[++k] = path " " $1; next }
	{ n = path; sub(/^jobs\//, "", n); sub(/\/.*/, "", n); sub(/^[^\/]*\/[^\/]*\//, "", path); line[n] = line[n] $1 " " path "\n" }
	END {
		for (n in line) {
			getline lesson <(room "/jobs/" n "/lesson")
			close(room "/jobs/" n "/lesson")
			if (!(lesson in kit)) for (i = 1; i <= k; i++) if (index(all[i], lesson "/") == 1) kit[lesson] = kit[lesson] all[i] "\n"
			file = room "/jobs/" n "/manifest"
			printf "%s%s\n%s", kit[lesson], asked, line[n] >file
			close(file)
		}
	}' "$room/sums"
	(cd "$room/jobs" && sha256sum ./*/manifest) >"$room/keys"
	while read -r key n; do
		n=${n#./} n=${n%/*}
		echo "$key" >"$room/jobs/$n/key"
		[ -n "$FORCE" ] || [ ! -f "$done_before/$key" ] || echo "$done_before/$key $room/jobs/$n/outcome"
	done <"$room/keys" | awk '{
		to = substr($0, length($1) + 2)
		while ((getline line <$1) > 0) print line >to
		close($1)
		close(to)
	}'
}

# Those whose outcome is not known, and that have something to run.
unknown_jobs() {
	n=0
	while [ $((n += 1)) -le $jobs ]; do
		[ ! -f "$room/jobs/$n/outcome" ] || continue
		set -- "$room/jobs/$n/sources"/*
		[ ! -e "$1" ] || echo $n
	done
}
