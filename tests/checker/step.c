/* Which checks belong to the step of a lesson, and which ones it has from what it grows out of. */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "suites.h"

enum { MOST_NOTED = 512 };

static struct {
    const char *name; /* static */
    int from, to;     /* its turns */
} earlier[MOST_NOTED];
static int noted;
static bool noting;

void note_earlier_checks(bool begin)
{
    noting = begin;
}

void note_check(const char *name, int from, int to)
{
    if (!noting || noted == MOST_NOTED) return;
    earlier[noted].name = name;
    earlier[noted].from = from;
    earlier[noted++].to = to;
}

bool is_earlier(const char *name, int turn)
{
    for (int i = 0; i < noted; i++)
        if (strcmp(earlier[i].name, name) == 0 && turn >= earlier[i].from && turn < earlier[i].to)
            return true;
    return false;
}

/* Of the checks of this kind so many, and so many pass. */
static int count(bool of_earlier, int *pass)
{
    const struct check *check;
    int all = 0;
    *pass = 0;
    for (int i = 1; (check = check_of(i)) != NULL; i++) {
        if (check->earlier != of_earlier) continue;
        all++;
        *pass += check->outcome == PASSED;
    }
    return all;
}

int skipped_checks(void)
{
    const struct check *check;
    int skipped = 0;
    for (int i = 1; (check = check_of(i)) != NULL; i++) skipped += check->skipped[0] != '\0';
    return skipped;
}

void print_counts(void)
{
    int pass, all = count(false, &pass), before_pass, before = count(true, &before_pass);
    if (before == 0 || pass + before_pass == all + before)
        printf("%d of %d checks pass", pass + before_pass, all + before);
    else
        printf("%d of the %d checks of this step pass, and %d of %d from the lesson before", pass,
               all, before_pass, before);
    if (skipped_checks() > 0) printf("; %d skipped", skipped_checks());
    int not_made = count_of_checks(NOT_MADE);
    if (not_made > 0) printf("; no time was left for %d", not_made);
    printf("\n");
}
