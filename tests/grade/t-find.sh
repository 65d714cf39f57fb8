#!/bin/sh
# t-find.sh [TEST...]: what `make grade` takes for a student's program, and what it says of the rest.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/grade/lib.sh
. tests/grade/lib.sh

# What is plain is taken, and said. A name for a student that says what he wrote.
plain='3-listen 03_listen Lesson_03 03 03-Listen LESSON-03 listen practice/03-listen lessons/03-listen practice/practice/03-listen zip/03-listen'
for folder in $plain; do hand_in "p $(echo "$folder" | tr / .)/$folder/server.c" <"$good"; done
mv "$submissions/p Lesson_03/Lesson_03" "$submissions/p Lesson_03/Lesson 03"
sed -i '1i /* of my own */' "$submissions/p lessons.03-listen/lessons/03-listen/server.c"
hand_in 'p case/03-listen/Server.c' <"$good"
hand_in 'p upper/03-listen/server.C' <"$good"
mkdir -p "$submissions/p beside/03-listen"
hand_in 'p beside/practice/03-listen/server.c' <"$good"
# Not what was asked for: it is named.
hand_in 'n final/03-listen-final/server.c' <"$good"
hand_in 'n main/03-listen/main.c' <"$good"
hand_in 'n cpp/03-listen/server.cpp' <"$good"
hand_in 'n txt/03-listen/server.c.txt' <"$good"
hand_in 'n top/server.c' <"$good"
hand_in 'n zip/03-listen.zip' <"$good"
hand_in 'n course/lessons/03-listen/server.c' <"$good"
hand_in '__MACOSX/03-listen/._server.c' </dev/null
mkdir "$submissions/n empty"
ln -s "$submissions/n top" "$submissions/n linked"
{ printf '\377\376'; sed 's/./&\x00/g' $good; } | hand_in 'n utf16/03-listen/server.c'
if [ "$(id -u)" != 0 ]; then
	hand_in 'n unread/03-listen/server.c' <"$good"
	chmod 000 "$submissions/n unread/03-listen"
fi
# What make check takes, grade takes.
hand_in 'p headers/03-listen/util.h' <<'C'
#include "die.h"
C
hand_in 'p headers/03-listen/die.h' <common/die.h
sed 's#".*die.h"#"util.h"#' $good | hand_in 'p headers/03-listen/server.c'
hand_in 'p own common/common/die.h' <common/die.h
sed 's#".*die.h"#"../common/die.h"#' $good | hand_in 'p own common/03-listen/server.c'
for up in .. ../.. ../../..; do
	sed "s#\".*die.h\"#\"$up/common/die.h\"#" $good | hand_in "p die $(echo $up | tr -d /)/03-listen/server.c"
done
grade 03-listen >"$room/story" || { cat "$room/story"; exit 1; }
chmod 755 "$submissions/n unread/03-listen" 2>/dev/null
all=$(sed -n 's/^"p case",03-listen,[^,]*,[^,]*,\([0-9]*\),.*/\1/p' "$submissions/grades.csv")

test_plain_names_are_taken_and_what_is_unusual_is_said() {
	wrong=0
	for student in "$submissions"/p*/; do
		student=$(basename "$student")
		row "$student" 03-listen "10\.0,10,$all,$all,"
	done
	for said in 3-listen/server.c 03_listen/server.c 'Lesson 03/server.c' 03-Listen/server.c zip/03-listen/server.c 03-listen/Server.c 03-listen/server.C; do
		grep -q "taken: $said" "$submissions/grades.csv" || { echo "it is not said that $said was taken"; wrong=1; }
	done
	row 'p practice.03-listen' 03-listen "10\.0,10,$all,$all,\"\""
	return "$wrong"
}

test_what_is_not_plain_is_named() {
	wrong=0
	row 'n final' 03-listen '0.0,.*"found 03-listen-final/server.c, wanted 03-listen/server.c'
	row 'n main' 03-listen '0.0,.*"found 03-listen/main.c, wanted'
	row 'n cpp' 03-listen '0.0,.*"found 03-listen/server.cpp, wanted'
	row 'n txt' 03-listen '0.0,.*"found 03-listen/server.c.txt, wanted'
	row 'n top' 03-listen '0.0,.*"found server.c, wanted'
	row 'n zip' 03-listen '0.0,.*"found 03-listen.zip, wanted'
	row 'n course' 03-listen '0.0,.*is the program of the course, and was not taken'
	row 'n utf16' 03-listen '0.0,.*UTF-16'
	row 'n linked' 03-listen '0.0,.*"the folder is a symbolic link, which is not followed'
	[ ! -d "$submissions/n unread" ] || row 'n unread' 03-listen '0.0,.*may not be read'
	return "$wrong"
}

test_nothing_was_handed_in_only_when_nothing_was() {
	wrong=0
	row 'n empty' 03-listen '0.0,.*"nothing was handed in"'
	[ "$(grep -c 'nothing was handed in' "$submissions/grades.csv")" = 1 ] || { grep 'nothing was' "$submissions/grades.csv"; wrong=1; }
	! grep -q MACOSX "$submissions/grades.csv" || { echo '__MACOSX is a student'; wrong=1; }
	return "$wrong"
}

test_a_folder_too_deep_is_said() {
	mkdir -p "$room/one"
	cp -R "$submissions/p practice.03-listen" "$room/one/ann"
	! DIR=$room/one/ann TMPDIR="$room/tmp" sh common/tools/teach/grade 03-listen >"$room/out" 2>&1 || { echo 'it grades'; return 1; }
	grep -q 'the folder of one student: it holds practice' "$room/out" || { cat "$room/out"; return 1; }
}

run_tests "$@"
