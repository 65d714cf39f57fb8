/* What the client of 06 prints: the bytes that come back, whatever they are, and nothing else. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "harness.h"
#include "suites.h"

static bool has_white_space(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == ' ' || text[i] == '\n') return true;
    return false;
}

/* The same client again, and a server of the check's own: whether a NUL that is typed comes there. */
static bool sends_nul(void)
{
    char bytes[8];
    size_t got = 0;
    in_port_t port;
    int listener = own_listener(&port);
    struct program *again = start_client(port, NULL);
    type_text(again, "a\0b\n", 4);
    int sock = await(listener, POLLIN) ? accept(listener, NULL, NULL) : -1;
    while (sock != -1 && got < 4 && await(sock, POLLIN)) {
        ssize_t more = recv(sock, bytes + got, sizeof bytes - got, 0);
        if (more <= 0) break;
        got += (size_t)more;
    }
    return got >= 2 && bytes[1] == '\0';
}

static bool keeps_nul_back(struct program *program)
{
    (void)program;
    return !sends_nul();
}

/* Which byte is the first that is missing, or what stands there beside them. */
static void tell_what_is_missing(struct program *client, const char *wanted)
{
    const char *output;
    size_t seen = output_of(client, &output), same = 0;
    while (same < seen && output[same] == wanted[same]) same++;
    if (!has_white_space(output, seen))
        SUSPECTS({OTHER_OUTPUT, NULL,
                  "All white space is missing: scanf(\"%s\") drops it. Read bytes, with read.",
                  NULL});
    else if (wanted[same] == '\0')
        SUSPECTS(
            {OTHER_OUTPUT, keeps_nul_back,
             "A NUL that was typed did not come to the server. fgets does not say how much it has "
             "read, "
             "and strlen\n"
             "stops at a NUL: read with read, and send as many bytes as it returned.",
             NULL},
            {OTHER_OUTPUT, NULL,
             "A NUL is missing first: printf(\"%s\"), fputs and strlen stop at a NUL. Write as\n"
             "many bytes as recv returned, with fwrite.",
             NULL});
}

TEST(the_client_keeps_stdout_for_the_echoed_bytes_alone)
{
    look_for_leaks();
    enum { LENGTH = 5 * 1024 * 1024 + 7 };
    char *data = malloc(LENGTH), wanted[192], from[64] = "";
    fill_pattern(data, LENGTH, 0);
    struct program *server = start_server(NULL);
    struct program *client = start_client(port_of(server), NULL);
    type_text(client, data, LENGTH);
    end_input(client);
    expect_exit(client, 0);
    tell_what_is_missing(client, data);
    expect_output(client, data, LENGTH);
    if (!facts.takes_path)
        snprintf(from, sizeof from, " from 127.0.0.1:%d", wait_port(server, "connection from "));
    snprintf(wanted, sizeof wanted, "connected to %s%s\n", address_of(port_of(server)).text, from);
    expect_errors(client, wanted);
    expect_good_end(server);
    free(data);
}

void add_client_output(TCase *tests)
{
    tcase_add_test(tests, the_client_keeps_stdout_for_the_echoed_bytes_alone);
}
