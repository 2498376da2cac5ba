/* SPDX-License-Identifier: MIT */
#include "ipfix/defects.h"

#include <stdarg.h>
#include <stdio.h>

uint64_t p2i_defects_offset(const struct p2i_defects *defects, const uint8_t *where)
{
    return defects->message_offset + (uint64_t)(where - defects->message);
}

static void report_text(p2i_reader_defect *report, void *context, uint64_t offset,
                        const char *format, va_list arguments)
{
    if (report != NULL) {
        char text[256];
        (void)vsnprintf(text, sizeof(text), format, arguments);
        report(context, offset, text);
    }
}

void p2i_defect_note(const struct p2i_defects *defects, const uint8_t *where, const char *format,
                     ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_text(defects->note, defects->context, p2i_defects_offset(defects, where), format,
                arguments);
    va_end(arguments);
}

void p2i_defect(struct p2i_defects *defects, const uint8_t *where, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    defects->count++;
    report_text(defects->report, defects->context, p2i_defects_offset(defects, where), format,
                arguments);
    va_end(arguments);
}

void p2i_defect_at(struct p2i_defects *defects, uint64_t offset, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    defects->count++;
    report_text(defects->report, defects->context, offset, format, arguments);
    va_end(arguments);
}
