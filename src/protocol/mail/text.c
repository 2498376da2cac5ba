/* SPDX-License-Identifier: MIT */
#include "protocol/mail/text.h"

/* Grows the text's memory to at least `size` bytes; false: out of memory. */
static bool grow(const struct p2i_parser *parser, struct p2i_text *text, size_t size)
{
    if (size <= text->capacity) {
        return true;
    }
    /* Grows by half, so that a string that comes byte by byte is copied a few times only. */
    size_t capacity = text->capacity;
    uint8_t *data = p2i_pool_grow(parser->pool, parser->account, text->data, text->size,
                                  size + size / 2, &capacity);
    if (data == NULL) {
        return false;
    }
    text->data = data;
    text->capacity = (uint32_t)capacity;
    return true;
}

void p2i_text_add(const struct p2i_parser *parser, struct p2i_text *text, struct p2i_view more,
                  size_t limit)
{
    size_t room = limit > text->size ? limit - text->size : 0;
    more = p2i_view_first(more, room);
    if (more.size > 0 && grow(parser, text, text->size + more.size)) {
        memcpy(text->data + text->size, more.data, more.size);
        text->size += (uint32_t)more.size;
    }
}

void p2i_text_list(const struct p2i_parser *parser, struct p2i_text *list, struct p2i_view item,
                   size_t limit)
{
    size_t comma = list->size > 0 ? 1 : 0;
    size_t size = list->size + comma + item.size;
    if (item.size == 0 || size > limit || !grow(parser, list, size)) {
        return;
    }
    if (comma > 0) {
        list->data[list->size] = ',';
    }
    memcpy(list->data + list->size + comma, item.data, item.size);
    list->size = (uint32_t)size;
}

void p2i_text_free(const struct p2i_parser *parser, struct p2i_text *text)
{
    p2i_pool_put(parser->pool, parser->account, text->data, text->capacity);
    *text = (struct p2i_text){0};
}
