/*
 * What probably made a check fail: the end of a failure's story. First what the program itself said, then what can be seen of
 * it, then what the check knows (SUSPECTS).
 */
#include <stdio.h>
#include <string.h>

#include "evidence.h"
#include "pages.h"
#include "program.h"

static const struct suspect *suspects;

void suspect(const struct suspect *list)
{
    suspects = list;
}

/* ---- what the check knows ---- */

static const char *from_the_check(struct program *program, const char **read)
{
    for (const struct suspect *s = suspects; s != NULL && s->cause != NULL; s++) {
        if ((s->kind != OTHER && s->kind != saw.kind) || names_later(s->cause) ||
            (s->proved != NULL && !s->proved(program)))
            continue;
        if (s->read != NULL) *read = s->read;
        return s->cause;
    }
    return NULL;
}

/* ---- all of it, in this order ---- */

struct place {
    evidence *look;
    const char *read; /* NULL: the page of the lesson */
};

/* Before what the program said itself. */
static const struct place first[] = {
    {sanitizer, NULL},
    {crashed, NULL},
    {call_succeeded, NULL},
    {NULL, NULL},
};

/* Then what proves itself. */
static const struct place proved[] = {
    {line_elsewhere, NULL},      {no_newline, NULL},
    {came_at_the_end, PAGE_01},  {no_family, PAGE_02},
    {goes_elsewhere, PAGE_02},   {other_words, NULL},
    {other_address, PAGE_02},    {other_peer, PAGE_04},
    {other_port, PAGE_02},       {queue_full, PAGE_03},
    {served_some, NULL},         {forgotten, PAGE_04},
    {busy_loop, NULL},           {sleeping, NULL},
    {waits_for_one, NULL},       {too_many_bytes, PAGE_06},
    {went_on_after_reset, NULL}, {unflushed, PAGE_01},
    {nobody_listens, PAGE_03},   {NULL, NULL},
};

/* And when the check knows nothing, either. */
static const struct place last[] = {
    {said_usage, NULL},        {never_called, NULL},        {not_closed, NULL},
    {keeps_bytes, PAGE_06},    {told_and_ended_well, NULL}, {ended_badly_in_silence, NULL},
    {unnoticed_failure, NULL}, {no_half_close, PAGE_06},    {NULL, NULL},
};

static bool look(const struct place *places, struct program *program, char *cause, size_t size,
                 const char **read)
{
    for (; places->look != NULL; places++) {
        if (!places->look(program, cause, size) || names_later(cause)) continue;
        if (places->read != NULL && !is_later(places->read)) *read = places->read;
        return true;
    }
    return false;
}

const char *likely_cause(char *cause, size_t size)
{
    static char page[256];
    cause[0] = '\0';
    snprintf(page, sizeof page, "lessons/%s/%s", lesson, task_file);
    struct program *program = checked_program();
    const char *read = page, *text;
    if (program == NULL || look(first, program, cause, size, &read)) return read;
    text = from_what_it_said(program, &read);
    if (text == NULL && look(proved, program, cause, size, &read)) return read;
    if (text == NULL) text = from_the_check(program, &read);
    if (text != NULL)
        snprintf(cause, size, "%s", text);
    else if (!look(last, program, cause, size, &read))
        cause[0] = '\0';
    return is_later(read) ? page : read;
}
