# machines.sh: read with `.` after lib.sh, by what runs commands where another machine is made of this one.
# shellcheck shell=sh disable=SC2317 # what the files use

# find_network: sets network to the options with which unshare(1) makes a network whose lo can be brought up; the rights of root are
# kept in it. Fails where that is not allowed.
find_network() {
	for network in -n '-Un --map-current-user --keep-caps'; do
		# shellcheck disable=SC2086 # options
		if PATH=$PATH:/usr/sbin:/sbin unshare $network ip link set lo up 2>/dev/null; then return; fi
	done
	return 1
}

# find_mounts: sets mounts to the command that runs another one in a mount namespace of its own, without more rights than anybody has.
# Fails where that is not allowed.
find_mounts() {
	mounts='unshare -m'
	$mounts true 2>/dev/null || mounts='unshare -rm'
	$mounts true 2>/dev/null
}

# no_proc COMMAND...: in a mount namespace of its own, where /proc is empty. Fails where that cannot be made.
no_proc() {
	find_mounts || return
	$mounts sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"
}

# link_posix_utilities FOLDER: a PATH with the utilities of POSIX.1-2008 that are here, and nothing but what compiles beside them.
link_posix_utilities() {
	mkdir -p "$1"
	for tool in ar at awk basename bc cat chgrp chmod chown cksum cmp comm cp csplit cut date dd df diff dirname du echo ed env \
		expand expr false file find fold getconf grep head iconv id join kill ln locale localedef logger logname ls m4 make mkdir \
		mkfifo more mv nice nl nohup od paste patch pathchk pax pr printf ps pwd renice rm rmdir sed sh sleep sort split stty tail \
		tee test time touch tput tr true tsort tty uname unexpand uniq unlink wc who xargs \
		cc c99 gcc as ld pkg-config; do
		path=$(command -v "$tool") || continue
		case $path in /*) ln -sf "$path" "$1/$tool" ;; esac
	done
}
