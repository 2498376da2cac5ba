/* SPDX-License-Identifier: MIT */
/* BER (X.690) with definite lengths, of which DER is a part: headers of elements. Tags have one
 * byte; lengths have at most four behind the first. */
#ifndef P2I_BASE_BER_H
#define P2I_BASE_BER_H

#include "pcap2ipfix/cursor.h"

enum { P2I_BER_LENGTH_BYTES_MAX = 4 };

struct p2i_ber_element {
    struct p2i_view value; /* as much of it as the cursor had */
    uint8_t tag;
    bool cut; /* the value is shorter than its length says */
};

/* Reads a length (section 8.1.3). Returns false for the indefinite form and for longer lengths;
 * one that does not end in the cursor's bytes fails the cursor. */
static inline bool p2i_ber_length(struct p2i_cursor *cursor, uint32_t *length)
{
    enum { LONG_FORM = 0x80 };
    uint8_t first = p2i_u8(cursor);
    *length = first < LONG_FORM ? first : 0;
    if (first < LONG_FORM) {
        return true;
    }
    unsigned bytes = first - (unsigned)LONG_FORM;
    if (bytes == 0 || bytes > P2I_BER_LENGTH_BYTES_MAX) {
        return false;
    }
    for (unsigned i = 0; i < bytes; i++) {
        *length = *length << 8 | p2i_u8(cursor);
    }
    return true;
}

/* Reads the next element. Returns false, and fails the cursor, at the end and where the bytes are
 * no element of the kind above. */
static inline bool p2i_ber_next(struct p2i_cursor *cursor, struct p2i_ber_element *element)
{
    enum { LONG_TAG = 0x1f };
    uint32_t length;
    element->tag = p2i_u8(cursor);
    if (!p2i_ber_length(cursor, &length) || cursor->failed ||
        (element->tag & LONG_TAG) == LONG_TAG) {
        cursor->failed = true;
        return false;
    }
    element->cut = length > cursor->rest.size;
    element->value = p2i_take(cursor, element->cut ? cursor->rest.size : length);
    return true;
}

#endif
