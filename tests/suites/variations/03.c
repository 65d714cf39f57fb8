/* The task beyond 03: the backlog as an argument. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "variation.h"

static void enter_03(void)
{
    enter_variation("03-listen",
                    (struct facts){.number = 3, .takes_address = true, .serves = NO_CLIENT});
}

/* How many connects succeed while nobody accepts: `wanted` of them should, and `most` are tried. */
static int count_queue(in_port_t port, int wanted, int most)
{
    struct sockaddr_in address = loopback(port);
    for (int made = 0; made < most; made++) {
        int sock = need_socket(AF_INET, SOCK_STREAM);
        fcntl(sock, F_SETFL, O_NONBLOCK);
        struct pollfd fd = {sock, POLLOUT, 0};
        (void)connect(sock, (struct sockaddr *)&address, sizeof address);
        /* Where there is room the kernel answers at once; a full queue never answers. */
        int limit = (int)(scaled(made < wanted ? 1 : 0.2) * 1000);
        if (poll(&fd, 1, limit) == 0 || fd.revents & (POLLERR | POLLHUP)) return made;
    }
    return most;
}

TEST(the_queue_is_as_long_as_backlog_says)
{
    look_for_leaks();
    static const char *const texts[] = {"1", "2", "00007"};
    static const int backlogs[] = {1, 2, 7};
#ifdef __linux__
    struct program *server = start_at(0, texts[_i]);
    in_port_t port = wait_port(server, "listening on ");
    SUSPECTS({OTHER, NULL, "BACKLOG as it stands is the second argument of listen.", NULL});
    int made = count_queue(port, backlogs[_i] + 1, backlogs[_i] + 5);
    expect(made == backlogs[_i] + 1,
           "expected %d connections to be made with BACKLOG %d (one more, on Linux), saw %d",
           backlogs[_i] + 1, backlogs[_i], made);
    suspect(NULL);
    end_input(server);
    expect_exit(server, 0);
#else
    skip_unless(texts[_i] == NULL && backlogs[_i] == 0, "how long a queue is differs by system");
#endif
}

TEST(without_backlog_the_queue_is_as_long_as_before)
{
    struct program *server = start_server(NULL);
    SUSPECTS({OTHER, NULL, "Without BACKLOG the second argument of listen is SOMAXCONN.", NULL});
    int made = count_queue(port_of(server), 100, 100);
    expect(made == 100, "expected 100 connections to be made, saw %d", made);
    suspect(NULL);
    end_input(server);
    expect_exit(server, 0);
}

Suite *variation_03(void)
{
    Suite *suite = suite_create("variation/03-listen");
    TCase *tests = add_case(suite, "the backlog as an argument", enter_03);
    tcase_add_loop_test(tests, the_queue_is_as_long_as_backlog_says, 0, 3);
    tcase_add_test(tests, without_backlog_the_queue_is_as_long_as_before);
    add_third_argument(tests);
    return suite;
}
