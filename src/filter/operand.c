/* SPDX-License-Identifier: MIT */
/* Reads the values of filter texts, and finds those that their field cannot have. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "filter/filter.h"
#include "pcap2ipfix/value_names.h"

enum { QUOTED_MAX = 60 }; /* of a value in a message */

/* "METHOD is WHAT, not 'VALUE'" */
static enum p2i_result refuse(struct p2i_error *error, const char *name, struct p2i_view value,
                              const char *what)
{
    int size = value.size < QUOTED_MAX ? (int)value.size : QUOTED_MAX;
    return p2i_fail(error, P2I_USAGE, "%.40s is %s, not '%.*s'", name, what, size,
                    (const char *)value.data);
}

/* The value as a string for p2i_nearest_to(); empty when it is too long to be like any name. */
static void copy_text(char *copy, size_t room, struct p2i_view text)
{
    size_t size = text.size < room ? text.size : 0;
    if (size > 0) {
        memcpy(copy, text.data, size);
    }
    copy[size] = '\0';
}

/* "0x1301" or decimal digits. */
static bool parse_unsigned(struct p2i_view text, uint64_t *number)
{
    if (!p2i_view_starts_nocase(text, P2I_VIEW("0x"))) {
        return p2i_parse_decimal(text, UINT64_MAX, number);
    }
    uint64_t value = 0;
    for (size_t i = 2; i < text.size; i++) {
        int digit = p2i_hex_value(text.data[i]);
        if (digit < 0 || value > UINT64_MAX >> 4) {
            return false;
        }
        value = value << 4 | (unsigned)digit;
    }
    *number = value;
    return text.size > 2;
}

/* "53,54", "1-1024", "1..1024": values that are written in another way. P2I_OK: it is none. */
static enum p2i_result refuse_several(struct p2i_error *error, const char *name,
                                      struct p2i_view text)
{
    struct p2i_view first = p2i_view_first(text, p2i_digits(text));
    struct p2i_view rest = p2i_view_from(text, first.size);
    if (first.size == 0 || rest.size < 2 || text.size > QUOTED_MAX) {
        return P2I_OK;
    }
    if (rest.data[0] == ',') {
        return p2i_fail(error, P2I_USAGE, "several values are written %.40s in {%.*s}", name,
                        (int)text.size, (const char *)text.data);
    }
    bool points = p2i_view_starts(rest, P2I_VIEW(".."));
    struct p2i_view last = p2i_view_from(rest, points ? 2 : 1);
    bool range = points || rest.data[0] == '-' || rest.data[0] == ':';
    return range && last.size > 0 && p2i_digits(last) == last.size
               ? p2i_fail(error, P2I_USAGE, "a range is written %.40s >= %.*s and %.40s <= %.*s",
                          name, (int)first.size, (const char *)first.data, name, (int)last.size,
                          (const char *)last.data)
               : P2I_OK;
}

/* Decimal or hexadecimal digits, however many. */
static bool is_number(struct p2i_view text)
{
    bool hex = p2i_view_starts_nocase(text, P2I_VIEW("0x"));
    struct p2i_view digits = p2i_view_from(text, hex ? 2 : 0);
    bool fits = digits.size > 0;
    for (size_t i = 0; fits && i < digits.size; i++) {
        fits = hex ? p2i_hex_value(digits.data[i]) >= 0 : p2i_is_digit(digits.data[i]);
    }
    return fits;
}

static enum p2i_result refuse_number(const struct p2i_filter_reference *field, const char *name,
                                     struct p2i_view text, struct p2i_error *error)
{
    char copy[QUOTED_MAX + 1];
    char what[64];
    if (is_number(text)) {
        (void)snprintf(what, sizeof what, "a number from 0 to %llu",
                       (unsigned long long)field->most);
        return refuse(error, name, text, what);
    }
    if (refuse_several(error, name, text) != P2I_OK) {
        return P2I_USAGE;
    }
    copy_text(copy, sizeof copy, text);
    struct p2i_nearest nearest = p2i_nearest_to(copy);
    bool named =
        field->subject == FILTER_ELEMENT && p2i_value_names_offer(field->pen, field->id, &nearest);
    if (nearest.name != NULL && copy[0] != '\0') {
        return p2i_fail(error, P2I_USAGE, "%.40s has no value '%s'; did you mean '%s'?", name, copy,
                        nearest.name);
    }
    if (named) {
        return refuse(error, name, text, "a number or a name of a value");
    }
    if (field->subject == FILTER_ELEMENT && p2i_value_is_hex(field->pen, field->id)) {
        return refuse(error, name, text, "a number such as 4865 or 0x1301");
    }
    switch (field->subject) {
    case FILTER_CAPTURE:
        return refuse(error, name, text, "the number of a capture, from 1");
    case FILTER_PACKET:
        return refuse(error, name, text, "the number of a packet in its capture, from 1");
    case FILTER_SESSION:
        return refuse(error, name, text, "a SESSION_ID: digits, or 0x and hexadecimal digits");
    default:
        return refuse(error, name, text, "a number");
    }
}

static enum p2i_result read_unsigned(struct p2i_filter_operand *operand,
                                     const struct p2i_filter_reference *field, const char *name,
                                     struct p2i_error *error)
{
    bool element = field->subject == FILTER_ELEMENT;
    if ((parse_unsigned(operand->text, &operand->number) && operand->number <= field->most) ||
        (element && p2i_value_named(field->pen, field->id, operand->text, &operand->number))) {
        return P2I_OK;
    }
    return refuse_number(field, name, operand->text, error);
}

static enum p2i_result read_signed(struct p2i_filter_operand *operand, const char *name,
                                   struct p2i_error *error)
{
    struct p2i_view text = operand->text;
    bool negative = p2i_view_starts(text, P2I_VIEW("-"));
    uint64_t number;
    if (!parse_unsigned(p2i_view_from(text, negative ? 1 : 0), &number) || number > INT64_MAX) {
        return refuse(error, name, text, "a number");
    }
    operand->integer = negative ? -(int64_t)number : (int64_t)number;
    return P2I_OK;
}

static enum p2i_result read_real(struct p2i_filter_operand *operand, const char *name,
                                 struct p2i_error *error)
{
    char copy[QUOTED_MAX + 1];
    char *end = copy;
    copy_text(copy, sizeof copy, operand->text);
    bool begins = copy[0] == '-' || copy[0] == '.' || p2i_is_digit((uint8_t)copy[0]);
    operand->real = strtod(copy, &end);
    if (!begins || *end != '\0' || end == copy || !isfinite(operand->real)) {
        return refuse(error, name, operand->text, "a number such as 0.25");
    }
    return P2I_OK;
}

static enum p2i_result read_boolean(struct p2i_filter_operand *operand, const char *name,
                                    struct p2i_error *error)
{
    bool yes = p2i_view_equals_nocase(operand->text, P2I_VIEW("true"));
    if (!yes && !p2i_view_equals_nocase(operand->text, P2I_VIEW("false"))) {
        return refuse(error, name, operand->text, "true or false");
    }
    operand->number = yes ? 1 : 2; /* RFC 7011 section 6.1.5 */
    return P2I_OK;
}

static enum p2i_result read_time(struct p2i_filter_operand *operand, const char *name,
                                 struct p2i_error *error)
{
    uint64_t number;
    if (p2i_time_span_parse(operand->text, &operand->time)) {
        return P2I_OK;
    }
    if (p2i_parse_decimal(operand->text, UINT64_MAX, &number)) {
        return p2i_fail(error, P2I_USAGE, "Unix seconds are written with '@': @%llu",
                        (unsigned long long)number);
    }
    return refuse(error, name, operand->text,
                  "a time such as 2026-01-31T23:59:59Z, a date or @seconds");
}

static enum p2i_result read_address(struct p2i_filter_operand *operand,
                                    const struct p2i_filter_reference *field, const char *name,
                                    struct p2i_error *error)
{
    const char *wrong = p2i_prefix_parse(operand->text, &operand->prefix);
    if (wrong == NULL) {
        return P2I_OK;
    }
    bool slash = p2i_view_find(operand->text, '/') < operand->text.size;
    if (slash && !p2i_view_equals(p2i_view_of(wrong, strlen(wrong)), P2I_VIEW("not an address"))) {
        bool six = p2i_view_find(operand->text, ':') < operand->text.size;
        return refuse(error, name, operand->text,
                      six ? "an address or a prefix with a length from 0 to 128"
                          : "an address or a prefix with a length from 0 to 32");
    }
    bool letters = false;
    for (size_t i = 0; i < operand->text.size; i++) {
        letters = letters || (p2i_is_letter(operand->text.data[i]) &&
                              p2i_hex_value(operand->text.data[i]) < 0);
    }
    bool end = field->subject != FILTER_ELEMENT && field->subject != FILTER_NAME;
    return refuse(error, name, operand->text,
                  letters && end ? "an address or a prefix (host compares names)"
                                 : "an address or a prefix");
}

static enum p2i_result read_mac(struct p2i_filter_operand *operand, const char *name,
                                struct p2i_error *error)
{
    enum { MAC_TEXT = 17 };
    struct p2i_view text = operand->text;
    bool fits = text.size == MAC_TEXT;
    for (size_t i = 0; fits && i < MAC_TEXT; i++) {
        fits = i % 3 == 2 ? text.data[i] == ':' || text.data[i] == '-'
                          : p2i_hex_value(text.data[i]) >= 0;
    }
    if (!fits) {
        return refuse(error, name, text, "a MAC address such as 02:00:00:00:00:01");
    }
    for (size_t i = 0; i < sizeof operand->mac; i++) {
        operand->mac[i] =
            (uint8_t)(16 * p2i_hex_value(text.data[3 * i]) + p2i_hex_value(text.data[3 * i + 1]));
    }
    return P2I_OK;
}

static enum p2i_result read_octets(struct p2i_filter_operand *operand, const char *name,
                                   struct p2i_error *error)
{
    if (operand->quoted) {
        return P2I_OK; /* the bytes themselves */
    }
    bool fits = operand->text.size % 2 == 0;
    for (size_t i = 0; fits && i < operand->text.size; i++) {
        fits = p2i_hex_value(operand->text.data[i]) >= 0;
    }
    return fits ? P2I_OK
                : refuse(error, name, operand->text,
                         "a row of hexadecimal digits, or bytes in quotes");
}

static enum p2i_result refuse_kind(struct p2i_view text, struct p2i_error *error)
{
    char kinds[128] = "";
    size_t size = 0;
    for (int i = 0; p2i_record_name((enum p2i_record_kind)i) != NULL && size < sizeof kinds; i++) {
        size += (size_t)snprintf(kinds + size, sizeof kinds - size, "%s, ",
                                 p2i_record_name((enum p2i_record_kind)i));
    }
    return p2i_fail(error, P2I_USAGE, "unknown kind of record '%.*s': expected %soptions",
                    text.size < QUOTED_MAX ? (int)text.size : QUOTED_MAX, (const char *)text.data,
                    kinds);
}

static enum p2i_result read_kind(struct p2i_filter_operand *operand, struct p2i_error *error)
{
    uint64_t number;
    char copy[QUOTED_MAX + 1];
    copy_text(copy, sizeof copy, operand->text);
    struct p2i_nearest nearest = p2i_nearest_to(copy);
    const char *name = "options";
    for (int i = -1; name != NULL; i++) {
        name = i < 0 ? name : p2i_record_name((enum p2i_record_kind)i);
        if (name != NULL &&
            p2i_view_equals_nocase(operand->text, p2i_view_of(name, strlen(name)))) {
            operand->kind.name = name;
            return P2I_OK;
        }
        if (name != NULL) {
            p2i_nearest_offer(&nearest, name);
        }
    }
    if (p2i_parse_decimal(operand->text, UINT16_MAX, &number)) {
        operand->kind.name = NULL;
        operand->kind.template_id = (uint16_t)number;
        return P2I_OK;
    }
    return nearest.name != NULL
               ? p2i_fail(error, P2I_USAGE, "unknown kind of record '%s'; did you mean '%s'?", copy,
                          nearest.name)
               : refuse_kind(operand->text, error);
}

/* "*x", "x*", "*x*": takes the '*' off. */
static void take_pattern(struct p2i_filter_operand *operand)
{
    struct p2i_view *text = &operand->text;
    if (text->size > 0 && text->data[0] == '*') {
        operand->any_before = true;
        *text = p2i_view_from(*text, 1);
    }
    if (text->size > 0 && text->data[text->size - 1] == '*') {
        operand->any_behind = true;
        text->size--;
    }
}

enum p2i_result p2i_filter_read_operand(struct p2i_filter_operand *operand,
                                        const struct p2i_filter_reference *field, const char *name,
                                        struct p2i_error *error)
{
    if (p2i_filter_is_pattern(operand)) {
        return P2I_OK;
    }
    switch (field->class) {
    case CLASS_UNSIGNED:
        return read_unsigned(operand, field, name, error);
    case CLASS_SIGNED:
        return read_signed(operand, name, error);
    case CLASS_REAL:
        return read_real(operand, name, error);
    case CLASS_BOOLEAN:
        return read_boolean(operand, name, error);
    case CLASS_TIME:
        return read_time(operand, name, error);
    case CLASS_OCTETS:
        return read_octets(operand, name, error);
    case CLASS_MAC:
        return read_mac(operand, name, error);
    case CLASS_ADDRESS:
        return read_address(operand, field, name, error);
    case CLASS_KIND:
        return read_kind(operand, error);
    case CLASS_RDATA:
        operand->has_prefix = p2i_prefix_parse(operand->text, &operand->prefix) == NULL;
        return P2I_OK;
    default: /* texts; CLASS_OPEN is read when the type is known */
        return P2I_OK;
    }
}

void p2i_filter_prepare_operand(struct p2i_filter_operand *operand, enum p2i_filter_operator op)
{
    static const char escape[] = "\\x";
    operand->escaped = !operand->quoted && operand->text.size > 1 &&
                       memmem(operand->text.data, operand->text.size, escape, 2) != NULL;
    if (!operand->quoted && (op == FILTER_EQUAL || op == FILTER_UNEQUAL)) {
        take_pattern(operand);
    }
}

bool p2i_filter_can_compare(enum p2i_filter_class class, enum p2i_filter_operator op)
{
    bool number = class == CLASS_UNSIGNED || class == CLASS_SIGNED || class == CLASS_REAL ||
                  class == CLASS_TIME;
    bool text = class == CLASS_TEXT || class == CLASS_HOST || class == CLASS_RDATA;
    switch (op) {
    case FILTER_LESS:
    case FILTER_AT_MOST:
    case FILTER_GREATER:
    case FILTER_AT_LEAST:
        return number || class == CLASS_TEXT || class == CLASS_OPEN;
    case FILTER_CONTAINS:
        return text || class == CLASS_OCTETS || class == CLASS_OPEN;
    default:
        return true;
    }
}
