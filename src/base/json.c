/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/ascii.h"

struct reader {
    struct p2i_view text;
    size_t at;
};

/* ---- Bytes ---- */

/* The current byte, or 0 at the end of the text: no JSON text has a NUL outside its strings. */
static uint8_t peek(const struct reader *reader)
{
    return reader->at < reader->text.size ? reader->text.data[reader->at] : 0;
}

static bool take(struct reader *reader, uint8_t byte)
{
    bool here = peek(reader) == byte && byte != 0;
    reader->at += here;
    return here;
}

static void skip_blanks(struct reader *reader)
{
    uint8_t byte = peek(reader);
    while (byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t') {
        reader->at++;
        byte = peek(reader);
    }
}

/* ---- Scalars (RFC 8259 sections 3, 6, 7) ---- */

/* Skips the characters of an escape behind its backslash. */
static bool skip_escape(struct reader *reader)
{
    uint8_t byte = peek(reader);
    if (byte == 0 || memchr("\"\\/bfnrtu", byte, 9) == NULL) {
        return false;
    }
    reader->at++;
    for (unsigned digits = byte == 'u' ? 4 : 0; digits > 0; digits--) {
        if (p2i_hex_value(peek(reader)) < 0) {
            return false;
        }
        reader->at++;
    }
    return true;
}

static bool read_string(struct reader *reader, struct p2i_view *raw)
{
    if (!take(reader, '"')) {
        return false;
    }
    size_t begin = reader->at;
    while (reader->at < reader->text.size) {
        uint8_t byte = reader->text.data[reader->at++];
        if (byte == '"') {
            *raw = p2i_view_of(reader->text.data + begin, reader->at - 1 - begin);
            return true;
        }
        if (byte < 0x20) {
            reader->at--;
            return false;
        }
        if (byte == '\\' && !skip_escape(reader)) {
            return false;
        }
    }
    return false;
}

static bool skip_digits(struct reader *reader)
{
    size_t begin = reader->at;
    while (p2i_is_digit(peek(reader))) {
        reader->at++;
    }
    return reader->at > begin;
}

static bool skip_number(struct reader *reader)
{
    (void)take(reader, '-');
    if (!take(reader, '0') && !skip_digits(reader)) {
        return false;
    }
    if (take(reader, '.') && !skip_digits(reader)) {
        return false;
    }
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '-')) {
            (void)take(reader, '+');
        }
        return skip_digits(reader);
    }
    return true;
}

static bool read_word(struct reader *reader, struct p2i_view word)
{
    bool here = p2i_view_starts(p2i_view_from(reader->text, reader->at), word);
    reader->at += here ? word.size : 0;
    return here;
}

static bool read_scalar(struct reader *reader, struct p2i_json_value *value)
{
    size_t begin = reader->at;
    bool good;
    switch (peek(reader)) {
    case '"':
        value->type = P2I_JSON_STRING;
        return read_string(reader, &value->raw);
    case 't':
        value->type = P2I_JSON_TRUE;
        good = read_word(reader, P2I_VIEW("true"));
        break;
    case 'f':
        value->type = P2I_JSON_FALSE;
        good = read_word(reader, P2I_VIEW("false"));
        break;
    case 'n':
        value->type = P2I_JSON_NULL;
        good = read_word(reader, P2I_VIEW("null"));
        break;
    default:
        value->type = P2I_JSON_NUMBER;
        good = skip_number(reader);
        break;
    }
    value->raw = p2i_view_first(p2i_view_from(reader->text, begin), reader->at - begin);
    return good;
}

/* ---- Arrays and objects, without recursion ---- */

/* The open arrays and objects around a value, one bit each: the innermost is the lowest bit, and a
 * set bit is an object. */
struct nest {
    uint64_t objects;
    unsigned depth;
};

static bool open_nest(struct nest *nest, bool object)
{
    if (nest->depth == P2I_JSON_DEPTH_MAX) {
        return false;
    }
    nest->depth++;
    nest->objects = nest->objects << 1 | (object ? 1 : 0);
    return true;
}

static bool close_nest(struct reader *reader, struct nest *nest)
{
    if (!take(reader, (nest->objects & 1) != 0 ? '}' : ']')) {
        return false;
    }
    nest->depth--;
    nest->objects >>= 1;
    return true;
}

static bool read_name(struct reader *reader, struct p2i_view *name)
{
    skip_blanks(reader);
    if (!read_string(reader, name)) {
        return false;
    }
    skip_blanks(reader);
    return take(reader, ':');
}

static bool skip_name(struct reader *reader, const struct nest *nest)
{
    struct p2i_view name;
    return (nest->objects & 1) == 0 || read_name(reader, &name);
}

/* Called behind a value: closes the arrays and objects that end here, then goes on to the next
 * value if there is one. */
static bool next_in_nest(struct reader *reader, struct nest *nest)
{
    while (nest->depth > 0) {
        skip_blanks(reader);
        if (take(reader, ',')) {
            return skip_name(reader, nest);
        }
        if (!close_nest(reader, nest)) {
            return false;
        }
    }
    return true;
}

/* Skips an array or an object with its content. */
static bool skip_nest(struct reader *reader)
{
    struct nest nest = {0};
    do {
        struct p2i_json_value ignored;
        skip_blanks(reader);
        bool object = take(reader, '{');
        if (object || take(reader, '[')) {
            if (!open_nest(&nest, object)) {
                return false;
            }
            skip_blanks(reader);
            if (!close_nest(reader, &nest)) {
                if (!skip_name(reader, &nest)) {
                    return false;
                }
                continue;
            }
        } else if (!read_scalar(reader, &ignored)) {
            return false;
        }
        if (!next_in_nest(reader, &nest)) {
            return false;
        }
    } while (nest.depth > 0);
    return true;
}

static bool read_value(struct reader *reader, struct p2i_json_value *value)
{
    skip_blanks(reader);
    size_t begin = reader->at;
    uint8_t byte = peek(reader);
    if (byte != '{' && byte != '[') {
        return read_scalar(reader, value);
    }
    bool good = skip_nest(reader);
    value->type = byte == '{' ? P2I_JSON_OBJECT : P2I_JSON_ARRAY;
    value->raw = p2i_view_first(p2i_view_from(reader->text, begin), reader->at - begin);
    return good;
}

/* ---- Members ---- */

/* `part`: the text is only the beginning of an object, so a number at its end may be cut and has no
 * value. */
static bool read_member(struct reader *reader, struct p2i_json_member *members, size_t count,
                        bool part)
{
    struct p2i_json_value name = {.type = P2I_JSON_STRING};
    struct p2i_json_value value;
    if (!read_name(reader, &name.raw) || !read_value(reader, &value) ||
        (part && value.type == P2I_JSON_NUMBER && reader->at == reader->text.size)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (p2i_json_is(&name, members[i].name)) {
            members[i].value = value;
            break;
        }
    }
    return true;
}

/* Reads an object up to its end. False: it is malformed; the members read until then are filled. */
static bool read_object(struct reader *reader, struct p2i_json_member *members, size_t count,
                        bool part)
{
    for (size_t i = 0; i < count; i++) {
        members[i].value = (struct p2i_json_value){0};
    }
    skip_blanks(reader);
    if (!take(reader, '{')) {
        return false;
    }
    skip_blanks(reader);
    if (take(reader, '}')) {
        return true;
    }
    do {
        if (!read_member(reader, members, count, part)) {
            return false;
        }
        skip_blanks(reader);
    } while (take(reader, ','));
    return take(reader, '}');
}

bool p2i_json_object(struct p2i_view text, struct p2i_json_member *members, size_t count)
{
    struct reader reader = {.text = text};
    if (!read_object(&reader, members, count, false)) {
        return false;
    }
    skip_blanks(&reader);
    return reader.at == text.size;
}

/* Returns true if the rest is a beginning of true, false or null. */
static bool is_word_part(struct p2i_view rest)
{
    const struct p2i_view words[] = {P2I_VIEW("true"), P2I_VIEW("false"), P2I_VIEW("null")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (p2i_view_starts(words[i], rest)) {
            return true;
        }
    }
    return false;
}

bool p2i_json_part(struct p2i_view text, struct p2i_json_member *members, size_t count)
{
    struct reader first = {.text = text};
    struct reader reader = {.text = text};
    skip_blanks(&first);
    if (read_object(&reader, members, count, true)) {
        skip_blanks(&reader);
    }
    return peek(&first) == '{' && is_word_part(p2i_view_from(text, reader.at));
}

bool p2i_json_next(struct p2i_view *rest, struct p2i_json_value *value)
{
    struct reader reader = {.text = *rest};
    skip_blanks(&reader);
    bool more = take(&reader, '[') || take(&reader, ',');
    skip_blanks(&reader);
    more = more && peek(&reader) != ']' && read_value(&reader, value);
    *rest = p2i_view_from(*rest, reader.at);
    return more;
}

bool p2i_json_next_member(struct p2i_view *rest, struct p2i_json_member *member)
{
    struct reader reader = {.text = *rest};
    skip_blanks(&reader);
    bool first = take(&reader, '{');
    bool more = first || take(&reader, ',');
    skip_blanks(&reader);
    /* A comma stands between two members; an object may have none. */
    if ((first || !more) && take(&reader, '}')) {
        *rest = p2i_view_from(*rest, reader.at);
        return false;
    }
    if (!more || !read_name(&reader, &member->name) || !read_value(&reader, &member->value)) {
        return false;
    }
    skip_blanks(&reader);
    if (peek(&reader) != ',' && peek(&reader) != '}') {
        return false;
    }
    *rest = p2i_view_from(*rest, reader.at);
    return true;
}

/* ---- Values ---- */

/* Value of the four hex digits at `at`; the caller has checked that they are digits. */
static uint32_t read_unit(struct p2i_view raw, size_t at)
{
    uint32_t unit = 0;
    for (size_t i = at; i < at + 4 && i < raw.size; i++) {
        unit = unit << 4 | ((unsigned)p2i_hex_value(raw.data[i]) & 15);
    }
    return unit;
}

/* Code point of the "\u" escape at `*at`; moves `*at` behind the escape. */
static uint32_t read_unicode(struct p2i_view raw, size_t *at)
{
    enum { REPLACEMENT = 0xfffd, ESCAPE_SIZE = 6 };
    uint32_t high = read_unit(raw, *at + 2);
    *at += ESCAPE_SIZE;
    if (high < 0xd800 || high > 0xdfff) {
        return high;
    }
    struct p2i_view rest = p2i_view_from(raw, *at);
    uint32_t low = p2i_view_starts(rest, P2I_VIEW("\\u")) ? read_unit(raw, *at + 2) : 0;
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        return REPLACEMENT;
    }
    *at += ESCAPE_SIZE;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static size_t put_utf8(uint8_t *out, uint32_t character)
{
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    out[0] = (uint8_t)((size == 2 ? 0xc0 : size == 3 ? 0xe0 : 0xf0) | character);
    return size;
}

/* Writes the character (or one byte of it) at `*at` and moves `*at` behind it. `out` needs room for
 * four bytes. */
static size_t read_character(struct p2i_view raw, size_t *at, uint8_t *out)
{
    uint8_t byte = raw.data[*at];
    if (byte != '\\' || *at + 1 >= raw.size) {
        out[0] = byte;
        ++*at;
        return 1;
    }
    byte = raw.data[*at + 1];
    if (byte == 'u') {
        return put_utf8(out, read_unicode(raw, at));
    }
    static const char plain[] = "bfnrt";
    static const char meant[] = "\b\f\n\r\t";
    const char *found = memchr(plain, byte, sizeof plain - 1);
    out[0] = found != NULL ? (uint8_t)meant[found - plain] : byte;
    *at += 2;
    return 1;
}

size_t p2i_json_string(const struct p2i_json_value *value, uint8_t *out)
{
    size_t written = 0;
    size_t at = 0;
    while (value->type == P2I_JSON_STRING && at < value->raw.size) {
        uint8_t character[4];
        size_t size = read_character(value->raw, &at, character);
        memcpy(out + written, character, size);
        written += size;
    }
    return written;
}

bool p2i_json_is(const struct p2i_json_value *value, struct p2i_view text)
{
    size_t at = 0;
    if (value->type != P2I_JSON_STRING || value->raw.size < text.size) {
        return false;
    }
    while (at < value->raw.size) {
        uint8_t character[4];
        struct p2i_view read = p2i_view_of(character, read_character(value->raw, &at, character));
        if (!p2i_view_starts(text, read)) {
            return false;
        }
        text = p2i_view_from(text, read.size);
    }
    return text.size == 0;
}

bool p2i_json_whole(const struct p2i_json_value *value, uint64_t *number)
{
    return value->type == P2I_JSON_NUMBER && p2i_parse_decimal(value->raw, UINT64_MAX, number);
}
