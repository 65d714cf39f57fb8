#!/bin/sh
# book.sh [TEST...]: makes the book and looks at each of its forms. Run from the top of the repository.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

book=build/book

# made FORM FILE: the FILE was made, or the reason why not is printed, and the status is 77.
made() {
	command -v pandoc >/dev/null || { echo 'no pandoc here: make deps FOR=book'; return 77; }
	[ "$1" != pdf ] || can_browse || return
	[ -e "$room/made" ] || { sh common/tools/book/build >"$room/made" 2>&1 || { cat "$room/made"; rm "$room/made"; return 1; }; }
	[ -s "$book/$2" ] || { echo "$book/$2 was not made:"; cat "$room/made"; return 1; }
}

# looked_at ARGUMENT...: in the browser.
looked_at() {
	node slides/book.mjs "$@" >"$room/looked" 2>&1 || { cut -c 1-300 "$room/looked" | head -n 20; return 1; }
}

test_each_page_is_a_chapter_in_its_order() {
	made html sockets-in-c.html || return
	awk '!/^#/ && NF { print $1 }' lessons/course | while read -r lesson; do
		sed -n '1s/^# //p' "lessons/$lesson/README.md"
	done >"$room/titles"
	grep -o '<h1[^>]*>[^<]*</h1>' "$book/sockets-in-c.html" | sed 's/<[^>]*>//g' >"$room/chapters"
	sed 1d "$room/chapters" | head -n "$(wc -l <"$room/titles")" | diff "$room/titles" - || return 1
	for chapter in 'Reference card' 'When it fails'; do
		grep -qx "$chapter" "$room/chapters" || { echo "no chapter $chapter"; return 1; }
	done
	! grep -x 'For engineers' "$room/chapters"
}

test_the_html_is_whole_in_a_browser() {
	made html sockets-in-c.html && can_browse || return
	looked_at "$book/sockets-in-c.html"
}

# All of these faults in one copy, beside the file, and a complaint for each.
test_what_is_wrong_in_the_html_is_seen() {
	made html sockets-in-c.html && can_browse || return
	cat >"$room/faults" <<-'FAULTS'
	<a href="gone.html">to a file</a> <p id="card">twice</p> <h4>deep</h4> <table><tr><th>a</th><td></td></tr></table>
	<div style="width: 2000px">wide</div> <p style="color: #ccc; background: #fff">pale</p> <p style="font-size: 8px">small</p>
	<img src="data:image/svg+xml,%3Csvg" alt="broken"> <img src="http://127.0.0.1:1/" alt="from elsewhere">
	<img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='99' height='99'/%3E" alt="empty">
	<details><summary>Nothing</summary></details> &lt;!-- a comment --&gt;
	FAULTS
	sed -e 's/href="#lessons-02-bind-address"/href="#nowhere"/' -e 's/alt="[^"]*"/alt=""/' -e 's/contents.open = .*/contents.open = true; };/' \
		-e "/<\/main>/r $room/faults" "$book/sockets-in-c.html" | sed 's/<\/main>//; s/<\/body>/<\/main><\/body>/' >"$room/wrong.html"
	! looked_at "$room/wrong.html" >/dev/null || { echo 'the faults were not seen'; return 1; }
	wrong=0
	for complaint in 'leads to #nowhere, which is not there' 'leads to gone.html, which is not there' 'two elements are called card' \
		'is a heading of level 4 below one of level' 'a cell is empty' '1280 light: the page is 2[0-9]* wide' '390 dark: the page is 2' \
		'DIV "wide" leaves the window' '"pale" has a contrast of 1' '"small" is 8px high' 'cannot be read: broken' '1 colours only: empty' \
		'a picture has no text alternative' 'a request leaves the file: http://127.0.0.1:1/' 'nothing is folded' 'a comment of a page shows' \
		'390 light: the contents are not folded'; do
		grep -q "$complaint" "$room/looked" || { echo "no '$complaint'"; wrong=1; }
	done
	[ "$wrong" = 0 ] || cut -c 1-200 "$room/looked"
	return "$wrong"
}

test_epubcheck_finds_nothing_in_the_epub() {
	made epub sockets-in-c.epub || return
	checker=$(command -v epubcheck) || { echo 'no epubcheck here: make deps FOR=book'; return 77; }
	# Debian's is a JAR, which runs by itself only where the kernel has been told of it.
	if [ "$(head -c 2 "$checker")" = PK ]; then set -- java -jar "$checker"; else set -- "$checker"; fi
	"$@" --failonwarnings "$book/sockets-in-c.epub" >"$room/says" 2>&1 && grep -q 'No errors or warnings' "$room/says" && return
	cat "$room/says"
	return 1
}

run_tests "$@"
