/*
 * What the suites use: run a lesson's programs, talk to them over loopback, and tell what was seen.
 *
 * Everything that waits has a deadline; a deadline that passes fails the check with a story: what was expected, what was
 * seen, and the last lines that each program printed. options.h says what a run is asked for, result.h what comes of it.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "options.h"
#include "result.h"

/* For `make grade`: tests/checker/sandbox.c. All but limit_program and tell_grading do nothing elsewhere. */
void begin_grading(void);      /* once, before the first check: watches the sandbox from then on */
void begin_graded_check(void); /* ends what the check before has left */
void tell_graded_check(int number); /* it has ended: its result goes where no program reaches it */
void limit_program(void); /* in the process that will be the program: setrlimit(2), seccomp(2) */
void tell_grading(void);  /* once, after the last check: all results, and `complete` */

/*
 * What probably made a check fail, from `saw` and what its programs printed and do: tests/checker/causes.c.
 *   cause, size  where the text goes; empty when no cause is known
 * Returns what to read.
 */
const char *likely_cause(char *cause, size_t size);

/*
 * What repeats the check by hand, in lines: tests/checker/by_hand.c. It is told what went to the programs.
 *   text, size  where the lines go; empty where the check does what no command does
 */
void tell_by_hand(char *text, size_t size);
void note_typed(const void *bytes, size_t length); /* into a program's stdin */
void note_sent(const void *bytes, size_t length);  /* over a socket of the check */
size_t noted_sent(void);                           /* so many bytes */
void note_listener(int sock);                      /* where the check waits for a client */
int noted_listener(void);                          /* -1: none */

/* A running program of the lesson. */
struct program;

/* How to run it; what is left out is 0: no arguments, a pipe for each stream, no fault. */
struct run {
    const char *program; /* "server", "client" or "types" */
    const char *lesson;  /* another lesson's folder; the current one when NULL */
    const char *arguments[6];
    const char *faults;      /* see tests/checker/fault.c */
    int descriptors;         /* RLIMIT_NOFILE */
    int held;                /* so many descriptors are open at the start, from 3 on */
    const char *output_file; /* stdout goes there, not into a pipe */
    const char *input_file;  /* stdin comes from there */
    bool output_gone;        /* stdout is a pipe whose reader has gone */
    bool unprivileged;       /* may have no raw socket, also when the test runs as root */
    const char *folder;      /* it runs there; the checker's own when NULL */
    int closed; /* descriptors closed at the start: 1 for stdin, 2 for stdout, 4 for stderr, added up */
};

/* What a suite states about its lesson; set by each suite's fixture. */
extern struct facts {
    int number; /* 1 to 8 for a lesson, 0 for a further one: that comes after all of these */
    bool takes_address; /* its server takes ADDRESS and PORT */
    bool only_binds;    /* it says `bound to`, and not yet `listening on` */
    bool echoes;        /* it sends back what comes */
    bool threads;       /* a thread for each client */
    bool works;         /* it has much to do without a break: being busy is no mistake */
    bool names;         /* it takes names and IPv6 addresses, too */
    bool takes_path;    /* its address is the path of a socket: AF_UNIX */
    bool ends_in_order; /* a signal ends its server with status 0 */
    double deadline;    /* seconds after which it ends a client; one check waits for that */
    enum { NO_CLIENT, ONE_CLIENT, MANY_CLIENTS } serves;
    const char *waits_in;  /* the call in which one with an event loop waits */
    void (*prepare)(void); /* each check begins with it; NULL for nothing to prepare */
} facts;
extern const char *lesson;    /* the current lesson's folder name, set by each suite's fixture */
extern const char *task_file; /* in that folder: what says what is wanted */
extern const char *third_argument; /* of its server; NULL for none */

/* Deadlines. `deadline` is when an event that must come is given up, in seconds from now. */
double now(void);              /* seconds on a clock that never goes back */
double patience(void);         /* how long to wait for an event that must come */
double scaled(double seconds); /* so many, or more on a machine that TIMEOUT_SCALE calls slow */
/* When what takes so many seconds by itself, as a timeout does, has to be over. What was waited for in vain before counts not. */
double at_most(double seconds);
double
busy_machine(void); /* so many times as long as on a quiet machine takes what computes; 1 to 6 */
void look_again_soon(void); /* between two looks at what sends no event */

/* An event that must come is waited for until patience() is over, until all programs have slept without a break for so long that
   nothing will come, or until they have had so much of a CPU that it would be there: where the system shows that, a wrong
   program costs no long wait. */
struct waiting {
    double begun, end, looked, still_since;
    long switches; /* of the programs, at the last look */
    double cpu;    /* seconds that they had used at the first look; -1 before it */
    bool over;
};
struct waiting begin_wait(void);    /* from now on */
bool in_vain(struct waiting *wait); /* ask it at each look; true: give up */
/* The last wait of this step has ended because all programs slept: no busy machine kept them from running. */
bool were_asleep(void);
void forget_sleep(void);                                 /* a new step */
extern atomic_bool own_wait_is_over;                     /* each wait is in vain now: limit.c */
bool stands_still(struct waiting *wait, double seconds); /* all programs have slept for so long */
bool await(int sock, short events); /* until poll(2) shows one; false, with errno EAGAIN: in vain */
extern double own_pause; /* seconds that a right program may sleep by itself; set by the fixture */

const char *reason(int error);    /* strerror, as the C library of the programs has it */
const char *seen_as(int error);   /* strerror; a deadline that has passed in plain words */
bool graded(void);                /* in a sandbox of its own: tests/checker/sandbox.c */
bool skip_call(const char *call); /* an interpreter hides how this call fails */
bool skip_faults(void);           /* true, said aloud, where the shim cannot be preloaded */

/*
 * This machine: machine.c. What it can do, and what is said when it cannot.
 */
/* Before the first check: the soft limit on descriptors becomes what the hard one allows. See getrlimit(2). */
void raise_limits(void);
/*
 * How many clients at once the limit on descriptors allows, at most `wanted`; says aloud, as a skipped check, when that
 * is fewer. May be 0.
 */
int clients_here(int wanted);
/* NULL when a connection over 127.0.0.1 can be made, or else why not and how to mend it, in static memory. */
const char *loopback_lacks(void);
/* The same of a file in /tmp, which Check needs, too. */
const char *files_lack(void);
/*
 * What a call of the checker itself needs: `worked` says whether the call, named `call`, has succeeded; errno is looked
 * at when not. For want of descriptors, processes, memory or ports the check ends as skipped; another error fails it.
 */
void need(bool worked, const char *call);
/* socket(2) with protocol 0, for the checker itself; see need. */
int need_socket(int family, int type);
/* fork(2), for a helper of the check, which ends with it. */
pid_t fork_helper(void);

/*
 * Where servers are: address.c. A port names one in all checks: 127.0.0.1:PORT, or where facts.takes_path the file PORT.sock in a
 * folder of the check's own.
 */
struct address {
    struct sockaddr_storage place;
    socklen_t length;
    char text[64]; /* as programs take and print it */
};
struct address address_of(in_port_t port);
struct address address_at(const char *host, in_port_t port); /* host:port */
in_port_t port_in(const char *text); /* which one it names; 0: it is none of the check */
const char *own_folder(void); /* of the check: for those paths, and files; empty at its start */
void forget_folders(void);    /* at the end of the run, however it comes */
/* To run the program there: its name and its arguments. For a server port 0 is one where nobody is. */
struct run server_at(in_port_t port);
struct run client_at(in_port_t port);

/* Programs. */
void stop_programs(void); /* all of them, by SIGKILL; when it returns they have ended */
/* Into the failure: the end of what each of them has printed. Waits a moment for those that are ending. */
void keep_printed(struct failure *failure);
/* Runs it. A command that cannot be run ends with status 127, as in a shell. At the end of the check all are stopped. */
struct program *start(struct run run);
/*
 * What this check starts from here on is searched for leaks when it ends; LeakSanitizer, where it is built in. The search takes
 * longer than a short program does, so one check for each way to a good end asks for it.
 */
void look_for_leaks(void);
struct program *start_server(const char *faults); /* `server 127.0.0.1 0`, already listening */
struct program *start_client(in_port_t port, const char *faults);   /* `client 127.0.0.1 port` */
pid_t pid_of(const struct program *program);                        /* its process */
const char *wait_line(struct program *program, const char *prefix); /* rest of the next such line */
in_port_t wait_port(struct program *program,
                    const char *prefix);            /* its line, the address after this */
void expect_port(in_port_t seen, in_port_t wanted); /* that it has printed */
void expect_peer(struct program *server,
                 int client); /* its line `connection from A:P` is right, or `connection on PATH` */
in_port_t port_of(struct program *server);                     /* the port it said it listens on */
size_t output_of(struct program *program, const char **text);  /* all of stdout until now */
const char *errors_of(struct program *program);                /* all of stderr until now */
int times_in(const char *text, const char *part);              /* how often part stands in text */
void wait_errors(struct program *program, const char *text);   /* until stderr holds this */
void expect_errors(struct program *program, const char *text); /* all of stderr, "" for nothing */
void type_text(struct program *program, const void *text, size_t length); /* into its stdin */
void end_input(struct program *program);               /* end of file on its stdin */
void expect_exit(struct program *program, int status); /* ends by itself with this status */
/* `call: reason`, exit status 1; NULL for a call that the program may choose. */
void expect_failure(struct program *program, const char *call, int error);
void expect_running(struct program *program); /* has not ended */
void wait_asleep(struct program *program);    /* blocked in a system call */
void signal_children(const struct program *program,
                     int signal);               /* kill(2) to each process that it has made */
void stop(struct program *program, int signal); /* still runs; this signal ends it */
long switches_of_programs(
    void); /* to and from a CPU, all of them; -1: one is ready to run, or it cannot be seen */
/* How many processes it has made that are in this state, or at all (0); -1: /proc does not say. */
long children_of(const struct program *program, char state);
char state_of(const struct program *program); /* its letter in /proc/PID/stat; 0 without /proc */
double cpu_seconds(struct program *program);  /* user and system; -1: cannot be asked */
double cpu_so_far(const struct program *program); /* the same of one that may have ended: -1 */
/* Entries of "fd" or "task" in /proc/PID; -1: cannot be seen, as of a command in another language. */
long count_of(struct program *program, const char *what);
/* Why it said -1: the reason given, "no /proc to count threads" for example, or that the command is in another language. */
const char *why_unseen(const char *without_proc);
long memory_of(struct program *program); /* resident KiB; -1: cannot be seen */
/*
 * It has at least half a MiB more than *kib, which becomes what it has now. A leak makes it grow each time that this is asked; for
 * the most that it ever had to do at once, stacks and arenas of threads for example, it grows once: so ask up to GROWTHS times.
 */
bool has_grown(struct program *program, long *kib);
enum { GROWTHS = 3 };
/*
 * The domain and the type of the program's socket with this descriptor, looked at through a descriptor of our own: pidfd_getfd(2),
 * socket(7). They are set only where it is a socket.
 */
enum sight { IS_SOCKET, IS_NO_SOCKET, NO_RIGHT_TO_LOOK, NO_WAY_TO_LOOK };
enum sight look_at_socket(const struct program *program, int descriptor, int *domain, int *type);
long mappings_of(struct program *program); /* parts of its memory: lines of maps; -1 */

/* What causes.c looks at. */
struct program *checked_program(void); /* the last one started of those that are checked */
bool a_program_is_missing(void);       /* one of those that a sandbox checks is not there */
bool is_running(struct program *program);
const char *how_it_ended(const struct program *program); /* "exit status 1" or "signal 11" */
int exit_status(struct program *program); /* -1: it still runs, or a signal has ended it */
void end_now(struct program *program);    /* by SIGKILL, if it still runs */
bool has_ended(struct program *program);  /* by itself, not by a signal */
bool all_have_ended(void);                /* all programs of the check; false when there is none */
int ending_signal(struct program *program);           /* that ended it, or 0 */
int asked_port(const struct program *program);        /* its argument, or the 5000 of all lessons */
const char *faults_of(const struct program *program); /* "" for none */
const char *asked_address(const struct program *program); /* its argument, or 127.0.0.1 */
size_t bytes_back(void);    /* so many bytes have come on the sockets of the check */
int connections_made(void); /* so many of the check's connects have succeeded */
/* How often it has made this call, which one of its faults names; -1: not known. */
long calls_of(const struct program *program, const char *call);
bool is_in_a_sleep(
    struct program *program); /* one of its threads is in nanosleep(2); false without /proc */
/* One of its threads waits in accept, recv or send for one socket; false without /proc. */
bool is_in_a_socket_call(struct program *program);
bool is_busy(struct program *program); /* one of its threads is ready to run; false without /proc */
void end_and_wait(struct program *program); /* end of its input; then a moment for its end */
bool is_connecting(
    struct program *program); /* a connect of it waits (SYN_SENT); false without /proc */
/* The same command again, on a terminal and once more into a pipe, where it says nothing in three times that time. */
bool prints_only_on_a_terminal(struct program *program);
/*
 * Where its connect goes, when that is an IPv4 address: of a run with faults it is noted, and another one is run once more.
 *   to  gets sin_addr and sin_port
 * False: it calls no such connect, or no library can be loaded before it.
 */
bool goes_to(struct program *program, struct sockaddr_in *to);
/* The same server again: a client that sends nothing gets the end of file. */
bool ends_unasked(struct program *program);
/* The same server again, without faults: a client that gets its five bytes back, and is silent then, stays connected. */
bool echoes_and_waits(struct program *program);

/* Messages `CALL: reason`, where read, recvfrom or recvmsg may stand for recv, and write, sendto or sendmsg for send: calls.c. */
const char *told(const char *call, int error); /* such a line; in static memory, until the next */
bool names_call(const char *line, const char *call);         /* the line begins with this call */
bool holds_message(const char *errors, const char *message); /* as a part */
bool is_message(const char *errors, const char *message);    /* and nothing else */

/* Sockets, from the side of the test. What does not come before the deadline fails the check, as an error of a call does. */
int dial(in_port_t port);     /* a connection to 127.0.0.1 */
int try_dial(in_port_t port); /* the same, or -1 with errno set: connect(2) */
int try_dial_at(const char *address, in_port_t port); /* in dots */
int with_deadline(int sock); /* for each of its sends, receives, connects and accepts; returns it */
struct sockaddr_in
loopback(in_port_t port);          /* 127.0.0.1:port; port in host byte order, as everywhere here */
in_port_t local_port(int sock);    /* getsockname(2) */
int reserve_port(in_port_t *port); /* bound with SO_REUSEADDR, so that a server can listen there */
bool own_network(void); /* the test goes on in a network of its own, where every port is free */
bool write_file(const char *path, const char *text);   /* an existing one; false: not allowed */
bool is_taken(in_port_t port);                         /* nobody else can bind 127.0.0.1:port */
bool is_taken_at(const char *address, in_port_t port); /* or address:port, in dots */
/* A connection to 127.0.0.1:port is refused, because its server has gone. It must have begun after own_network(). */
void expect_refused(in_port_t port);
/* The server starts again at once at the port that `serve` returns, where a run has left its TIME_WAIT. */
void expect_restart_after(in_port_t (*serve)(void));
int own_listener(in_port_t *port);                          /* one of the test's own */
int accept_one(int listener);                               /* the next client of that one */
bool somebody_came(void);                                   /* to the listener of the check */
void send_bytes(int sock, const void *data, size_t length); /* all of them */
void expect_bytes(int sock, const void *data,
                  size_t length);                    /* these come next, in however many parts */
void expect_end(int sock);                           /* end of file and nothing before it */
void expect_next_line(int sock, const char *wanted); /* the next line is this one */
void expect_echo(int sock, const char *text);        /* sends it and gets it back */
bool readable(int sock, double seconds);             /* data, end of file or an error */
void half_close(int sock);                           /* shutdown(2), SHUT_WR */
void reset(int sock);                    /* close with RST (SO_LINGER 0): RFC 9293, 3.5.2 */
void echo_bulk(int sock, size_t length); /* both directions at once */
void fill_pattern(char *data, size_t length,
                  size_t offset); /* bytes that differ from place to place, from `offset` on */

#endif
