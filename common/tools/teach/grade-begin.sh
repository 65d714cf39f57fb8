# grade-begin.sh: what grade and meet begin with: the folder of submissions, the sandboxes, and who is there. They read it with `.`, after they
# have set tool to their name.
# shellcheck shell=sh disable=SC2034,SC2154 # what they use

DIR=${DIR:-} JOBS=${JOBS:-} STUDENT=${STUDENT:-} VARIATION=${VARIATION:-} FORCE=${FORCE:-}

fail() {
	printf '%s: %s\n' "$tool" "$1" >&2
	exit 1
}

STUDENT=${STUDENT%/} # as a shell completes it
[ -n "$DIR" ] || fail "name the folder with the submissions, for example:  make $tool DIR=submissions"
[ -d "$DIR" ] || fail "'$DIR' is not a folder. It needs a folder for each student: DIR/STUDENT/03-listen/server.c"
case $DIR in /*) ;; *) DIR=./$DIR ;; esac
case $JOBS in *[!0-9]* | 0*) fail "JOBS=$JOBS: give a number, 1 or more" ;; esac
case $VARIATION in '' | 1) ;; *) fail "VARIATION=$VARIATION: only VARIATION=1 is known" ;; esac
[ -z "$STUDENT" ] || [ -d "$DIR/$STUDENT" ] || fail "STUDENT=$STUDENT: there is no folder '$DIR/$STUDENT'"
[ -w "$DIR" ] || fail "'$DIR' cannot be written, and the results go there"
command -v bwrap >/dev/null ||
	fail 'bubblewrap is missing (it exists on Linux only): nothing is run without a sandbox. This installs it:  make deps FOR=grade'

# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
make_room "$tool"
lanes='' other='' filtered='' these='' in_folder='' libs=''
tab=$(printf '\t')
here=common/tools/teach

# shellcheck disable=SC2317 # leave_room calls it
clean_up() {
	# shellcheck disable=SC2086 # process ids
	[ -z "$lanes" ] || {
		kill $lanes
		wait $lanes
	} 2>/dev/null || true
}

# Ten jobs for each core, which mostly wait; and half a GiB for each: MOST_MIB of tests/checker/sandbox.c.
if [ -z "$JOBS" ]; then
	JOBS=$(awk -v cores="$(nproc)" '
	$1 == "MemAvailable:" { by_memory = int($2 / 1024 / 512) }
	END { n = 10 * cores; if (by_memory > 0 && by_memory < n) n = by_memory; print n }' /proc/meminfo)
fi

# shellcheck source=common/tools/teach/grade-sandbox.sh
. $here/grade-sandbox.sh
# shellcheck source=common/tools/teach/grade-find.sh
. $here/grade-find.sh
# shellcheck source=common/tools/teach/grade-lanes.sh
. $here/grade-lanes.sh
