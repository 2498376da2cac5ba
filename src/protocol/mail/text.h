/* SPDX-License-Identifier: MIT */
/* A string collected segment by segment, in a block of the parser's pool, up to a limit. Bytes
 * beyond the limit, or for which memory is missing, are left out: a record with a shorter string is
 * still one. */
#ifndef P2I_PROTOCOL_MAIL_TEXT_H
#define P2I_PROTOCOL_MAIL_TEXT_H

#include "protocol/protocol.h"

/* Owned by the struct that contains it; starts zeroed, ends with p2i_text_free(). */
struct p2i_text {
    uint8_t *data;
    uint32_t size;
    uint32_t capacity;
};

static inline struct p2i_view p2i_text_view(const struct p2i_text *text)
{
    return p2i_view_of(text->data, text->size);
}

/* Appends the part of `more` that fits into `limit` bytes. `more` must not point into `text`. */
void p2i_text_add(const struct p2i_parser *parser, struct p2i_text *text, struct p2i_view more,
                  size_t limit);

/* Appends `item` to a comma-separated list, whole or not at all. */
void p2i_text_list(const struct p2i_parser *parser, struct p2i_text *list, struct p2i_view item,
                   size_t limit);

void p2i_text_free(const struct p2i_parser *parser, struct p2i_text *text);

#endif
