/* SPDX-License-Identifier: MIT */
#include "protocol/mail/mime_type.h"

#include "base/ascii.h"

/* Takes the word up to a blank or one of the signs that end one. */
static struct p2i_view take_token(struct p2i_view *rest)
{
    size_t size = 0;
    while (size < rest->size && !p2i_is_space(rest->data[size]) && rest->data[size] != ';' &&
           rest->data[size] != '=' && rest->data[size] != '"') {
        size++;
    }
    struct p2i_view token = p2i_view_first(*rest, size);
    *rest = p2i_view_from(*rest, size);
    return token;
}

static void skip_blanks(struct p2i_view *rest)
{
    while (rest->size > 0 && p2i_is_space(rest->data[0])) {
        *rest = p2i_view_from(*rest, 1);
    }
}

/* Takes a value: a quoted string (with its backslashes), or the text up to the semicolon. Unquoted
 * boundaries with '=' and file names with blanks are common. */
static struct p2i_view take_value(struct p2i_view *rest)
{
    if (rest->size == 0 || rest->data[0] != '"') {
        struct p2i_view value = p2i_view_first(*rest, p2i_view_find(*rest, ';'));
        *rest = p2i_view_from(*rest, value.size);
        return p2i_view_trim(value);
    }
    size_t end = 1;
    while (end < rest->size && rest->data[end] != '"') {
        end += rest->data[end] == '\\' ? 2 : 1;
    }
    struct p2i_view value = p2i_view_from(p2i_view_first(*rest, end), 1);
    *rest = p2i_view_from(*rest, end + 1);
    return value;
}

/* Takes the next parameter; false when there is none. */
static bool take_parameter(struct p2i_view *rest, struct p2i_view *name, struct p2i_view *value)
{
    *rest = p2i_view_from(*rest, p2i_view_find(*rest, ';'));
    while (rest->size > 0 && (rest->data[0] == ';' || p2i_is_space(rest->data[0]))) {
        *rest = p2i_view_from(*rest, 1);
    }
    if (rest->size == 0) {
        return false;
    }
    *name = take_token(rest);
    *value = (struct p2i_view){0};
    skip_blanks(rest);
    if (rest->size > 0 && rest->data[0] == '=') {
        *rest = p2i_view_from(*rest, 1);
        skip_blanks(rest);
        *value = take_value(rest);
    }
    return true;
}

/* Returns true if the name is the parameter or a part of it (RFC 2231: name*, name*0,
 * name*0*). */
static bool names(struct p2i_view name, struct p2i_view wanted)
{
    return p2i_view_equals_nocase(p2i_view_first(name, p2i_view_find(name, '*')), wanted);
}

static void add_boundary(struct p2i_mime_part *part, struct p2i_view value)
{
    for (size_t i = 0; i < value.size && part->boundary_size < P2I_MIME_BOUNDARY_MAX; i++) {
        if (value.data[i] == '\\' && i + 1 < value.size) {
            i++;
        }
        part->boundary[part->boundary_size++] = value.data[i];
    }
}

void p2i_mime_content_type(struct p2i_mime_part *part, struct p2i_view value)
{
    struct p2i_view rest = value;
    if (part->has_type) {
        return;
    }
    part->has_type = true;
    skip_blanks(&rest);
    struct p2i_view type = take_token(&rest);
    if (p2i_view_starts_nocase(type, P2I_VIEW("multipart/"))) {
        part->kind = P2I_MIME_MULTIPART;
    } else if (p2i_view_equals_nocase(type, P2I_VIEW("message/rfc822")) ||
               p2i_view_equals_nocase(type, P2I_VIEW("message/global"))) {
        part->kind = P2I_MIME_MESSAGE;
    }
    struct p2i_view name;
    struct p2i_view content;
    while (take_parameter(&rest, &name, &content)) {
        if (names(name, P2I_VIEW("boundary"))) {
            add_boundary(part, content);
        } else if (names(name, P2I_VIEW("name")) && content.size > 0 &&
                   part->kind != P2I_MIME_MULTIPART) {
            part->has_file_name = true;
        }
    }
    if (part->boundary_size == P2I_MIME_BOUNDARY_MAX) {
        part->boundary_size = 0;
    }
    /* A boundary does not end with blanks (RFC 2046 section 5.1.1). */
    while (part->boundary_size > 0 && p2i_is_space(part->boundary[part->boundary_size - 1])) {
        part->boundary_size--;
    }
}

void p2i_mime_content_disposition(struct p2i_mime_part *part, struct p2i_view value)
{
    struct p2i_view rest = value;
    skip_blanks(&rest);
    if (p2i_view_equals_nocase(take_token(&rest), P2I_VIEW("attachment"))) {
        part->is_attachment = true;
    }
    struct p2i_view name;
    struct p2i_view content;
    while (take_parameter(&rest, &name, &content)) {
        if (names(name, P2I_VIEW("filename")) && content.size > 0) {
            part->has_file_name = true;
        }
    }
}
