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

# On paper an answer has the name of its question, and a page to look it up.
test_each_answer_is_at_the_end_of_its_chapter_on_paper() {
	made pdf sockets-in-c.pdf || return
	folded=$(cat lessons/*/README.md lessons/further/*/README.md | grep -c '<details><summary>Answer')
	asked=$(grep -c 'class="answer"' "$book/print/book.html")
	given=$(grep -c '<section id="[^"]*-answer-[0-9]*"' "$book/print/book.html")
	if [ "$folded" -lt 40 ] || [ "$asked" != "$folded" ] || [ "$given" != "$folded" ]; then
		echo "$folded answers, $asked links, $given at the end"
		return 1
	fi
	[ "$(grep -c '<h3>Question 1</h3>' "$book/print/book.html")" -ge 8 ] || { echo 'answers without the number of their question'; return 1; }
	[ "$(grep -c '<summary>Answer' "$book/sockets-in-c.html")" = "$folded" ] || { echo 'not all answers are folded in the HTML'; return 1; }
	text_of "$book/sockets-in-c.pdf" || return
	[ "$(grep -c 'Answer: page [0-9]' "$room/text")" = "$folded" ] || { echo 'links to answers without their page'; return 1; }
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

# text_of PDF: its text, with a form feed after each page.
text_of() {
	command -v pdftotext >/dev/null || { echo 'no pdftotext here: make deps FOR=book'; return 77; }
	pdftotext -raw "$1" "$room/text"
}

# empty_pages FILE: those with hardly a word more than their foot has.
empty_pages() {
	awk 'BEGIN { RS = "\f" } { words[NR] = NF } END { for (n = 1; n <= NR; n++) if (words[n] < 15) print "page " n " has " words[n] " words" }' "$1"
}

pages_of() {
	pdfinfo "$1" | sed -n 's/^Pages: *//p'
}

test_each_page_of_the_pdf_has_text_and_no_line_is_cut() {
	made pdf sockets-in-c.pdf && text_of "$book/sockets-in-c.pdf" || return
	! empty_pages "$room/text" | grep . || return 1
	[ "$(pages_of "$book/sockets-in-c.pdf")" -gt 80 ] || { echo 'less than 80 pages'; return 1; }
	looked_at -t "$room/text" 657 "$book/print/book.html"
}

# Bookmarks and the links of the contents, with the pages that they lead to.
test_the_pdf_has_bookmarks_and_contents_that_tell_the_page() {
	made pdf sockets-in-c.pdf && text_of "$book/sockets-in-c.pdf" || return
	grep -aq '/Type */Outlines' "$book/sockets-in-c.pdf" || { echo 'no bookmarks'; return 1; }
	awk 'BEGIN { RS = "\f" } NR == 1 { rows = split($0, row, "\n") } { gsub(/\n/, " "); text[NR] = $0 } END {
		for (i = 1; i <= rows; i++) {
			page = row[i]; sub(/.* /, "", page)
			chapter = row[i]; sub(/ [0-9]+$/, "", chapter)
			if (page !~ /^[0-9]+$/ || chapter == row[i] || index(chapter, "Sockets in C") == 1) continue
			chapters++
			if (index(text[page], chapter) != 1) { print "the contents say that \"" chapter "\" is on page " page; wrong = 1 }
		}
		if (chapters < 18) { print chapters + 0 " chapters in the contents"; wrong = 1 }
		exit wrong
	}' "$room/text"
}

test_what_is_wrong_on_paper_is_seen() {
	made pdf sockets-in-c.pdf && text_of "$book/sockets-in-c.pdf" || return
	sed 's/<\/main>/<div style="width: 900px">wide<\/div><pre>nowhere_in_the_PDF();<\/pre>&/' "$book/print/book.html" >"$room/wrong.html"
	! looked_at -t "$room/text" 657 "$room/wrong.html" >/dev/null || { echo 'the faults were not seen'; return 1; }
	for complaint in 'DIV "wide" leaves the window' 'not on paper as it stands: nowhere_in_the_PDF();'; do
		grep -qF "$complaint" "$room/looked" || { cat "$room/looked"; return 1; }
	done
	printf 'one two\f' >>"$room/text"
	empty_pages "$room/text" | grep -q 'has 2 words'
}

test_the_card_has_two_pages_with_every_call() {
	made pdf card.pdf && text_of "$book/card.pdf" || return
	node slides/print.mjs "$book/print/card.html" "$room/letter.pdf" Letter || return 1
	for card in "$book/card.pdf" "$room/letter.pdf"; do
		[ "$(pages_of "$card")" = 2 ] || { echo "$card has $(pages_of "$card") pages"; return 1; }
		pdfinfo "$card" | grep -i '^Page size: .*\(A4\|letter\)' || return 1
	done >"$room/sizes"
	[ "$(grep -o -e A4 -e letter "$room/sizes" | tr '\n' ' ')" = 'A4 letter ' ] || { cat "$room/sizes"; return 1; }
	! empty_pages "$room/text" | grep . || return 1
	tr -d '[:space:]' <"$room/text" >"$room/squeezed"
	for word in socket bind listen accept connect recv send shutdown close pthread_create TIME-WAIT tcpdump strace ECONNREFUSED 'bind:Addressalreadyinuse'; do
		grep -qF "$word" "$room/squeezed" || { echo "no $word on the card"; return 1; }
	done
}

# The card is made of the pages, and says so when they are not as it knows them.
test_a_table_that_is_gone_stops_the_card() {
	make_copy
	for edit in 's/^| TCP state /| state /' 's/^| by hand /| with /' 's/^## When it fails/## Errors/'; do
		sed "$edit" README.md >"$copy/README.md"
		if (cd "$copy" && sh common/tools/book/card) >"$room/card" 2>"$room/out" || ! grep -q '^card: README.md: ' "$room/out"; then
			echo "the card was made after $edit"
			return 1
		fi
	done
	cp README.md "$copy/README.md"
	sed 's/^| new | header /| new | file /' lessons/03-listen/README.md >"$copy/lessons/03-listen/README.md"
	(cd "$copy" && sh common/tools/book/card) >"$room/card" 2>"$room/out" && { echo 'the card was made without a column'; return 1; }
	grep -q '03-listen/README.md: no column header' "$room/out"
}

test_without_pandoc_it_names_the_command_that_mends_it() {
	mkdir -p "$room/bin"
	for tool in sh id dirname mkdir rm chmod rmdir; do ln -s "$(command -v "$tool")" "$room/bin/$tool"; done
	PATH=$room/bin sh common/tools/book/build >"$room/out" 2>&1 && { echo 'it was made without pandoc'; return 1; }
	grep -q 'make deps FOR=book' "$room/out" || { cat "$room/out"; return 1; }
	PAPER=A0 sh common/tools/book/build >"$room/out" 2>&1 && { echo 'PAPER=A0 was taken'; return 1; }
	grep -q "PAPER='A0': give A4 or letter" "$room/out"
}

run_tests "$@"
