#!/bin/sh
# t-times.sh [TEST...]: how long a lesson takes: what the pages, the README and the plan of the labs say, and what progress shows.
# shellcheck disable=SC2016,SC2317 # awk's dollars; run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

# minutes_of LESSON: of its page: the whole, reading, doing, practice. t-pages.sh looks that they add up.
minutes_of() {
	sed -n 's/^Builds on: .* about \([0-9]*\) minutes: \([0-9]*\) reading, \([0-9]*\) doing, \([0-9]*\) practice.*/\1 \2 \3 \4/p' "lessons/$1/README.md"
}

test_the_readme_and_the_pages_name_the_same_minutes() {
	sum=0
	for lesson in $lessons $(cd lessons && echo further/*); do
		minutes=$(minutes_of "$lesson")
		minutes=${minutes%% *}
		case $lesson in further/*) ;; *) sum=$((sum + minutes)) ;; esac
		grep -q "^| \[${lesson##*/}\](lessons/$lesson/README.md) |.* | $minutes |\$" README.md ||
			{ echo "README.md: its row of $lesson does not end with $minutes, as its page says"; return 1; }
	done
	tr '\n' ' ' <README.md | grep -q "The eight take about $sum minutes" || { echo "README.md: the eight take $sum minutes"; return 1; }
}

# In the lab and at home together there is time for the practice of the lessons of the lab, and at most five minutes more.
test_the_labs_have_time_for_their_lessons() {
	for lesson in $lessons; do echo "${lesson%%-*} $(minutes_of "$lesson")"; done >"$room/minutes"
	awk -F ' *[|] *' '
	FNR == NR { split($0, word, " "); practice[word[1]] = word[5]; next }
	$3 ~ /^0[1-8]/ { lessons_of[$2] = $3 }
	$2 ~ /^[1-4]$/ && $4 + 0 > 0 {
		n = split($3, part, ", ")
		needed = 0
		for (i = 1; i <= n; i++) {
			m = split(lessons_of[part[i]], lesson, ", ")
			for (k = 1; k <= m; k++) needed += practice[lesson[k]]
		}
		spare = $5 + $6 - needed
		if (needed == 0 || spare < 0 || spare > 5) {
			print "slides/README.md, lab " $2 ": " $5 + 0 " minutes in the lab and " $6 + 0 " at home, and its pages say " needed " of practice"
			failed = 1
		}
		labs++
	}
	END { if (labs != 4) { print labs + 0 " labs"; failed = 1 } exit failed }' "$room/minutes" slides/README.md
}

# later SECONDS COMMAND...: so long after the year 2001.
later() {
	echo $((1000000000 + $1)) >"$room/now"
	shift
	PATH="$room/bin:$PATH" "$@"
}

test_progress_shows_a_learner_the_time_from_start_to_the_first_pass() {
	wrong=0
	copy_as_built
	cd "$copy" || return 1
	export NO_COLOR=1
	mkdir -p "$room/bin"
	# The clock of the test; all else is the real date.
	printf '#!/bin/sh\ncase $1 in +%%s) exec cat "%s" ;; esac\nexec %s "$@"\n' "$room/now" "$(command -v date)" >"$room/bin/date"
	chmod +x "$room/bin/date"
	says 0 'begins as' -- later 0 make -s start LESSON=03
	says 1 'NOT YET' -- later 60 make -s check LESSON=03
	says 0 '03-listen ' -- later 70 make -s progress
	lacks 'from start to pass'
	says 0 'begins as' -- later 100 make -s start LESSON=03 FORCE=1
	cp lessons/03-listen/server.c practice/03-listen/
	says 0 'PASSED' -- later 1500 make -s check LESSON=03
	says 0 'from start to pass' -- later 9000 make -s progress
	grep -q '^03-listen  *\([0-9]*\) of \1 checks pass.*, 25 minutes from start to pass$' "$room/out" || complain 'not 25 minutes'
	# The first pass counts; and a program that does not pass any more has none.
	says 0 'PASSED' -- later 20000 make -s check LESSON=03
	says 0 ', 25 minutes from start to pass' -- later 20000 make -s progress
	cp lessons/02-bind-address/server.c practice/03-listen/
	says 0 'Next: make check LESSON=03' -- later 20000 make -s progress
	lacks 'from start to pass'
	# Only progress knows of it, and make clean leaves it.
	[ "$(cat practice/.times)" = "03-listen start 1000000000
03-listen pass 1000001500" ] || { cat practice/.times; wrong=1; }
	# Without it, and where it cannot be written, all is as it was.
	rm practice/.times
	mkdir practice/.times
	rm -r practice/03-listen
	says 0 'begins as' -- make -s start LESSON=03
	lacks '.times'
	cp lessons/03-listen/server.c practice/03-listen/
	says 0 'PASSED' -- make -s check LESSON=03
	lacks '.times'
	says 0 'checks pass' -- make -s progress
	lacks 'from start to pass'
	lacks '.times'
	return "$wrong"
}

run_tests "$@"
