#!/bin/sh
# t-macos.sh [TEST...]: macOS and the BSDs, as far as that can be seen on another system. `make matrix ONLY=macos` compiles.
# slow: it builds all, or calls a command again and again; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2016,SC2317 # fake commands expand theirs themselves; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# The fourth line of a page says what lessons/course says; and where root is wanted, a run with sudo is shown.
test_each_page_says_where_it_runs() {
	for lesson in $(cd lessons && echo [0-9]* further/*); do
		page=lessons/$lesson/README.md
		system=$(fact "$lesson" system) && wanted=$(fact "$lesson" root) || return 1
		case $system in
		'') systems='Linux, macOS, BSD, WSL' ;;
		Linux) systems='Linux, WSL' ;;
		*) echo "$page: no name here for the system $system"; return 1 ;;
		esac
		shown=
		! grep -q '^\$ sudo ' "$page" || shown=root
		[ "$shown" = "$wanted" ] || { echo "$page: lessons/course says root: '$wanted', the runs on the page say '$shown'"; return 1; }
		root='without root'
		[ -z "$wanted" ] || root='with root'
		line=$(sed -n 4p "$page")
		case $line in
		"Runs on: $systems · $root"*) ;;
		*) echo "$page, line 4: expected 'Runs on: $systems · $root', saw '$line'"; return 1 ;;
		esac
	done
}

# fake FILE BODY: a command.
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

test_on_macos_nothing_is_built_for_ld_preload() {
	mkdir "$room/bin"
	fake "$room/bin/uname" 'echo Darwin'
	make -n -C tests BUILD=../build/none >"$room/linux" 2>&1 || { cat "$room/linux"; return 1; }
	PATH="$room/bin:$PATH" make -n -C tests BUILD=../build/none >"$room/darwin" 2>&1 || { cat "$room/darwin"; return 1; }
	if [ "$(uname)" = Linux ] && ! grep -q 'fault\.so' "$room/linux"; then echo 'no fault.so on Linux'; return 1; fi
	! grep 'fault\.so' "$room/darwin"
}

# column_says STATUS TEXT: the column of the copy.
column_says() {
	(cd "$copy" && CI='' sh common/tools/keep/matrix macos) >"$room/out" 2>&1
	if [ $? != "$1" ] || ! grep -q "$2" "$room/out"; then
		echo "expected status $1 and '$2':"
		cat "$room/out"
		return 1
	fi
}

test_the_column_macos_says_what_is_missing_and_fails_with_its_compiler() {
	pkg-config --exists check || { echo 'no Check here, whose header the column needs'; return 77; }
	make_copy
	column_says 0 'skipped: no build/zig/zig here' && grep -q 'make deps FOR=matrix' "$room/out" || return 1
	# A compiler that is content and makes nothing; one that fails for what doctor asks; one that makes all.
	mkdir -p "$copy/build/zig"
	fake "$copy/build/zig/zig" 'exit 0'
	column_says 1 '^macos .* FAILED' || return 1
	makes='for last; do [ "$before" != -o ] || : >"$last"; before=$last; done'
	fake "$copy/build/zig/zig" "$makes; case \$* in *probe.c*) exit 1 ;; esac"
	column_says 1 'the probes of doctor do not compile for x86_64' || return 1
	fake "$copy/build/zig/zig" "$makes"
	column_says 0 '^macos .* passed: [1-9]'
}

run_tests "$@"
