/* What repeats a failed check of a learner's program by hand: one or two commands for a shell, in its folder. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "program.h"

/* The first bytes that went to a program, and how many in all. */
static struct bytes {
    char first[48];
    size_t length;
} typed, sent;
static int listener = -1; /* of the check itself, at a port of its own */

static void note(struct bytes *bytes, const char *more, size_t length)
{
    for (size_t i = 0; i < length && bytes->length + i < sizeof bytes->first; i++)
        bytes->first[bytes->length + i] = more[i];
    bytes->length += length;
}

void note_typed(const void *bytes, size_t length)
{
    note(&typed, bytes, length);
}

void note_sent(const void *bytes, size_t length)
{
    note(&sent, bytes, length);
}

size_t noted_sent(void)
{
    return sent.length;
}

void note_listener(int sock)
{
    listener = sock;
}

int noted_listener(void)
{
    return listener;
}

struct line {
    char *text;
    size_t size;
};

static void add(struct line line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line line, const char *format, ...)
{
    size_t used = strlen(line.text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line.text + used, line.size - used, format, arguments);
    va_end(arguments);
}

/* Before a command: what makes a file of so many bytes, where these are no short text. */
static void add_file(struct line line, const struct bytes *bytes)
{
    if (bytes->length > sizeof bytes->first)
        add(line, "head -c %zu /dev/urandom >in\n", bytes->length);
}

/* And before it in its line, or behind it, what gives it these bytes. */
static void add_writer(struct line line, const struct bytes *bytes)
{
    if (bytes->length == 0 || bytes->length > sizeof bytes->first) return;
    add(line, "printf '");
    for (size_t i = 0; i < bytes->length; i++) {
        unsigned char byte = (unsigned char)bytes->first[i];
        if (byte == '\n')
            add(line, "\\n");
        else if (isprint(byte) && strchr("'\\%", byte) == NULL)
            add(line, "%c", byte);
        else
            add(line, "\\%03o", byte);
    }
    add(line, "' | ");
}

static void add_reader(struct line line, const struct bytes *bytes)
{
    if (bytes->length > sizeof bytes->first) add(line, " <in | cmp - in");
}

static bool is_in_own_folder(const char *word)
{
    return facts.takes_path && strncmp(word, own_folder(), strlen(own_folder())) == 0;
}

/* Its arguments, with 5000 for a port that was chosen for the check: what a client looks for. */
static void add_command(struct line line, const struct program *program, bool chosen)
{
    const struct run *run = &program->run;
    if (run->descriptors > 0) add(line, "(ulimit -n %d; ", run->descriptors);
    add(line, "./%s", run->program);
    for (int i = 0; i < 6 && run->arguments[i] != NULL; i++) {
        const char *word = chosen && i == 1 ? "5000" : run->arguments[i];
        if (is_in_own_folder(word)) word = "echo.sock"; /* that folder is gone */
        bool plain = word[0] != '\0' && word[strcspn(word, " \t'\"$\\*?&;<>()|#")] == '\0';
        add(line, plain ? " %s" : " '%s'", word);
    }
    if (run->input_file != NULL) add(line, " </");
    if (run->output_file != NULL && strcmp(run->output_file, "/dev/full") == 0)
        add(line, " >/dev/full");
    if (run->output_gone) add(line, " | true");
    if (run->descriptors > 0) add(line, ")");
}

/* A client of one connection. From 06 on ours, which closes its sending half; not every nc does. */
static void add_client(struct line line)
{
    add(line, "\n# in another terminal:\n");
    add_file(line, &sent);
    add_writer(line, &sent);
    add(line, "%s 127.0.0.1 5000%s", facts.echoes ? "../../lessons/06-single-echo/client" : "nc",
        sent.length > 0 ? "" : " </dev/null");
    add_reader(line, &sent);
}

/* What no command does: a call that fails, a listener of the check that acts in a way of its own, many clients, a folder of files
   that is gone, a program that is started a second time. */
static bool has_no_command(const struct program *program, bool server)
{
    int clients = connections_made();
    if (program->run.held > 2 || program->run.unprivileged || faults_of(program)[0] != '\0')
        return true;
    if (!server) return listener != -1 && facts.echoes;
    const char *third = program->run.arguments[2], *first = program->run.arguments[0];
    if (third_argument != NULL && third != NULL && strcmp(third, third_argument) == 0) return true;
    if (first != NULL && is_in_own_folder(first) && port_in(first) == 0)
        return true; /* a file that the check has put there */
    return program != &programs[0] || clients > 1 || (clients == 1 && facts.number == 0);
}

void tell_by_hand(char *text, size_t size)
{
    struct line line = {text, size};
    struct program *program = checked_program();
    text[0] = '\0';
    if (program == NULL || !program->own || foreign()) return;
    bool server = strcmp(program->run.program, "server") == 0;
    if (has_no_command(program, server)) return;
    if (server) {
        bool chosen = asked_port(program) == 0 && connections_made() == 1;
        add_command(line, program, chosen);
        if (chosen)
            add_client(line);
        else if (saw.kind == NO_LINE)
            add(line, " | cat"); /* no terminal */
        return;
    }
    bool met = listener != -1 || program != &programs[0]; /* somebody listened for this client */
    bool chosen = met && asked_port(program) > 1023;
    if (chosen && facts.number == 0) return;
    if (chosen)
        add(line, "# in another terminal, first:\n../../lessons/%s/server\n# and here:\n",
            facts.echoes ? "06-single-echo" : "03-listen");
    add_file(line, &typed);
    add_writer(line, &typed);
    add_command(line, program, chosen);
    add_reader(line, &typed);
}
