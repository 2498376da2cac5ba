/* SPDX-License-Identifier: MIT */
/* PPP (RFC 1661, 1662) and PPP over Ethernet (RFC 2516). */
#include "packet/internal.h"

enum {
#define PPP(number, name, decode, what, source) PPP_##name = (number),
#include "packet/encapsulations.def"
};

enum { PPPOE_HEADER = 6 };

/* Reads address and control (RFC 1662, 3.1), which may be omitted, and the protocol, which may be
 * compressed to one byte: only the last byte of a protocol number is odd (RFC 1661, 2 and 6.5). */
static uint16_t take_protocol(struct p2i_cursor *cursor)
{
    if (cursor->rest.size >= 2 && p2i_load_be16(cursor->rest.data) == 0xff03) {
        p2i_skip(cursor, 2);
    }
    if (cursor->rest.size >= 1 && (cursor->rest.data[0] & 1) != 0) {
        return p2i_u8(cursor);
    }
    return p2i_be16(cursor);
}

enum p2i_fate p2i_decode_ppp(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t protocol = take_protocol(&cursor);
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    switch (protocol) {
#define PPP(number, name, decode, what, source)                                                    \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_PPP_##name);                                 \
        return decode(decoding, cursor.rest);
#include "packet/encapsulations.def"
    case 0x002d: /* compressed TCP/IP */
    case 0x002f: /* uncompressed TCP/IP */
    case 0x0031: /* bridging */
    case 0x003d: /* multilink */
    case 0x00fb: /* compressed, single link */
    case 0x00fd: /* compressed */
        return P2I_FATE_LINK_OTHER;
    default:
        /* From 0x8000 on: network and link control protocols. */
        return protocol < 0x8000 ? P2I_FATE_NETWORK_OTHER : P2I_FATE_LINK_OTHER;
    }
}

bool p2i_like_ppp(struct p2i_view view)
{
    struct p2i_cursor cursor = p2i_cursor_of(view);
    uint16_t protocol = take_protocol(&cursor);
    if (cursor.failed) {
        return false;
    }
    switch (protocol) {
    case PPP_IPV4:
    case PPP_IPV6:
        return p2i_like_ip(cursor.rest);
    case 0x8021: /* IPCP */
    case 0x8057: /* IPV6CP */
    case 0x80fd: /* CCP */
    case 0xc021: /* LCP */
    case 0xc023: /* PAP */
    case 0xc025: /* link quality report */
    case 0xc223: /* CHAP */
    case 0xc227: /* EAP */
        return true;
    default:
        return false;
    }
}

/* Notes control frames, from which the subscriber's name is learnt (enrich/pppoe.h). */
static void note_control(struct p2i_packet *packet, struct p2i_cursor cursor)
{
    uint16_t protocol = take_protocol(&cursor);
    if (!cursor.failed && protocol >= 0x8000) {
        packet->ppp_control = protocol;
        packet->payload = cursor.rest;
    }
}

/* RFC 2516 section 4. */
void p2i_note_pppoe_discovery(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    p2i_skip(&cursor, 2);
    uint16_t session = p2i_be16(&cursor);
    if (cursor.failed) {
        return;
    }
    p2i_decoding_trace_numbers(decoding, rest, PPPOE_HEADER);
    if (session != 0) {
        p2i_decoding_scope(decoding, P2I_SCOPE_PPPOE, session);
    }
    decoding->packet->ppp_control = P2I_PPPOE_DISCOVERY;
    decoding->packet->payload = (struct p2i_view){0};
    decoding->packet->payload_length = session;
}

enum p2i_fate p2i_decode_pppoe(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t version_type = p2i_u8(&cursor);
    uint8_t code = p2i_u8(&cursor);
    uint16_t session = p2i_be16(&cursor);
    p2i_skip(&cursor, 2); /* length: not needed, IP has its own */
    if (cursor.failed) {
        return P2I_FATE_LINK_CUT;
    }
    if (version_type != 0x11 || code != 0) {
        p2i_note_pppoe_discovery(decoding, rest);
        return P2I_FATE_LINK_OTHER;
    }
    p2i_decoding_trace_numbers(decoding, rest, PPPOE_HEADER);
    p2i_decoding_scope(decoding, P2I_SCOPE_PPPOE, session);
    note_control(decoding->packet, cursor);
    return p2i_decode_ppp(decoding, cursor.rest);
}
