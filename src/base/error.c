/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/error.h"

#include <stdarg.h>
#include <stdio.h>

enum p2i_result p2i_fail(struct p2i_error *error, enum p2i_result code, const char *format, ...)
{
    *error = (struct p2i_error){.code = code, .offset = UINT64_MAX};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

enum p2i_result p2i_fail_memory(struct p2i_error *error)
{
    return p2i_fail(error, P2I_INTERNAL, "out of memory");
}
