/*
 * The checker itself: each function that looks for evidence (tests/checker/evidence.h) finds it in a program that is wrong in
 * this way, and not in one that is nearly so. tests/evidence/programs.c has those that need C.
 */
#include <stdio.h>
#include <string.h>

#include "looks.h"
#include "program.h"
#include "suites.h"

static void enter(void)
{
    lesson = "06-single-echo";
    facts =
        (struct facts){.number = 6, .takes_address = true, .serves = ONE_CLIENT, .echoes = true};
}

void expect_look(evidence *look, const char *name, struct program *program, const char *part)
{
    char cause[1024] = "";
    bool found = look(program, cause, sizeof cause);
    if (part == NULL)
        expect(!found, "%s: expected no evidence, saw '%s'", name, cause);
    else
        expect(found && strstr(cause, part) != NULL, "%s: expected '%s', saw '%s'", name, part,
               found ? cause : "no evidence");
}

struct program *run_as(const char *program, const char *command, const char *port)
{
    static char kept[512];
    snprintf(kept, sizeof kept, "%s", command);
    options.server = options.client = kept;
    return start((struct run){.program = program, .arguments = {"127.0.0.1", port}});
}

struct program *run(const char *command)
{
    return run_as("server", command, "0");
}

struct program *ended(const char *command)
{
    struct program *program = run(command);
    struct waiting wait = begin_wait();
    while (is_running(program) && !in_vain(&wait)) look_again_soon();
    wait_streams(program, patience());
    return program;
}

void see(enum kind kind, const char *wanted, const char *line)
{
    saw = (struct saw){.kind = kind, .wanted = wanted, .line = line};
}

struct program *run_accepting(const char *command, int *client)
{
    struct program *program = run(command);
    *client = dial(wait_port(program, "listening on "));
    wait_line(program, "accepted");
    return program;
}

struct program *run_connected(const char *command)
{
    char text[8];
    in_port_t port;
    int listener = own_listener(&port);
    snprintf(text, sizeof text, "%d", port);
    struct program *program = run_as("client", command, text);
    accept_one(listener);
    wait_line(program, "connected");
    end_input(program);
    return program;
}

TEST(a_report_of_a_sanitizer_and_other_words_of_it)
{
    SHOWN(sanitizer, ended(SHELL("echo \"a.c:7:2: runtime error: signed integer overflow\" >&2")),
          "At a.c:7: The sanitizer calls it: runtime error: signed integer overflow");
    NOT_SHOWN(sanitizer, ended(SHELL("echo \"a runtime error, and no report\" >&2")));
}

TEST(a_crash_and_an_end_by_another_signal)
{
    SHOWN(crashed, ended(PROGRAM("crash")), "It crashed (signal 11)");
    NOT_SHOWN(crashed, ended(SHELL("kill -TERM $$")));
}

/* A cause that the check knows is told where the lesson has its calls, and not before. */
TEST(a_cause_that_names_a_call_of_a_later_lesson_is_not_told)
{
    char cause[1024];
    struct program *program = ended(SHELL("exit 1"));
    SUSPECTS({OTHER, NULL, "Is accept called? It belongs to 04.", NULL});
    facts.number = 3;
    likely_cause(cause, sizeof cause);
    expect(cause[0] == '\0', "expected no cause in lesson 03, saw '%s'", cause);
    facts.number = 4;
    likely_cause(cause, sizeof cause);
    expect(strstr(cause, "Is accept called?") != NULL, "expected the cause in lesson 04");
    facts.number = 0;
    likely_cause(cause, sizeof cause);
    expect(cause[0] != '\0', "expected the cause in a further lesson");
    facts.number = 1;
    NOT_SHOWN(sanitizer, program);
    expect(names_later("bind comes first") && !names_later("what is bound, and rebinds"),
           "expected whole words");
}

/* Each of 01 to 03 is told of what it has, when it sleeps or writes behind an array. */
TEST(what_is_told_in_an_early_lesson_has_its_own_words)
{
    char cause[1024];
    facts = (struct facts){.serves = NO_CLIENT};
    struct program *program = ended(SHELL("echo \"==1==ERROR: AddressSanitizer: "
                                          "stack-buffer-overflow\nWRITE of size 1\" >&2"));
    for (facts.number = 1; facts.number <= 3; facts.number++) {
        see(TOO_SLOW, NULL, NULL);
        SHOWN(sleeping, program, "It is too slow");
        expect(sleeping(program, cause, sizeof cause) && !names_later(cause),
               "expected no call of a later lesson, saw '%s'", cause);
        SHOWN(sanitizer, program, "It wrote behind the end of an array.\n");
    }
}

static void expect_by_hand(const char *wanted)
{
    char lines[512];
    tell_by_hand(lines, sizeof lines);
    expect_text(lines, wanted);
}

TEST(what_repeats_a_check_by_hand)
{
    int client;
    run_accepting(PROGRAM("keep_for_ever"), &client);
    send_bytes(client, "a'b\n", 4);
    expect_by_hand("./server 127.0.0.1 5000\n"
                   "# in another terminal:\n"
                   "printf 'a\\047b\\n' | ../../lessons/06-single-echo/client 127.0.0.1 5000");
}

TEST(what_repeats_a_check_with_many_bytes_by_hand)
{
    static char many[1000];
    int client;
    run_accepting(PROGRAM("keep_for_ever"), &client);
    send_bytes(client, many, sizeof many);
    expect_by_hand("./server 127.0.0.1 5000\n"
                   "# in another terminal:\n"
                   "head -c 1000 /dev/urandom >in\n"
                   "../../lessons/06-single-echo/client 127.0.0.1 5000 <in | cmp - in");
    in_port_t number;
    own_listener(&number);
    dial(number); /* a second client: no command does it */
    expect_by_hand("");
}

TEST(what_repeats_a_run_alone_by_hand)
{
    run_as("server", PROGRAM("rest"), "80 ");
    expect_by_hand("./server 127.0.0.1 '80 '");
    see(NO_LINE, NULL, NULL);
    expect_by_hand("./server 127.0.0.1 '80 ' | cat");
    start(
        (struct run){.program = "server"}); /* and once more: what the first one left is missing */
    expect_by_hand("");
}

TEST(what_repeats_a_run_with_a_full_disk_by_hand)
{
    options.server = PROGRAM("rest");
    start((struct run){.program = "server", .output_file = "/dev/full"});
    expect_by_hand("./server >/dev/full");
}

TEST(what_makes_calls_fail_is_not_repeated_by_hand)
{
    options.server = PROGRAM("rest");
    start((struct run){.program = "server", .faults = "socket=EMFILE@1"});
    expect_by_hand("");
}

TEST(what_repeats_a_client_by_hand)
{
    char port[8];
    in_port_t number;
    own_listener(&number);
    snprintf(port, sizeof port, "%d", number);
    struct program *client = run_as("client", PROGRAM("rest"), port);
    type_text(client, "hello\n", 6);
    facts.echoes = false;
    expect_by_hand("# in another terminal, first:\n"
                   "../../lessons/03-listen/server\n"
                   "# and here:\n"
                   "printf 'hello\\n' | ./client 127.0.0.1 5000");
    facts.echoes = true; /* and this listener has a way of its own */
    expect_by_hand("");
}

Suite *suite_evidence(void)
{
    Suite *suite = suite_create("evidence");
    TCase *broke = add_case(suite, "how it broke", enter);
    tcase_add_test(broke, a_report_of_a_sanitizer_and_other_words_of_it);
    tcase_add_test(broke, a_crash_and_an_end_by_another_signal);
    TCase *later = add_case(suite, "later lessons", enter);
    tcase_add_test(later, a_cause_that_names_a_call_of_a_later_lesson_is_not_told);
    tcase_add_test(later, what_is_told_in_an_early_lesson_has_its_own_words);
    TCase *by_hand = add_case(suite, "by hand", enter);
    tcase_add_test(by_hand, what_repeats_a_check_by_hand);
    tcase_add_test(by_hand, what_repeats_a_check_with_many_bytes_by_hand);
    tcase_add_test(by_hand, what_repeats_a_run_alone_by_hand);
    tcase_add_test(by_hand, what_repeats_a_run_with_a_full_disk_by_hand);
    tcase_add_test(by_hand, what_makes_calls_fail_is_not_repeated_by_hand);
    tcase_add_test(by_hand, what_repeats_a_client_by_hand);
    add_printed(add_case(suite, "what it printed", enter));
    add_doing(add_case(suite, "what it does", enter));
    add_ports(add_case(suite, "addresses and ports", enter));
    return suite;
}
