#!/bin/sh
# t-http.sh [TEST...]: the server of tiny-http, and the clients that others have written: curl and a browser.
# shellcheck disable=SC2015,SC2317 # the list of commands ends at the first that fails; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# serve FOLDER: at a port that the kernel chooses: $port.
serve() {
	: >"$room/served" # of the server before
	lessons/further/tiny-http/server 127.0.0.1 0 "$1" >"$room/served" 2>&1 &
	server=$!
	wait_for 10 grep -q '^listening on ' "$room/served" || { cat "$room/served"; return 1; }
	port=$(sed -n 's/^listening on .*://p' "$room/served")
}

# It ends with the test, whatever came of it.
end_server() {
	status=$?
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	return "$status"
}

make_site() {
	site=$room/site
	[ ! -d "$site" ] || return 0
	mkdir -p "$site/pictures"
	echo '<!doctype html><title>site</title><link rel=stylesheet href=style.css><p id=says>nothing</p><img src=pictures/dot.svg><script src=says.js></script>' >"$site/index.html"
	echo 'p { color: rgb(1, 2, 3) }' >"$site/style.css"
	echo '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"><circle cx="3" cy="3" r="3"/></svg>' >"$site/pictures/dot.svg"
	echo "onload = () => { says.textContent = getComputedStyle(says).color + ' ' + document.images[0].naturalWidth }" >"$site/says.js"
	: >"$site/0.bin"
	printf x >"$site/1.bin"
	head -c 65536 /dev/urandom >"$site/64k.bin"
	head -c 5242880 /dev/urandom >"$site/5m.bin"
}

test_curl_gets_each_file_as_it_is() {
	command -v curl >/dev/null || { echo 'no curl here'; return 77; }
	make_site
	serve "$site" || return
	for name in 0.bin 1.bin 64k.bin 5m.bin index.html; do
		curl -sS --fail -o "$room/got" "http://127.0.0.1:$port/$name" && cmp "$room/got" "$site/$name" || { end_server; return 1; }
	done
	end_server
}

# --path-as-is sends the dots that curl takes out otherwise.
test_curl_keeps_its_connection_and_gets_nothing_from_outside() {
	command -v curl >/dev/null || { echo 'no curl here'; return 77; }
	make_site
	serve "$site" || return
	seen=$(curl -s -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} %{num_connects}\n' \
		"http://127.0.0.1:$port/" "http://127.0.0.1:$port/none" "http://127.0.0.1:$port/pictures/dot.svg" | tr '\n' ' ')
	outside=$(curl -s -w '%{http_code}' --path-as-is "http://127.0.0.1:$port/../served" | tail -n 1)
	moved=$(curl -sL -o /dev/null -w '%{http_code} %{num_redirects}' "http://127.0.0.1:$port/pictures")
	end_server
	[ "$seen" = '200 1 404 0 200 0 ' ] || { echo "expected three replies on one connection, saw: $seen"; return 1; }
	[ "$outside" = 403 ] || { echo "expected the status 403 for a way out, saw: $outside"; return 1; }
	[ "$moved" = '404 1' ] || { echo "expected one redirect, to a folder without index.html, saw: $moved"; return 1; }
}

# The page says what its script has seen: a colour of the style sheet, and the width of the picture.
test_a_browser_shows_a_page_with_style_picture_and_script() {
	# shellcheck source=slides/browser.sh
	. slides/browser.sh
	[ -n "$CHROME_PATH" ] || { echo 'no Chromium here'; return 77; }
	make_site
	serve "$site" || return
	browse "http://127.0.0.1:$port/" >"$room/shown"
	end_server
	grep -q '>rgb(1, 2, 3) 7<' "$room/shown" && return
	# With few descriptors, say, it shows nothing at all.
	browse about:blank | grep -q '<html' || { echo 'Chromium does not run here'; return 77; }
	echo 'the browser has not shown all of the page:'
	cat "$room/shown" "$room/served"
	return 1
}

# browse ADDRESS: prints the page, as it is when its scripts have run.
browse() {
	# shellcheck disable=SC2086 # an option, or nothing
	timeout 60 "$CHROME_PATH" --headless ${CHROME_NO_SANDBOX:+--no-sandbox} --user-data-dir="$room/browser" --virtual-time-budget=5000 --dump-dom "$1" 2>/dev/null
}

# What the fuzzer has found worth keeping, once more: each file is what one client sends. `make fuzz` looks for more.
test_the_requests_that_the_fuzzer_kept_end_no_server() {
	cc -std=c11 -D_POSIX_C_SOURCE=200809L -g -fsanitize=address,undefined -fno-sanitize-recover -w -o "$room/fuzzed" \
		tests/fuzz/tiny-http.c -pthread 2>"$room/errors" || { echo "no sanitizer here: $(tail -n 1 "$room/errors")"; return 77; }
	set -- tests/fuzz/corpus/*
	[ $# -ge 30 ] || { echo "only $# requests in tests/fuzz/corpus"; return 1; }
	"$room/fuzzed" "$@" >"$room/out" 2>&1 || { tail -n 30 "$room/out"; return 1; }
}

run_tests "$@"
