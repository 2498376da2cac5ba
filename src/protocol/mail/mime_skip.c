/* SPDX-License-Identifier: MIT */
#include "protocol/mail/mime_skip.h"

/* Returns true if the line at `at` may be a boundary or the final dot, also when the next bytes do
 * not decide it. */
static inline bool is_of_interest(const uint8_t *at, bool bare_lf)
{
    bool dot = (at[0] == '.') & ((at[1] == '\r') | (at[1] == '-') | ((at[1] == '\n') & bare_lf));
    return dot | ((at[0] == '-') & (at[1] == '-'));
}

/* Offset of the first line of interest at `at` or behind it; the size of `bytes` less one when
 * there is none in front of that. */
static size_t find_line_of_interest(struct p2i_view bytes, size_t at, bool bare_lf)
{
    enum { BLOCK = 64, SEEN_BEHIND = 2 };
    /* Passes over blocks without such a line; compilers vectorise the inner loop. */
    for (bool found = false; !found && bytes.size - at >= BLOCK + SEEN_BEHIND;) {
        const uint8_t *block = bytes.data + at;
        unsigned hits = 0;
        for (size_t i = 0; i < BLOCK; i++) {
            hits |= (block[i] == '\n') & is_of_interest(block + i + 1, bare_lf);
        }
        found = hits != 0;
        at += found ? 0 : BLOCK;
    }
    while (at + SEEN_BEHIND < bytes.size &&
           !(bytes.data[at] == '\n' && is_of_interest(bytes.data + at + 1, bare_lf))) {
        at++;
    }
    return at + 1;
}

size_t p2i_mime_skip_lines(struct p2i_mime *mime, struct p2i_view bytes)
{
    if (bytes.size < 3 || is_of_interest(bytes.data, mime->bare_lf)) {
        return 0;
    }
    struct p2i_view last = p2i_view_first(bytes, p2i_view_find(bytes, '\n'));
    size_t size = last.size + 1;
    if (size + 1 < bytes.size && !is_of_interest(bytes.data + size, mime->bare_lf)) {
        size = find_line_of_interest(bytes, size, mime->bare_lf);
        const uint8_t *end = memrchr(bytes.data, '\n', size);
        size = (size_t)(end - bytes.data) + 1;
        last = p2i_view_first(bytes, size - 1);
        const uint8_t *before = memrchr(last.data, '\n', last.size);
        last = before != NULL ? p2i_view_from(last, (size_t)(before - last.data) + 1) : last;
    } else if (size > bytes.size) {
        return 0;
    }
    bool has_cr = last.size > 0 && last.data[last.size - 1] == '\r';
    mime->after_text = !has_cr && !mime->bare_lf;
    mime->loose_end = mime->dotted && p2i_view_equals(last, P2I_VIEW("."));
    return size;
}
