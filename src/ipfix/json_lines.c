/* SPDX-License-Identifier: MIT */
#include "ipfix/json_lines.h"

#include "base/ascii.h"

enum { PIECE = 64 * 1024 };

/* Moves what was not taken to the front, and reads more behind it. */
static enum p2i_result read_more(struct p2i_json_lines *lines, struct p2i_error *error)
{
    struct p2i_buffer *text = &lines->text;
    size_t rest = text->size - lines->at;
    size_t got = 0;
    if (lines->at > 0) {
        memmove(text->data, text->data + lines->at, rest);
        text->size = rest;
        lines->at = 0;
    }
    size_t wanted = rest < PIECE ? PIECE : rest; /* a long line takes linear time */
    if (!p2i_buffer_reserve(text, wanted)) {
        return p2i_fail_memory(error);
    }
    lines->failed =
        p2i_reader_input_read(lines->input, text->data + text->size, wanted, &got, &lines->failure);
    text->size += got;
    lines->ended = got < wanted;
    return P2I_OK;
}

/* Takes a line out of the text that was read; false: its end was not read, or never will be because
 * reading failed. */
static bool take_line(struct p2i_json_lines *lines, size_t searched, struct p2i_view *line)
{
    struct p2i_view rest =
        p2i_view_from(p2i_view_of(lines->text.data, lines->text.size), lines->at);
    size_t end = searched + p2i_view_find(p2i_view_from(rest, searched), '\n');
    if (end >= rest.size && (!lines->ended || lines->failed != P2I_OK)) {
        return false;
    }
    *line = p2i_view_trim(p2i_view_first(rest, end));
    lines->at += end < rest.size ? end + 1 : rest.size;
    lines->line++;
    return true;
}

static enum p2i_result refuse_line(const struct p2i_json_lines *lines, struct p2i_error *error)
{
    (void)p2i_fail(error, P2I_DAMAGED, "a line of more than 16 MiB");
    error->line = lines->line + 1;
    return P2I_DAMAGED;
}

enum p2i_result p2i_json_lines_next(struct p2i_json_lines *lines, struct p2i_view *line,
                                    struct p2i_error *error)
{
    size_t searched = 0;
    for (;;) {
        size_t rest = lines->text.size - lines->at;
        if ((rest > 0 || !lines->ended) && take_line(lines, searched, line)) {
            searched = 0;
            if (line->size > 0) {
                return P2I_OK;
            }
        } else if (lines->ended) {
            break;
        } else if (rest > P2I_JSON_LINE_MAX) {
            return refuse_line(lines, error);
        } else {
            searched = rest;
            enum p2i_result result = read_more(lines, error);
            if (result != P2I_OK) {
                return result;
            }
        }
    }
    if (lines->failed == P2I_OK) {
        return P2I_END;
    }
    *error = lines->failure;
    error->line = lines->line + 1;
    return lines->failed;
}

void p2i_json_lines_free(struct p2i_json_lines *lines)
{
    p2i_buffer_free(&lines->text);
}
