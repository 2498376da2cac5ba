/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/cursor.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/reader.h"
#include "record/decode.h"
#include "record/format.h"

enum { TEXT_MAX = 64, NS_PER_US = 1000, NS_PER_S = 1000000000 };

/* 1900 to 1970 in seconds: the eras of NTP and Unix. */
static const int64_t ntp_epoch_s = INT64_C(2208988800);

/* Seconds since 1900 and their fraction (RFC 7011 sections 6.1.9, 6.1.10) as Unix time. */
static void split_ntp(struct p2i_view value, int64_t *seconds, uint32_t *nanoseconds)
{
    uint64_t fraction = p2i_load_be32(value.data + 4);
    *seconds = (int64_t)p2i_load_be32(value.data) - ntp_epoch_s;
    *nanoseconds = (uint32_t)((fraction * NS_PER_S) >> 32);
}

static void format_ntp(char *text, int type, struct p2i_view value)
{
    int64_t seconds;
    uint32_t nanoseconds;
    split_ntp(value, &seconds, &nanoseconds);
    time_t time = (time_t)seconds;
    struct tm tm = {0};
    (void)gmtime_r(&time, &tm);
    size_t size = strftime(text, TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    bool micro = type == P2I_TYPE_MICROSECONDS;
    (void)snprintf(text + size, TEXT_MAX - size, micro ? ".%06uZ" : ".%09uZ",
                   micro ? nanoseconds / NS_PER_US : nanoseconds);
}

static int64_t signed_number(struct p2i_view value)
{
    uint64_t number = (value.data[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < value.size; i++) {
        number = number << 8 | value.data[i];
    }
    return (int64_t)number;
}

/* A float64 may be sent in 4 bytes (RFC 7011 section 6.2). */
static double float_number(struct p2i_view value)
{
    if (value.size == 4) {
        float number;
        uint32_t bits = p2i_load_be32(value.data);
        memcpy(&number, &bits, sizeof(number));
        return (double)number;
    }
    double number;
    uint64_t bits = p2i_load_be64(value.data);
    memcpy(&number, &bits, sizeof(number));
    return number;
}

/* The text of a type that our tables do not use; false for all others and for a wrong size. */
static bool format_foreign(char *text, int type, struct p2i_view value)
{
    if (type >= P2I_TYPE_SIGNED8 && type <= P2I_TYPE_SIGNED64 && value.size >= 1 &&
        value.size <= 8) {
        (void)snprintf(text, TEXT_MAX, "%" PRId64, signed_number(value));
        return true;
    }
    if ((type == P2I_TYPE_FLOAT32 || type == P2I_TYPE_FLOAT64) &&
        (value.size == 4 || value.size == 8)) {
        (void)snprintf(text, TEXT_MAX, "%.*g", value.size == 4 ? 9 : 17, float_number(value));
        return true;
    }
    if (type == P2I_TYPE_BOOLEAN && value.size == 1 && (value.data[0] == 1 || value.data[0] == 2)) {
        (void)snprintf(text, TEXT_MAX, "%s", value.data[0] == 1 ? "true" : "false");
        return true;
    }
    if ((type == P2I_TYPE_MICROSECONDS || type == P2I_TYPE_NANOSECONDS) && value.size == 8) {
        format_ntp(text, type, value);
        return true;
    }
    return false;
}

bool p2i_tool_text(struct p2i_buffer *out, int type, struct p2i_view value)
{
    char text[TEXT_MAX];
    if (format_foreign(text, type, value)) {
        return p2i_append(out, p2i_view_of(text, strlen(text)));
    }
    return p2i_format_text(out, type, value);
}

bool p2i_tool_json(struct p2i_buffer *out, int type, int semantics, struct p2i_view value)
{
    char text[TEXT_MAX];
    if (!format_foreign(text, type, value)) {
        return p2i_format_json(out, type, semantics, value);
    }
    bool time = type == P2I_TYPE_MICROSECONDS || type == P2I_TYPE_NANOSECONDS;
    bool real = type == P2I_TYPE_FLOAT32 || type == P2I_TYPE_FLOAT64;
    if (real && !isfinite(float_number(value))) {
        return p2i_append(out, P2I_VIEW("null"));
    }
    return time ? p2i_format_json(out, P2I_TYPE_STRING, 0, p2i_view_of(text, strlen(text)))
                : p2i_append(out, p2i_view_of(text, strlen(text)));
}
