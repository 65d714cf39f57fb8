#!/bin/sh
# t-replay.sh [TEST...]: make replay: the pages that step through a run.
# slow: it runs each lesson and looks at each of its steps in a browser; make test ONLY=machines runs it, make test does not.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# replayed LESSON FILE [VARIABLE...]: the page of a run with these variables; what trace says is in $room/out.
replayed() {
	lesson=$1 page=$2
	shift 2
	env REPLAY="$page" "$@" sh common/tools/look/trace "$lesson" >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
}

# looked_at FILE...: in the browser.
looked_at() {
	node slides/replay.mjs "$@" >"$room/looked" 2>&1 || { cut -c 1-300 "$room/looked" | head -n 20; return 1; }
}

# Each lesson that trace has a scenario for; those without are not asked.
test_each_step_of_each_lesson_is_shown_in_a_browser() {
	can_trace && can_browse || return
	make -s replay >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
	for lesson in $lessons $further; do
		[ -n "$(fact "$lesson" trace)" ] || continue
		if grep -qx '<!-- own network -->' "lessons/$lesson/README.md" && ! unshare -rn true 2>/dev/null; then
			echo "skipped: no page of lessons/$lesson: no right to make a network of its own"
			continue
		fi
		page=build/replay/${lesson#further/}.html
		[ "$(wc -c <"$page")" -le 150000 ] || { echo "$page has more than 150 kB"; return 1; }
		grep -q "href=\"${page##*/}\"" build/replay/index.html || { echo "the index lacks $page"; return 1; }
		asked=$(grep -o '<!-- ask before ' "lessons/$lesson/README.md" | wc -l)
		[ "$asked" -ge 1 ] || { echo "the page of lessons/$lesson asks nothing that its run answers"; return 1; }
		[ "$(grep -c '"q":' "$page")" = "$asked" ] || { echo "$page: not all $asked questions of the lesson's page are asked"; return 1; }
		set -- "$@" "$page"
	done
	for other in 'backlog 03-listen' 'refused 05-connect' 'reset 06-single-echo'; do
		set -- "$@" "$room/${other% *}.html"
		replayed "${other#* }" "$room/${other% *}.html" SCENARIO="${other% *}" || return 1
	done
	looked_at "$@" && tail -n 1 "$room/looked" | sed 's/^/note: /'
}

# A page made wrong is seen to be wrong.
test_what_is_wrong_in_a_page_is_seen() {
	can_trace && can_browse || return
	replayed 03-listen "$room/right.html" SCENARIO=backlog || return 1
	while IFS='	' read -r complaint edit; do
		sed "$edit" "$room/right.html" >"$room/wrong.html"
		! cmp -s "$room/right.html" "$room/wrong.html" || { echo "the edit '$edit' changes nothing"; return 1; }
		! looked_at "$room/wrong.html" >/dev/null && grep -q "$complaint" "$room/looked" && continue
		echo "no '$complaint' after '$edit':"
		cat "$room/looked"
		return 1
	done <<-'EDITS'
	the steps say	s/"s":"listen(3/"s":"lisp(3/
	the lit line of connect	s/"l":{"1":\[1,[0-9]*,"now"\]}/"l":{"1":[1,3,"now"]}/
	has a contrast of	s/--soft: #[0-9a-f]*;/--soft: #cccccc;/
	more than three columns	s/const most = 3/const most = 4/
	a request leaves the file	s,<main>,<script src="http://127.0.0.1:9/x.js"></script><main>,; /Content-Security/d
	lies over	s/^\.label {/&/; s/#rows li { position: relative; min-height: 26px;/#rows li { position: relative; height: 9px;/
	leaves the window	s/overflow-wrap: anywhere; } #what/} #what/; s/^#what {/#what { white-space: nowrap;/
	EDITS
}

test_a_program_of_ones_own_is_replayed_with_its_own_lines() {
	can_trace || return
	make_copy
	mkdir -p "$copy/practice/06-single-echo"
	sed 's/^int main/\/\* mine \*\/\n&/' lessons/06-single-echo/server.c >"$copy/practice/06-single-echo/server.c"
	(cd "$copy" && make -s all >/dev/null && PRACTICE=1 replayed 06-single-echo "$room/mine.html") || return 1
	if ! grep -q '^"/\* mine \*/"' "$room/mine.html" || ! grep -q '"name":"practice/06-single-echo/server.c"' "$room/mine.html"; then
		echo 'the lines of practice/06-single-echo/server.c are not in the page'
		return 1
	fi
	# Without debug information there is no line, and the page says so; the other program has its own.
	cc -std=c11 -D_POSIX_C_SOURCE=200809L -s -o "$room/bare" lessons/06-single-echo/server.c
	replayed 06-single-echo "$room/bare.html" SERVER="'$room/bare'" || return 1
	if grep -q '"name":"[^"]*server.c"' "$room/bare.html" || ! grep -q '"name":"[^"]*client.c"' "$room/bare.html" || ! grep -q '"0":\[-1,0,"now"\]' "$room/bare.html"; then
		echo 'a server without debug information has lines, or the client has none'
		return 1
	fi
	can_browse && looked_at "$room/mine.html" "$room/bare.html"
}

# Frames follow their call, also where another thread's call came between; those of shared libraries and of an exit do not count.
test_the_frames_of_a_stack_belong_to_their_call() {
	cat >"$room/stack" <<-'STRACE'
	7  100.000001 accept(3<TCP:[127.0.0.1:5]>,  <unfinished ...>
	8  100.000002 recvfrom(4<TCP:[127.0.0.1:5->127.0.0.1:6]>, "", 9, 0, NULL, NULL) = 0 <0.000001>
	 > /usr/lib/libc.so.6(recv+0x64) [0x10a974]
	 > /a b/my (new) server(echo+0x2f) [0x1484]
	 > /a b/my (new) server(serve+0x1d) [0x1504]
	8  100.000003 exit(0)         = ?
	8  100.000004 +++ exited with 0 +++
	 > /a b/my (new) server(serve+0x1d) [0x1504]
	7  100.000005 <... accept resumed>0x7ffd514e0af0, [16]) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.000004>
	 > /a b/my (new) server(main+0x38e) [0x18ce]
	STRACE
	awk -v side=server -f common/tools/look/trace-parse.awk "$room/stack" | awk -F '\t' '{ print $5 ($15 == "" ? "" : ": " $15) }' >"$room/out"
	cat >"$room/wanted" <<-'FRAMES'
	recvfrom: 0x1484 /a b/my (new) server|0x1504 /a b/my (new) server
	exit
	exited
	accept: 0x18ce /a b/my (new) server
	FRAMES
	diff "$room/wanted" "$room/out"
}

# Where strace has no stack traces, or there is no addr2line, no line is lit, and one line says why.
test_without_a_stack_no_line_is_lit_and_it_is_said_once() {
	can_trace || return
	mkdir -p "$room/bin"
	cat >"$room/bin/strace" <<-TEXT
	#!/bin/sh
	case " \$* " in *' -k '*) echo 'no stack traces here' >&2; exit 1 ;; esac
	exec $(command -v strace) "\$@"
	TEXT
	chmod +x "$room/bin/strace"
	replayed 03-listen "$room/dark.html" PATH="$room/bin:$PATH" || return 1
	if [ "$(grep -c 'no line is lit' "$room/out")" != 1 ] || ! grep -q '"said":.*No line is lit: this strace' "$room/dark.html" || grep -q '\[0,[0-9]*,"now"' "$room/dark.html"; then
		echo 'it is not said that no line is lit, or one is:'
		cat "$room/out"
		return 1
	fi
	can_browse && looked_at "$room/dark.html"
}

# Without a capture the packets are inferred, and the page says so. A server that was closed has no connection open.
test_without_a_capture_the_states_are_inferred_and_said_to_be() {
	can_trace || return
	printf '#!/bin/sh\necho "not here" >&2\nexit 1\n' >"$room/tcpdump"
	mkdir -p "$room/path" && mv "$room/tcpdump" "$room/path/" && chmod +x "$room/path/tcpdump"
	replayed 06-single-echo "$room/inferred.html" PATH="$room/path:$PATH" || return 1
	grep -q 'No packet was captured' "$room/inferred.html" || { echo 'the page does not say that the packets are inferred'; return 1; }
	for state in LISTEN ESTABLISHED CLOSE-WAIT FIN-WAIT-2 TIME-WAIT; do
		grep -q "\"$state\"" "$room/inferred.html" || { echo "no end is ever in $state"; return 1; }
	done
	can_browse && looked_at "$room/inferred.html"
}

# In a slowed run ss looks, too: what it sees is what the page says. With a reset, and with a server that does not accept.
test_the_states_are_those_that_ss_sees() {
	can_trace && can_browse || return
	command -v ss >/dev/null || { echo 'no ss here'; return 77; }
	replayed 06-single-echo "$room/echo.html" STATES=1 && replayed 06-single-echo "$room/reset.html" STATES=1 SCENARIO=reset &&
		replayed 03-listen "$room/queue.html" STATES=1 || return 1
	for page in echo reset queue; do
		[ "$(grep -c '"k":"state"' "$room/$page.html")" -ge 3 ] || { echo "ss has seen less than three states in $page"; return 1; }
	done
	looked_at "$room/echo.html" "$room/reset.html" "$room/queue.html"
}

test_the_template_can_be_read() {
	[ "$(wc -l <common/tools/look/replay.html)" -le 400 ] || { echo 'the template has more than 400 lines'; return 1; }
	! grep -n -e 'https\?://' -e '@import' -e 'url(' common/tools/look/replay.html
}

run_tests "$@"
