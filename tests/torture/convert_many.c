/* SPDX-License-Identifier: MIT */
/* Converts many captures one after the other in one process, by the library: convert_many <LIST, a
 * line of LIST being THREADS CAPTURE OUTPUT (IPFIX). Says which one it begins, so that the one that
 * ends the process is known. Status 1 when one ended otherwise than well, damaged or refused. */
#include <stdio.h>
#include <string.h>

#include "pcap2ipfix/convert.h"

enum { PATH_BYTES = 4096 };

static bool convert(unsigned threads, const char *capture, const char *output)
{
    struct p2i_settings settings;
    p2i_settings_default(&settings);
    settings.threads = threads;
    settings.captures = &capture;
    settings.capture_count = 1;
    settings.ipfix_path = output;
    settings.records = UINT32_MAX >> (32 - P2I_RECORD_KINDS);
    settings.sync = false;
    struct p2i_statistics statistics;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_convert(&settings, &statistics, &error);
    p2i_statistics_free(&statistics);
    bool well = result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT;
    if (!well) {
        (void)printf("result %d: %s\n", (int)result, error.text);
    }
    return well;
}

int main(void)
{
    unsigned threads;
    char capture[PATH_BYTES];
    char output[PATH_BYTES];
    bool well = true;
    while (well && scanf("%u %4095s %4095s", &threads, capture, output) == 3) {
        (void)printf("begins %s\n", capture);
        (void)fflush(stdout);
        well = convert(threads, capture, output);
    }
    return well && feof(stdin) ? 0 : 1;
}
