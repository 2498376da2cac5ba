/* SPDX-License-Identifier: MIT */
#include "cli/log_line.h"

#include <time.h>

#include "cli/safe_text.h"

enum { US_PER_S = 1000000 };

void p2i_print_log_line(FILE *file, const struct p2i_log_line *line, bool many)
{
    char text[64] = "";
    time_t seconds = (time_t)(line->time_us / US_PER_S);
    struct tm tm = {0};
    (void)localtime_r(&seconds, &tm);
    (void)strftime(text, sizeof text, "%Y/%m/%d-%H:%M:%S", &tm);
    fprintf(file, "[%-8s][%s:%06u] %s", line->level, text, (unsigned)(line->time_us % US_PER_S),
            line->text);
    if (many) {
        fputc(' ', file);
        p2i_print_safe(file, line->url);
    }
    fputc('\n', file);
}
