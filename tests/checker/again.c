/* The same command once more, beside the check, to find something out. */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "program.h"

/* Its stdout is a pipe, and something comes from it in this time. */
static bool prints_into_a_pipe(struct run run, double seconds)
{
    const char *output;
    struct program *again = start(run);
    again->aside = true;
    double end = now() + seconds;
    while (now() < end && is_running(again) && output_of(again, &output) == 0) look_again_soon();
    bool prints = output_of(again, &output) > 0;
    end_now(again);
    return prints;
}

bool prints_only_on_a_terminal(struct program *program)
{
    char text[256];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal == -1 || grantpt(terminal) == -1 || unlockpt(terminal) == -1) return false;
    struct run run = program->run;
    run.output_file = ptsname(terminal);
    end_now(program); /* its port may be wanted */
    struct program *again = start(run);
    struct pollfd fd = {terminal, POLLIN, 0};
    double begun = now();
    bool prints = poll(&fd, 1, 2000) == 1 && read(terminal, text, sizeof text) > 0;
    double took = now() - begun;
    end_now(again);
    close(terminal);
    again->aside = true;
    return prints && !prints_into_a_pipe(program->run, 3 * took + 0.2);
}

/* The port, or what stands for it, in the line `listening on`; 0: it does not come. */
static in_port_t port_said(struct program *server)
{
    char text[64] = "";
    struct waiting wait = begin_wait();
    for (;;) {
        const char *output;
        output_of(server, &output);
        if (sscanf(output, "listening on %63s\n", text) == 1 && strchr(output, '\n') != NULL)
            return port_in(text);
        if (!is_running(server) || in_vain(&wait)) return 0;
        look_again_soon();
    }
}

/* A client of the same server, run once more without faults; -1: it cannot connect. */
static int client_of_another_run(struct program *program, struct program **again)
{
    end_now(program); /* its path may be wanted */
    *again = start(server_at(0));
    (*again)->aside = true;
    in_port_t port = port_said(*again);
    return port != 0 ? try_dial(port) : -1;
}

bool ends_unasked(struct program *program)
{
    struct program *again;
    int client = client_of_another_run(program, &again);
    bool ends = client != -1 && readable(client, scaled(0.7));
    end_now(again);
    if (client != -1) close(client);
    return ends;
}

bool echoes_and_waits(struct program *program)
{
    struct program *again;
    char back[8];
    int client = client_of_another_run(program, &again);
    bool waits = client != -1 && send(client, "hello", 5, 0) == 5 &&
                 readable(client, scaled(0.7)) && recv(client, back, sizeof back, 0) == 5 &&
                 !readable(client, scaled(0.7));
    end_now(again);
    if (client != -1) close(client);
    return waits;
}
