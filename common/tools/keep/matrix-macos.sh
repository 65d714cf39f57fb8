# matrix-macos.sh: the column macos of matrix, which reads it with `.`: Apple's headers and list of calls, which Zig brings; nothing
# can run here.
# shellcheck shell=sh disable=SC2154 # what matrix sets

# Each step says what fails and goes on, so that one run tells all.
compile_for_macos() {
	count=0
	for cpu in aarch64 x86_64; do
		kit=$PWD/$out/$cpu
		make_mac_kit || { echo 'FAILED: no kit' >"$room/$name.result"; return; }
		for lesson in $lessons $further; do
			up=$(echo "lessons/$lesson" | sed 's#[^/]*#..#g')
			on_a_mac make -s -C "lessons/$lesson" CC=cc CFLAGS='-O2 -g -Werror' OUT="$up/$out/$cpu/$lesson" || result=FAILED
			for program in $(on_a_mac make -s -C "lessons/$lesson" programs); do
				if [ -f "$out/$cpu/$lesson/$program" ]; then count=$((count + 1)); else result=FAILED; fi
			done
		done
		on_a_mac make -s -k -j2 -C tests CC=cc BUILD="../$out/$cpu" CHECK_CFLAGS="-Werror -I'$kit/include'" CHECK_LIBS="'$kit/stub.o'" ||
			result=FAILED
		if [ -f "$kit/check" ]; then count=$((count + 1)); fi
		: >"$kit/compiled"
		COMPILED="$kit/compiled" on_a_mac sh common/tools/learn/doctor >/dev/null 2>&1 || : # it lacks much
		if ! grep -q '^status 0: ' "$kit/compiled" || grep -q '^status [1-9]' "$kit/compiled"; then
			cat "$kit/compiled"
			echo "the probes of doctor do not compile for $cpu"
			result=FAILED
		fi
		printf '%-6s %-24s %s\n' "$name" "$cpu" "$result"
	done
	[ "$result" = FAILED ] || result="passed: $count programs"
	echo "$result" >"$room/$name.result"
}

# In $kit: `cc` and `uname` as a Mac has them, and Check: its header, and in place of the library functions that do nothing.
make_mac_kit() {
	mkdir -p "$kit/bin" "$kit/include"
	cat >"$kit/bin/cc" <<-'SH'
		#!/bin/sh
		[ -n "${COMPILED:-}" ] || exec "$ZIG" cc -target "$TARGET" "$@"
		# For doctor. How it went goes into COMPILED, but for the sanitizers, which Zig does not bring. And what has been
		# compiled becomes a program that can run here and succeeds, so that doctor goes on to its next probe.
		"$ZIG" cc -target "$TARGET" "$@" >>"$COMPILED" 2>&1
		status=$?
		case $* in *-fsanitize*) ;; *) echo "status $status: cc $*" >>"$COMPILED" ;; esac
		while [ $status = 0 ] && [ $# -gt 1 ]; do
			[ "$1" != -o ] || printf '#!/bin/sh\n' >"$2"
			shift
		done
		exit $status
	SH
	printf '#!/bin/sh\necho Darwin\n' >"$kit/bin/uname"
	chmod +x "$kit/bin/cc" "$kit/bin/uname"
	cp "$(pkg-config --variable=includedir check)"/check*.h "$kit/include/" &&
		sed -n 's/^CK_DLL_EXP .*CK_EXPORT \([a-z_]*\)(.*/void \1(void) {}/p' "$kit/include/check.h" | sort -u >"$kit/stub.c" &&
		on_a_mac cc -w -c -o "$kit/stub.o" "$kit/stub.c"
}

# Runs a command where cc compiles for $cpu and uname says Darwin.
on_a_mac() {
	PATH="$kit/bin:$PATH" ZIG="$PWD/$compiler" TARGET="$cpu-macos" ZIG_GLOBAL_CACHE_DIR="$PWD/build/zig/cache" \
		ZIG_LOCAL_CACHE_DIR="$PWD/build/zig/cache" "$@"
}
