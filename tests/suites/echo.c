/* What the echo servers promise about bytes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "pages.h"
#include "suites.h"

void expect_good_end(struct program *server)
{
    if (facts.serves == ONE_CLIENT)
        expect_exit(server, 0);
    else
        expect_served(server, port_of(server));
}

static void leave(int client, struct program *server)
{
    half_close(client);
    expect_end(client);
    close(client);
    expect_good_end(server);
}

TEST(it_names_the_client_by_its_own_port)
{
    look_for_leaks();
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_peer(server, client);
    leave(client, server);
}

TEST(a_half_close_after_no_byte_ends_the_connection)
{
    struct program *server = start_server(NULL);
    leave(dial(port_of(server)), server);
}

#define NO_RECV                                                                                    \
    "It ended the connection before the client had sent anything. Is recv called, with room for "  \
    "at least\n"                                                                                   \
    "one byte?"

#define NOT_RECEIVED                                                                               \
    "It waited until a byte came, and closed the connection before it was received: that makes a " \
    "reset. Is\n"                                                                                  \
    "the size of the buffer, sizeof buffer, given to recv? strlen of an empty buffer is 0, and "   \
    "then recv\n"                                                                                  \
    "returns 0, too."

#define NOT_SENT_BACK                                                                              \
    "It waited until a byte came, and ended the connection without sending it back. However "      \
    "little recv has\n"                                                                            \
    "brought, it goes back; only 0 is the end, and only -1 is a failure."

#define ONE_RECV                                                                                   \
    "It ended the connection before the client did: one recv is not all that the client sends.\n"  \
    "Receive again until recv returns 0."

static bool nothing_came_back(struct program *program)
{
    (void)program;
    return bytes_back() == 0;
}

static bool ends_the_connection_unasked(struct program *program)
{
    return nothing_came_back(program) && ends_unasked(program);
}

static bool only_one_came_back(struct program *program)
{
    (void)program;
    return bytes_back() == 1;
}

#define NOT_THE_SECOND                                                                             \
    "The first byte came back, and the second did not. What counts the bytes that are sent "       \
    "begins "                                                                                      \
    "at 0 again\n"                                                                                 \
    "after each recv; and it is the number that this recv returned that is sent."

TEST(one_byte_at_a_time_comes_back_one_by_one)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    SUSPECTS({BYTES_ENDED, ends_the_connection_unasked, NO_RECV, PAGE_06},
             {BYTES_RESET, ends_the_connection_unasked, NO_RECV, PAGE_06},
             {BYTES_ENDED, nothing_came_back, NOT_SENT_BACK, PAGE_06},
             {BYTES_RESET, nothing_came_back, NOT_RECEIVED, PAGE_06},
             {BYTES_ENDED, NULL, ONE_RECV, PAGE_06}, {BYTES_RESET, NULL, ONE_RECV, PAGE_06},
             {NO_BYTES, only_one_came_back, NOT_THE_SECOND, PAGE_06});
    for (int i = 0; i < 300; i++) {
        char byte = (char)(i % 255 + 1); /* not NUL: that is the next check */
        send_bytes(client, &byte, 1);
        expect_bytes(client, &byte, 1);
    }
    leave(client, server);
}

#define BRACKETS                                                                                   \
    "One byte came back, and the others did not. In `n = recv(...) > 0` n becomes what > gives,\n" \
    "0 or 1: brackets around n = recv(...)."

/* Not after the end of the client's sending, either. */
static bool nothing_ever_comes(struct program *program)
{
    char byte;
    if (!nothing_came_back(program) || shutdown(saw.sock, SHUT_WR) == -1) return false;
    return !readable(saw.sock, scaled(0.7)) || recv(saw.sock, &byte, 1, MSG_PEEK) != 1;
}

TEST(every_byte_value_comes_back_nul_too)
{
    char all[1024];
    for (int i = 0; i < 1024; i++) all[i] = (char)(i < 256 ? i : 0);
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    SUSPECTS({NO_BYTES, nothing_ever_comes,
              "strlen stops at the first NUL, and a NUL is a byte like any other.\n"
              "The number of bytes is what recv returned.",
              PAGE_06},
             {NO_BYTES, only_one_came_back, BRACKETS, PAGE_06});
    send_bytes(client, all, sizeof all);
    expect_bytes(client, all, sizeof all);
    leave(client, server);
}

/* Behind "short\n" came what the line before had at this place. */
static bool is_left_over(struct program *program)
{
    (void)program;
    return saw.byte == "any other line\n"[strlen("short\n")];
}

#define LEFT_OVER                                                                                  \
    "More came back than was sent: what an earlier line has left in the buffer. The number of "    \
    "bytes is what\n"                                                                              \
    "recv returned; strlen goes on to the next NUL, wherever that is."

TEST(a_word_is_no_command)
{
    static const char *const words[] = {"exit", "quit", "bye",  "end", "close",
                                        "q",    "stop", "EXIT", "."};
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    SUSPECTS({NO_BYTES, only_one_came_back, BRACKETS, PAGE_06});
    expect_echo(client, "any other line\n");
    SUSPECTS({BYTES_ENDED, NULL, ONE_RECV, PAGE_06}, {BYTES_RESET, NULL, ONE_RECV, PAGE_06});
    expect_echo(client, "short\n");
    SUSPECTS({OTHER_BYTE, is_left_over, LEFT_OVER, PAGE_06});
    expect_echo(client, "12\n");
    SUSPECTS({OTHER, NULL,
              "An echo server sends back whatever comes, also this word. The client ends the "
              "conversation with the\n"
              "end of file.",
              NULL});
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char line[16];
        snprintf(line, sizeof line, "%s\n", words[i]);
        expect_echo(client, line);
    }
    suspect(NULL);
    leave(client, server);
}

/* Whatever power of two the buffer has, its size, one less and one more are among these. */
TEST(a_message_of_exactly_the_buffer_one_less_and_one_more_comes_back)
{
    static char data[128 * 1024 + 1];
    fill_pattern(data, sizeof data, 0);
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    for (size_t size = 256; size <= 64 * 1024; size *= 2)
        for (int more = -1; more <= 1; more++) {
            send_bytes(client, data, size + (size_t)more);
            expect_bytes(client, data, size + (size_t)more);
        }
    leave(client, server);
}

TEST(sigint_and_sigterm_end_it_with_a_client_connected)
{
    static const int signals[] = {SIGINT, SIGTERM};
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    wait_asleep(server); /* nothing has come */
    stop(server, signals[_i]);
    expect_end(client);
}

/* QUICK: where the server has set a timeout, it passes at once. */
TEST(a_client_that_is_silent_for_a_while_is_waited_for)
{
    if (skip_faults()) return;
    struct program *server = start_server("QUICK=10");
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    did("sent nothing for a while");
    SUSPECTS({OTHER, echoes_and_waits,
              "A client that is silent for a while was thrown out: is there a timeout "
              "(SO_RCVTIMEO)? Only "
              "when recv\n"
              "returns 0 the client has ended.",
              PAGE_06});
    expect(!readable(client, scaled(0.1)), "expected nothing to come, saw something");
    suspect(NULL);
    expect_echo(client, "here again");
    leave(client, server);
}

static in_port_t serve_and_close_first(void)
{
    struct program *server = start_server(NULL);
    int client = dial(port_of(server));
    expect_echo(client, "hello");
    stop(server, SIGTERM); /* the server's end is closed first */
    expect_end(client);
    close(client);
    return port_of(server);
}

TEST(it_restarts_at_once_although_its_own_close_left_time_wait)
{
    if (facts.takes_path) return; /* TIME-WAIT is a state of TCP */
    expect_restart_after(serve_and_close_first);
}

void add_echo(Suite *suite, SFun enter)
{
    TCase *tests = add_case(suite, "echo", enter);
    tcase_add_test(tests, it_names_the_client_by_its_own_port);
    tcase_add_test(tests, a_half_close_after_no_byte_ends_the_connection);
    tcase_add_test(tests, one_byte_at_a_time_comes_back_one_by_one);
    tcase_add_test(tests, a_word_is_no_command);
    tcase_add_test(tests, every_byte_value_comes_back_nul_too);
    tcase_add_test(tests, a_message_of_exactly_the_buffer_one_less_and_one_more_comes_back);
    tcase_add_test(tests, a_client_that_is_silent_for_a_while_is_waited_for);
    add_much_echo(tests);
    tcase_add_loop_test(tests, sigint_and_sigterm_end_it_with_a_client_connected, 0, 2);
    tcase_add_test(tests, it_restarts_at_once_although_its_own_close_left_time_wait);
}
