#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options options = {.programs = "lessons",
                          .server = "",
                          .client = "",
                          .sanitizers = "",
                          .fault_library = "",
                          .preload_first = "",
                          .runner = "",
                          .reasons = "",
                          .results = "",
                          .tap = "",
                          .junit = "",
                          .these = "",
                          .filter = "",
                          .grading = -1,
                          .most = INT_MAX,
                          .scale = 1};

static const char help[] =
    "usage: check [OPTION...] SUITE...\n"
    "Checks the programs of a lesson, or others in their place. check -l lists the suites.\n"
    "  -s COMMAND    check this command in place of the lesson's server\n"
    "  -c COMMAND    check this command in place of the lesson's client\n"
    "  -x            these commands are in any language: do not look inside\n"
    "  -a            tell all failures, not only the first\n"
    "  -n NUMBER     and end after so many\n"
    "  -w NUMBER     so many checks at a time, 1 or 2; without it 2 where a first failure ends "
    "the\n"
    "                run and there are two cores\n"
    "  -q            without the checks that take long\n"
    "  -k            only the checks that take long\n"
    "  -m            only those with many clients at once, where threads may disturb each other\n"
    "  -o SUITE      the lesson grows out of this one: its checks are counted apart\n"
    "  -r FILE       write the results into this file, a line a check\n"
    "  -t FILE       the same as TAP\n"
    "  -j FILE       the same as JUnit's XML\n"
    "  -p FOLDER     where the built lessons are (lessons)\n"
    "  -z NAMES      the sanitizers that the programs are built with; `static,` before them:\n"
    "                their runtime is a part of the program\n"
    "  -f LIBRARY    the fault library, for LD_PRELOAD\n"
    "  -b LIBRARY    what has to be loaded before it, and without it\n"
    "  -u COMMAND    what runs the programs of another CPU\n"
    "  -e FILE       what their strerror says, a line a number\n"
    "  -i NUMBERS    grade: only these checks, in the order in which they run: 1,3,17\n"
    "  -g NUMBER     grade: the descriptor for the results\n"
    "  -y FILE       grade: a filter of system calls for the programs\n"
    "  -l            list the suites\n"
    "  -h, --help    this list\n"
    "TIMEOUT_SCALE=3 in the environment makes each deadline three times as long.\n";

static void wrong(const char *what)
{
    fprintf(stderr, "check: %s\ncheck --help lists all options\n", what);
    exit(TROUBLE);
}

/* A whole number of at least `least`. */
static int number(const char *text, int least, const char *what)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < least || value > INT_MAX) wrong(what);
    return (int)value;
}

/* Numbers, with commas between and behind them, or nothing. */
static void expect_list(const char *text)
{
    if (text[0] == ',' || text[strspn(text, "0123456789,")] != '\0')
        wrong("-i: give numbers, for example 3,17");
}

static double scale_in(const char *text)
{
    char *end;
    double scale = strtod(text, &end);
    if (end == text || *end != '\0' || !(scale > 0 && scale < 1000))
        wrong("TIMEOUT_SCALE in the environment: give a number above 0, for example 3");
    return scale;
}

int read_options(int argc, char *argv[])
{
    const char *scale = getenv("TIMEOUT_SCALE");
    bool list = false;
    if (scale != NULL && scale[0] != '\0') options.scale = scale_in(scale);
    if (argc > 1 && strcmp(argv[1], "--help") == 0) argv[1] = "-h";
    for (int option;
         (option = getopt(argc, argv, "s:c:xan:w:qkmo:r:t:j:p:z:f:b:u:e:i:g:y:lh")) != -1;) {
        switch (option) {
        case 's':
            options.server = optarg;
            break;
        case 'c':
            options.client = optarg;
            break;
        case 'x':
            options.foreign = true;
            break;
        case 'a':
            options.all = true;
            break;
        case 'w':
            options.workers = number(optarg, 1, "-w: give 1 or 2");
            if (options.workers > 2) wrong("-w: give 1 or 2");
            break;
        case 'q':
            options.quick = true;
            break;
        case 'k':
            options.soak = true;
            break;
        case 'n':
            options.most = number(optarg, 1, "-n: give a number of failures");
            break;
        case 'm':
            options.at_once = true;
            break;
        case 'o':
            if (options.steps == MOST_BEFORE) wrong("-o: a lesson has fewer lessons before it");
            options.before[options.steps++] = optarg;
            break;
        case 'r':
            options.results = optarg;
            break;
        case 't':
            options.tap = optarg;
            break;
        case 'j':
            options.junit = optarg;
            break;
        case 'p':
            options.programs = optarg;
            break;
        case 'z':
            options.sanitizers = optarg;
            break;
        case 'f':
            options.fault_library = optarg;
            break;
        case 'b':
            options.preload_first = optarg;
            break;
        case 'u':
            options.runner = optarg;
            break;
        case 'e':
            options.reasons = optarg;
            break;
        case 'i':
            expect_list(optarg);
            options.these = optarg;
            break;
        case 'g':
            options.grading = number(optarg, 0, "-g: give a descriptor");
            break;
        case 'y':
            options.filter = optarg;
            break;
        case 'l':
            list = true;
            break;
        case 'h':
            fputs(help, stdout);
            exit(EXIT_SUCCESS);
        default:
            wrong("this option is not known, or lacks its value");
        }
    }
    if (list) return argc;
    if (optind == argc) wrong("name a suite, for example 03-listen");
    return optind;
}

bool is_wanted(int number)
{
    for (const char *rest = options.these; *rest != '\0';) {
        char *end;
        if (strtol(rest, &end, 10) == number) return true;
        rest = *end == ',' ? end + 1 : "";
    }
    return options.these[0] == '\0';
}

bool own_programs(void)
{
    return options.server[0] != '\0' || options.client[0] != '\0';
}

bool foreign(void)
{
    return options.foreign || options.runner[0] != '\0';
}

bool instrumented(void)
{
    return options.sanitizers[0] != '\0';
}

bool thread_sanitizer(void)
{
    return strstr(options.sanitizers, "thread") != NULL;
}
