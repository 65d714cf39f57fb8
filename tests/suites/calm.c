/* Whether a server waits without burning the CPU. */
#include <poll.h>

#include "harness.h"
#include "suites.h"

/* What a quarter of a second shows of a program. */
struct look {
    int ready; /* how often it was ready to run, of LOOKS */
    double used,
        time; /* seconds of CPU, and of the clock; used is below 0 where nothing tells it */
};
enum { LOOKS = 50 };

static struct look look_at(struct program *program)
{
    struct look look = {0};
    double begun = now(), before = cpu_so_far(program);
    for (int i = 0; i < LOOKS; i++) { /* the time to measure, not a wait for something */
        poll(NULL, 0, (int)(scaled(0.25) * 1000 / LOOKS));
        look.ready += is_busy(program);
    }
    double after = cpu_so_far(program); /* -1 of one that has ended, too */
    look.used = before >= 0 && after >= 0 ? after - before : -1;
    look.time = now() - begun;
    return look;
}

/* A machine with much to do hides a busy loop's CPU time, but not that it is always ready to run. */
static bool is_calm(struct look look)
{
    bool measured = look.used >= 0 && (!instrumented() || own_programs());
    return look.ready < LOOKS / 2 && !(measured && look.used >= 0.2 * look.time);
}

void expect_calm(struct program *server)
{
    /* It may still have something to do, most of all on a busy machine; a busy loop never ends. */
    double deadline = now() + (own_programs() ? scaled(1) : patience());
    struct look look;
    do look = look_at(server);
    while (!is_calm(look) && is_running(server) && now() < deadline);
    expect_running(server);
    skip_unless(look.used >= 0, "no clock of another program's CPU time");
    expect(is_calm(look), "expected it to wait, saw it busy at %d of %d looks, with %.0f %% CPU",
           look.ready, LOOKS, look.used / look.time * 100);
}
