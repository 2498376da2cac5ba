/* SPDX-License-Identifier: MIT */
/* Loops over bytes that look at 8 or 16 of them at a time. They read nothing outside of the views
 * that they are given. To find one byte, p2i_view_find() is as fast. */
#ifndef P2I_BASE_SCAN_H
#define P2I_BASE_SCAN_H

#include "pcap2ipfix/view.h"

/* The offset of the first byte that equals one of the four in `set`, which may be the same; the
 * size of the view when there is none. */
size_t p2i_scan_find(struct p2i_view view, const char set[4]);

/* Copies bytes to `out` up to the first that is not ASCII, and returns their number. `out` must not
 * overlap the view. */
size_t p2i_scan_copy_ascii(struct p2i_view view, uint8_t *out);

/* True when the `size` bytes are equal except for the case of ASCII letters. */
bool p2i_scan_equals_nocase(const uint8_t *a, const uint8_t *b, size_t size);

#endif
