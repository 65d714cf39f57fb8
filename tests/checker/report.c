/* The results of a run in the forms that other programs read: lines with tabs, TAP, JUnit's XML. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "result.h"

/* Without what could be taken for the end of a field or of a line, or disturb a terminal. */
static void write_plain(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 128) fputc(isprint((unsigned char)*text) ? *text : ' ', out);
}

static bool was_skipped(const struct check *check)
{
    return check->outcome == PASSED && check->skipped[0] != '\0';
}

/* ---- lines ---- */

static void write_field(FILE *out, const char *text)
{
    fputc('\t', out);
    write_plain(out, text);
}

static const char *const kinds[KINDS] = {
    [OTHER] = "other",
    [NO_LINE] = "no_line",
    [ENDED] = "ended",
    [OTHER_LINE] = "other_line",
    [NO_BYTES] = "no_bytes",
    [BYTES_ENDED] = "bytes_ended",
    [BYTES_RESET] = "bytes_reset",
    [OTHER_BYTE] = "other_byte",
    [LOST_BYTES] = "lost_bytes",
    [MIXED_BYTES] = "mixed_bytes",
    [NO_END] = "no_end",
    [MORE_BYTES] = "more_bytes",
    [END_RESET] = "end_reset",
    [STILL_RUNS] = "still_runs",
    [OTHER_STATUS] = "other_status",
    [OTHER_ERRORS] = "other_errors",
    [OTHER_OUTPUT] = "other_output",
    [NOT_CONNECTED] = "not_connected",
    [NOT_ACCEPTED] = "not_accepted",
    [TOO_SLOW] = "too_slow",
    [TIME_OVER] = "time_over",
    [OTHER_PEER] = "other_peer",
    [OTHER_PORT] = "other_port",
    [NO_PROGRAM] = "no_program",
};

void write_result(FILE *out, int number)
{
    static const char *const ends[] = {"broken", "broken", "passed", "failed"};
    const struct check *check = check_of(number);
    const struct failure *failure = failure_of(number);
    fputs(was_skipped(check) ? "skipped" : ends[check->outcome], out);
    write_field(out, check->test_case);
    write_field(out, check->name);
    write_field(out, failure != NULL ? failure->saw : "");
    write_field(out, failure != NULL ? failure->cause : "");
    write_field(out, failure != NULL ? failure->read : "");
    write_field(out, check->earlier ? "earlier" : "own");
    write_field(out, failure != NULL ? kinds[failure->kind] : "");
    write_field(out, check->skipped);
    write_field(out, failure != NULL && failure->asleep ? "asleep" : "");
    fputc('\n', out);
}

void write_results(FILE *out)
{
    for (int i = 1; check_of(i) != NULL; i++) write_result(out, i);
}

/* ---- what TAP and JUnit share ---- */

/* `a failed accept is told`, and for one that is made more than once which time it was. */
static const char *title(const struct check *check)
{
    static char text[128];
    snprintf(text, sizeof text, "%s", check->name);
    for (char *c = text; (c = strchr(c, '_')) != NULL;) *c = ' ';
    if (check->turn > 0)
        snprintf(text + strlen(text), sizeof text - strlen(text), ", %d", check->turn + 1);
    return text;
}

/* ---- TAP: testanything.org, version 13 ---- */

/* Each line as a comment. */
static void write_comment(FILE *out, const char *name, const char *text)
{
    if (text[0] == '\0') return;
    fprintf(out, "#   %-6s ", name);
    for (const char *c = text; *c != '\0'; c++) {
        char one[2] = {*c, '\0'};
        if (*c == '\n')
            fputs("\n#          ", out);
        else
            write_plain(out, one);
    }
    fputc('\n', out);
}

static void write_tap(FILE *out)
{
    const struct check *check;
    fprintf(out, "TAP version 13\n1..%d\n", count_of_checks(ANY));
    for (int i = 1; (check = check_of(i)) != NULL; i++) {
        const struct failure *failure = failure_of(i);
        bool skipped = was_skipped(check);
        fprintf(out, "%s %d - %s: %s%s%s\n", check->outcome == PASSED ? "ok" : "not ok", i,
                check->lesson, title(check), skipped ? " # SKIP " : "",
                skipped ? check->skipped : "");
        write_comment(out, "ended", check->broken);
        if (failure == NULL) continue;
        write_comment(out, "so", failure->saw);
        write_comment(out, "cause", failure->cause);
        write_comment(out, "read", failure->read);
    }
}

/* ---- JUnit's XML, as its readers in CI systems take it: a test case for each check ---- */

/* What a program has printed may hold anything; XML 1.0 (2.2 Characters) does not take all of it. */
static void write_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(out, "&#%d;", c);
        else if (c == '\n')
            fputs("&#10;", out); /* as it stands it would be a space in an attribute */
        else
            fputc(c >= ' ' && c < 127 ? c : '?', out);
    }
}

static void write_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    write_escaped(out, value);
    fputc('"', out);
}

static void write_end(FILE *out, const struct check *check, const struct failure *failure)
{
    if (failure != NULL) {
        fputs("    <failure", out);
        write_attribute(out, "message", failure->saw);
        fputc('>', out);
        write_escaped(out, failure->cause);
        fputs(failure->cause[0] != '\0' ? "\nread: " : "read: ", out);
        write_escaped(out, failure->read);
        fputs("</failure>\n", out);
    } else if (check->outcome != PASSED) {
        fputs("    <error", out);
        write_attribute(out, "message", check->broken);
        fputs("/>\n", out);
    } else if (was_skipped(check)) {
        fputs("    <skipped", out);
        write_attribute(out, "message", check->skipped);
        fputs("/>\n", out);
    }
}

/* The checks of one lesson from number `first` on. Returns the number after them. */
static int write_suite(FILE *out, int first)
{
    const char *suite = check_of(first)->lesson;
    const struct check *check;
    int end = first, failed = 0, broken = 0, skipped = 0;
    double seconds = 0;
    for (; (check = check_of(end)) != NULL && check->lesson == suite; end++) {
        seconds += check->seconds;
        failed += check->outcome == FAILED;
        broken += check->outcome == BROKEN || check->outcome == NOT_MADE;
        skipped += was_skipped(check);
    }
    fprintf(out, "<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" ", suite,
            end - first, failed, broken);
    fprintf(out, "skipped=\"%d\" time=\"%.3f\">\n", skipped, seconds);
    for (int i = first; i < end; i++) {
        check = check_of(i);
        fputs("  <testcase", out);
        fprintf(out, " classname=\"%s%s%s\"", suite, check->test_case[0] != '\0' ? ": " : "",
                check->test_case);
        write_attribute(out, "name", title(check));
        fprintf(out, " time=\"%.3f\">\n", check->seconds);
        write_end(out, check, failure_of(i));
        fputs("  </testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
    return end;
}

static void write_junit(FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    for (int i = 1; check_of(i) != NULL;) i = write_suite(out, i);
    fputs("</testsuites>\n", out);
}

/* ---- the files ---- */

static void write_whole(FILE *out)
{
    write_results(out);
    fputs("complete\n", out);
}

/* Nothing where no file is wanted. */
static void write_to(const char *path, void (*write)(FILE *out))
{
    if (path[0] == '\0') return;
    FILE *out = fopen(path, "w");
    if (out != NULL) write(out);
    bool written = out != NULL && ferror(out) == 0;
    if (out != NULL && fclose(out) == 0 && written) return;
    perror(path);
    exit(TROUBLE);
}

void keep_results(bool whole)
{
    write_to(options.results, whole ? write_whole : write_results);
    write_to(options.tap, write_tap);
    write_to(options.junit, write_junit);
}
