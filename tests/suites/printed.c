/* What a client has printed. */
#include <string.h>

#include "harness.h"
#include "suites.h"

#define ON_STDOUT "stdout is for the echoed bytes alone. What the client tells goes to stderr."

void expect_output(struct program *client, const char *wanted, size_t length)
{
    const char *output;
    size_t seen = output_of(client, &output);
    saw.expected = length, saw.back = seen;
    if (strstr(output, "connected to ") != NULL) SUSPECTS({OTHER, NULL, ON_STDOUT, NULL});
    expect_or(OTHER_OUTPUT, seen <= length, "expected %zu bytes on stdout, saw more: %zu", length,
              seen);
    expect_or(OTHER_OUTPUT, seen == length, "expected %zu bytes on stdout, saw only %zu", length,
              seen);
    for (saw.back = 0; saw.back < length && output[saw.back] == wanted[saw.back];) saw.back++;
    expect_or(MIXED_BYTES, saw.back == length,
              "expected on stdout what was on stdin; byte %zu differs", saw.back);
}
