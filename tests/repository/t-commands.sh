#!/bin/sh
# t-commands.sh [TEST...]: make check of programs that are no file in practice/: other languages, any command.
# slow: the other language begins anew for each check; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2016,SC2317 # perl reads $bytes; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh
export NO_COLOR=1
copy_as_built
cd "$copy" || exit 1

test_a_server_in_another_language_is_checked() {
	wrong=0
	command -v perl >/dev/null || { echo 'a server in another language: no perl here'; return 77; }
	says 0 "with the lesson's own client" 'PASSED' -- make -s check LESSON=06 SERVER='perl tests/echo.pl'
	sed 's/last if \$bytes eq .*/die if $bytes eq "";/' tests/echo.pl >wrong.pl
	says 1 'NOT YET' 'saw exit status 255' -- make -s check LESSON=06 SERVER='perl wrong.pl'
	return "$wrong"
}

test_checks_that_need_the_fault_library_are_skipped_by_name_without_it() {
	wrong=0
	# env takes the fault library away: the checks that need it are skipped.
	says 0 "with the lesson's own server" 'PASSED: all checks of 06-single-echo, except those that were skipped (above).' \
		-- make -s check LESSON=06 CLIENT='env -u LD_PRELOAD lessons/06-single-echo/client'
	return "$wrong"
}

run_tests "$@"
