/* SPDX-License-Identifier: MIT */
#include "export/defects.h"

#include <stdarg.h>
#include <stdio.h>

uint64_t p2i_defects_offset(const struct p2i_defects *defects, const uint8_t *where)
{
    return defects->message_offset + (uint64_t)(where - defects->message);
}

void p2i_defect(struct p2i_defects *defects, const uint8_t *where, const char *format, ...)
{
    defects->count++;
    if (defects->report == NULL) {
        return;
    }
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    defects->report(defects->context, p2i_defects_offset(defects, where), text);
}
