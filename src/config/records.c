/* SPDX-License-Identifier: MIT */
#include "config/records.h"

#include <stdbool.h>
#include <string.h>

#include "base/counts.h"

static const char *const names[P2I_RECORD_KINDS] = {
    [P2I_RECORD_CLICKSTREAM] = "clickstream",
    [P2I_RECORD_HTTP_REPLY] = "http_reply",
    [P2I_RECORD_SSL_REPLY] = "ssl_reply",
    [P2I_RECORD_SIP] = "sip",
    [P2I_RECORD_FTP] = "ftp",
    [P2I_RECORD_IM] = "im",
    [P2I_RECORD_MAIL] = "mail",
    [P2I_RECORD_RAW] = "raw",
    [P2I_RECORD_DNS] = "dns",
    [P2I_RECORD_FLOW] = "flow",
    [P2I_RECORD_BIFLOW] = "biflow",
};

uint32_t p2i_records_named(const char *name, size_t size)
{
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) {
            return UINT32_C(1) << i;
        }
    }
    bool all = size == 3 && memcmp(name, "all", 3) == 0;
    return all ? ((UINT32_C(1) << P2I_RECORD_KINDS) - 1) & ~(UINT32_C(1) << P2I_RECORD_BIFLOW) : 0;
}

const char *p2i_records_name(enum p2i_record_kind kind)
{
    return names[kind];
}
