/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/values.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/ascii.h"
#include "base/ntp.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/utf8.h"
#include "record/number.h"

enum {
    SHORT_MAX = 64, /* longest text of a value that is neither string nor octets, with NUL */
    ESCAPE_MAX = 4, /* bytes that p2i_utf8_clean() makes of one: \xHH */
    JSON_MAX = 6,   /* bytes that JSON makes of one: \u00HH */
    MS_PER_S = 1000,
    NS_PER_US = 1000,
};

static bool append_text(struct p2i_buffer *out, const char *text)
{
    return p2i_append(out, p2i_view_of(text, strlen(text)));
}

static bool append_quoted(struct p2i_buffer *out, const char *text)
{
    size_t before = out->size;
    if (append_text(out, "\"") && append_text(out, text) && append_text(out, "\"")) {
        return true;
    }
    out->size = before;
    return false;
}

/* Decimal, with a NUL; snprintf() would take most of the time of a JSON line. */
static void format_number(char *text, uint64_t number)
{
    char reversed[SHORT_MAX];
    size_t size = 0;
    do {
        reversed[size++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < size; i++) {
        text[i] = reversed[size - 1 - i];
    }
    text[size] = '\0';
}

static void format_mac(char *text, const uint8_t *mac)
{
    for (size_t i = 0; i < 6; i++) {
        text[3 * i] = (char)p2i_hex_digit(mac[i] >> 4U);
        text[3 * i + 1] = (char)p2i_hex_digit(mac[i]);
        text[3 * i + 2] = i < 5 ? ':' : '\0';
    }
}

static bool append_hex(struct p2i_buffer *out, struct p2i_view value, bool quoted)
{
    if (!p2i_buffer_reserve(out, 2 * value.size + 2)) {
        return false;
    }
    uint8_t *at = out->data + out->size;
    if (quoted) {
        *at++ = '"';
    }
    for (size_t i = 0; i < value.size; i++) {
        at = p2i_put_hex(at, value.data[i]);
    }
    if (quoted) {
        *at++ = '"';
    }
    out->size = (size_t)(at - out->data);
    return true;
}

static void format_time(char *text, uint64_t ms, bool with_ms)
{
    time_t seconds = (time_t)(ms / MS_PER_S);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 9999 - 1900) {
        format_number(text, with_ms ? ms : ms / MS_PER_S);
        return;
    }
    int size = snprintf(text, SHORT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
                        tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (with_ms) {
        size +=
            snprintf(text + size, (size_t)(SHORT_MAX - size), ".%03u", (unsigned)(ms % MS_PER_S));
    }
    (void)snprintf(text + size, (size_t)(SHORT_MAX - size), "Z");
}

static bool is_number(int type, struct p2i_view value)
{
    bool unsigned_ = type >= P2I_TYPE_UNSIGNED8 && type <= P2I_TYPE_UNSIGNED64;
    bool seconds = type == P2I_TYPE_SECONDS && value.size == 4;
    bool milliseconds = type == P2I_TYPE_MILLISECONDS && value.size == 8;
    return (unsigned_ && value.size >= 1 && value.size <= 8) || seconds || milliseconds;
}

/* Formats an address by its size: IP_SOURCE, of type ipv4Address, may have an IPv6 address. False:
 * not an address. */
static bool format_address(char *text, int type, struct p2i_view value)
{
    bool ip = type == P2I_TYPE_IPV4 || type == P2I_TYPE_IPV6;
    if (ip && value.size == 4) {
        return inet_ntop(AF_INET, value.data, text, SHORT_MAX) != NULL;
    }
    if (ip && value.size == 16) {
        return inet_ntop(AF_INET6, value.data, text, SHORT_MAX) != NULL;
    }
    if (type == P2I_TYPE_MAC && value.size == 6) {
        format_mac(text, value.data);
        return true;
    }
    return false;
}

static void format_ntp(char *text, int type, struct p2i_view value)
{
    int64_t seconds;
    uint32_t nanoseconds;
    p2i_ntp_split(p2i_load_be64(value.data), &seconds, &nanoseconds);
    time_t time = (time_t)seconds;
    struct tm tm = {0};
    (void)gmtime_r(&time, &tm);
    size_t size = strftime(text, SHORT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    bool micro = type == P2I_TYPE_MICROSECONDS;
    (void)snprintf(text + size, SHORT_MAX - size, micro ? ".%06uZ" : ".%09uZ",
                   micro ? nanoseconds / NS_PER_US : nanoseconds);
}

/* The text of a type that our tables do not use; false for all others and for a wrong size. */
static bool format_foreign(char *text, int type, struct p2i_view value)
{
    if (type >= P2I_TYPE_SIGNED8 && type <= P2I_TYPE_SIGNED64 && value.size >= 1 &&
        value.size <= 8) {
        (void)snprintf(text, SHORT_MAX, "%" PRId64, p2i_number_signed(value));
        return true;
    }
    if ((type == P2I_TYPE_FLOAT32 || type == P2I_TYPE_FLOAT64) &&
        (value.size == 4 || value.size == 8)) {
        (void)snprintf(text, SHORT_MAX, "%.*g", value.size == 4 ? 9 : 17, p2i_number_real(value));
        return true;
    }
    if (type == P2I_TYPE_BOOLEAN && value.size == 1 && (value.data[0] == 1 || value.data[0] == 2)) {
        (void)snprintf(text, SHORT_MAX, "%s", value.data[0] == 1 ? "true" : "false");
        return true;
    }
    if ((type == P2I_TYPE_MICROSECONDS || type == P2I_TYPE_NANOSECONDS) && value.size == 8) {
        format_ntp(text, type, value);
        return true;
    }
    return false;
}

/* Makes room for `growth` bytes for each byte of clean text, and cleans `value` into the end of it,
 * so that it can be expanded from the left. `data` is NULL when out of memory. */
static struct p2i_view clean_into(struct p2i_buffer *out, struct p2i_view value, size_t growth)
{
    size_t longest = ESCAPE_MAX * value.size;
    if (!p2i_buffer_reserve(out, (growth + 1) * longest + 2)) {
        return (struct p2i_view){0};
    }
    uint8_t *clean = out->data + out->size + growth * longest + 2;
    bool escaped;
    bool cut;
    return p2i_view_of(clean, p2i_utf8_clean(value, clean, longest, &escaped, &cut));
}

static bool append_safe(struct p2i_buffer *out, struct p2i_view value)
{
    struct p2i_view rest = clean_into(out, value, ESCAPE_MAX);
    if (rest.data == NULL) {
        return false;
    }
    uint8_t *at = out->data + out->size;
    while (rest.size > 0) {
        size_t size = p2i_utf8_control(rest);
        if (size == 0) {
            *at++ = rest.data[0];
            size = 1;
        } else {
            for (size_t i = 0; i < size; i++) {
                at = p2i_put_hex_escape(at, rest.data[i]);
            }
        }
        rest = p2i_view_from(rest, size);
    }
    out->size = (size_t)(at - out->data);
    return true;
}

/* RFC 8259 section 7. */
static uint8_t *put_json_byte(uint8_t *at, uint8_t byte)
{
    static const char short_escapes[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (byte >= 0x20 && byte != '"' && byte != '\\') {
        *at++ = byte;
    } else if (byte >= 0x20) {
        *at++ = '\\';
        *at++ = byte;
    } else if (byte < sizeof short_escapes && short_escapes[byte] != 0) {
        *at++ = '\\';
        *at++ = (uint8_t)short_escapes[byte];
    } else {
        memcpy(at, "\\u00", 4);
        at = p2i_put_hex(at + 4, byte);
    }
    return at;
}

static bool append_json_string(struct p2i_buffer *out, struct p2i_view value)
{
    struct p2i_view clean = clean_into(out, value, JSON_MAX);
    if (clean.data == NULL) {
        return false;
    }
    uint8_t *at = out->data + out->size;
    *at++ = '"';
    for (size_t i = 0; i < clean.size; i++) {
        at = put_json_byte(at, clean.data[i]);
    }
    *at++ = '"';
    out->size = (size_t)(at - out->data);
    return true;
}

/* Formats a value that is neither a string nor octets. False: it does not fit its type. */
static bool format_short(char *text, int type, struct p2i_view value)
{
    return format_address(text, type, value) || format_foreign(text, type, value);
}

bool p2i_format_text(struct p2i_buffer *out, int type, struct p2i_view value)
{
    char text[SHORT_MAX];
    if (type == P2I_TYPE_STRING) {
        return append_safe(out, value);
    }
    if (is_number(type, value)) {
        uint64_t number = p2i_value_number(value);
        if (type == P2I_TYPE_SECONDS || type == P2I_TYPE_MILLISECONDS) {
            bool with_ms = type == P2I_TYPE_MILLISECONDS;
            format_time(text, with_ms ? number : number * MS_PER_S, with_ms);
        } else {
            format_number(text, number);
        }
        return append_text(out, text);
    }
    return format_short(text, type, value) ? append_text(out, text) : append_hex(out, value, false);
}

/* Signed and floating-point numbers and booleans stand without quotes in JSON. */
static bool is_bare(int type)
{
    return type >= P2I_TYPE_SIGNED8 && type <= P2I_TYPE_BOOLEAN;
}

bool p2i_format_json(struct p2i_buffer *out, int type, int semantics, struct p2i_view value)
{
    char text[SHORT_MAX];
    if (type == P2I_TYPE_STRING) {
        return append_json_string(out, value);
    }
    if (is_number(type, value)) {
        format_number(text, p2i_value_number(value));
        bool quoted = type == P2I_TYPE_UNSIGNED64 && semantics == P2I_SEMANTICS_IDENTIFIER;
        return quoted ? append_quoted(out, text) : append_text(out, text);
    }
    if (!format_short(text, type, value)) {
        return append_hex(out, value, true);
    }
    if ((type == P2I_TYPE_FLOAT32 || type == P2I_TYPE_FLOAT64) &&
        !isfinite(p2i_number_real(value))) {
        return append_text(out, "null");
    }
    return is_bare(type) ? append_text(out, text) : append_quoted(out, text);
}
