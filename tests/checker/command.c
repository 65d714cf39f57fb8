/* The command that starts a program, and how the story tells it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include "harness.h"
#include "program.h"

/* Splits a command of the environment into words, as a shell does. Returns how many. */
static int fill_words(const char *command, const char *arguments[])
{
    static wordexp_t words;
    if (wordexp(command, &words, WRDE_NOCMD) != 0 || words.we_wordc > MOST_ARGUMENTS - 7)
        tell(__FILE__, __LINE__,
             "'%s': not a command that can be run: it has to be words, without ; & | < > ( ) and "
             "$@. Put more into a script, and give 'sh FILE'",
             command);
    for (size_t i = 0; i < words.we_wordc; i++) arguments[i] = words.we_wordv[i];
    return (int)words.we_wordc;
}

bool fill_command(const struct run *run, const char *arguments[])
{
    static char path[4096];
    int count = 0;
    const char *own = run->lesson != NULL                   ? ""
                      : strcmp(run->program, "server") == 0 ? options.server
                      : strcmp(run->program, "types") == 0
                          ? ""
                          : options.client; /* scan and ping, too */
    if (own[0] != '\0') {
        count = fill_words(own, arguments);
    } else {
        if (options.runner[0] != '\0') count = fill_words(options.runner, arguments);
        snprintf(path, sizeof path, "%s/%s/%s", options.programs,
                 run->lesson != NULL ? run->lesson : lesson, run->program);
        arguments[count++] = path;
    }
    for (int i = 0; i < 6 && run->arguments[i] != NULL; i++) arguments[count++] = run->arguments[i];
    arguments[count] = NULL;
    return own[0] != '\0';
}

/* What is unusual around it, in words. */
static const char *surroundings(const struct run *run)
{
    static char text[128];
    text[0] = '\0';
    if (run->input_file != NULL) return "; its input is a directory, which cannot be read";
    if (run->output_gone) return "; its output goes into a pipe that nobody reads";
    if (run->output_file != NULL && strcmp(run->output_file, "/dev/full") == 0)
        return "; its output goes to a full disk, /dev/full";
    if (run->descriptors > 0)
        snprintf(text, sizeof text, "; it may have %d descriptors", run->descriptors);
    if (run->held > 2) snprintf(text, sizeof text, "; %d descriptors are open already", run->held);
    return text;
}

void tell_command(const struct run *run)
{
    char line[128] = "", words[256] = "";
    for (int i = 0; i < 6 && run->arguments[i] != NULL; i++) {
        strncat(line, run->arguments[i][0] == '\0' ? " ''" : " ", sizeof line - strlen(line) - 1);
        strncat(line, run->arguments[i], sizeof line - strlen(line) - 1);
    }
    if (run->faults != NULL) put_in_words(run->faults, words, sizeof words);
    did("ran %s%s%s%s%s", run->program, line, run->faults != NULL ? ", where " : "", words,
        surroundings(run));
}

bool a_program_is_missing(void)
{
    for (int i = 0; graded() && i < program_count; i++) {
        bool server = strcmp(programs[i].run.program, "server") == 0;
        if (programs[i].own && access(server ? options.server : options.client, X_OK) == -1)
            return true;
    }
    return false;
}
