#!/bin/sh
# t-translations.sh [TEST...]: make translations, with pages made up for it in a repository of its own.
# shellcheck disable=SC2317 # run_tests calls the tests
# shellcheck source=tests/repository/lib.sh
. tests/repository/lib.sh

tool=$PWD/common/tools/keep/translations

# in_repository COMMAND...
in_repository() (
	cd "$room/repository" && "$@"
)

git_there() {
	in_repository git -c user.name=Test -c user.email=test@example.org "$@" >/dev/null
}

# commit TEXT: one line more in a page of its own folder, with a space in no name.
commit() {
	echo "$1" >>"$room/repository/lessons/01/README.md"
	git_there add . && git_there commit -q -m "$1"
}

begin_repository() {
	command -v git >/dev/null || { echo 'no git here'; return 77; }
	rm -rf "$room/repository" && mkdir -p "$room/repository/lessons/01" || return 1
	git_there init -q && commit 'The first line' || return 1
	followed=$(in_repository git rev-parse --short HEAD)
	translate "<!-- follows $followed -->"
}

translate() {
	printf '%s\nLa première ligne\n' "$1" >"$room/repository/lessons/01/README.fr.md"
}

test_what_has_changed_since_a_page_was_translated_is_listed() {
	begin_repository || return
	wrong=0
	says 0 'lessons/01/README.fr.md: up to date' -- in_repository sh "$tool"
	commit 'A second line' && commit 'A third line'
	says 1 "lessons/01/README.md has changed since $followed: 2 lines more, 0 lines less" 'A second line' 'A third line' \
		"git diff $followed -- lessons/01/README.md" -- in_repository sh "$tool"
	lacks 'The first line'
	translate "<!-- follows $(in_repository git rev-parse HEAD) -->"
	says 0 'up to date' -- in_repository sh "$tool"
	return "$wrong"
}

test_a_translation_that_cannot_be_compared_is_named() {
	begin_repository || return
	wrong=0
	translate 'Bonjour'
	says 1 'README.fr.md: its first line has to name the commit' "<!-- follows $followed -->" -- in_repository sh "$tool"
	translate '<!-- follows 0123456 -->'
	says 1 'commit 0123456, which it follows, is not here' -- in_repository sh "$tool"
	mv "$room/repository/lessons/01/README.fr.md" "$room/repository/lessons/01/hints.fr.md"
	says 1 'there is no lessons/01/hints.md' -- in_repository sh "$tool"
	rm "$room/repository/lessons/01/hints.fr.md"
	says 0 'No page has a translation yet' -- in_repository sh "$tool"
	return "$wrong"
}

test_without_git_it_says_why_it_cannot() {
	begin_repository || return
	wrong=0
	mkdir "$room/bin"
	ln -s "$(command -v sh)" "$room/bin/sh"
	says 1 'git is missing' -- env PATH="$room/bin" sh "$tool"
	rm -rf "$room/repository/.git"
	says 1 'this folder is no git repository of its own' -- in_repository env GIT_CEILING_DIRECTORIES="$room" sh "$tool"
	return "$wrong"
}

run_tests "$@"
