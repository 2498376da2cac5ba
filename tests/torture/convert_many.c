/* SPDX-License-Identifier: MIT */
/* Converts many captures one after the other in one process, by the library: convert_many <LIST, a
 * line of LIST being THREADS CAPTURE OUTPUT (IPFIX). Says which one it begins, so that the one that
 * ends the process is known. Status 1 when one ended otherwise than well, damaged or refused. */
#include <stdio.h>
#include <string.h>

#include "pcap2ipfix/convert.h"

enum { PATH_BYTES = 4096 };

static bool convert(const char *threads, const char *capture, const char *output)
{
    const char *const values[][2] = {
        {"threads", threads}, {"capture", capture},      {"write", output},
        {"sync", "false"},    {"records", "all,biflow"},
    };
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_statistics *statistics = p2i_statistics_new();
    struct p2i_error error = {0};
    enum p2i_result result = settings != NULL && statistics != NULL ? P2I_OK : P2I_INTERNAL;
    for (size_t i = 0; i < sizeof values / sizeof *values && result == P2I_OK; i++) {
        result = p2i_settings_set(settings, values[i][0], values[i][1], &error);
    }
    if (result == P2I_OK) {
        result = p2i_convert(settings, statistics, &error);
    }
    p2i_statistics_free(statistics);
    p2i_settings_free(settings);
    bool well = result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
    if (!well) {
        (void)printf("result %d: %s\n", (int)result, error.text);
    }
    return well;
}

int main(void)
{
    char threads[8];
    char capture[PATH_BYTES];
    char output[PATH_BYTES];
    bool well = true;
    while (well && scanf("%7s %4095s %4095s", threads, capture, output) == 3) {
        (void)printf("begins %s\n", capture);
        (void)fflush(stdout);
        well = convert(threads, capture, output);
    }
    return well && feof(stdin) ? 0 : 1;
}
