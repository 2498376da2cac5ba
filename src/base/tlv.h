/* SPDX-License-Identifier: MIT */
/* Lists of type, length and value where type and length have a byte each and the length counts all
 * three: attributes of RADIUS (RFC 2865 section 5), options of PPP (RFC 1661 section 6). */
#ifndef P2I_BASE_TLV_H
#define P2I_BASE_TLV_H

#include "pcap2ipfix/cursor.h"

struct p2i_tlv {
    struct p2i_view value; /* as much of it as the cursor had */
    size_t missing;        /* bytes of the value behind the cursor's end */
    uint8_t type;
};

/* Reads the next entry of the list. Returns false at the end of the list, and where an entry has
 * no length or one below 2: then the cursor has failed. */
static inline bool p2i_tlv_next(struct p2i_cursor *cursor, struct p2i_tlv *entry)
{
    enum { HEAD = 2 };
    if (cursor->failed || cursor->rest.size == 0) {
        return false;
    }
    entry->type = p2i_u8(cursor);
    uint8_t length = p2i_u8(cursor);
    if (cursor->failed || length < HEAD) {
        cursor->failed = true;
        return false;
    }
    size_t size = length - (size_t)HEAD;
    entry->missing = size > cursor->rest.size ? size - cursor->rest.size : 0;
    entry->value = p2i_take(cursor, size - entry->missing);
    return true;
}

#endif
