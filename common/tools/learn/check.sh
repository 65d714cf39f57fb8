# check.sh: check of practice, which reads it with `.`: what compiles a program and runs the checker on it.
# shellcheck shell=sh disable=SC2034,SC2154 # what practice sets and uses

# compile [quiet]: what is in practice/NAME, with warnings and sanitizers, into a new folder: $made. No program of an earlier
# check is there, and none of another one that runs now. The language is the compiler's own, as with the command of the pages.
compile() {
	made=$room/$name
	mkdir "$made"
	compiled=$(state)
	flags="$BUILD_FLAGS -Wall -Wextra -Wshadow"
	LIBS=$libraries
	quiet=${1:-}
	set --
	for program in $names; do
		# shellcheck disable=SC2086 # words
		build_program "$here" "$program" "$made/$program" $flags $SANITIZERS &
		set -- "$@" $!
	done
	for program in $names; do
		says=$made/$program.says compiler=$1
		shift
		if ! wait "$compiler"; then
			wait # for the others: they write into the same folder
			cat "$says" >&2
			# Without the lines of the source that it shows: these have a number before them, or a text in quotes.
			if is_of_this_machine "$(sed -e '/^ *[0-9]* *|/d' -e '/"/d' "$says")" || ! printf '%9999s' '' >"$made/written" 2>/dev/null; then
				tell_unchecked 'The disk or the memory of this machine is full (df, ulimit -a)' >&2
				return 2
			fi
			[ "${GITHUB_ACTIONS:-}" != true ] ||
				sed -n 's/%/%25/g
					:comma
					s/^\([^ :,]*\),\([^:]*:[0-9]\)/\1%2C\2/
					t comma
					s/^\([^ :]*\.[ch]\):\([0-9]*\):\([0-9]*\): \(fatal \)*error: \(.*\)/::error file=\1,line=\2,col=\3::\5/p' "$says"
			echo "$bad$here/$program.c does not compile.$plain Begin with the first error above." >&2
			return 1
		fi
		[ ! -s "$says" ] || [ -n "$quiet" ] || {
			cat "$says"
			echo "The compiler warns (above): read it, a warning is often the bug."
			echo
		}
	done
}
SANITIZE='' SANITIZERS='' chosen=''

# tell_unchecked WHY
tell_unchecked() {
	echo "${bad}NOT CHECKED.$plain $1; that says nothing about your program."
}

# Threads that disturb each other show with ThreadSanitizer, which cannot stand beside the other sanitizers: when all is right, a
# program with threads is built once more, and checked with many clients at once. What that finds is printed; its results come
# behind those that are there.
check_threads() {
	[ "$libraries" = -pthread ] || return 0
	[ "$(state)" = "$compiled" ] || return 0 # saved meanwhile: that is for the next check
	choose_thread_sanitizer "$room"
	if [ -n "$no_threads" ]; then
		echo "Threads were not looked at with ThreadSanitizer: $no_threads."
		return
	fi
	mkdir "$room/with-threads"
	for program in $names; do
		# shellcheck disable=SC2086 # words
		build_program "$here" "$program" "$room/with-threads/$program" -g -O1 -w $THREAD_SANITIZERS || return 0
	done
	mv "$room/results" "$room/results.before"
	SANITIZE=$THREAD_SANITIZE made=$room/with-threads
	race=0
	run_checks -m "$@" >"$room/threads" || race=$?
	if [ $race != 0 ]; then
		cat "$room/threads"
		sed '/^complete$/d' "$room/results" >>"$room/results.before"
	fi
	mv "$room/results.before" "$room/results"
	return $race
}

# Before the first program is compiled: what this machine can check it with.
choose_once() {
	[ -z "$chosen" ] || return 0
	chosen=1
	command -v cc >/dev/null || fail 'there is no command cc here, which builds what is checked. This names what installs it:  make doctor'
	choose_sanitizers "$room"
	[ -z "$without" ] || echo "Checking without $without: $why."
}

IMPOSSIBLE=77 # the status of run_checks where this machine allows no check; its last line says why

# run_checks [OPTION...]: of the checker. Its results are in $room/results then.
run_checks() {
	own_server=$SERVER own_client=$CLIENT
	if [ -n "$SERVER$CLIENT" ]; then
		set -- -x "$@"
		SANITIZE=
	else
		[ ! -x "$made/server" ] || own_server=$(quoted "$made/server")
		for program in client ping scan; do
			[ ! -x "$made/$program" ] || own_client=$(quoted "$made/$program")
		done
	fi
	rm -f "$room/results"
	if [ -z "$VARIATION" ]; then
		while read -r program from; do
			case $from in lessons/*) from=${from#lessons/} && set -- -o "${from%/*}" "$@" ;; esac
		done <<-END
			$programs
		END
	fi
	CC=cc sh tests/run.sh -q -s "$own_server" -c "$own_client" -z "$SANITIZE" -r "$room/results" "$@" "${VARIATION:+variation/}$lesson"
}

# How many checks pass, how many there are, how many of them were skipped, and the first two of the step alone, without those that
# the lesson before has, too. Fails when the run was not complete.
counts() {
	awk -F '\t' '
	$1 == "complete" { complete = 1; next }
	{ all++; own += $7 == "own" }
	$1 == "passed" || $1 == "skipped" { passed++; own_passed += $7 == "own" }
	$1 == "skipped" { skipped++ }
	END { if (!complete) exit 1; print passed + 0, all + 0, skipped + 0, own_passed + 0, own + 0 }' "$room/results"
}

# in_words COUNTS: of counts, or "0 0 0" for a program that does not compile.
in_words() {
	# shellcheck disable=SC2086 # words
	set -- $1
	if [ "$2" = 0 ]; then
		echo 'does not compile'
	elif [ "$1" = "$2" ] || [ "${5:-$2}" = "$2" ]; then
		echo "$1 of $2 checks pass$([ "$3" = 0 ] || echo ", $3 skipped")"
	else
		echo "$4 of $5 checks of this step, $(($1 - $4)) of $(($2 - $5)) from before"
	fi
}

# The first lesson after this one that has not passed, then one before it that was begun: nobody has to begin with the first. A
# lesson that was begun is not started again.
next() {
	case $lesson in further/*)
		echo 'What else there is: ls lessons/further'
		return ;;
	esac
	following='' met=''
	for folder in lessons/[0-9]*; do
		other=${folder#lessons/}
		if [ "$other" = "$name" ]; then
			met=1
		elif [ -n "$met" ] && ! passed "$other"; then
			following=$other
			break
		fi
	done
	[ -n "$following" ] || for folder in lessons/[0-9]*; do
		other=${folder#lessons/}
		if begun "$other" && [ "$other" != "$name" ] && ! passed "$other"; then
			following=$other
			break
		fi
	done
	if [ -z "$following" ]; then
		echo 'These were the eight lessons. What comes after them: ls lessons/further'
	else
		verb=start
		! begun "$following" || verb=check
		echo "Next: ${bold}make $verb LESSON=$(short_of "$following")$plain"
	fi
}

# What a command talks to, when the lesson has a second program.
with_whom() {
	case "${SERVER:+server }${CLIENT:+client }$(programs_of "$lesson")" in
	'server server client') printf ", with the lesson's own client" ;;
	'client server client') printf ", with the lesson's own server" ;;
	esac
}

# A check leaves no program behind; what repeats it by hand wants one.
tell_compiling() {
	set --
	for program in $names; do set -- "$@" "cc ${libraries:+$libraries }-o $program $program.c"; done
	printf 'By hand:   cd %s\n' "$here"
	printf '           %s\n' "$@"
}

check() {
	if [ -z "$SERVER$CLIENT" ]; then
		is_complete
		choose_once
		compile || exit 1
	fi
	checked=$room/checked
	echo "Checking ${SERVER:+SERVER=$SERVER }${CLIENT:+CLIENT=$CLIENT }against lesson $name${VARIATION:+, variation}$(with_whom) ..."
	status=0
	# stderr tells which check runs, on a terminal, and what is skipped
	run_checks ${ALL:+-a} ${MOST:+-n "$MOST"} >"$checked" || status=$?
	cat "$checked"
	if [ $status = 0 ] && [ -z "$SERVER$CLIENT" ]; then
		check_threads ${ALL:+-a} || status=$?
	fi
	[ ! -f "$room/results" ] || { mkdir -p "$kept" && cp "$room/results" "$kept/results"; }
	[ "${GITHUB_ACTIONS:-}" != true ] || [ ! -f "$room/results" ] || awk -v lesson="$name${VARIATION:+, variation}" \
		-v program="$here/${names%% *}.c" -v summary="${GITHUB_STEP_SUMMARY:-}" -f common/tools/learn/actions.awk "$room/results"
	counted=$(counts 2>/dev/null) || counted=
	[ -n "$SERVER$CLIENT$BUG" ] || [ -z "$counted" ] || remember "$counted"
	if [ $status = 0 ]; then
		[ -n "$SERVER$CLIENT$BUG" ] || note_time pass
		but=
		[ "$(echo "$counted" | cut -d ' ' -f 3)" = 0 ] || but=', except those that were skipped (above)'
		echo "${good}PASSED: all checks of $name${VARIATION:+, variation}$but.$plain"
		if [ -n "$BUG" ]; then
			tell_name
			exit 0
		fi
		if [ -z "$VARIATION" ]; then
			echo "Now run it, look, and break it: lessons/$lesson/README.md"
			[ ! -f "lessons/$lesson/variation.md" ] || echo "One task more, beyond the lesson: make start LESSON=$short VARIATION=1"
		fi
		next
	elif [ $status = $IMPOSSIBLE ]; then
		tell_unchecked 'This machine allows no check of it (above)'
		exit 1
	elif [ $status != 1 ]; then
		tell_unchecked 'The checks could not be made (above)'
		exit 1
	else
		echo "${bad}NOT YET.$plain Mend this, then again:  make check $again${SERVER:+ SERVER=$(quoted "$SERVER")}${CLIENT:+ CLIENT=$(quoted "$CLIENT")}${ALL:+ ALL=1}"
		if [ -n "$VARIATION" ]; then
			echo "The task:  lessons/$lesson/variation.md"
		else
			echo "A hint:    make hint $again"
		fi
		[ -n "$SERVER$CLIENT" ] || tell_compiling
		exit 1
	fi
}
