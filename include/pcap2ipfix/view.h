/* SPDX-License-Identifier: MIT */
/* A view: bytes that another object owns. The functions are inline, change no byte and may be
 * called by any thread. */
#ifndef PCAP2IPFIX_VIEW_H
#define PCAP2IPFIX_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Not NUL-terminated, may contain NUL; `data` may be NULL when `size` is 0. A function that returns
 * or passes a view states its lifetime: call (until the function that got it returns), session, or
 * static. Never changes. */
struct p2i_view {
    const uint8_t *data;
    size_t size;
};

static inline struct p2i_view p2i_view_of(const void *data, size_t size)
{
    struct p2i_view view;
    view.data = (const uint8_t *)data;
    view.size = size;
    return view;
}

/* A string constant as a view (static). */
#define P2I_VIEW(literal) p2i_view_of("" literal, sizeof(literal) - 1)

/* The part that begins at `from`; empty when `from` is at or past the end. */
static inline struct p2i_view p2i_view_from(struct p2i_view view, size_t from)
{
    if (from >= view.size) {
        return p2i_view_of(NULL, 0);
    }
    return p2i_view_of(view.data + from, view.size - from);
}

/* The first `size` bytes, or all bytes when there are fewer. */
static inline struct p2i_view p2i_view_first(struct p2i_view view, size_t size)
{
    return p2i_view_of(view.data, size < view.size ? size : view.size);
}

static inline bool p2i_view_equals(struct p2i_view a, struct p2i_view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool p2i_view_starts(struct p2i_view view, struct p2i_view prefix)
{
    return p2i_view_equals(p2i_view_first(view, prefix.size), prefix);
}

/* Offset of the first `byte`; the size of the view when it has none. */
static inline size_t p2i_view_find(struct p2i_view view, uint8_t byte)
{
    const void *found = view.size > 0 ? memchr(view.data, byte, view.size) : NULL;
    return found != NULL ? (size_t)((const uint8_t *)found - view.data) : view.size;
}

#endif
