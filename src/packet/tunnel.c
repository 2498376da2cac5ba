/* SPDX-License-Identifier: MIT */
/* Tunnels in IP, and the common entry to tunnels. */
#include "packet/internal.h"

enum p2i_fate p2i_decode_tunneled(struct p2i_decoding *decoding, uint16_t type,
                                  struct p2i_view rest)
{
    if (!p2i_decoding_enter(decoding)) {
        return P2I_FATE_TUNNEL_DEEP;
    }
    switch (type) {
    case P2I_ETHERTYPE_TRANSPARENT:
        return p2i_decode_ethernet(decoding, rest);
    case P2I_ETHERTYPE_PPP:
        return p2i_decode_ppp(decoding, rest);
    default:
        return p2i_decode_ethertype(decoding, type, rest);
    }
}

/* RFC 3378: version 3, then twelve zero bits. */
static enum p2i_fate etherip(struct p2i_decoding *decoding, struct p2i_view rest)
{
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t header = p2i_be16(&cursor);
    if (cursor.failed || header >> 12 != 3) {
        return P2I_FATE_TUNNEL_OTHER;
    }
    return p2i_decode_ethernet(decoding, cursor.rest);
}

static bool is_tunnel(uint8_t protocol)
{
    switch (protocol) {
#define IP_PROTOCOL(number, name, decode, what, source) case number:
#include "packet/encapsulations.def"
        return true;
    default:
        return false;
    }
}

static enum p2i_fate open_tunnel(struct p2i_decoding *decoding, uint8_t protocol,
                                 struct p2i_view rest)
{
    switch (protocol) {
#define IP_PROTOCOL(number, name, decode, what, source)                                            \
    case number:                                                                                   \
        (void)p2i_decoding_note(decoding, P2I_FEATURE_IP_##name);                                  \
        return decode(decoding, rest);
#include "packet/encapsulations.def"
    default:
        return P2I_FATE_TUNNEL_OTHER;
    }
}

bool p2i_decode_ip_tunnel(struct p2i_decoding *decoding, uint8_t protocol, struct p2i_view rest,
                          enum p2i_fate *fate)
{
    if (!is_tunnel(protocol)) {
        return false;
    }
    *fate =
        p2i_decoding_enter(decoding) ? open_tunnel(decoding, protocol, rest) : P2I_FATE_TUNNEL_DEEP;
    return true;
}
