/* SPDX-License-Identifier: MIT */
#include "filter/scanner.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/ascii.h"
#include "pcap2ipfix/error.h"

enum { FOUND_MAX = 40 }; /* bytes of what was found in messages */

enum p2i_result p2i_scanner_fail(struct p2i_filter_scanner *scanner, size_t offset,
                                 const char *format, ...)
{
    char text[sizeof scanner->error->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)p2i_fail(scanner->error, P2I_USAGE, "%s", text);
    scanner->error->offset = offset;
    return P2I_USAGE;
}

void p2i_scanner_skip_blanks(struct p2i_filter_scanner *scanner)
{
    while (scanner->at < scanner->size && p2i_is_space(scanner->text[scanner->at])) {
        scanner->at++;
    }
}

bool p2i_scanner_is_at_end(const struct p2i_filter_scanner *scanner)
{
    return scanner->at >= scanner->size;
}

static bool is_word_byte(uint8_t byte)
{
    return p2i_is_letter(byte) || p2i_is_digit(byte) || byte == '_' || byte == '-' || byte == '.' ||
           byte == '/' || byte >= 0x80;
}

static struct p2i_view rest_of(const struct p2i_filter_scanner *scanner)
{
    return p2i_view_from(p2i_view_of(scanner->text, scanner->size), scanner->at);
}

struct p2i_view p2i_scanner_word(const struct p2i_filter_scanner *scanner)
{
    struct p2i_view rest = rest_of(scanner);
    size_t size = 0;
    while (size < rest.size && is_word_byte(rest.data[size])) {
        size++;
    }
    return p2i_view_first(rest, size);
}

struct p2i_view p2i_scanner_found(const struct p2i_filter_scanner *scanner)
{
    struct p2i_view word = p2i_scanner_word(scanner);
    struct p2i_view rest = rest_of(scanner);
    size_t signs = 0;
    while (signs < rest.size && memchr("=!<>~&|", rest.data[signs], 7) != NULL) {
        signs++;
    }
    return p2i_view_first(word.size > 0 ? word : p2i_view_first(rest, signs > 0 ? signs : 1),
                          FOUND_MAX);
}

bool p2i_scanner_take_word(struct p2i_filter_scanner *scanner, const char *word)
{
    struct p2i_view next = p2i_scanner_word(scanner);
    if (!p2i_view_equals_nocase(next, p2i_view_of(word, strlen(word)))) {
        return false;
    }
    scanner->at += next.size;
    return true;
}

bool p2i_scanner_take_sign(struct p2i_filter_scanner *scanner, const char *sign)
{
    if (!p2i_view_starts(rest_of(scanner), p2i_view_of(sign, strlen(sign)))) {
        return false;
    }
    scanner->at += strlen(sign);
    return true;
}

static bool is_joint(const struct p2i_filter_scanner *scanner)
{
    struct p2i_view rest = rest_of(scanner);
    struct p2i_view word = p2i_scanner_word(scanner);
    return p2i_view_starts(rest, P2I_VIEW("&&")) || p2i_view_starts(rest, P2I_VIEW("||")) ||
           p2i_view_equals_nocase(word, P2I_VIEW("and")) ||
           p2i_view_equals_nocase(word, P2I_VIEW("or"));
}

bool p2i_scanner_is_behind_condition(const struct p2i_filter_scanner *scanner)
{
    return p2i_scanner_is_at_end(scanner) || scanner->text[scanner->at] == ')' || is_joint(scanner);
}

/* ---- Operators ---- */

static const struct {
    const char *text;
    enum p2i_filter_operator op;
    const char *meant; /* not NULL: no operator, but something like it */
} signs[] = {
    /* Longer ones stand before those that they begin with. */
    {"===", FILTER_EXISTS, "=="},      {"==", FILTER_EQUAL, NULL},
    {"=<", FILTER_EXISTS, "<="},       {"=>", FILTER_EXISTS, ">="},
    {"=~", FILTER_EXISTS, "contains"}, {"=", FILTER_EQUAL, NULL},
    {"!==", FILTER_EXISTS, "!="},      {"!=", FILTER_UNEQUAL, NULL},
    {"!~", FILTER_EXISTS, "!="},       {"<=", FILTER_AT_MOST, NULL},
    {"<>", FILTER_EXISTS, "!="},       {"<", FILTER_LESS, NULL},
    {">=", FILTER_AT_LEAST, NULL},     {">", FILTER_GREATER, NULL},
    {"~", FILTER_EXISTS, "contains"},  {":", FILTER_EXISTS, "="},
};
enum { SIGN_COUNT = sizeof(signs) / sizeof(signs[0]) };

static const struct {
    const char *text;
    const char *meant;
} wrong_words[] = {
    {"eq", "=="},     {"ne", "!="},         {"lt", "<"},
    {"le", "<="},     {"gt", ">"},          {"ge", ">="},
    {"is", "=="},     {"like", "contains"}, {"matches", "contains"},
    {"equals", "=="},
};
enum { WRONG_WORD_COUNT = sizeof(wrong_words) / sizeof(wrong_words[0]) };

static enum p2i_result refuse_word(struct p2i_filter_scanner *scanner, const char *field)
{
    struct p2i_filter_reference known;
    struct p2i_view word = p2i_scanner_word(scanner);
    struct p2i_view found = p2i_scanner_found(scanner);
    for (size_t i = 0; i < WRONG_WORD_COUNT; i++) {
        const char *text = wrong_words[i].text;
        if (p2i_view_equals_nocase(found, p2i_view_of(text, strlen(text)))) {
            return p2i_scanner_fail(scanner, scanner->at,
                                    "unknown operator '%s'; did you mean '%s'?", text,
                                    wrong_words[i].meant);
        }
    }
    if (p2i_view_equals(found, P2I_VIEW("&")) || p2i_view_equals(found, P2I_VIEW("|"))) {
        const char *sign = found.data[0] == '&' ? "&" : "|";
        return p2i_scanner_fail(scanner, scanner->at, "unknown operator '%s'; did you mean '%s%s'?",
                                sign, sign, sign);
    }
    if (word.size > 0 && !p2i_filter_find_field(word, &known)) {
        return p2i_scanner_fail(scanner, scanner->at, "expected an operator, as in: %.40s == %.*s",
                                field, (int)found.size, (const char *)found.data);
    }
    return p2i_scanner_fail(scanner, scanner->at,
                            "expected an operator such as ==, or 'and' or 'or', not '%.*s'",
                            (int)found.size, (const char *)found.data);
}

enum p2i_result p2i_scanner_take_operator(struct p2i_filter_scanner *scanner, const char *field,
                                          bool is_text, enum p2i_filter_operator *op, bool *is_set)
{
    size_t before = scanner->at;
    *is_set = false;
    *op = FILTER_EXISTS;
    if (p2i_scanner_is_behind_condition(scanner)) {
        return P2I_OK;
    }
    for (size_t i = 0; i < SIGN_COUNT; i++) {
        bool value = is_text && signs[i].meant != NULL && signs[i].text[0] == '=';
        if (!value && p2i_scanner_take_sign(scanner, signs[i].text)) {
            *op = signs[i].op;
            return signs[i].meant == NULL
                       ? P2I_OK
                       : p2i_scanner_fail(scanner, before,
                                          "unknown operator '%s'; did you mean '%s'?",
                                          signs[i].text, signs[i].meant);
        }
    }
    if (p2i_scanner_take_word(scanner, "contains")) {
        *op = FILTER_CONTAINS;
        return P2I_OK;
    }
    if (p2i_scanner_take_word(scanner, "in")) {
        *op = FILTER_EQUAL;
        *is_set = true;
        return P2I_OK;
    }
    return refuse_word(scanner, field);
}

/* ---- Values ---- */

/* Takes one character of a quoted value behind a backslash; -1: there is no such escape. */
static int take_escape(struct p2i_filter_scanner *scanner)
{
    static const char letters[] = "ntr0\\\"'";
    static const char meaning[] = "\n\t\r\0\\\"'";
    uint8_t byte = scanner->at < scanner->size ? scanner->text[scanner->at++] : 0;
    const char *found = byte != 0 ? memchr(letters, byte, sizeof letters - 1) : NULL;
    if (found != NULL) {
        return (uint8_t)meaning[found - letters];
    }
    if (byte != 'x' || scanner->size - scanner->at < 2) {
        return -1;
    }
    int high = p2i_hex_value(scanner->text[scanner->at]);
    int low = p2i_hex_value(scanner->text[scanner->at + 1]);
    scanner->at += 2;
    return high >= 0 && low >= 0 ? high << 4 | low : -1;
}

static enum p2i_result take_quoted(struct p2i_filter_scanner *scanner,
                                   struct p2i_filter_operand *operand)
{
    size_t begin = scanner->at;
    uint8_t quote = scanner->text[scanner->at++];
    uint8_t *to = scanner->text + scanner->at;
    uint8_t *first = to;
    while (scanner->at < scanner->size && scanner->text[scanner->at] != quote) {
        size_t place = scanner->at;
        int byte = scanner->text[scanner->at++];
        if (byte == '\\') {
            byte = take_escape(scanner);
            if (byte < 0) {
                return p2i_scanner_fail(
                    scanner, place,
                    "unknown escape: there are \\\\, \\\", \\', \\n, \\r, \\t, \\0 and \\xHH");
            }
        }
        *to++ = (uint8_t)byte;
    }
    if (p2i_scanner_is_at_end(scanner)) {
        return p2i_scanner_fail(scanner, begin, "the quote is not closed");
    }
    scanner->at++;
    operand->quoted = true;
    operand->text = p2i_view_of(first, (size_t)(to - first));
    bool parted = p2i_scanner_is_behind_condition(scanner) ||
                  memchr(",} \t\r\n", scanner->text[scanner->at], 6) != NULL;
    return parted ? P2I_OK
                  : p2i_scanner_fail(scanner, scanner->at, "expected a blank behind the quote");
}

/* Whether the quoted text here is a whole value: `"Anna"`, not `"Anna" <sip:anna@sip.example>`. */
static bool is_quoted_value(struct p2i_filter_scanner scanner)
{
    uint8_t quote = scanner.text[scanner.at++];
    while (!p2i_scanner_is_at_end(&scanner) && scanner.text[scanner.at] != quote) {
        scanner.at += scanner.text[scanner.at] == '\\' ? 2 : 1;
    }
    if (scanner.at >= scanner.size) {
        return true; /* is not closed, which is reported */
    }
    scanner.at++;
    p2i_scanner_skip_blanks(&scanner);
    return p2i_scanner_is_behind_condition(&scanner);
}

/* Whether the words here are a condition that `and` was forgotten before. */
static bool is_forgotten_condition(struct p2i_filter_scanner scanner, size_t *offset)
{
    struct p2i_filter_reference field;
    p2i_scanner_skip_blanks(&scanner);
    *offset = scanner.at;
    struct p2i_view word = p2i_scanner_word(&scanner);
    scanner.at += word.size;
    p2i_scanner_skip_blanks(&scanner);
    return word.size > 0 && scanner.at < scanner.size &&
           memchr("=!<>", scanner.text[scanner.at], 4) != NULL &&
           p2i_filter_find_field(word, &field);
}

/* Whether a value without quotes ends at the blanks here. */
static bool ends_at_blanks(struct p2i_filter_scanner scanner, enum p2i_value_place place)
{
    p2i_scanner_skip_blanks(&scanner);
    return place != VALUE_CLOSE || p2i_scanner_is_behind_condition(&scanner);
}

static bool ends_value(const struct p2i_filter_scanner *scanner, enum p2i_value_place place,
                       size_t depth)
{
    uint8_t byte = scanner->text[scanner->at];
    struct p2i_view rest = rest_of(scanner);
    if (p2i_is_space(byte)) {
        return ends_at_blanks(*scanner, place);
    }
    return (byte == ')' && depth == 0) || p2i_view_starts(rest, P2I_VIEW("&&")) ||
           p2i_view_starts(rest, P2I_VIEW("||")) ||
           (place == VALUE_IN_SET && (byte == ',' || byte == '}'));
}

enum p2i_result p2i_scanner_take_value(struct p2i_filter_scanner *scanner,
                                       enum p2i_value_place place,
                                       struct p2i_filter_operand *operand)
{
    size_t begin = scanner->at;
    size_t depth = 0; /* of brackets in the value: "Mozilla/5.0 (X11)" */
    size_t offset;
    bool at_end = p2i_scanner_is_at_end(scanner);
    *operand = (struct p2i_filter_operand){0};
    bool quote = !at_end && (scanner->text[begin] == '"' || scanner->text[begin] == '\'');
    if (quote && (place != VALUE_CLOSE || is_quoted_value(*scanner))) {
        return take_quoted(scanner, operand);
    }
    while (!p2i_scanner_is_at_end(scanner) && !ends_value(scanner, place, depth)) {
        uint8_t byte = scanner->text[scanner->at];
        if (p2i_is_space(byte)) {
            if (is_forgotten_condition(*scanner, &offset)) {
                return p2i_scanner_fail(scanner, offset,
                                        "expected 'and' or 'or' before this condition; a value "
                                        "with such words needs quotes");
            }
            p2i_scanner_skip_blanks(scanner);
            continue;
        }
        depth += byte == '(' ? 1 : 0;
        depth -= byte == ')' ? 1 : 0;
        scanner->at++;
    }
    operand->text = p2i_view_of(scanner->text + begin, scanner->at - begin);
    return operand->text.size > 0 || (place == VALUE_CLOSE && at_end)
               ? P2I_OK
               : p2i_scanner_fail(scanner, begin, "expected a value; an empty one is \"\"");
}
