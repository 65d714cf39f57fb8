/* The text of a failure, as a person reads it. */
#include "result.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

/* How many bytes of a character that can be shown stand here: ASCII or UTF-8 (RFC 3629), or 0. */
static size_t printable(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];
    size_t size = 0;
    if (first < 0x80)
        size = isprint(first) || first == '\t';
    else if (first >= 0xc2 && first < 0xe0)
        size = 2;
    else if (first >= 0xe0 && first < 0xf0)
        size = 3;
    else if (first >= 0xf0 && first < 0xf5)
        size = 4;
    if (size > length) return 0;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
    return size;
}

enum { COLUMNS = 80, MARGIN = 12 };

/* How much of a text that is longer than a line stands in it: to the last space that fits; all where there is none. */
static size_t fold(const char *text, size_t length)
{
    size_t columns = 0, end = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == ' ' && columns <= COLUMNS - MARGIN) end = i;
        columns += ((unsigned char)text[i] & 0xc0) != 0x80; /* once a character of UTF-8 */
    }
    return columns <= COLUMNS - MARGIN || end == 0 ? length : end;
}

/* One line without its end; what could disturb a terminal is written like \x1b. */
static void print_line(FILE *out, const char *name, const char *line, size_t width, int times)
{
    fprintf(out, "  %-9s ", name);
    for (size_t i = 0; i < width;) {
        size_t size = printable(line + i, width - i);
        if (size > 0)
            fprintf(out, "%.*s", (int)size, line + i);
        else
            fprintf(out, "\\x%02x", (unsigned char)line[i]);
        i += size > 0 ? size : 1;
    }
    if (times > 1) fprintf(out, "   (%d times)", times);
    fputc('\n', out);
}

/* Lines, each behind its margin, the first one behind `name`; the same one again only as a number. */
static void print_lines(FILE *out, const char *name, const char *lines, size_t length)
{
    int times = 1;
    while (length > 0) {
        const char *end = memchr(lines, '\n', length);
        size_t width = end != NULL ? (size_t)(end - lines) : length, whole = width + (end != NULL);
        length -= whole;
        if (length >= whole && memcmp(lines, lines + whole, whole) == 0) {
            times++;
        } else {
            print_line(out, name, lines, width, times);
            times = 1;
            name = "";
        }
        lines += whole;
    }
}

/* A sentence of ours: a line that is too long for a terminal goes on in the next. */
static void print_sentence(FILE *out, const char *name, const char *text, int times)
{
    for (; *text != '\0'; name = "") {
        size_t length = fold(text, strcspn(text, "\n"));
        bool last = text[length] == '\0';
        print_line(out, name, text, length, last ? times : 1);
        text += length + !last;
    }
}

/* The lines of a cause as one; of one that was told above, its beginning, which names it. */
static void print_cause(FILE *out, const struct failure *failure, bool told)
{
    char text[sizeof failure->cause + 4];
    size_t length = told ? strcspn(failure->cause, ".:?\n") + 1 : sizeof failure->cause;
    snprintf(text, sizeof text, "%.*s%s", (int)length, failure->cause, told ? " ..." : "");
    for (char *c = text; (c = strchr(c, '\n')) != NULL;) *c = ' ';
    print_sentence(out, "cause", text, 1);
}

/* Bytes that a terminal cannot show are many of these. */
static bool is_no_text(const struct tail *tail)
{
    size_t odd = 0;
    for (size_t i = 0, size; i<tail->length; i += size> 0 ? size : 1) {
        size = printable(tail->bytes + i, tail->length - i);
        odd += size == 0 && tail->bytes[i] != '\n';
    }
    return odd > tail->length / 4;
}

static void print_tail(FILE *out, const char *stream, const struct tail *tail)
{
    if (!tail->kept) return;
    if (tail->whole == 0) print_lines(out, stream, "(nothing)", 9);
    if (is_no_text(tail)) {
        fprintf(out, "  %-9s (%zu bytes, which are no text)\n", stream, tail->whole);
        return;
    }
    if (tail->whole > tail->length) {
        fprintf(out, "  %-9s ... (%s%zu of %zu bytes)\n", stream, tail->inside ? "" : "the last ",
                tail->length, tail->whole);
        stream = "";
    }
    print_lines(out, stream, tail->bytes, tail->length);
}

static void print_steps(FILE *out, const struct failure *failure)
{
    int left_out = failure->did > MOST_STEPS ? failure->did - MOST_STEPS : 0;
    const char *name = "did";
    if (left_out > 0) {
        fprintf(out, "  %-9s ... (and %d before)\n", name, left_out);
        name = "";
    }
    for (int i = left_out; i < failure->did; i++) {
        const struct step *step = &failure->steps[i % MOST_STEPS];
        print_sentence(out, name, step->text, step->times);
        name = "";
    }
}

static void print_title(FILE *out, const struct failure *failure)
{
    fprintf(out, "%s: ", failure->lesson);
    for (const char *c = failure->check; *c != '\0'; c++) fputc(*c == '_' ? ' ' : *c, out);
    if (own_programs())
        fputc('\n', out);
    else
        fprintf(out, " (%s:%d)\n", failure->file, failure->line);
}

bool is_the_same(const struct failure *one, const struct failure *other)
{
    return strcmp(one->check, other->check) == 0 && strcmp(one->cause, other->cause) == 0;
}

/* What makes the other one different: the first step that is, or else what was seen. */
static const char *difference(const struct failure *one, const struct failure *other)
{
    for (int i = 0; i < MOST_STEPS && i < one->did && i < other->did; i++)
        if (strcmp(one->steps[i].text, other->steps[i].text) != 0) return other->steps[i].text;
    return other->saw;
}

/* The same check with other values. */
static void print_the_same_again(FILE *out, const struct failure *failure)
{
    const char *name = "also";
    for (int i = failure->number + 1; check_of(i) != NULL; i++) {
        const struct failure *other = failure_of(i);
        if (other == NULL || !is_the_same(failure, other)) continue;
        const char *text = difference(failure, other);
        print_sentence(out, name, text, 1);
        name = "";
    }
}

void print_story(FILE *out, const struct failure *failure, bool briefly)
{
    print_title(out, failure);
    if (!briefly) print_steps(out, failure);
    print_sentence(out, "so", failure->saw, 1);
    for (int i = 0; i < failure->program_count && !briefly; i++) {
        fprintf(out, "  of %s:\n", failure->programs[i].name);
        print_tail(out, "stdout", &failure->programs[i].out);
        print_tail(out, "stderr", &failure->programs[i].err);
    }
    if (failure->cause[0] != '\0') print_cause(out, failure, briefly);
    if (own_programs() && !briefly) fprintf(out, "  %-9s %s\n", "read", failure->read);
    if (!briefly) print_lines(out, "by hand", failure->by_hand, strlen(failure->by_hand));
    if (options.server[0] != '\0' && failure->unanswered && !briefly)
        print_sentence(out, "try",
                       "start it by hand and connect: then `make why` says who waits for what", 1);
    if (own_programs()) print_the_same_again(out, failure);
    fputc('\n', out);
}

/* Only for somebody who watches. */
static bool watched(void)
{
    return own_programs() && isatty(STDERR_FILENO);
}

void show_progress(int number, const char *check)
{
    if (!watched()) return;
    char line[67];
    snprintf(line, sizeof line, "%-66s", check);
    for (char *c = line; (c = strchr(c, '_')) != NULL;) *c = ' ';
    fprintf(stderr, "\r%4d %s", number, line);
}

void show_waiting(void)
{
    static const char *shown;
    if (!watched() || shown == last_step()) return;
    shown = last_step();
    fprintf(stderr, "\r     %-66.66s", shown);
}

void end_progress(void)
{
    if (watched()) fprintf(stderr, "\r%-72s\r", "");
}

bool was_told(const struct failure *failure)
{
    for (int i = 1; i < failure->number && failure->cause[0] != '\0'; i++) {
        const struct failure *before = failure_of(i);
        if (before != NULL && strcmp(before->cause, failure->cause) == 0) return true;
    }
    return false;
}
