# progress.sh: progress of practice, which reads it with `.` after check.sh: what passes, and the next command.
# shellcheck shell=sh disable=SC2034,SC2154 # what practice sets and uses

# count_anew: checks what is in $here, and remembers the counts, which are in $counted then. Prints why where nothing can be counted.
count_anew() {
	look_up
	if ! (is_complete) 2>/dev/null; then
		printf '%-28s a program is missing\n' "$title"
		return 1
	fi
	choose_once
	[ ! -t 2 ] || printf '%-28s checking ...\r' "$title" >&2
	rm -rf "${room:?}/$name"
	counted='0 0 0'
	compiles=0 status=0
	compile quiet >/dev/null 2>"$room/all" || compiles=$?
	if [ $compiles = 0 ]; then
		run_checks -a >"$room/all" 2>&1 || status=$?
		[ $status != 0 ] || check_threads -a >"$room/all" 2>&1 || :
	fi
	if [ $compiles -gt 1 ] || [ $status -gt 1 ] || { [ $compiles = 0 ] && ! counted=$(counts); }; then
		impossible=$(tail -n 1 "$room/all")
		printf '%-28s not checked\n' "$title"
		return 1
	fi
	remember "$counted"
}

# One line: the lesson, or the variation, and what is known of it. Sets to_do to the command for what was begun and does not pass
# yet, and fresh to the one for what was not begun, if it comes after all that was.
progress_of() {
	short=$(short_of "$name") here=practice/$name${VARIATION:+-variation} again="LESSON=$short${VARIATION:+ VARIATION=1}"
	kept=build/$here title=$name${VARIATION:+, variation}
	if ! begun "${here#practice/}"; then
		[ -n "$VARIATION" ] || case $lesson in further/*) ;; *)
			printf '%-28s not begun\n' "$title"
			fresh=${fresh:-make start $again} ;;
		esac
		return
	fi
	[ -n "$VARIATION" ] || case $lesson in further/*) ;; *) fresh= ;; esac
	if ! counted=$(known "${here#practice/}") && ! count_anew; then
		to_do=${to_do:-make check $again}
		return
	fi
	all=
	if are_all "$counted"; then
		note_time pass
		all=1
	else
		to_do=${to_do:-make check $again}
	fi
	printf '%-28s %s%s\n' "$title" "$(in_words "$counted")" "${all:+$(took)}"
}

# The eight lessons; variations, and lessons beyond the eight, that were begun.
progress() {
	to_do='' fresh='' impossible=''
	for folder in lessons/[0-9]* lessons/further/*/; do
		lesson=${folder#lessons/} lesson=${lesson%/}
		for VARIATION in '' 1; do
			[ -z "$VARIATION" ] || [ -f "lessons/$lesson/variation.md" ] || continue
			name=${lesson##*/}
			progress_of
		done
	done
	[ -z "$impossible" ] || echo "$impossible"
	to_do=${to_do:-$fresh}
	echo "Next: $bold${to_do:-ls lessons/further}$plain"
}
