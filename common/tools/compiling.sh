# compiling.sh: read with `.` after lib.sh, by what compiles a learner's program: with which sanitizers, and how.
# shellcheck shell=sh

# is_of_this_machine TEXT: what a compiler or a shell has said is about the machine's disk or memory, and no fault of a program.
is_of_this_machine() {
	case $1 in
	*'No space left'* | *'uota exceeded'* | *'ead-only file system'* | *'annot allocate memory'* | *'emory exhausted'* | *'out of memory'* | \
		*'File too large'* | *'Too many open files'* | *'Resource temporarily unavailable'*) ;;
	*) return 1 ;;
	esac
}

# ---- sanitizers ----

# runs_silently PROGRAM: ends with 0 and prints nothing; what it prints goes to PROGRAM.says.
runs_silently() {
	"$1" >"$1.says" 2>&1 && [ ! -s "$1.says" ]
} 2>/dev/null

# build_probe FOLDER FLAGS STATIC SOURCE: makes FOLDER/probe of the SOURCE with the FLAGS of a sanitizer, and with STATIC, by which its
# runtime is part of the program, which then starts in half the time. Sets static to nothing where that cannot be. Fails where
# there is no such sanitizer; no_probe is why. What a compiler has made with STATIC once need not be made again.
build_probe() {
	static=$3 no_probe='this compiler has none'
	kept_probe=build/probe$(printf '%s' "$2$(command -v cc)" | tr -c '[:alnum:]' _)-$(cc --version | cksum | tr ' ' -)
	rm -f "$1/probe"
	[ ! -e "$kept_probe" ] || ! cp "$kept_probe" "$1/probe" || return 0
	printf '%s\n' "$4" >"$1/probe.c" || { no_probe="nothing can be written to $1"; return 1; }
	# shellcheck disable=SC2086 # words
	if says=$(cc $2 $static -o "$1/probe" "$1/probe.c" 2>&1) && [ -z "$says" ]; then
		! cp "$1/probe" "$kept_probe.$$" || mv "$kept_probe.$$" "$kept_probe" || :
	else
		static=
		says=$(cc $2 -o "$1/probe" "$1/probe.c" 2>&1) && return
		! is_of_this_machine "$says" || no_probe='no disk or memory is left for them'
		return 1
	fi
} 2>/dev/null

# A shell that does not know the option says nothing.
memory_is_limited() {
	# shellcheck disable=SC3045 # see above
	case $(ulimit -v 2>/dev/null) in '' | unlimited) return 1 ;; esac
}

# choose_sanitizers FOLDER: sets SANITIZE (what the option -z of the checker takes) and SANITIZERS (for cc), both empty where programs
# with them cannot be built or run. Where only leaks cannot be looked for, it says so to the program in ASAN_OPTIONS.
# Sets without to what is missing, `sanitizers` or `a search for leaks`, and why to the reason; empty when nothing is.
# shellcheck disable=SC2034 # the caller reads them
choose_sanitizers() {
	SANITIZERS='-fsanitize=address,undefined -fno-sanitize-recover=all'
	without='' why=''
	if ! build_probe "$1" "$SANITIZERS" '-static-libasan -static-libubsan' 'int main(void) { return 0; }'; then
		without=sanitizers why=$no_probe
	elif runs_silently "$1/probe"; then
		:
	elif ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" runs_silently "$1/probe"; then
		export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
		without='a search for leaks' why='LeakSanitizer may not trace here, as in some containers'
	elif [ ! -e /proc/self/maps ] && [ "$(uname)" = Linux ]; then
		without=sanitizers why='they need /proc, which is missing here'
	elif memory_is_limited; then
		without=sanitizers why='the limit on memory leaves no room for them (ulimit -v)'
	else
		without=sanitizers why="a program with them does not run here: $(head -n 1 "$1/probe.says")"
	fi
	if [ "$without" = sanitizers ]; then
		SANITIZE='' SANITIZERS=''
	else
		SANITIZE=${static:+static,}address,undefined SANITIZERS="$SANITIZERS${static:+ $static}"
	fi
}

# choose_thread_sanitizer FOLDER: sets THREAD_SANITIZE and THREAD_SANITIZERS likewise for ThreadSanitizer, which cannot stand in one
# program with the others. Without it no_threads is the reason, and both are empty.
# shellcheck disable=SC2034 # the caller reads them
choose_thread_sanitizer() {
	THREAD_SANITIZE='' THREAD_SANITIZERS='' no_threads=''
	if ! build_probe "$1" '-fsanitize=thread -pthread' -static-libtsan '#include <pthread.h>
		static void *end(void *argument) { return argument; }
		int main(void) { pthread_t t; return pthread_create(&t, NULL, end, NULL) || pthread_join(t, NULL); }'; then
		no_threads=$no_probe
	elif ! runs_silently "$1/probe"; then
		no_threads="a program with it does not run here: $(head -n 1 "$1/probe.says")"
	else
		THREAD_SANITIZE=${static:+static,}thread THREAD_SANITIZERS="-fsanitize=thread${static:+ $static}"
	fi
}

# ---- a submission ----

# Beside the sanitizers. -O1 is what makes a wrong program fail as its source says, and it is compiled soon.
# shellcheck disable=SC2034 # the caller reads it
BUILD_FLAGS='-g -O1 -fno-omit-frame-pointer'

# build_program FOLDER PROGRAM OUT [OPTION...]: makes OUT of the PROGRAM.c that a learner has in FOLDER. Where that needs
# functions of other files there, those without a main are taken, too. OUT.says is what the compiler said. For make check and
# make grade alike.
# shellcheck disable=SC2086 # LIBS is words
build_program() {
	folder=$1 program=$2 out=$3
	shift 3
	cc "$@" -o "$out" "$folder/$program.c" $LIBS 2>"$out.says" && return
	grep -qi undefined "$out.says" || return
	for other in "$folder"/*.c; do
		grep -Eq '(^|[^[:alnum:]_])main[[:space:]]*\(' "$other" || set -- "$@" "$other"
	done
	cc "$@" -o "$out" "$folder/$program.c" $LIBS 2>"$out.says"
}
