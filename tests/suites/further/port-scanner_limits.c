/* further/port-scanner: where the machine sets a limit, and when a call fails. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "port-scanner.h"
#include "suites.h"

TEST(with_16_descriptors_it_still_finishes)
{
    char list[64], wanted[64];
    in_port_t open[3] = {0};
    if (skip_own_network()) return;
    open_three(open);
    snprintf(list, sizeof list, "1-9000,%d,%d,%d", open[0], open[1], open[2]);
    struct program *program =
        start((struct run){.program = "scan", .arguments = {list}, .descriptors = 16});
    expect_exit(program, 0);
    snprintf(wanted, sizeof wanted, "open %d\nopen %d\nopen %d\n", open[0], open[1], open[2]);
    expect_found(program, wanted);
    expect_counts(program, 3, 9000, 0);
}

TEST(no_room_for_a_moment_loses_no_port)
{
    static const char *const faults[] = {
        "socket=EMFILE@2",         "socket=ENOBUFS@3",  "connect=EADDRNOTAVAIL@2",
        "connect=EADDRNOTAVAIL@3", "connect=EAGAIN@2",  "poll=EINTR@%2",
        "socket=ENFILE@4",         "connect=ENOBUFS@4",
    };
    char list[64], wanted[64];
    in_port_t open[3] = {0}, closed;
    if (skip_faults()) return;
    open_three(open);
    reserve_port(&closed);
    snprintf(list, sizeof list, "%d,%d,%d,%d", open[0], open[1], open[2], closed);
    struct program *program = scan(list, faults[_i]);
    snprintf(wanted, sizeof wanted, "open %d\nopen %d\nopen %d\n", open[0], open[1], open[2]);
    expect_found(program, wanted);
    expect_counts(program, 3, 1, 0);
}

TEST(a_failing_call_is_named_and_exits_1)
{
    static const struct failing failing[] = {
        {"socket", "socket=EMFILE@1", EMFILE},
        {"socket", "socket=EACCES@2", EACCES},
        {"connect", "connect=EADDRNOTAVAIL@1", EADDRNOTAVAIL},
        {"connect", "connect=EIO@1", EIO},
        {"poll", "poll=ENOMEM@1", ENOMEM},
        {"getsockopt", "getsockopt=ENOBUFS@1", ENOBUFS},
        {"getsockname", "getsockname=ENOBUFS@1", ENOBUFS},
        {"close", "close=EIO@1", EIO},
    };
    char list[64];
    in_port_t open[3] = {0};
    if (skip_faults() || skip_call(failing[_i].call)) return;
    open_three(open);
    snprintf(list, sizeof list, "%d,%d,%d", open[0], open[1], open[2]);
    struct program *program =
        start((struct run){.program = "scan", .arguments = {list}, .faults = failing[_i].fault});
    expect_failure(program, failing[_i].call, failing[_i].error);
    expect_found(program, "");
}

TEST(a_stdout_that_cannot_be_written_is_named)
{
    char list[8];
    in_port_t port;
    own_listener(&port);
    snprintf(list, sizeof list, "%d", port);
    struct run run = {.program = "scan", .arguments = {list}};
    if (_i == 0)
        run.output_file = "/dev/full";
    else
        run.output_gone = true;
    expect_failure(start(run), "write", _i == 0 ? ENOSPC : EPIPE);
}

TEST(sigint_and_sigterm_end_it_at_once)
{
    static const int signals[] = {SIGINT, SIGTERM};
    char list[8];
    in_port_t port;
    if (skip_own_network()) return; /* only there may every user set the filter, on some kernels */
    int listener = own_listener(&port);
    if (skip_unless(drop_at(listener), "no way to drop packets here")) return;
    snprintf(list, sizeof list, "%d", port);
    struct program *program = start((struct run){.program = "scan", .arguments = {list}});
    wait_asleep(program);
    stop(program, signals[_i]);
    expect_found(program, "");
}

TEST(a_short_scan_shows_no_progress)
{
    in_port_t closed;
    char list[8];
    reserve_port(&closed);
    snprintf(list, sizeof list, "%d", closed);
    const char *seen = seen_on_a_terminal(list);
    if (seen == NULL) {
        skip_unless(false, "no terminal to be had here");
        return;
    }
    expect(strncmp(seen, "127.0.0.1: 1 ports", 18) == 0, "expected only the counts, saw '%s'",
           seen);
}

void add_scan_limits(TCase *calls)
{
    tcase_add_test(calls, with_16_descriptors_it_still_finishes);
    tcase_add_loop_test(calls, no_room_for_a_moment_loses_no_port, 0, 8);
    tcase_add_loop_test(calls, a_failing_call_is_named_and_exits_1, 0, 8);
    tcase_add_loop_test(calls, a_stdout_that_cannot_be_written_is_named, 0, 2);
    tcase_add_loop_test(calls, sigint_and_sigterm_end_it_at_once, 0, 2);
    tcase_add_test(calls, a_short_scan_shows_no_progress);
}
