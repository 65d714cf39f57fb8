# grade-sandbox.sh: the sandboxes of grade and meet, which read it with `.`; the script ends where none can be made.
# shellcheck shell=sh disable=SC2154 # what grade sets

# The kernel does not limit root's processes, so root's sandboxes run as somebody else: as nobody's user, where that can be, so
# that what lies in $room is for nobody else to read.
as='' owner=''
if [ "$(id -u)" = 0 ]; then
	for owner in $((1900000000 + $$ % 1000000)) 65534; do
		as="setpriv --reuid $owner --regid $owner --clear-groups"
		! $as true 2>/dev/null || break
		as=
	done
	[ -n "$as" ] || fail 'the setpriv of util-linux is missing, which keeps the programs from being root. This installs it:  make deps FOR=grade'
fi

# After something was put there.
hand_over() {
	[ -z "$owner" ] || chown -R "$owner:$owner" "$room"
}

# A library for this one tool: it is built here, when it has changed.
confine=build/grade/confine
if [ -z "$(find $confine -newer common/tools/teach/confine.c 2>/dev/null)" ]; then
	mkdir -p build/grade
	chmod 700 build/grade
	cc -O1 -o $confine common/tools/teach/confine.c -lseccomp 2>"$room/why" || {
		rm -f $confine
		grep -q 'seccomp' "$room/why" && fail 'libseccomp is missing, which keeps the programs from calls that no lesson needs. This installs it:
       make deps FOR=grade'
		cat "$room/why" >&2
		fail 'common/tools/teach/confine.c does not compile (above)'
	}
fi
cp $confine "$room/confine" # build/ may be nobody's to read

# sandbox SUBMISSION COMMAND...: without a network, with nothing to write to but 64 MiB of memory. $kit is its kit, $other what it sees
# beside the submission, if anything, and of the variables it has those that are named here.
sandbox() {
	submission=$1
	shift
	# shellcheck disable=SC2086 # words
	set -- --ro-bind "$kit" /kit --ro-bind "$submission" /submission --remount-ro / --chdir /tmp -- "$@"
	[ -z "${other:-}" ] || set -- --ro-bind "$other" /other "$@"
	for folder in /etc/ld.so.cache /etc/alternatives /lib64 /lib32 /lib /sbin /bin /usr; do
		set -- --ro-bind-try $folder $folder "$@"
	done
	# What compiles is filtered whole; in the sandbox of the checker it does that itself, for each program.
	[ -z "${filtered:-}" ] || set -- --seccomp 9 "$@"
	# --as-pid-1: nothing in a process namespace can end its first process. A compiler would read /dev/zero for ever.
	# shellcheck disable=SC2086 # words
	exec $as "$room/confine" run bwrap --unshare-user --unshare-all --disable-userns --cap-drop ALL --die-with-parent --new-session --as-pid-1 \
		--clearenv --setenv PATH /usr/local/bin:/usr/bin:/bin --setenv LC_ALL C --setenv LIBS "${libs:-}" \
		--setenv SANITIZE "${SANITIZE:-}" --setenv SANITIZERS "${SANITIZERS:-}" --setenv ASAN_OPTIONS "${ASAN_OPTIONS:-}" \
		--setenv ONLY_THESE "${these:-}" --setenv IN "${in_folder:-.}" \
		--setenv TIMEOUT_SCALE "${TIMEOUT_SCALE:-1}" --hostname grade --proc /proc --ro-bind /dev/null /proc/keys \
		--ro-bind /dev/null /proc/key-users --dev /dev --ro-bind /dev/null /dev/zero --remount-ro /dev --size 67108864 --tmpfs /tmp "$@" 9<"$room/common/filter"
}

# make_kit LESSON: the files that a sandbox of this lesson sees: the checker, and the programs that the student is given, never
# the lesson's solution.
make_kit() {
	kit=$room/kits/$1
	mkdir -p "$kit/lessons/$1"
	cp "$room/common"/* "$kit/"
	[ "$(fact "$1" address)" != path ] || cp "$room/filter.paths" "$kit/filter"
	written=" $(programs_for "$1") "
	for program in $(programs_of "$1"); do
		case $written in
		*" $program "*) ;;
		*) cp "lessons/$1/$program" "$kit/lessons/$1/" ;;
		esac
	done
	case $written in ' client ') # alone: its checks need somebody who listens
		mkdir "$kit/lessons/03-listen"
		cp lessons/03-listen/server "$kit/lessons/03-listen/" ;;
	esac
}

# The programs of a lesson that a student writes.
programs_for() {
	written_in "$1" | sed 's/ .*//' | paste -s -d ' ' -
}

mkdir "$room/common" "$room/empty"
cp build/tests/check common/die.h common/tools/teach/grade-inside common/tools/lib.sh common/tools/compiling.sh "$room/common/"
for library in fault absent; do
	[ ! -f build/tests/$library.so ] || cp build/tests/$library.so "$room/common/"
done
: >"$room/common/filter"
hand_over
kit=$room/common
(sandbox "$room/empty" true) 2>"$room/why" || {
	sed 's/^/grade: /' "$room/why" >&2
	fail 'bubblewrap (above) cannot make a sandbox here, and nothing is run without one. In a container, start it with
       --privileged; on Ubuntu:  sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0'
}

# What the sandbox can check a program with: the same as `make check`.
(sandbox "$room/empty" sh /kit/grade-inside sanitizers) >"$room/sanitizers" 2>"$room/why" || : >"$room/sanitizers"
{ read -r SANITIZE && read -r SANITIZERS && read -r without && read -r why; } <"$room/sanitizers" || SANITIZE='' SANITIZERS='' without=sanitizers why=$(cat "$room/why")
[ "$without" != 'a search for leaks' ] || ASAN_OPTIONS=detect_leaks=0
[ -z "$without" ] || echo "grade: without $without, which \`make check\` may have used: $why" >&2

# write_filter FILE [WORD]: what confine.c takes.
write_filter() {
	"$room/confine" filter "$@" ${SANITIZE:+debug} || fail 'the filter of system calls could not be made (above)'
}
write_filter "$room/common/filter"
write_filter "$room/filter.paths" paths
