#!/bin/sh
# variations.sh [LESSON...]: proves the checks of the variations. Of each lesson's program it makes one that does what
# variation.md asks for, and some that do it wrong, in a folder that it throws away. The checks pass the right one; they
# fail each wrong one, and the lesson's own program, in the check that is named for it. Run from the top, with the
# lessons and the tests built. The lessons go side by side: most of the time is spent in waiting for what a wrong
# program does not do.
set -u
export LC_ALL=C

if [ $# != 1 ]; then
	# shellcheck disable=SC2046 # words
	[ $# -gt 0 ] || set -- $(cd lessons && echo [0-9]*)
	printf '%s\n' "$@" | xargs -P 8 -n 1 sh "$0"
	exit
fi

lesson=$1
program=server
case $lesson in 05-*) program=client ;; esac
original=lessons/$lesson/$program.c
# shellcheck source=common/tools/lib.sh
. common/tools/lib.sh
make_room variations
mkdir -p "$room/practice/program" "$room/common"
cp common/die.h "$room/common/"
failed=0 proved=0

# check FLAGS: compiles practice/program/$program.c and runs the checks of the variation on it.
check() {
	# shellcheck disable=SC2086 # words
	(cd "$room/practice/program" && cc -D_POSIX_C_SOURCE=200809L -g -pthread $1 -o $program $program.c) >"$room/story" 2>&1 ||
		return 2
	if [ $program = server ]; then OWN_SERVER=$room/practice/program/server; else OWN_CLIENT=$room/practice/program/client; fi
	case $1 in *sanitize*) SANITIZE=address,undefined ;; *) SANITIZE= ;; esac
	OWN_SERVER=${OWN_SERVER:-} OWN_CLIENT=${OWN_CLIENT:-} SANITIZE=$SANITIZE LESSONS=lessons CC=cc FOREIGN='' STORY=first \
		FAULT_LIBRARY=build/tests/fault.so sh tests/run.sh "variation/$lesson" quick >"$room/story" 2>&1
}

lost() {
	failed=1
	echo "$lesson: $1"
	sed 's/^/  /' "$room/story"
}

# right: what stands on stdin is a sed script that makes the right program of the lesson's.
right() {
	cat >"$room/right.sed"
	sed -f "$room/right.sed" "$original" >"$room/right.c"
	cp "$room/right.c" "$room/practice/program/$program.c"
	sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=all'
	# shellcheck disable=SC2086 # words
	echo 'int main(void){return 0;}' | cc $sanitizers -x c -o "$room/probe" - 2>/dev/null || sanitizers=
	check "-Wall -Wextra -Werror $sanitizers" || lost 'the right program fails'
	proved=$((proved + 1))
}

# wrong CHECK EDIT: the right program with this sed script fails, and CHECK is told first (one of them, in A|B).
wrong() {
	sed "$2" "$room/right.c" >"$room/practice/program/$program.c"
	! cmp -s "$room/right.c" "$room/practice/program/$program.c" || lost "this edit changes nothing: $2"
	fails "$1" "with the edit $2"
}

# The first try has little patience, because a wrong program is waited for in vain; a machine with much to do may need more.
fails() {
	for scale in 0.4 4; do
		TIMEOUT_SCALE=$scale check -w
		case $? in
		0) why='pass' ;;
		2) why='cannot be made for' ;;
		*) why="do not name $1 for" ;;
		esac
		if [ "$why" != pass ] && grep -Eq "^$lesson:($(echo "$1" | tr _ ' ')) \\(" "$room/story"; then
			proved=$((proved + 1))
			return
		fi
	done
	lost "the checks $why the program $2"
}

unchanged() {
	cp "$original" "$room/practice/program/$program.c"
	fails "$1" 'of the lesson itself'
}

case $lesson in
01-*)
	right <<-'SED'
		/int listener = /,/die("socket")/c\
		    int first = socket(AF_INET, SOCK_STREAM, 0);\
		    if (first == -1) die("socket");\
		    int second = socket(AF_INET, SOCK_STREAM, 0);\
		    if (second == -1) die("socket");
		/printf("descriptor/c\
		    printf("descriptors %d and %d are sockets; press Enter to close %d\\n", first, second, first);
		/getchar(/c\
		    int typed;\
		    while ((typed = getchar()) != '\\n' \&\& typed != EOF) continue;\
		    if (typed == EOF \&\& ferror(stdin)) die("getchar");\
		    if (close(first) == -1) die("close");\
		    printf("descriptor %d is a socket; press Enter to close it\\n", second);\
		    while ((typed = getchar()) != '\\n' \&\& typed != EOF) continue;\
		    if (typed == EOF \&\& ferror(stdin)) die("getchar");
		s/close(listener)/close(second)/
	SED
	unchanged two_sockets_are_open_and_named
	wrong two_sockets_are_open_and_named 's/int second = .*/int second = dup(0);/'
	wrong one_enter_closes_the_first_socket_and_no_more '/getchar()/d; /typed == EOF/d'
	wrong one_enter_closes_the_first_socket_and_no_more '/close(first)/d'
	wrong one_enter_closes_the_first_socket_and_no_more 's/if (close(first)/if (close(second)/'
	wrong the_end_of_the_input_ends_it_with_0 's/ && ferror(stdin)//'
	wrong a_failing_call_for_either_socket_is_named_and_exits_1 '/(second == -1)/d'
	wrong a_failing_call_for_either_socket_is_named_and_exits_1 '/typed;/,/close(first)/s/if (close(first) == -1) die("close")/close(first)/' ;;
02-*)
	right <<-'SED'
		/die("bind")/c\
		    while (bind(listener, (struct sockaddr *)\&local, sizeof local) == -1) {\
		        if (errno != EADDRINUSE) die("bind");\
		        printf("port %d is taken\\n", port);\
		        errno = EADDRINUSE;\
		        if (port == 65535) die("bind");\
		        local.sin_port = htons((in_port_t)++port);\
		    }
	SED
	unchanged when_the_port_is_taken_it_binds_the_next_free_one
	wrong when_the_port_is_taken_it_binds_the_next_free_one 's/htons((in_port_t)++port)/(in_port_t)(++port, local.sin_port + 1)/'
	wrong when_the_port_is_taken_it_binds_the_next_free_one 's/htons((in_port_t)++port)/0/'
	wrong when_the_port_is_taken_it_binds_the_next_free_one 's/while (bind/if (bind/'
	wrong a_free_port_is_taken_as_before 's/"bound to/"now bound to/'
	wrong above_65535_there_is_no_port '/port == 65535/d'
	wrong another_failure_of_bind_ends_it_at_once '/errno != EADDRINUSE/d' ;;
03-*)
	right <<-'SED'
		s/\[PORT\]\]/[PORT [BACKLOG]]]/
		/argc > 3/c\
		    if (argc > 4) usage(synopsis, argv[4], "one argument too many");\
		    int backlog = argc > 3 ? parse_port(argv[3]) : SOMAXCONN;\
		    if (backlog < 1) usage(synopsis, argv[3], "BACKLOG must be a number from 1 to 65535");
		s/, SOMAXCONN) == -1/, backlog) == -1/
	SED
	unchanged the_queue_is_as_long_as_backlog_says
	wrong the_queue_is_as_long_as_backlog_says 's/, backlog) == -1/, SOMAXCONN) == -1/'
	wrong the_queue_is_as_long_as_backlog_says 's/, backlog) == -1/, backlog - 1) == -1/'
	wrong without_backlog_the_queue_is_as_long_as_before 's/: SOMAXCONN/: 5/'
	wrong a_third_argument_that_is_no_such_number_is_named_and_exits_2 's/parse_port(argv\[3\])/atoi(argv[3])/'
	wrong a_third_argument_that_is_no_such_number_is_named_and_exits_2 's/backlog < 1/backlog < 0/'
	wrong a_fourth_argument_is_named_and_exits_2 '/argc > 4/d' ;;
04-*)
	right <<-'SED'
		s/\[PORT\]\]/[PORT [CLIENTS]]]/
		/argc > 3/c\
		    if (argc > 4) usage(synopsis, argv[4], "one argument too many");\
		    int clients = argc > 3 ? parse_port(argv[3]) : 1;\
		    if (clients < 1) usage(synopsis, argv[3], "CLIENTS must be a number from 1 to 65535");
		s/^    int client;/    for (int number = 1; number <= clients; number++) {\
		    int client;/
		s/printf("connection from %s:%d\\n", /printf("connection %d from %s:%d\\n", number, /
		s/close(client).*/&\
		    }/
	SED
	unchanged so_many_clients_are_accepted_numbered_and_closed
	wrong so_many_clients_are_accepted_numbered_and_closed 's/int number = 1; number <= /int number = 0; number < /'
	wrong so_many_clients_are_accepted_numbered_and_closed '/close(client)/d'
	wrong so_many_clients_are_accepted_numbered_and_closed 's/number <= clients/1/'
	wrong a_signal_during_accept_is_no_client 's/if (errno != EINTR) die("accept");/if (errno == EINTR) number++; else die("accept");/'
	wrong a_third_argument_that_is_no_such_number_is_named_and_exits_2 's/parse_port(argv\[3\])/atoi(argv[3])/' ;;
05-*)
	right <<-'SED'
		s/#include <unistd.h>/#include <time.h>\
		&/
		s/^    if (connect(.*/    struct timespec before, after;\
		    clock_gettime(CLOCK_MONOTONIC, \&before);\
		&\
		    clock_gettime(CLOCK_MONOTONIC, \&after);\
		    long long took = (after.tv_sec - before.tv_sec) * 1000000LL + (after.tv_nsec - before.tv_nsec) \/ 1000;/
		s/^    if (printf(.*/&\
		    if (printf("connect took %lld microseconds\\n", took) < 0) die("write");/
	SED
	unchanged the_time_that_connect_took_is_told
	wrong 'the_time_that_connect_took_is_told|a_connect_that_is_held_up_takes_longer' 's/1000000LL/1000000000LL/; s#tv_nsec) / 1000#tv_nsec) * 1LL#'
	wrong the_time_that_connect_took_is_told 's/microseconds/us/'
	wrong a_connect_that_is_held_up_takes_longer 's/1000000LL/1000LL/; s#/ 1000;#/ 1000000;#'
	wrong a_connect_that_is_held_up_takes_longer 's/CLOCK_MONOTONIC/CLOCK_PROCESS_CPUTIME_ID/'
	wrong a_connect_that_fails_tells_no_time 's/die("connect");/{ puts("connect took 0 microseconds"); die("connect"); }/'
	wrong what_comes_before_and_after_connect_does_not_count \
		'/struct timespec/d; /&before/d; s/^    int sock = /struct timespec before, after; clock_gettime(CLOCK_MONOTONIC, \&before);&/' ;;
06-*)
	right <<-'SED'
		s/echo(int client)/echo(int client, long long *count)/
		s/.*return "send";/&\
		        *count += received;/
		s/.*echo(client);/    long long count = 0;\
		    const char *failed = echo(client, \&count);/
		s/.*die(failed);/&\
		    char line[64];\
		    int width = snprintf(line, sizeof line, "%lld bytes\\n", count);\
		    if (send_all(client, line, (size_t)width) == -1) die("send");/
	SED
	unchanged the_count_comes_after_the_end_of_file
	wrong the_count_comes_after_the_end_of_file 's/(size_t)width/(size_t)width + 1/'
	wrong the_count_comes_after_the_end_of_file 's/count += received/count += 1/'
	wrong the_count_comes_after_the_end_of_file '/if (received == 0)/s/.*/if (received == 0) return NULL; dprintf(client, "%zd bytes\\n", received);/'
	wrong no_byte_at_all_is_counted 's/if (send_all(client, line/if (count > 0 \&\& send_all(client, line/'
	wrong every_byte_of_a_long_message_is_counted_nul_too 's/count += received/count += (ssize_t)strnlen(buffer, (size_t)received)/'
	wrong short_sends_receives_and_signals_change_no_count 's/send_all(client, line, (size_t)width)/send(client, line, (size_t)width, 0)/'
	wrong a_count_that_cannot_be_sent_is_a_failing_call 's/if (send_all(client, line, (size_t)width) == -1) die("send")/send_all(client, line, (size_t)width)/' ;;
07-*)
	right <<-'SED'
		s/.*backoff = .*/&\
		    int number = 0;/
		/= echo(client)/i\
		        char line[64];\
		        int width = snprintf(line, sizeof line, "you are client %d\\n", ++number);
		s/= echo(client)/= send_all(client, line, (size_t)width) == -1 ? "send" : echo(client)/
	SED
	unchanged each_client_is_told_its_number
	wrong each_client_is_told_its_number 's/++number/number++/'
	wrong each_client_is_told_its_number 's/you are client %d\\n/you are client %d/'
	wrong a_client_that_leaves_without_a_word_or_with_a_reset_counts 's/++number/number + 1/; s/.*perror(failed);/&else number++;/'
	wrong each_client_is_told_its_number "s/= send_all(client, line/= recv(client, text, 1, MSG_PEEK) != -1 \&\& send_all(client, line/"
	wrong an_accept_that_fails_does_not_count 's/perror("accept");/&number++;/'
	wrong short_sends_leave_the_greeting_whole 's/send_all(client, line, (size_t)width)/send(client, line, (size_t)width, 0)/'
	wrong a_greeting_that_cannot_be_sent_costs_only_its_client 's/if (failed != NULL) perror(failed)/if (failed != NULL) die(failed)/; s/: echo(client)/: (echo(client), NULL)/' ;;
08-*)
	right <<-'SED'
		s/^static void \*serve/static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;\
		static int present;\
		\
		\/* One client more, or one less. Returns how many there are now. *\/\
		static int change(int by)\
		{\
		    pthread_mutex_lock(\&lock);\
		    int now = present += by;\
		    pthread_mutex_unlock(\&lock);\
		    return now;\
		}\
		\
		&/
		/= echo(client)/i\
		    char line[64];\
		    int width = snprintf(line, sizeof line, "%d connected\\n", change(1));
		s/= echo(client)/= send_all(client, line, (size_t)width) == -1 ? "send" : echo(client)/
		s/.*perror(failed);/&\
		    change(-1);/
	SED
	unchanged each_newcomer_is_told_how_many_are_connected
	wrong each_newcomer_is_told_how_many_are_connected 's/change(1));/change(1) - 1);/'
	wrong who_has_left_does_not_count '/change(-1)/d'
	wrong who_has_reset_the_connection_does_not_count 's/change(-1)/if (failed == NULL) change(-1)/'
	wrong two_who_come_at_the_same_time_get_different_numbers 's/change(1));/change(1) > 12 ? 12 : present);/'
	wrong a_client_without_a_thread_does_not_count 's/.*perror("pthread_create");/&change(1);/'
	wrong short_sends_leave_the_line_whole 's/send_all(client, line, (size_t)width)/send(client, line, (size_t)width, 0)/' ;;
*)
	echo "variations.sh: $lesson has no variation" >&2
	exit 2 ;;
esac
[ $failed != 0 ] || echo "$lesson: $proved programs judged rightly"
exit $failed
