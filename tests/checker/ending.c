/* How a program ends, or goes on. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

/* "exit status 1" or "signal 11", of one that has ended. */
const char *how_it_ended(const struct program *program)
{
    static char text[64];
    if (WIFEXITED(program->status))
        snprintf(text, sizeof text, "exit status %d", WEXITSTATUS(program->status));
    else
        snprintf(text, sizeof text, "signal %d", WTERMSIG(program->status));
    return text;
}

int exit_status(struct program *program)
{
    return !is_running(program) && WIFEXITED(program->status) ? WEXITSTATUS(program->status) : -1;
}

/* Two threads ask, the check, and what watches over its time; and a number that was waited for may be another process. */
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

bool is_running(struct program *program)
{
    pthread_mutex_lock(&asking);
    if (!program->waited && waitpid(program->pid, &program->status, WNOHANG) == program->pid)
        program->waited = true;
    bool running = !program->waited;
    pthread_mutex_unlock(&asking);
    return running;
}

void end_now(struct program *program)
{
    pthread_mutex_lock(&asking);
    if (!program->waited) kill(program->pid, SIGKILL);
    pthread_mutex_unlock(&asking);
}

bool all_have_ended(void)
{
    for (int i = 0; i < program_count; i++)
        if (is_running(&programs[i])) return false;
    return program_count > 0;
}

int ending_signal(struct program *program)
{
    return !is_running(program) && WIFSIGNALED(program->status) ? WTERMSIG(program->status) : 0;
}

bool has_ended(struct program *program)
{
    return !is_running(program) && ending_signal(program) == 0;
}

void end_and_wait(struct program *program)
{
    double deadline = now() + 0.5;
    if (program->in != -1) close(program->in);
    program->in = -1;
    while (is_running(program) && now() < deadline) look_again_soon();
    wait_streams(program, 0.5);
}

/* Waits until the program has ended and its streams are read to their end. */
static void wait_end(struct program *program)
{
    struct waiting wait = begin_wait();
    while (is_running(program)) {
        expect_or(STILL_RUNS, !in_vain(&wait), "expected %s to end; it still runs", program->name);
        look_again_soon();
    }
    wait_streams(program, patience());
}

static void expect_status(struct program *program, bool right, const char *wanted)
{
    expect_or(OTHER_STATUS, right, "expected %s to end with %s, saw %s", program->name, wanted,
              how_it_ended(program));
    const char *errors = errors_of(program);
    expect(strstr(errors, "Sanitizer") == NULL && strstr(errors, "runtime error") == NULL,
           "a sanitizer has found something");
}

void expect_exit(struct program *program, int status)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "exit status %d", status);
    saw.expected = (size_t)status;
    wait_end(program);
    expect_status(program, WIFEXITED(program->status) && WEXITSTATUS(program->status) == status,
                  wanted);
}

void expect_failure(struct program *program, const char *call, int error)
{
    static char wanted[256];
    snprintf(wanted, sizeof wanted, "%s: %s\n", call != NULL ? call : "", reason(error));
    expect_exit(program, 1);
    const char *errors = errors_of(program);
    size_t length = strlen(errors), tail_length = strlen(wanted);
    const char *last = errors + length - (length > 0); /* the last line */
    while (last > errors && last[-1] != '\n') last--;
    bool right = is_message(last, wanted);
    if (call == NULL) /* some name before it */
        right = length > tail_length && strcmp(errors + length - tail_length, wanted) == 0 &&
                isalnum((unsigned char)errors[length - tail_length - 1]);
    saw.wanted = wanted;
    expect_or(OTHER_ERRORS, right, "expected stderr to end with the line '%s%.*s'",
              call != NULL ? "" : "CALL", (int)tail_length - 1, wanted);
}

void expect_running(struct program *program)
{
    saw.wanted = NULL;
    expect_or(ENDED, is_running(program), "expected %s to go on running; it has ended, with %s",
              program->name, how_it_ended(program));
}

void stop(struct program *program, int signal)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "signal %d", signal);
    expect_running(program);
    did("sent signal %d to %s", signal, program->run.program);
    signal_children(program, signal); /* as Ctrl-C and `kill %1` do: all processes of the program */
    kill(program->pid, signal);
    if (facts.ends_in_order) {
        SUSPECTS({STILL_RUNS, NULL,
                  "The signal has come, and the server still waits in a call. A flag is looked at "
                  "only when that call\n"
                  "returns: with SA_RESTART it does not, without it fails with EINTR. A pipe that "
                  "poll waits for, too,\n"
                  "leaves no gap.",
                  NULL});
        expect_exit(program, 0);
        return;
    }
    saw.expected = 0;
    wait_end(program);
    expect_status(program, WIFSIGNALED(program->status) && WTERMSIG(program->status) == signal,
                  wanted);
}
