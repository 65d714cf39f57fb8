/* Evidence in what a program printed: evidence.h. */
#include "evidence.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "program.h"

/* The line of a text in which `part` begins. */
static int line_of(const char *text, const char *part, const char **begin)
{
    *begin = line_with(text, part);
    return (int)strcspn(*begin, "\n");
}

bool call_succeeded(struct program *program, char *cause, size_t size)
{
    char success[64], call[32] = "";
    snprintf(success, sizeof success, ": %s\n", reason(0));
    const char *errors = errors_of(program), *found = strstr(errors, success), *line;
    if (found == NULL) return false;
    int length = line_of(errors, found, &line);
    snprintf(call, sizeof call, "%.*s",
             (int)(found - line) < (int)sizeof call ? (int)(found - line) : 0, line);
    if (names_call(line, "recv"))
        snprintf(cause, size, "%s returned 0. This is the end of file and no failure.", call);
    else if (strncmp(call, "pthread_", 8) == 0)
        snprintf(cause, size,
                 "%s returns the error, and leaves errno alone: put what it returned into errno "
                 "before perror.",
                 call);
    else if (strcmp(call, "write") == 0 || strcmp(call, "fwrite") == 0)
        snprintf(
            cause, size,
            "'%.*s': the call has worked. fwrite returns how many items: of (buffer, 1, n) n, of "
            "(buffer, n, 1) one.",
            length, line);
    else
        snprintf(cause, size,
                 "'%.*s': the call has worked. Is its test the wrong way round (-1 is failure, and "
                 "0 or more is\n"
                 "none), or does a ';' stand behind the 'if'?",
                 length, line);
    return true;
}

/* Usage in place of what was waited for, although the arguments are right. */
bool said_usage(struct program *program, char *cause, size_t size)
{
    bool waited = saw.kind == ENDED || saw.kind == NO_LINE || saw.kind == NOT_CONNECTED ||
                  saw.kind == NOT_ACCEPTED || (saw.kind == OTHER_STATUS && saw.expected != 2);
    if (!waited || strncasecmp(errors_of(program), "usage", 5) != 0) return false;
    int count = 0;
    while (count < 6 && program->run.arguments[count] != NULL) count++;
    if (count == 0)
        snprintf(cause, size,
                 "It prints usage, and it was given no argument. argv[0] is the program's own "
                 "name, so argc "
                 "is 1.");
    else if (asked_port(program) > 32767)
        snprintf(
            cause, size,
            "It prints usage, although its arguments are right. Is the port kept in a short? From "
            "32768 on it has\n"
            "no room there. argc counts the program's own name, too: it is %d here.",
            count + 1);
    else
        snprintf(cause, size,
                 "It prints usage, although its arguments are right. argv[0] is the program's own "
                 "name, and\n"
                 "argv[1] the first argument; argc counts them all, so it is %d here.",
                 count + 1);
    return true;
}

/* strerror's text of any error. */
static bool is_a_reason(const char *text, size_t length)
{
    for (int error = 1; error < 134; error++) {
        const char *known = reason(error);
        if (strlen(known) == length && strncmp(known, text, length) == 0) return true;
    }
    return false;
}

/* A line of it ends with the reason of an error. */
static bool tells_a_failure(const char *errors)
{
    for (const char *at = errors; (at = strstr(at, ": ")) != NULL;) {
        at += 2;
        if (is_a_reason(at, strcspn(at, "\n"))) return true;
    }
    return false;
}

/* A failure was told, and the exit status says that there was none. */
bool told_and_ended_well(struct program *program, char *cause, size_t size)
{
    if (saw.kind != OTHER_STATUS || saw.expected != 1 || exit_status(program) != 0 ||
        !tells_a_failure(errors_of(program)))
        return false;
    snprintf(
        cause, size,
        "It tells the failure, and ends with exit status 0. After a failure the exit status is 1.");
    return true;
}

/* No failure was told, and the exit status says that there was one. */
bool ended_badly_in_silence(struct program *program, char *cause, size_t size)
{
    if (saw.kind != OTHER_STATUS || saw.expected != 0 || exit_status(program) != 1 ||
        faults_of(program)[0] != '\0' || strchr(errors_of(program), ':') != NULL)
        return false;
    snprintf(cause, size,
             "It ended with exit status 1, and told no failure. 0 is success; what a comparison "
             "gives is "
             "no status:\n"
             "`return close(s) == 0;` is 1 when close has worked.");
    return true;
}

/* A line of `output` that begins with the first word of `wanted`, and goes on in another way; NULL: none. */
static const char *same_first_word(const char *output, const char *wanted)
{
    size_t word = strcspn(wanted, " ") + 1;
    for (const char *line = output; line != NULL && *line != '\0';
         line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, wanted, word) == 0 && strncmp(line, wanted, strlen(wanted)) != 0)
            return line;
    return NULL;
}

/* The text that was waited for stands on the other stream, before its place, or in other words. */
bool line_elsewhere(struct program *program, char *cause, size_t size)
{
    const char *output, *errors = errors_of(program), *found;
    if (saw.wanted == NULL || saw.wanted[0] == '\0') return false;
    output_of(program, &output);
    if (saw.kind == OTHER_ERRORS) {
        size_t length = strcspn(saw.wanted, "\n");
        char line[256];
        snprintf(line, sizeof line, "%.*s", (int)length, saw.wanted);
        if (length == 0 || strstr(output, line) == NULL) return false;
        snprintf(cause, size,
                 "'%s' stands on stdout. A message about a failure belongs on stderr: perror, or\n"
                 "fprintf(stderr, ...).",
                 line);
        return true;
    }
    if (saw.kind != NO_LINE && saw.kind != ENDED) return false;
    if ((found = strstr(errors, saw.wanted)) != NULL && (found == errors || found[-1] == '\n'))
        snprintf(cause, size, "The line '%s...' stands on stderr: it belongs on stdout.",
                 saw.wanted);
    else if ((found = strstr(output, saw.wanted)) != NULL &&
             (found == output || found[-1] == '\n') &&
             (size_t)(found - output) < program->read_lines &&
             (program->last_found == NULL || strcmp(program->last_found, saw.wanted) != 0))
        snprintf(cause, size,
                 "The line '%s...' is there, and comes before a line that should stand before it.",
                 saw.wanted);
    else if (strcasestr(output, saw.wanted) != NULL && strstr(output, saw.wanted) == NULL)
        snprintf(
            cause, size,
            "The line '%s...' is wanted. One is there that differs in large and small letters.",
            saw.wanted);
    else if (strpbrk(saw.wanted, "0123456789") == NULL && strstr(output, saw.wanted) == NULL &&
             (found = same_first_word(output, saw.wanted)) != NULL)
        snprintf(cause, size, "The line has to begin with '%s'. It is '%.*s'.", saw.wanted,
                 (int)strcspn(found, "\n"), found);
    else
        return false;
    return true;
}

int behind_the_port(const char *line)
{
    int end = 0;
    sscanf(line, "%*[0-9.]:%*d%n", &end);
    return line[end] == '\0' ? 0 : end;
}

/* The text came, and its line did not end. */
bool no_newline(struct program *program, char *cause, size_t size)
{
    const char *output, *errors = errors_of(program);
    size_t length;
    bool echoed = facts.echoes && strcmp(program->run.program, "client") == 0;
    if (echoed && saw.kind != OTHER_ERRORS) return false; /* its lines are those that were typed */
    if (saw.kind == OTHER_ERRORS && saw.wanted != NULL && saw.wanted[0] != '\0') {
        length = strlen(errors);
        size_t wanted = strcspn(saw.wanted, "\n");
        if (length < wanted || strncmp(errors + length - wanted, saw.wanted, wanted) != 0)
            return false;
    } else if (saw.kind == OTHER_LINE) { /* two texts in one line */
        int end = behind_the_port(saw.line);
        if (end == 0) return false;
        snprintf(cause, size,
                 "The line goes on behind the port: '%.60s'. Put \\n behind the port, or leave "
                 "that out.",
                 saw.line + end);
        return true;
    } else if (saw.kind == NO_LINE || saw.kind == ENDED) {
        if (is_running(program)) end_and_wait(program); /* this prints what was kept */
        length = output_of(program, &output);
        if (length == 0 || output[length - 1] == '\n') return false;
        const char *last = line_with(output, output + length - 1);
        if (saw.wanted == NULL || strncmp(last, saw.wanted, strlen(saw.wanted)) != 0) return false;
    } else {
        return false;
    }
    snprintf(cause, size,
             "The text is there, and its line does not end: put \\n at the end of it.");
    return true;
}

/* FAULTS made this call fail: with which error it did is known. */
static bool was_made_to_fail(const struct program *program, const char *call)
{
    char word[40];
    snprintf(word, sizeof word, "%s=E", call);
    return strstr(faults_of(program), word) != NULL;
}

/* `call: reason` is wanted. The reason stands there behind something else, or the call before something else. */
bool other_words(struct program *program, char *cause, size_t size)
{
    char wanted[256], call[32];
    const char *errors = errors_of(program), *colon, *found, *line;
    if (saw.kind != OTHER_ERRORS || saw.wanted == NULL) return false;
    snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(saw.wanted, "\n"), saw.wanted);
    colon = strstr(wanted, ": ");
    if (colon == NULL || colon[2] == '\0' || (size_t)(colon - wanted) >= sizeof call) return false;
    snprintf(call, sizeof call, "%.*s", (int)(colon - wanted), wanted);
    if ((found = strstr(errors, colon + 2)) != NULL) {
        int length = line_of(errors, found, &line);
        if (names_call(line, call)) return false;
        snprintf(cause, size,
                 "The reason is right, and the line is '%.*s'.\nThe one that is wanted is '%s', as "
                 "perror(\"%s\") prints it.",
                 length, line, wanted, call);
        return true;
    }
    for (line = errors; *line != '\0'; line += strcspn(line, "\n"), line += *line != '\0') {
        if (!names_call(line, call)) continue;
        const char *text = strchr(line, ':') + 1;
        text += strspn(text, " ");
        size_t length = strcspn(text, "\n");
        if (is_a_reason(text, length) && !was_made_to_fail(program, call))
            snprintf(cause, size,
                     "%s fails with '%s' here, and the message says '%.*s'. Has another call come "
                     "in between,\nor the same one again, and changed errno? Print the reason at "
                     "once. Or was it "
                     "given another address?",
                     call, colon + 2, (int)length, text);
        else if (is_a_reason(text, length))
            snprintf(cause, size,
                     "%s has failed with '%s', and the message says '%.*s': another call came in "
                     "between, or\n"
                     "the same one again, and has changed errno. Print the reason at once.",
                     call, colon + 2, (int)length, text);
        else
            snprintf(cause, size,
                     "The name of the call is right; the reason is wanted in the words of "
                     "strerror(errno): '%s'.",
                     colon + 2);
        return true;
    }
    return false;
}
