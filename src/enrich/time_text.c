/* SPDX-License-Identifier: MIT */
#include "enrich/time_text.h"

#include "base/ascii.h"

#include <time.h>

/* Accepts more than ISO 8601, as strptime() does: spaces, numbers of one digit. */
static bool parse_iso(const char *text, int64_t *time_s)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest != NULL && (*rest == 'T' || *rest == ' ')) {
        rest = strptime(rest + 1, "%H:%M", &tm);
        rest = rest != NULL && *rest == ':' ? strptime(rest, ":%S", &tm) : rest;
        rest = rest != NULL && *rest != '\0' ? strptime(rest, "%z", &tm) : rest;
    }
    int day = tm.tm_mday;
    long ahead_s = tm.tm_gmtoff;
    *time_s = (int64_t)timegm(&tm) - ahead_s;
    return rest != NULL && *rest == '\0' && tm.tm_mday == day; /* 31 February is in March */
}

static bool parse_seconds(struct p2i_view text, int64_t *time_s)
{
    enum { DIGITS_MAX = 10 };
    uint64_t value;
    if (text.size > DIGITS_MAX || !p2i_parse_decimal(text, INT64_MAX, &value)) {
        return false;
    }
    *time_s = (int64_t)value;
    return true;
}

bool p2i_time_parse(struct p2i_view text, uint32_t *time_s)
{
    char copy[sizeof "2026-01-31T12:00:00+03:00 and some spaces"];
    int64_t value = 0;
    if (text.size >= sizeof copy || p2i_view_find(text, '\0') < text.size) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (!parse_seconds(text, &value) && !parse_iso(copy, &value)) {
        return false;
    }
    *time_s = (uint32_t)value;
    return value >= 0 && value <= UINT32_MAX;
}
