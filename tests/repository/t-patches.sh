#!/bin/sh
# t-patches.sh [TEST...]: the wrong programs, which are patches. Whether they are caught is for make test ONLY=museum to say.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

test_each_patch_fits_the_program_that_its_head_names() {
	command -v patch >/dev/null || { echo 'no patch here: make deps'; return 77; }
	wrong=0
	for patch in tests/museum/*.patch tests/designs/*.patch tests/load/*.patch tests/variations/*/right.patch tests/variations/further/*/right.patch tests/classroom.patch common/tools/look/*.patch; do
		patched "$patch" "$(original_of "$patch")" "$room/made.c" || wrong=1
		case $patch in */right.patch) ;; *) continue ;; esac
		mv "$room/made.c" "$room/right.c"
		for other in "${patch%/*}"/wrong-*.patch; do patched "$other" "$room/right.c" "$room/made.c" || wrong=1; done
	done
	return "$wrong"
}

# Whether they have these points says make test ONLY=points.
test_each_wrong_program_has_one_row_of_points() {
	for piece in tests/museum/*.patch; do basename "${piece#*/museum/*-}" .patch; done | sort >"$room/pieces"
	sed -n 's/^\([^# ]*\) .*/\1/p' tests/grade/museum | sort | diff "$room/pieces" -
}

test_a_patch_that_fits_other_lines_is_refused_and_leaves_nothing() {
	command -v patch >/dev/null || { echo 'no patch here: make deps'; return 77; }
	mkdir "$room/made"
	echo mine >"$room/made/server.c.old1"
	! patched tests/classroom.patch lessons/03-listen/server.c "$room/made/server.c" >"$room/out" 2>&1 || { echo 'it is taken'; return 1; }
	grep -q '^tests/classroom.patch does not fit lessons/03-listen/server.c' "$room/out" || { cat "$room/out"; return 1; }
	[ "$(ls "$room/made")" = server.c.old1 ] || { ls "$room/made"; return 1; }
}

run_tests "$@"
