/* further/poll-echo: one thread, non-blocking sockets, poll. */
#include <errno.h>

#include "harness.h"
#include "suites.h"

static void enter(void)
{
    lesson = "further/poll-echo";
    facts = (struct facts){
        .takes_address = true, .serves = MANY_CLIENTS, .echoes = true, .waits_in = "poll"};
}

TEST(without_memory_for_the_set_it_does_not_start)
{
    if (own_programs()) return; /* how it is done inside is left to the learner */
    if (skip_unless(!instrumented(), "a sanitizer's realloc comes before the fault library's"))
        return;
    expect_failing_set_up(&(struct failing){"realloc", "realloc=ENOMEM@1", ENOMEM});
}

Suite *suite_poll_echo(void)
{
    Suite *suite = suite_create("further/poll-echo");
    add_server_arguments(suite, enter);
    add_signals(suite, enter);
    add_set_up(suite, enter, 6);
    add_narration(suite, enter);
    add_echo(suite, enter);
    add_lasting(suite, enter);
    add_concurrent(suite, enter);
    add_event_loop(suite, enter);
    TCase *state = add_case(suite, "state", enter);
    tcase_add_test(state, without_memory_for_the_set_it_does_not_start);
    return suite;
}
