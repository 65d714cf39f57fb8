#!/bin/sh
# t-deps.sh [TEST...]: make deps, with a package manager that only says what it would install.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# installs FOR PACKAGES COMMAND...: where only these commands are here, it installs these packages.
installs() {
	for_what=$1 wanted=$2
	shift 2
	rm -rf "${room:?}/bin" "${room:?}/stubs" && mkdir "$room/bin" "$room/stubs"
	for tool in sh id uname grep cmp cp "$@"; do
		ln -s "$(command -v "$tool" || echo /bin/true)" "$room/bin/$tool"
	done
	# In a folder of their own: what is written through a link would land in the real program.
	printf '#!/bin/sh\nexec "$@"\n' >"$room/stubs/sudo"
	# What it has to install is not there, so it fails: and nothing else is done after it.
	# shellcheck disable=SC2016 # the script expands it
	printf '#!/bin/sh\n[ "$1" = update ]\n' >"$room/stubs/apt-get"
	printf '#!/bin/sh\necho "DejaVu Sans"\n' >"$room/stubs/fc-list"
	printf '#!/bin/sh\nexit 0\n' >"$room/stubs/npm"
	chmod +x "$room/stubs"/*
	case " $* " in *' npm '*) ;; *) rm "$room/stubs/npm" ;; esac
	sed 's/^PATH=.*//' common/tools/learn/deps >"$room/deps" # what is in sbin is here, too
	PATH="$room/stubs:$room/bin" sh "$room/deps" "$for_what" >"$room/out" 2>&1
	grep -q "install -q -y $wanted\$" "$room/out" || { echo "make deps FOR=$for_what, with $*, does not install '$wanted' alone:"; cat "$room/out"; return 1; }
}

test_only_what_is_missing_is_installed() {
	[ "$(uname)" = Linux ] || { echo 'strace is for Linux'; return 77; }
	installs trace strace tcpdump ss unshare &&
		installs trace 'tcpdump iproute2' strace unshare &&
		installs bench gnuplot-nox &&
		installs book 'epubcheck poppler-utils' pandoc &&
		installs lint 'clang-tidy shellcheck' clang clang-format cppcheck
}

# Node.js of another source brings npm: then the packages nodejs and npm are not asked for.
test_with_an_npm_of_another_source_node_is_left_alone() {
	installs slides chromium npm rsvg-convert && installs slides 'nodejs npm librsvg2-bin' chromium
}

run_tests "$@"
