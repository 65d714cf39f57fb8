#!/bin/sh
# t-shell.sh [TEST...]: what the user's shell has exported, and its locale, change no result; what is given to make arrives.
# slow: it runs the commands of a learner again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# abroad COMMAND...: in $language, with a comma in numbers, and with mawk, which reads it, where that is.
abroad() {
	env LOCPATH="$room/locales" LC_ALL="$language" PATH="$room/mawk:$PATH" "$@"
}

can_be_abroad() {
	mkdir -p "$room/locales" "$room/mawk"
	ln -sf "$(command -v mawk || command -v awk)" "$room/mawk/awk"
	[ -d "$room/locales/$language" ] || localedef -i "${language%.*}" -f UTF-8 "$room/locales/$language" >/dev/null 2>&1
	case $(abroad locale charmap 2>/dev/null) in UTF-8) return ;; esac
	echo "no localedef here, or no sources of the locale ${language%.*}: make deps FOR=machines"
	return 77
}

test_a_comma_in_german_numbers_changes_no_drawing() { changes_no_drawing de_DE.UTF-8; }
test_a_comma_in_french_numbers_changes_no_drawing() { changes_no_drawing fr_FR.UTF-8; }

changes_no_drawing() {
	language=$1
	can_be_abroad || return
	abroad sh tests/trace.sh || return
	can_trace || return
	abroad make -s trace LESSON=06 >"$room/drawn" 2>&1 || { cat "$room/drawn"; return 1; }
	# What can only come in this order, in the signs of the locale.
	order=$(sed -n 's/^[●│┊].* \(listen\|connect\|shutdown\)(.*/\1/p' "$room/drawn" | tr '\n' ' ')
	[ "$order" = 'listen connect shutdown ' ] || { cat "$room/drawn"; return 1; }
}

# What the names that we use, and those of the tools, could do when somebody has exported them for something else.
hostile() {
	mkdir -p "$room/a tmp"
	(
		umask 077
		env CDPATH=. OUT=elsewhere SERVER=false CLIENT=false BUG=99 VARIATION=1 LESSON=99 PRACTICE=99 ALL=1 FROM=mine FORCE=1 \
			HINT=3 DIR=/ POINTS=0 JOBS=0 SANITIZE=thread SCENARIO=none SVG="$room/svg" RAW=1 STATES=1 BRIEF=1 FULL=1 ROUNDS=0 \
			HOST=teacher STUDENTS=0 ONLY=none FOR=none RELEASES=none AS=none PAPER=none LIBS=-lnone ONLY_ON=Elsewhere CLIENT_SOURCE=none.c ROW=none NAME=none COURSE=none BUILD="$room/build" \
			LESSONS=none FURTHER=none PROGRAMS=none TOOLS=none \
			FAULTS='socket=EMFILE@1+' OWN_NETWORK=1 \
			CK_FORK=no CK_RUN_SUITE=none CK_RUN_CASE=none CK_INCLUDE_TAGS=none CK_EXCLUDE_TAGS=given CK_DEFAULT_TIMEOUT=1 \
			CK_VERBOSITY=silent CK_TAP_LOG_FILE_NAME="$room/tap" CK_MAX_MSG_SIZE=10 \
			ASAN_OPTIONS=detect_leaks=0:exitcode=0 UBSAN_OPTIONS=exitcode=0 \
			POSIXLY_CORRECT=1 GREP_OPTIONS=-v GREP_COLOR=31 GREP_COLORS='mt=31' ENV="$room/rc" BASH_ENV="$room/rc" \
			SHELLOPTS=noclobber MAKEFLAGS=-j8 TMPDIR="$room/a tmp" "$@"
	)
}

# same COMMAND...: in the copy, it prints the same and has the same status in either shell. Ports differ by nature. A check
# that is not expected to pass has little patience: more of it, so that a busy machine counts the same.
same() {
	for shell in env hostile; do
		(cd "$copy" && TIMEOUT_SCALE=4 "$shell" "$@") >"$room/$shell" 2>"$room/$shell.errors" </dev/null
		echo "status $?" >>"$room/$shell"
	done
	if sed 's/:[0-9][0-9]*/:PORT/g' "$room/env" >"$room/env.said" && sed 's/:[0-9][0-9]*/:PORT/g' "$room/hostile" >"$room/hostile.said" &&
		diff "$room/env.said" "$room/hostile.said" >"$room/differs"; then
		return
	fi
	echo "$* (< as it should be, > when names are exported):"
	cat "$room/differs" "$room/hostile.errors"
	return 1
}

# The programs of the copy, with their modes; then they are taken away.
programs_of_the_copy() {
	(cd "$copy" && find . -path ./build -prune -o -type f -perm -u+x -newer "$room/begun" -print | sort)
	make -s -C "$copy" clean >/dev/null
	rm -rf "$copy/elsewhere"
}

test_what_the_shell_has_exported_changes_no_build() {
	make_copy
	: >"$room/rc"
	: >"$room/begun"
	make -s -C "$copy" all further && programs_of_the_copy >"$room/wanted"
	hostile make -s -C "$copy" all further 2>/dev/null && programs_of_the_copy | diff "$room/wanted" - || return 1
	(cd "$copy/lessons/05-connect" && hostile make -s) && [ "$(programs_of_the_copy)" = ./lessons/05-connect/client ]
}

test_what_the_shell_has_exported_changes_no_result() {
	copy_as_built
	: >"$room/rc"
	same make -s help && same make -s diff LESSON=05 && same make -s hint LESSON=05 || return 1
	same sh -c 'rm -rf practice && make -s start LESSON=05' || return 1
	make -s -C "$copy" start LESSON=02 >/dev/null || return 1
	same make -s check LESSON=02 && same make -s check LESSON=02 ALL=1 && same make -s progress || return 1
	for_practice lessons/02-bind-address/server.c >"$copy/practice/02-bind-address/server.c"
	same make -s check LESSON=02 && grep -q PASSED "$room/hostile" && same make -s progress || return 1
	same make -s test LESSON=02 && grep -q '100%: Checks' "$room/hostile" || return 1
	! can_trace >/dev/null || same make -s trace LESSON=02
}

# says TEXT COMMAND...: it succeeds and says so.
says() {
	text=$1
	shift
	"$@" >"$room/out" 2>&1 && grep -q -e "$text" "$room/out" && return
	echo "no '$text', or a failure, of $*:"
	cat "$room/out"
	return 1
}

test_a_name_that_is_exported_is_said_not_to_count() {
	says 'exported it: SERVER\.' env SERVER=none ALL='' make -s help && says 'make check ' make -s help SERVER=none || return 1
	! grep 'exported' "$room/out"
}

# bench takes such a one in t-bench.sh.
test_a_command_with_quotes_arrives_in_check_and_trace() {
	command -v perl >/dev/null || { echo 'no perl here'; return 77; }
	copy_as_built
	cp tests/echo.pl "$copy/it's a server.pl"
	command="perl \"it's a server.pl\""
	says PASSED make -s -C "$copy" check LESSON=06 SERVER="$command" || return 1
	! can_trace || says '^Your program' make -s -C "$copy" trace LESSON=06 SERVER="$command" || return 1
}

run_tests "$@"
