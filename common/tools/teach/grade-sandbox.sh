# grade-sandbox.sh: the sandboxes of grade, which reads it with `.`; the script ends where none can be made.
# shellcheck shell=sh disable=SC2154 # what grade sets

# The kernel does not limit root's processes, so root's sandboxes run as nobody.
as=
if [ "$(id -u)" = 0 ]; then
	as='setpriv --reuid 65534 --regid 65534 --clear-groups'
	$as true 2>/dev/null || fail 'the setpriv of util-linux is missing, which keeps the programs from being root. This installs it:  make deps FOR=grade'
	chmod 755 "$room"
fi

# sandbox KIT SUBMISSION COMMAND...: without a network, with nothing to write to but 64 MiB of memory.
sandbox() {
	kit=$1 submission=$2
	shift 2
	# shellcheck disable=SC2086 # words
	set -- --ro-bind "$kit" /kit --ro-bind "$submission" /submission --remount-ro / --chdir /tmp -- "$@"
	for folder in /etc/ld.so.cache /etc/alternatives /lib64 /lib32 /lib /sbin /bin /usr; do
		set -- --ro-bind-try $folder $folder "$@"
	done
	# --as-pid-1: nothing in a process namespace can end its first process.
	# shellcheck disable=SC2086 # words
	exec $as bwrap --unshare-user --unshare-all --disable-userns --cap-drop ALL --die-with-parent --new-session --as-pid-1 \
		--clearenv --setenv PATH /usr/local/bin:/usr/bin:/bin --setenv LC_ALL C --setenv LIBS "$libs" \
		--setenv TIMEOUT_SCALE "${TIMEOUT_SCALE:-1}" --hostname grade --proc /proc --dev /dev --remount-ro /dev \
		--size 67108864 --tmpfs /tmp "$@"
}

# The programs of a lesson that a student writes.
programs() {
	written_in "$1" | sed 's/ .*//' | tr '\n' ' '
}

# The files that a sandbox of this lesson sees: the checker, and the programs that the student is given, never the
# lesson's solution.
make_kit() {
	kit=$room/kits/$1
	mkdir -p "$kit/lessons/$1"
	cp build/tests/check common/die.h common/tools/teach/grade-inside common/tools/lib.sh "$kit/"
	[ ! -f build/tests/fault.so ] || cp build/tests/fault.so "$kit/"
	written=" $(programs "$1")"
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

libs=
mkdir "$room/empty"
(sandbox "$room/empty" "$room/empty" true) 2>"$room/why" || {
	sed 's/^/grade: /' "$room/why" >&2
	fail 'bubblewrap (above) cannot make a sandbox here, and nothing is run without one. In a container, start it with
       --privileged; on Ubuntu:  sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0'
}
