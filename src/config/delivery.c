/* SPDX-License-Identifier: MIT */
#include "config/delivery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RATE_LEAST = 1000, RETRY_MOST = 1000000 };

bool p2i_parse_size(const char *text, uint64_t *size)
{
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    unsigned shift = 0;
    switch (*end) {
    case '\0':
        break;
    case 'k':
    case 'K':
        shift = 10;
        break;
    case 'm':
    case 'M':
        shift = 20;
        break;
    case 'g':
    case 'G':
        shift = 30;
        break;
    default:
        return false;
    }
    if (errno != 0 || (shift > 0 && end[1] != '\0') || value > (UINT64_C(1) << 62) >> shift) {
        return false;
    }
    *size = (uint64_t)value << shift;
    return true;
}

static enum p2i_result set_rate(struct p2i_delivery *delivery, const char *text,
                                struct p2i_error *error)
{
    if (p2i_parse_size(text, &delivery->rate_bytes) && delivery->rate_bytes >= RATE_LEAST) {
        return P2I_OK;
    }
    return p2i_fail(error, P2I_USAGE, "--rate: '%.80s' is not a size of at least %d", text,
                    RATE_LEAST);
}

static enum p2i_result set_pace(struct p2i_delivery *delivery, const char *text,
                                struct p2i_error *error)
{
    char *end = NULL;
    bool digit = text[0] >= '0' && text[0] <= '9';
    delivery->pace = digit ? strtod(text, &end) : 0;
    if (end != NULL && delivery->pace >= 0.001 && delivery->pace <= 1e6 && *end == '\0') {
        return P2I_OK;
    }
    return p2i_fail(error, P2I_USAGE, "--pace: '%.80s' is not a number from 0.001 to 1000000",
                    text);
}

static enum p2i_result set_export_time(struct p2i_delivery *delivery, const char *text,
                                       struct p2i_error *error)
{
    delivery->export_time_now = strcmp(text, "now") == 0;
    if (delivery->export_time_now || strcmp(text, "capture") == 0) {
        return P2I_OK;
    }
    return p2i_fail(error, P2I_USAGE, "--export-time: '%.80s' is neither now nor capture", text);
}

static enum p2i_result set_retry(struct p2i_delivery *delivery, const char *text,
                                 struct p2i_error *error)
{
    uint64_t seconds = 0;
    if (text[0] != '\0' && strspn(text, "0123456789") == strlen(text) &&
        p2i_parse_size(text, &seconds) && seconds >= 1 && seconds <= RETRY_MOST) {
        delivery->retry_s = (uint32_t)seconds;
        return P2I_OK;
    }
    return p2i_fail(error, P2I_USAGE, "--retry: '%.80s' is not a number of seconds from 1 to %d",
                    text, RETRY_MOST);
}

enum p2i_result p2i_delivery_option(struct p2i_delivery *delivery, const char *name,
                                    const char *text, struct p2i_error *error)
{
    if (strcmp(name, "rate") == 0) {
        return set_rate(delivery, text, error);
    }
    if (strcmp(name, "pace") == 0) {
        return set_pace(delivery, text, error);
    }
    if (strcmp(name, "export-time") == 0) {
        return set_export_time(delivery, text, error);
    }
    if (strcmp(name, "retry") == 0) {
        return set_retry(delivery, text, error);
    }
    delivery->spool_folder = text;
    return P2I_OK;
}
