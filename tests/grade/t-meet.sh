#!/bin/sh
# t-meet.sh [TEST...]: `make meet`: four students, of whom two are right.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

# both STUDENT: the programs of the lesson.
both() {
	for program in server client; do for_practice lessons/06-single-echo/$program.c | hand_in "$1/06-single-echo/$program.c"; done
}
for student in ann ben trims halves; do both $student; done
# NUL is no byte to him.
sed -i 's/send_all(client, buffer, (size_t)received)/send_all(client, buffer, trimmed(buffer, (size_t)received))/
/^static const char \*echo/i static size_t trimmed(char *text, size_t n) { size_t k = 0; for (size_t i = 0; i < n; i++) if (text[i]) text[k++] = text[i]; return k; }' \
	"$submissions/trims/06-single-echo/server.c"
sed -i '/shutdown(sock, SHUT_WR)/d' "$submissions/halves/06-single-echo/client.c"

test_four_known_submissions_give_the_expected_table() {
	started=$(date +%s)
	DIR=$submissions TMPDIR="$room/tmp" sh common/tools/teach/meet >"$room/out" 2>"$room/progress" || { cat "$room/out" "$room/progress"; return 1; }
	cat >"$room/wanted" <<-'T'
		client \ server    ann       ben       halves    trims    
		ann                yes       yes       yes       differs  
		ben                yes       yes       yes       differs  
		halves             hangs     hangs     hangs     differs  
		trims              yes       yes       yes       differs  
	T
	head -n 5 "$room/out" | diff "$room/wanted" - || { cat "$submissions/meet.csv"; return 1; }
	grep -q '<td class="no" title="..*">differs</td>' "$submissions/meet.html" || { cat "$submissions/meet.html"; return 1; }
	grep -q '^"ann","trims",differs,"..*"' "$submissions/meet.csv" || { cat "$submissions/meet.csv"; return 1; }
	[ -z "$(ls "$room/tmp")" ] || { echo 'a temporary folder is left'; return 1; }
	echo "note: 16 pairs in $(($(date +%s) - started)) s"
}

# CPU time, because the machine may have more to do: 60 s are 30 s on two cores.
test_ten_students_meet_in_half_a_minute() {
	for number in 1 2 3 4 5 6 7 8 9 10; do
		mkdir -p "$room/ten/s$number"
		cp -R "$submissions/ann/06-single-echo" "$room/ten/s$number/"
	done
	(DIR=$room/ten TMPDIR="$room/tmp" sh common/tools/teach/meet && times >"$room/times") >"$room/out" 2>"$room/progress" || { cat "$room/out" "$room/progress"; return 1; }
	[ "$(tr ' ' '\n' <"$room/out" | grep -cx yes)" = 100 ] || { cat "$room/out"; return 1; }
	awk -F '[ms ]+' 'NR == 2 { spent = 60 * $1 + $2 + 60 * $3 + $4; print "note: 100 pairs took " spent " s of CPU time" } END { exit spent > 60 }' "$room/times"
}

run_tests "$@"
