/* What a lesson has not told yet: causes name no page and no call of a later one. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

/* The lesson whose program is the first that has this call; "thread" and "mutex" are words of the page. */
static const struct {
    int lesson;
    const char *word;
} told_first[] = {
    {2, "bind"},      {2, "getsockname"},    {2, "inet_pton"}, {2, "inet_ntop"},  {2, "htons"},
    {2, "ntohs"},     {3, "listen"},         {4, "accept"},    {4, "setsockopt"}, {5, "connect"},
    {6, "recv"},      {6, "send"},           {6, "shutdown"},  {6, "fwrite"},     {6, "fflush"},
    {7, "nanosleep"}, {8, "pthread_create"}, {8, "thread"},    {8, "threads"},    {8, "mutex"},
};

/* The further lessons, 0, come after all of these. */
static bool is_after_this_lesson(int number)
{
    return facts.number != 0 && (number == 0 || number > facts.number);
}

bool is_later(const char *page)
{
    static const char folder[] = "lessons/";
    return strncmp(page, folder, strlen(folder)) == 0 &&
           is_after_this_lesson(atoi(page + strlen(folder)));
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
