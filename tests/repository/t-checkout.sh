#!/bin/sh
# t-checkout.sh [TEST...]: a checkout as people have it: from a ZIP, from git with other line ends, used twice at once, or with
# something left from before.
# slow: it runs the commands of a learner again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
export NO_COLOR=1

# A hook or a user's settings say where git's things are; here it is about the copy.
export GIT_CONFIG_NOSYSTEM=1 HOME="$room" XDG_CONFIG_HOME="$room"
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CONFIG_GLOBAL

# says STATUS TEXT COMMAND...: it ends with this status (1 means any failure), and says so.
says() {
	status=$1 text=$2
	shift 2
	"$@" >"$room/out" 2>&1
	case $status$? in 00 | 1[!0]*) grep -qF -e "$text" "$room/out" && return ;; esac
	echo "no '$text', or a status other than $status, of $*:"
	cat "$room/out"
	return 1
}

make_copy_with_tests() {
	make_copy
	rm -rf "$copy/practice" "$copy/build/practice"
	mkdir -p "$copy/build"
	cp -R build/tests "$copy/build/" # newer than the copied sources
	make -s -C "$copy" && make -s -C "$copy/tests"
}

commit_all() {
	git -C "$1" add -A && git -C "$1" -c user.name=test -c user.email=test@example.org commit -qm test
}

# ---- from a ZIP, without .git ----

test_without_git_dist_says_why_and_leaves_no_file() {
	make_copy
	says 1 'no git repository' make -s -C "$copy" dist || return 1
	# Nor does it pack the repository that the folder happens to lie in.
	command -v git >/dev/null || return 0
	git init -q "$room" && says 1 'no git repository' make -s -C "$copy" dist || return 1
	rm -rf "$room/.git"
	! ls "$copy/build"/*.tar.gz "$copy/build"/dist* 2>/dev/null
}

test_dist_packs_what_is_committed_whatever_git_dir_says() {
	command -v git >/dev/null || { echo 'no git here'; return 77; }
	make_copy
	git init -q "$room/other" && git init -q "$copy" && commit_all "$copy" || return 1
	GIT_DIR=$room/other/.git make -s -C "$copy" dist >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
	rm -rf "$copy/.git"
	gzip -dc "$copy/build/sockets-in-c.tar.gz" | tar -tf - | grep -q '^sockets-in-c/lessons/08-threaded-echo/server.c$'
}

# Everything but dist; the tests of the repository run in such a copy, too.
test_without_git_the_commands_do_their_work() {
	make_copy_with_tests
	says 0 'no byte differs' make -s -C "$copy" demo && says 0 'make check LESSON=02' make -s -C "$copy" start LESSON=02 &&
		says 1 'NOT YET' make -s -C "$copy" check LESSON=02 && says 0 '03-listen' make -s -C "$copy" progress &&
		says 0 '100%: Checks' make -s -C "$copy" test LESSON=01
}

# ---- line ends ----

test_git_keeps_the_line_ends_whatever_autocrlf_says() {
	command -v git >/dev/null || { echo 'no git here'; return 77; }
	make_copy
	git init -q "$copy" && commit_all "$copy" && git clone -q -c core.autocrlf=true "$copy" "$room/clone" || return 1
	[ -z "$(git -C "$copy" status --porcelain)" ] || { git -C "$copy" status --porcelain; return 1; }
	rm -rf "$copy/.git"
	# Not one byte differs, whatever is recorded in it.
	(cd "$room/clone" && find . -path ./.git -prune -o -type f -print) | while IFS= read -r file; do
		cmp "$copy/$file" "$room/clone/$file" || exit 1
	done || return 1
	make -s -C "$room/clone" && (cd "$room/clone" && sh tests/trace.sh)
}

# ---- twice at once ----

# at_once NAME COMMAND...: in the copy, in the background; its output and its status go to files.
at_once() {
	result=$room/at-once.$1
	shift
	(
		cd "$copy" && "$@" >"$result" 2>&1
		echo "status $?" >>"$result"
	) &
}

# all_said TEXT: all of them have ended well and said this.
all_said() {
	wait
	for result in "$room"/at-once.*; do
		if ! grep -q '^status 0$' "$result" || ! grep -qF -e "$1" "$result"; then
			echo "$result: no '$1', or a failure:"
			cat "$result"
			return 1
		fi
	done
	rm "$room"/at-once.*
}

# A compiler that is not ready at once, so that whoever does not wait for it is seen.
make_slow_compiler() {
	mkdir -p "$room/slow"
	cat >"$room/slow/cc" <<-SH
		#!/bin/sh
		for word; do [ "\$last" != -o ] || output=\$word; last=\$word; done
		case \$output in /dev/null | -) ;; ?*) printf 'not a program yet' >"\$output" && chmod +x "\$output" && sleep 0.3 ;; esac
		exec $(command -v cc) "\$@"
	SH
	chmod +x "$room/slow/cc"
}

test_makes_that_build_the_lessons_and_the_tests_at_once_do_not_disturb_each_other() {
	make_copy_with_tests
	make_slow_compiler
	for programs in new again; do
		echo "$programs"
		make -s -C "$copy/lessons/06-single-echo" clean
		rm -f "$copy/build/tests"/check "$copy/build/tests"/fault.so*
		for number in 1 2 3; do
			at_once "$number" env PATH="$room/slow:$PATH" sh -c 'make -s && make -s -C tests &&
				: | lessons/06-single-echo/client 127.0.0.1 1 2>&1 | grep refused && build/tests/check -q 01-create-socket'
		done
		all_said '100%: Checks' || return 1
	done
	# Nothing that was begun stays.
	left=$(find "$copy" -name '*.[0-9][0-9]*' ! -name '*.old*' -print)
	[ -z "$left" ] || { echo "still there: $left"; return 1; }
}

test_checks_of_one_lesson_at_once_do_not_disturb_each_other() {
	make_copy_with_tests
	make_slow_compiler
	make -s -C "$copy" start LESSON=02 >/dev/null || return 1
	for_practice lessons/02-bind-address/server.c >"$copy/practice/02-bind-address/server.c"
	for number in 1 2 3 4; do
		at_once "$number" env PATH="$room/slow:$PATH" TIMEOUT_SCALE=4 make -s check LESSON=02
		sleep 0.1 # what one compiles another one runs
	done
	all_said PASSED && says 0 'not begun' make -s -C "$copy" progress || return 1
	grep -q '02-bind-address *\([0-9]*\) of \1 checks pass' "$room/out" || { cat "$room/out"; return 1; }
}

# ---- left from before ----

test_a_program_whose_source_is_gone_is_not_checked() {
	make_copy_with_tests
	make -s -C "$copy" start LESSON=06 >/dev/null || return 1
	for program in server client; do
		for_practice "lessons/06-single-echo/$program.c" >"$copy/practice/06-single-echo/$program.c"
	done
	# A client that can do nothing, which was checked and then taken away.
	echo 'int main(void) { return 3; }' >"$copy/practice/06-single-echo/client.c"
	says 1 'NOT YET' make -s -C "$copy" check LESSON=06 || return 1
	rm "$copy/practice/06-single-echo/client.c"
	says 1 'there is no practice/06-single-echo/client.c' make -s -C "$copy" check LESSON=06
}

# The result belongs to what was compiled.
test_a_program_that_is_edited_during_its_check_has_not_passed() {
	make_copy_with_tests
	make -s -C "$copy" start LESSON=02 >/dev/null || return 1
	mine=$copy/practice/02-bind-address/server.c
	for_practice lessons/02-bind-address/server.c >"$mine"
	at_once 1 make -s check LESSON=02
	wait_for 60 holds "$room/at-once.1" 'Checking' && echo '/* edited */' >>"$mine"
	all_said PASSED && ! grep -qF "$(cat "$copy/practice/02-bind-address"/*.c | cksum)" "$copy"/build/practice/02-bind-address/*
}

run_tests "$@"
