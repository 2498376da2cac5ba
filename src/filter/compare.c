/* SPDX-License-Identifier: MIT */
/* Compares a value of a record to one of a filter text. */
#include <stdio.h>

#include "base/ascii.h"
#include "base/ntp.h"
#include "filter/filter.h"
#include "pcap2ipfix/value_names.h"
#include "record/number.h"

enum { RR_A = 1, RR_AAAA = 28, NS_PER_MS = 1000000, NTP_SIZE = 8 };
static const int64_t ns_per_s = 1000000000;

static struct p2i_view view_of(const struct p2i_filter_value *value)
{
    return p2i_view_of(value->value->data, value->value->size);
}

static bool views_equal(struct p2i_view a, struct p2i_view b, bool nocase)
{
    return nocase ? p2i_view_equals_nocase(a, b) : p2i_view_equals(a, b);
}

static bool ends_with(struct p2i_view text, struct p2i_view end, bool nocase)
{
    return text.size >= end.size &&
           views_equal(p2i_view_from(text, text.size - end.size), end, nocase);
}

static bool has_part(struct p2i_view text, struct p2i_view part, bool nocase)
{
    if (part.size == 0) {
        return true;
    }
    if (text.size < part.size) {
        return false;
    }
    if (!nocase) {
        return memmem(text.data, text.size, part.data, part.size) != NULL;
    }
    for (size_t i = 0; i + part.size <= text.size; i++) {
        if (p2i_lower(text.data[i]) == p2i_lower(part.data[0]) &&
            p2i_view_equals_nocase(p2i_view_of(text.data + i, part.size), part)) {
            return true;
        }
    }
    return false;
}

bool p2i_filter_text_matches(struct p2i_view text, const struct p2i_filter_operand *operand,
                             bool nocase)
{
    if (operand->any_before && operand->any_behind) {
        return has_part(text, operand->text, nocase);
    }
    if (operand->any_before) {
        return ends_with(text, operand->text, nocase);
    }
    if (operand->any_behind) {
        return text.size >= operand->text.size &&
               views_equal(p2i_view_first(text, operand->text.size), operand->text, nocase);
    }
    return views_equal(text, operand->text, nocase);
}

/* The result of comparing as the operator wants it; `order` is negative, 0 or positive. */
static bool is_ordered(int order, enum p2i_filter_operator op)
{
    switch (op) {
    case FILTER_LESS:
        return order < 0;
    case FILTER_AT_MOST:
        return order <= 0;
    case FILTER_GREATER:
        return order > 0;
    case FILTER_AT_LEAST:
        return order >= 0;
    default:
        return order == 0;
    }
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* Compares a text as it is, then as it is shown, with decoded values. */
static bool compare_shown(struct p2i_buffer *scratch, const struct p2i_filter_operand *operand,
                          const struct p2i_filter_value *value, bool nocase, bool *matches)
{
    scratch->size = 0;
    if (!p2i_format_text(scratch, value->type, view_of(value))) {
        return false;
    }
    *matches = p2i_filter_text_matches(p2i_view_of(scratch->data, scratch->size), operand, nocase);
    if (*matches) {
        return true;
    }
    scratch->size = 0;
    if (!p2i_format_named(scratch, value->value, value->type, value->rr_type)) {
        return false;
    }
    *matches = p2i_filter_text_matches(p2i_view_of(scratch->data, scratch->size), operand, nocase);
    return true;
}

static bool compare_text(struct p2i_view text, enum p2i_filter_operator op,
                         const struct p2i_filter_operand *operand)
{
    if (op == FILTER_EQUAL) {
        return p2i_filter_text_matches(text, operand, false);
    }
    if (op == FILTER_CONTAINS) {
        return has_part(text, operand->text, false);
    }
    size_t size = text.size < operand->text.size ? text.size : operand->text.size;
    int order = size > 0 ? memcmp(text.data, operand->text.data, size) : 0;
    return is_ordered(order != 0 ? order : ORDER(text.size, operand->text.size), op);
}

/* ".example.org": the domain and all names below it. */
static bool host_equals(struct p2i_view host, const struct p2i_filter_operand *operand)
{
    bool below =
        operand->text.size > 1 && operand->text.data[0] == '.' && !p2i_filter_is_pattern(operand);
    if (below) {
        return ends_with(host, operand->text, true) ||
               p2i_view_equals_nocase(host, p2i_view_from(operand->text, 1));
    }
    return p2i_filter_text_matches(host, operand, true);
}

static bool compare_host(struct p2i_view host, enum p2i_filter_operator op,
                         const struct p2i_filter_operand *operand, bool strip_port)
{
    if (op == FILTER_CONTAINS) {
        return has_part(host, operand->text, true);
    }
    return host_equals(host, operand) ||
           (strip_port && host_equals(p2i_view_first(host, p2i_view_find(host, ':')), operand));
}

/* Whether the bytes are those of the hexadecimal digits. */
static bool equals_hex(const uint8_t *bytes, struct p2i_view digits)
{
    for (size_t i = 0; i < digits.size; i += 2) {
        int byte = 16 * p2i_hex_value(digits.data[i]) + p2i_hex_value(digits.data[i + 1]);
        if (bytes[i / 2] != byte) {
            return false;
        }
    }
    return true;
}

static bool compare_octets(struct p2i_view bytes, enum p2i_filter_operator op,
                           const struct p2i_filter_operand *operand)
{
    if (operand->quoted) {
        return op == FILTER_CONTAINS ? has_part(bytes, operand->text, false)
                                     : p2i_view_equals(bytes, operand->text);
    }
    size_t size = operand->text.size / 2;
    if (op != FILTER_CONTAINS) {
        return bytes.size == size && equals_hex(bytes.data, operand->text);
    }
    for (size_t i = 0; i + size <= bytes.size; i++) {
        if (equals_hex(bytes.data + i, operand->text)) {
            return true;
        }
    }
    return false;
}

/* The address of an A or AAAA record, or the presentation form of any other. */
static bool compare_rdata(struct p2i_buffer *scratch, enum p2i_filter_operator op,
                          const struct p2i_filter_operand *operand,
                          const struct p2i_filter_value *value, bool *matches)
{
    bool address = value->rr_type == RR_A || value->rr_type == RR_AAAA;
    if (op == FILTER_CONTAINS) {
        scratch->size = 0;
        bool done = p2i_format_named(scratch, value->value, value->type, value->rr_type);
        *matches = done && has_part(p2i_view_of(scratch->data, scratch->size), operand->text, true);
        return done;
    }
    if (operand->has_prefix && address) {
        *matches = p2i_prefix_holds_bytes(&operand->prefix, view_of(value));
        return true;
    }
    return compare_shown(scratch, operand, value, true, matches);
}

/* Nanoseconds since 1970, of a value that fits its type. */
static bool read_time(const struct p2i_filter_value *value, int64_t *time_ns)
{
    struct p2i_view bytes = view_of(value);
    uint64_t number = p2i_value_number(bytes);
    int64_t seconds;
    uint32_t nanoseconds;
    switch (value->type) {
    case P2I_TYPE_SECONDS:
        *time_ns = (int64_t)number * ns_per_s;
        return bytes.size == sizeof(uint32_t);
    case P2I_TYPE_MILLISECONDS:
        *time_ns = number < INT64_MAX / NS_PER_MS ? (int64_t)number * NS_PER_MS : INT64_MAX;
        return bytes.size == sizeof(uint64_t);
    case P2I_TYPE_MICROSECONDS:
    case P2I_TYPE_NANOSECONDS:
        if (bytes.size != NTP_SIZE) {
            return false;
        }
        p2i_ntp_split(number, &seconds, &nanoseconds);
        *time_ns = seconds * ns_per_s + nanoseconds;
        return true;
    default:
        return false;
    }
}

/* A time is before, in or behind the span that was written. */
static bool compare_time(const struct p2i_filter_value *value, enum p2i_filter_operator op,
                         const struct p2i_time_span_ns *span)
{
    int64_t time_ns;
    if (!read_time(value, &time_ns)) {
        return false;
    }
    int order = time_ns < span->begin_ns ? -1 : time_ns - span->begin_ns >= span->length_ns ? 1 : 0;
    return is_ordered(order, op);
}

static bool compare_number(enum p2i_filter_class class, enum p2i_filter_operator op,
                           const struct p2i_filter_operand *operand,
                           const struct p2i_filter_value *value)
{
    struct p2i_view bytes = view_of(value);
    bool fits = bytes.size >= 1 && bytes.size <= sizeof(uint64_t);
    if (class == CLASS_SIGNED) {
        int64_t number = fits ? p2i_number_signed(bytes) : 0;
        return fits && is_ordered(ORDER(number, operand->integer), op);
    }
    if (class == CLASS_REAL) {
        fits = bytes.size == sizeof(float) || bytes.size == sizeof(double);
        double number = fits ? p2i_number_real(bytes) : 0;
        bool a_number = number == number; /* NaN is in no order */
        return fits && a_number && is_ordered(ORDER(number, operand->real), op);
    }
    uint64_t number = p2i_value_number(bytes);
    return fits && is_ordered(ORDER(number, operand->number), op);
}

bool p2i_filter_compare(struct p2i_buffer *scratch, enum p2i_filter_class class,
                        enum p2i_filter_operator op, const struct p2i_filter_operand *operand,
                        const struct p2i_filter_value *value, bool *matches)
{
    bool text = class == CLASS_TEXT || class == CLASS_HOST;
    if ((p2i_filter_is_pattern(operand) && !text) || (class == CLASS_TEXT && operand->escaped)) {
        return compare_shown(scratch, operand, value, class == CLASS_RDATA, matches);
    }
    switch (class) {
    case CLASS_TEXT:
        *matches = compare_text(view_of(value), op, operand);
        return true;
    case CLASS_HOST:
        *matches = compare_host(view_of(value), op, operand, value->strip_port);
        return true;
    case CLASS_OCTETS:
        *matches = compare_octets(view_of(value), op, operand);
        return true;
    case CLASS_RDATA:
        return compare_rdata(scratch, op, operand, value, matches);
    case CLASS_MAC:
        *matches = p2i_view_equals(view_of(value), p2i_view_of(operand->mac, sizeof operand->mac));
        return true;
    case CLASS_ADDRESS:
        *matches = p2i_prefix_holds_bytes(&operand->prefix, view_of(value));
        return true;
    case CLASS_TIME:
        *matches = compare_time(value, op, &operand->time);
        return true;
    default:
        *matches = compare_number(class, op, operand, value);
        return true;
    }
}
