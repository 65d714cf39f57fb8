/* The suites, one a lesson, and the tests that several lessons share. */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>

/* Each check is noted, so that those of a step can be told from those that the lesson before has, too: step.c. */
#undef tcase_add_test
#undef tcase_add_loop_test
#define tcase_add_test(tests, check) tcase_add_loop_test(tests, check, 0, 1)
#define tcase_add_loop_test(tests, check, from, to)                                                \
    do {                                                                                           \
        note_check(#check, from, to);                                                              \
        tcase_add_loop_exit_test(tests, check, 0, from, to);                                       \
    } while (0)
/* It is made for each number from `from` to before `to`. */
void note_check(const char *name, int from, int to);
/* Until `false` what is noted are the checks of a lesson before. */
void note_earlier_checks(bool begin);
/* One of those. */
bool is_earlier(const char *name, int turn);
/* How many checks pass: of the step, and of those before it. */
void print_counts(void);

/* One suite for each lesson: tests/suites/01.c to 08.c. */
Suite *suite_01(void);
Suite *suite_02(void);
Suite *suite_03(void);
Suite *suite_04(void);
Suite *suite_05(void);
Suite *suite_06(void);
Suite *suite_07(void);
Suite *suite_08(void);

/* And one for each of lessons/further: tests/suites/further/udp-echo.c and so on. */
Suite *suite_udp_echo(void);
Suite *suite_dual_stack_echo(void);
Suite *suite_unix_echo(void);
Suite *suite_poll_echo(void);
Suite *suite_epoll_echo(void);
Suite *suite_line_chat(void);
Suite *suite_port_scanner(void);
Suite *suite_raw_ping(void);
Suite *suite_graceful_stop(void);
Suite *suite_tiny_http(void);

/* The tasks beyond the lessons: suites variation/01-create-socket and so on, tests/suites/variations. */
Suite *variation_01(void);
Suite *variation_02(void);
Suite *variation_03(void);
Suite *variation_04(void);
Suite *variation_05(void);
Suite *variation_06(void);
Suite *variation_07(void);
Suite *variation_08(void);
Suite *variation_line_chat(void);

/* Two programs of two students: tests/suites/meet.c. */
Suite *suite_meet(void);

/* The checker itself: tests/suites/evidence. */
Suite *suite_evidence(void);

/* A call that must end the program when it fails: `call: reason` and exit status 1. */
struct failing {
    const char *call;  /* the name in the message */
    const char *fault; /* see tests/checker/fault.c */
    int error;         /* what the fault sets errno to */
};

/* essential.c. For `make grade`: the group `the step` of this suite, what the lesson is about; NULL where it has none. */
Suite *suite_essential(const char *name);

/* A test case named `name`. `enter` runs before each of its tests and sets `lesson`. */
TCase *add_case(Suite *suite, const char *name, SFun enter);

/* The same with the tag "soak": left out of `make test LESSON=…`. */
TCase *add_soak_case(Suite *suite, const char *name, SFun enter);

/* The same with the tag "at-once": many clients at the same time. Threads are checked with these a second time, built with
   ThreadSanitizer. */
TCase *add_at_once_case(Suite *suite, const char *name, SFun enter);

/* Shared tests: what each adds stands in its file. */
void add_server_arguments(Suite *suite, SFun enter); /* arguments.c */
void add_client_arguments(Suite *suite, SFun enter);
/* The same for programs that take IPv6 addresses and names as well. */
void add_server_arguments_with_names(Suite *suite, SFun enter);
void add_client_arguments_with_names(Suite *suite, SFun enter);
/* ports.c: the port that is asked for; that nobody else takes it; the peer's address */
struct program;
bool is_at_the_asked_port(struct program *program); /* it says so */
void add_bound_port(Suite *suite, SFun enter);
void add_listening_port(Suite *suite, SFun enter);
void add_accepting_port(Suite *suite, SFun enter);
void add_signals(Suite *suite, SFun enter);
void add_holding(Suite *suite, SFun enter); /* contract.c, and the next two */
void add_set_up(Suite *suite, SFun enter,
                int calls); /* so many set-up calls, counted from socket */
void add_narration(Suite *suite, SFun enter);
void add_echo(Suite *suite, SFun enter);        /* echo.c */
void add_echo_client(Suite *suite, SFun enter); /* echo_client.c */
void add_visits(Suite *suite, SFun enter);      /* visits.c */
void add_lasting(Suite *suite, SFun enter);     /* lasting.c; the visits too */
void add_threads(Suite *suite, SFun enter);     /* 08.c */
void add_concurrent(Suite *suite, SFun enter);  /* concurrent.c */
void add_event_loop(Suite *suite, SFun enter);  /* event_loop.c, and the next */
void add_event_loop_failures(TCase *tests);     /* event_loop_failures.c */

/* One more client is served, and 04 and 06 end with status 0; 07 and 08 serve another one, and a signal ends them. */
struct program;
void expect_served(struct program *server, in_port_t port);

/* 08.c: a learner's server that has made a thread before its first client has come. */
bool makes_a_thread_first(struct program *server);

/* The program holds this descriptor, and it is a socket; or, when not `open`, it does not hold it. */
void expect_socket(struct program *server, int descriptor, bool open);

/* Exit status 2, nothing on stdout, a usage line, and a line that repeats the bad value. Returns the program, which has ended. */
struct run;
struct program *expect_usage(struct run run, const char *bad);

/* The client has left in good order: a server of one client ends with 0, another serves the next one. */
void expect_good_end(struct program *server);

/* echo_much.c, and echo_client_output.c: parts of the test cases of add_echo and add_echo_client. */
void add_much_echo(TCase *tests);
void add_client_output(TCase *tests);

/* What is told of clients that are served only when others have gone, where each should have a thread. */
#define ONE_AFTER_ANOTHER                                                                          \
    "A client is served only when others have gone: does the server wait for the end of a "        \
    "thread\n"                                                                                     \
    "(pthread_join), is a mutex locked around the whole echo, or is there a fixed number of "      \
    "threads?"

/* printed.c. All of stdout is this and nothing else. */
void expect_output(struct program *program, const char *wanted, size_t length);

/* One whole visit: connect, one message there and back, close in good order. */
void visit(in_port_t port, int number);

/* Watches for a quarter of a second that the server neither ends nor burns the CPU. */
void expect_calm(struct program *server);

/* A failing set-up call: `call: reason`, exit status 1. */
void expect_failing_set_up(const struct failing *failing);

/* A call of a client that has read a line, and then the end of its input: `call: reason`, exit status 1. */
void expect_failing_client(const struct failing *failing);

/* What is said on a connection before its half-close; an echo unless the fixture of a suite sets it. */
extern void (*converse)(int client, in_port_t port);

#endif
