/* What a lesson has not told yet: causes name no page and no call of a later one. */
#include <ctype.h>
#include <string.h>

#include "evidence.h"

/* The lesson whose program is the first that has this call; "thread" and "mutex" are words of the page. */
static const struct {
    const char *lesson, *word;
} told_first[] = {
    {"02", "bind"},           {"02", "getsockname"}, {"02", "inet_pton"}, {"02", "inet_ntop"},
    {"02", "htons"},          {"02", "ntohs"},       {"03", "listen"},    {"04", "accept"},
    {"04", "setsockopt"},     {"05", "connect"},     {"06", "recv"},      {"06", "send"},
    {"06", "shutdown"},       {"06", "fwrite"},      {"06", "fflush"},    {"07", "nanosleep"},
    {"08", "pthread_create"}, {"08", "thread"},      {"08", "threads"},   {"08", "mutex"},
};

/* The further lessons come after all of these. */
static bool is_after_this_lesson(const char *number)
{
    return is_one_of_the_eight() && strncmp(number, lesson, 2) > 0;
}

bool is_later(const char *page)
{
    static const char folder[] = "lessons/";
    return strncmp(page, folder, strlen(folder)) == 0 &&
           is_after_this_lesson(page + strlen(folder));
}

static bool is_later_word(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof told_first / sizeof told_first[0]; i++)
        if (strlen(told_first[i].word) == length && strncmp(told_first[i].word, word, length) == 0)
            return is_after_this_lesson(told_first[i].lesson);
    return false;
}

bool names_later(const char *cause)
{
    for (const char *word = cause; *word != '\0';) {
        size_t length = 0;
        while (isalnum((unsigned char)word[length]) || word[length] == '_') length++;
        if (is_later_word(word, length)) return true;
        word += length > 0 ? length : 1;
    }
    return false;
}
