/* SPDX-License-Identifier: MIT */
/* Bounds-checked reading of bytes that nobody vouches for: a read past the end returns 0 and sets
 * `failed`, which stays set, so that a caller tests it once a structure. Read every length-prefixed
 * block through a cursor of its own (p2i_sub()). Views from a cursor live as long as the bytes it
 * was made of. The p2i_load functions check nothing: the caller has tested the size. All functions
 * are inline. */
#ifndef PCAP2IPFIX_CURSOR_H
#define PCAP2IPFIX_CURSOR_H

#include "pcap2ipfix/view.h"

/* Never changes. */
struct p2i_cursor {
    struct p2i_view rest; /* the unread bytes */
    bool failed;
};

static inline struct p2i_cursor p2i_cursor_of(struct p2i_view view)
{
    struct p2i_cursor cursor;
    cursor.rest = view;
    cursor.failed = false;
    return cursor;
}

/* Takes the next `size` bytes; when there are fewer, sets `failed` and returns an empty view. */
static inline struct p2i_view p2i_take(struct p2i_cursor *cursor, size_t size)
{
    if (cursor->failed || size > cursor->rest.size) {
        cursor->failed = true;
        return p2i_view_of(NULL, 0);
    }
    struct p2i_view taken = p2i_view_of(cursor->rest.data, size);
    if (size > 0) {
        cursor->rest.data += size;
        cursor->rest.size -= size;
    }
    return taken;
}

static inline void p2i_skip(struct p2i_cursor *cursor, size_t size)
{
    (void)p2i_take(cursor, size);
}

/* Takes the next `size` bytes as a cursor of their own; when there are fewer, both cursors are
 * failed. */
static inline struct p2i_cursor p2i_sub(struct p2i_cursor *cursor, size_t size)
{
    struct p2i_cursor sub = p2i_cursor_of(p2i_take(cursor, size));
    sub.failed = cursor->failed;
    return sub;
}

static inline uint16_t p2i_load_be16(const uint8_t *data)
{
    return (uint16_t)((unsigned)data[0] << 8 | data[1]);
}

static inline uint32_t p2i_load_be32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static inline uint64_t p2i_load_be64(const uint8_t *data)
{
    return (uint64_t)p2i_load_be32(data) << 32 | p2i_load_be32(data + 4);
}

static inline uint16_t p2i_load_le16(const uint8_t *data)
{
    return (uint16_t)((unsigned)data[1] << 8 | data[0]);
}

static inline uint32_t p2i_load_le32(const uint8_t *data)
{
    return (uint32_t)data[3] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[1] << 8 | data[0];
}

static inline uint8_t p2i_u8(struct p2i_cursor *cursor)
{
    struct p2i_view taken = p2i_take(cursor, 1);
    return taken.size == 1 ? taken.data[0] : 0;
}

static inline uint16_t p2i_be16(struct p2i_cursor *cursor)
{
    struct p2i_view taken = p2i_take(cursor, 2);
    return taken.size == 2 ? p2i_load_be16(taken.data) : 0;
}

static inline uint32_t p2i_be24(struct p2i_cursor *cursor)
{
    struct p2i_view taken = p2i_take(cursor, 3);
    return taken.size == 3 ? (uint32_t)taken.data[0] << 16 | p2i_load_be16(taken.data + 1) : 0;
}

static inline uint32_t p2i_be32(struct p2i_cursor *cursor)
{
    struct p2i_view taken = p2i_take(cursor, 4);
    return taken.size == 4 ? p2i_load_be32(taken.data) : 0;
}

static inline uint64_t p2i_be64(struct p2i_cursor *cursor)
{
    struct p2i_view taken = p2i_take(cursor, 8);
    return taken.size == 8 ? p2i_load_be64(taken.data) : 0;
}

#endif
