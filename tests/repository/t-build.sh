#!/bin/sh
# t-build.sh [TEST...]: make: what it builds, says and cleans.
# slow: it builds all, or calls a command again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_help_is_one_screen_and_lists_every_target_that_a_page_names() {
	make -s help >"$room/help"
	# shellcheck disable=SC2086 # names
	cat $pages | grep -o -e '`make [a-z][a-z0-9-]*' -e '^\$* *make [a-z][a-z0-9-]*' | sed 's/.*make //' | sort -u >"$room/named"
	[ "$(wc -l <"$room/named")" -gt 20 ] || return 1
	while read -r target; do
		[ -d "lessons/further/$target" ] || grep -q "make $target " "$room/help" || { echo "make help does not list $target"; return 1; }
	done <"$room/named" || return 1
	awk 'length > 80 || NR > 30 { wrong = 1 } END { exit wrong }' "$room/help" || { echo 'more than one screen:'; cat "$room/help"; return 1; }
	[ "$(grep '^[^ ]' "$room/help" | tr -d '\n')" = learn:look:teach:keep: ]
}

test_a_command_of_before_says_in_one_line_what_it_is_called_now() {
	for pair in deps-trace/'deps FOR=trace' deps-slides/'deps FOR=slides' test-museum/'test ONLY=museum' test-lessons/'test ONLY=lessons' \
		bench-08/'bench ONLY=08' classroom-shell/'classroom HOST=teacher'; do
		make -s "${pair%%/*}" >"$room/out" 2>&1
		[ $? = 2 ] && [ "$(wc -l <"$room/out")" = 1 ] && grep -qF "make ${pair%%/*} is called now:  make ${pair#*/}" "$room/out" && continue
		echo "make ${pair%%/*} says:"
		cat "$room/out"
		return 1
	done
}

test_what_can_be_given_to_test_and_deps_is_named_when_something_else_is() {
	for command in 'test ONLY=none' 'deps FOR=none'; do
		# shellcheck disable=SC2086 # words
		make -s $command >"$room/out" 2>&1 && { echo "make $command succeeds"; return 1; }
		grep -q "='none': give some of" "$room/out" || { cat "$room/out"; return 1; }
	done
	targets=$(sed -n 's/^DEPS = //p' Makefile)
	for target in $targets; do
		grep -q "[ ,]$target\>" "$room/out" || { echo "make deps FOR=none does not name $target:"; cat "$room/out"; return 1; }
	done
}

# Without it every check with a fault would be skipped, or run with an old one.
test_a_fault_library_that_does_not_compile_stops_the_build() {
	case $(uname) in Linux | FreeBSD | NetBSD | OpenBSD) ;; *) echo 'no LD_PRELOAD on this system'; return 77 ;; esac
	mkdir "$room/broken"
	cp -R tests "$room/broken/"
	make -s -n -C "$room/broken/tests" | grep -q 'fault\.so' || { echo 'the tests do not need it'; return 1; }
	echo 'this is no C' >>"$room/broken/tests/checker/fault.c"
	! make -s -C "$room/broken/tests" ../build/tests/fault.so >"$room/out" 2>&1 || { echo 'make succeeds'; cat "$room/out"; return 1; }
}

# A start of AddressSanitizer that asks for what is not there takes twice the time.
test_a_sanitizer_starts_without_asking_for_what_is_not_there() {
	echo 'int main(void) { return 0; }' >"$room/probe.c"
	cc -fsanitize=address -static-libasan -o "$room/probe" "$room/probe.c" 2>/dev/null || { echo 'no AddressSanitizer here'; return 77; }
	asked() { LD_DEBUG=versions LD_PRELOAD=$1 "$room/probe" 2>&1 | grep -c 'undefined symbol'; }
	[ "$(asked '')" -gt 0 ] || { echo 'this C library tells nothing of it'; return 77; }
	[ "$(asked build/tests/absent.so)" = 0 ]
}

test_a_wrong_lesson_lists_the_right_ones() {
	for wrong in 9 0 3x 03-accept; do
		make test LESSON="$wrong" >"$room/out" 2>&1 && { echo "LESSON=$wrong was taken"; return 1; }
		for lesson in $lessons; do grep -q "$lesson" "$room/out" || { cat "$room/out"; return 1; }; done
	done
}

test_without_check_the_tests_name_the_command_that_mends_it() {
	PKG_CONFIG_LIBDIR=/nonexistent PKG_CONFIG_PATH='' make test >"$room/out" 2>&1 &&
		{ echo 'make test succeeded without Check'; return 1; }
	grep -q 'make deps' "$room/out" || { cat "$room/out"; return 1; }
}

test_a_fresh_copy_builds_then_is_silent_and_rebuilds_after_die_h() {
	make_copy
	make -s -j4 -C "$copy" || return 1
	make --no-print-directory -C "$copy" >"$room/second" || return 1
	if [ -s "$room/second" ]; then
		echo 'the second run did something:'
		cat "$room/second"
		return 1
	fi
	touch -t 203001010000 "$copy/common/die.h"
	built=$(make -n -C "$copy" | grep -c -- ' -o ')
	touch "$copy/common/die.h"
	wanted=$(for lesson in $lessons; do programs_of "$lesson"; done | wc -w)
	echo "after a change of die.h $built of $wanted programs are built"
	[ "$built" -eq "$wanted" ]
}

test_each_lesson_builds_alone_in_its_folder() {
	make_copy
	for lesson in $lessons $further; do
		make -s -C "$copy" clean >/dev/null
		programs=$(programs_of "$lesson") libs=$(fact "$lesson" libraries)
		(cd "$copy/lessons/$lesson" && make -s && for program in $programs; do [ -x "$program" ] || exit 1; done) ||
			{ echo "make fails in lessons/$lesson"; return 1; }
		make -s -C "$copy" clean >/dev/null
		make -s -C "$copy" "$lesson" || { echo "make $lesson fails"; return 1; }
		for source in "$copy/lessons/$lesson"/*.c; do
			# shellcheck disable=SC2086 # words
			(cd "$copy/lessons/$lesson" && cc $libs "${source##*/}" && rm a.out) ||
				{ echo "cc ${source##*/} fails in lessons/$lesson"; return 1; }
		done
	done
}

test_a_lesson_for_one_system_says_so_on_others_and_builds_nothing() {
	make_copy
	mkdir -p "$room/elsewhere"
	printf '#!/bin/sh\necho Elsewhere\n' >"$room/elsewhere/uname"
	chmod +x "$room/elsewhere/uname"
	for lesson in $further; do
		only=$(fact "$lesson" system)
		[ -n "$only" ] || continue
		make -s -C "$copy" clean >/dev/null
		PATH="$room/elsewhere:$PATH" make -C "$copy" "$lesson" >"$room/out" || { cat "$room/out"; return 1; }
		grep -q "for $only only" "$room/out" || { echo "$lesson does not say that it is for $only only"; return 1; }
		for program in $(programs_of "$lesson"); do
			[ ! -e "$copy/lessons/$lesson/$program" ] || { echo "$lesson is built elsewhere"; return 1; }
		done
	done
}

test_clean_leaves_git_status_clean() {
	command -v git >/dev/null || { echo 'no git here'; return 77; }
	make_copy
	(
		cd "$copy" && make -s clean >/dev/null && rm -rf .git && git init -q && git add -A &&
			git -c user.name=test -c user.email=test@example.org commit -qm test &&
			make -s && make -s -C tests && git status --porcelain >status-built &&
			make -s clean >/dev/null && git status --porcelain --ignored >status-clean
		! grep -v status- status-built && ! grep -v status- status-clean
	)
}

run_tests "$@"
