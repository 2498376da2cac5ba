/* SPDX-License-Identifier: MIT */
/* The network service header (RFC 8300), and the next-protocol numbers that VXLAN-GPE and LISP-GPE
 * share with it. */
#include "packet/internal.h"

uint16_t p2i_type_of_next(uint8_t next_protocol)
{
    switch (next_protocol) {
#define NEXT_PROTOCOL(number, name, type, what, source)                                            \
    case number:                                                                                   \
        return type;
#include "packet/encapsulations.def"
    default:
        return 0;
    }
}

/* Reads the header and returns the EtherType of its payload; 0: control packet, other version,
 * unsupported payload, or cut. */
static uint16_t take_header(struct p2i_cursor *cursor)
{
    enum { VERSION_MASK = 0xc000, FLAG_CONTROL = 0x2000, WORDS_MASK = 0x003f, LEAST_WORDS = 2 };
    uint16_t bits = p2i_be16(cursor);
    p2i_skip(cursor, 1); /* type of the metadata */
    uint8_t next_protocol = p2i_u8(cursor);
    size_t words = bits & WORDS_MASK; /* size of the whole header in units of four bytes */
    p2i_skip(cursor, words > 1 ? (words - 1) * 4 : 0);
    bool opened =
        !cursor->failed && (bits & (VERSION_MASK | FLAG_CONTROL)) == 0 && words >= LEAST_WORDS;
    return opened ? p2i_type_of_next(next_protocol) : 0;
}

/* Path ids differ by direction, so they are not part of the scope. */
enum p2i_fate p2i_decode_nsh(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t type = take_header(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    return type != 0 ? p2i_decode_tunneled(decoding, type, cursor.rest) : P2I_FATE_TUNNEL_OTHER;
}

bool p2i_like_nsh(struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    return take_header(&cursor) != 0;
}
