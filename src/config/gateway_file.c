/* SPDX-License-Identifier: MIT */
#include "config/gateway_file.h"

#include <stdlib.h>

#include "base/ascii.h"

static enum p2i_result fail_at(struct p2i_error *error, uint64_t line, const char *text)
{
    (void)p2i_fail(error, P2I_USAGE, "%s", text);
    error->line = line;
    return P2I_USAGE;
}

static enum p2i_result refuse(struct p2i_error *error, uint64_t line, const char *expected,
                              struct p2i_view found)
{
    (void)p2i_fail(error, P2I_USAGE, "expected %s, found '%.*s'", expected,
                   (int)(found.size < 80 ? found.size : 80), (const char *)found.data);
    error->line = line;
    return P2I_USAGE;
}

static bool is_of_name(uint8_t byte)
{
    return p2i_is_letter(byte) || p2i_is_digit(byte) || byte == '_' || byte == '-' || byte == '.';
}

static size_t name_size(struct p2i_view text)
{
    size_t size = 0;
    while (size < text.size && is_of_name(text.data[size])) {
        size++;
    }
    return size;
}

/* Digits in brackets at the start: the size of all, with the digits in `index`; 0: there are none.
 */
static size_t take_index(struct p2i_view text, struct p2i_view *index)
{
    struct p2i_view inner = p2i_view_from(text, 1);
    size_t digits = p2i_digits(inner);
    *index = (struct p2i_view){0};
    if (!p2i_view_starts(text, P2I_VIEW("[")) || digits == 0 ||
        !p2i_view_starts(p2i_view_from(inner, digits), P2I_VIEW("]"))) {
        return 0;
    }
    *index = p2i_view_first(inner, digits);
    return digits + 2;
}

/* The value in quotes, which nothing but a comment may follow. */
static enum p2i_result take_quoted(struct p2i_view text, struct p2i_view *value, uint64_t line,
                                   struct p2i_error *error)
{
    struct p2i_view inner = p2i_view_from(text, 1);
    size_t size = p2i_view_find(inner, text.data[0]);
    struct p2i_view rest = p2i_view_trim(p2i_view_from(inner, size + 1));
    if (size == inner.size) {
        return refuse(error, line, "a quote at the end of the value", text);
    }
    if (rest.size > 0 && rest.data[0] != '#') {
        return refuse(error, line, "nothing behind the value in quotes", rest);
    }
    *value = p2i_view_first(inner, size);
    return P2I_OK;
}

/* A comment begins with '#' at the start or behind a blank: URLs may have one. */
static struct p2i_view without_comment(struct p2i_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '#' && (i == 0 || p2i_is_blank(text.data[i - 1]))) {
            return p2i_view_trim(p2i_view_first(text, i));
        }
    }
    return text;
}

/* Reads a line that is neither empty nor a comment. */
static enum p2i_result take_line(struct p2i_gateway_parameter *parameter, struct p2i_arena *arena,
                                 struct p2i_view text, uint64_t line, struct p2i_error *error)
{
    struct p2i_view name = p2i_view_first(text, name_size(text));
    struct p2i_view index;
    size_t size = take_index(p2i_view_from(text, name.size), &index);
    struct p2i_view rest = p2i_view_trim(p2i_view_from(text, name.size + size));
    if (name.size == 0 || rest.size == 0 || rest.data[0] != '=') {
        return refuse(error, line, "KEY=VALUE", text);
    }
    struct p2i_view value = p2i_view_trim(p2i_view_from(rest, 1));
    enum p2i_result result = P2I_OK;
    if (value.size > 0 && (value.data[0] == '"' || value.data[0] == '\'')) {
        result = take_quoted(value, &value, line, error);
    } else {
        value = without_comment(value);
    }
    if (result != P2I_OK) {
        return result;
    }
    *parameter = (struct p2i_gateway_parameter){
        .name = p2i_arena_text(arena, (const char *)name.data, name.size),
        .index = size > 0 ? p2i_arena_text(arena, (const char *)index.data, index.size) : NULL,
        .value = p2i_arena_text(arena, (const char *)value.data, value.size),
        .line = line,
    };
    bool copied = parameter->name != NULL && parameter->value != NULL &&
                  (parameter->index != NULL || size == 0);
    return copied ? P2I_OK : p2i_fail_memory(error);
}

enum p2i_result p2i_gateway_file_parse(struct p2i_gateway_parameter **parameters, size_t *count,
                                       struct p2i_arena *arena, struct p2i_view bytes,
                                       struct p2i_error *error)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf}; /* of UTF-8 */
    enum p2i_result result = P2I_OK;
    *count = 0;
    *parameters = malloc(P2I_GATEWAY_PARAMETERS_MAX * sizeof **parameters);
    if (*parameters == NULL) {
        return p2i_fail_memory(error);
    }
    if (p2i_view_starts(bytes, p2i_view_of(mark, sizeof mark))) {
        bytes = p2i_view_from(bytes, sizeof mark);
    }
    for (uint64_t line = 1; bytes.size > 0 && result == P2I_OK; line++) {
        struct p2i_view text = p2i_view_first(bytes, p2i_view_find(bytes, '\n'));
        bytes = p2i_view_from(bytes, text.size + 1);
        if (p2i_view_find(text, '\0') < text.size) {
            return fail_at(error, line, "a NUL in a text");
        }
        text = p2i_view_trim(text);
        if (text.size == 0 || text.data[0] == '#') {
            continue;
        }
        if (*count == P2I_GATEWAY_PARAMETERS_MAX) {
            return fail_at(error, line, "too many parameters");
        }
        result = take_line(&(*parameters)[*count], arena, text, line, error);
        *count += result == P2I_OK;
    }
    return result;
}
