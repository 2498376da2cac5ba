/* SPDX-License-Identifier: MIT */
/* Tunnels in UDP. A port does not prove a tunnel, since anybody may use it: the header must be
 * valid and its payload must look like the named protocol. */
#include "packet/internal.h"

/* True when the bytes look like the protocol of an EtherType or GRE protocol type. */
static bool like(const struct p2i_decoding *decoding, uint16_t type, struct p2i_view rest)
{
    unsigned version = rest.size > 0 ? rest.data[0] >> 4 : 0;
    switch (type) {
    case P2I_ETHERTYPE_TRANSPARENT:
        return p2i_like_ethernet(rest);
    case P2I_ETHERTYPE_IPV4:
        return version == 4 && p2i_like_ip(rest);
    case P2I_ETHERTYPE_IPV6:
        return version == 6;
    case P2I_ETHERTYPE_MPLS:
        return p2i_like_mpls(decoding, rest);
    case P2I_ETHERTYPE_NSH:
        return p2i_like_nsh(rest);
    case P2I_ETHERTYPE_PPP:
        return p2i_like_ppp(rest);
    default:
        return false;
    }
}

/* The EtherType of IP, by its version. */
static uint16_t type_of_ip(struct p2i_view rest)
{
    bool ipv6 = rest.size > 0 && rest.data[0] >> 4 == 6;
    return ipv6 ? P2I_ETHERTYPE_IPV6 : P2I_ETHERTYPE_IPV4;
}

/* RFC 7348, 5. Of the flags only "VNI is valid" counts. */
static bool vxlan(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { FLAG_VNI = 0x08 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    p2i_skip(&cursor, 3);
    uint32_t vni = p2i_be24(&cursor);
    p2i_skip(&cursor, 1);
    if (cursor.failed || (flags & FLAG_VNI) == 0 || !p2i_like_ethernet(cursor.rest)) {
        return false;
    }
    p2i_decoding_scope(decoding, P2I_SCOPE_VXLAN, vni);
    *fate = p2i_decode_tunneled(decoding, P2I_ETHERTYPE_TRANSPARENT, cursor.rest);
    return true;
}

/* draft-ietf-nvo3-vxlan-gpe-12, 3.1. Without a next protocol the payload is Ethernet. Control
 * packets (O) are not decoded. */
static bool vxlan_gpe(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { MUST_BE_ZERO = 0xf1, FLAG_VNI = 0x08, FLAG_NEXT = 0x04 }; /* reserved, version, O */
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    p2i_skip(&cursor, 2);
    uint8_t next = p2i_u8(&cursor);
    uint32_t vni = p2i_be24(&cursor);
    p2i_skip(&cursor, 1);
    uint16_t type = (flags & FLAG_NEXT) != 0 ? p2i_type_of_next(next) : P2I_ETHERTYPE_TRANSPARENT;
    if (cursor.failed || (flags & MUST_BE_ZERO) != 0 || !like(decoding, type, cursor.rest)) {
        return false;
    }
    if ((flags & FLAG_VNI) != 0) {
        p2i_decoding_scope(decoding, P2I_SCOPE_VXLAN, vni);
    }
    *fate = p2i_decode_tunneled(decoding, type, cursor.rest);
    return true;
}

/* RFC 8926, 3.4. Control packets (O) are not decoded. */
static bool geneve(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { FLAG_CONTROL = 0x80 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t version_size = p2i_u8(&cursor);
    uint8_t flags = p2i_u8(&cursor);
    uint16_t type = p2i_be16(&cursor);
    uint32_t vni = p2i_be24(&cursor);
    p2i_skip(&cursor, 1 + (size_t)(version_size & 0x3f) * 4); /* reserved, options */
    if (cursor.failed || version_size >> 6 != 0 || (flags & FLAG_CONTROL) != 0 ||
        !like(decoding, type, cursor.rest)) {
        return false;
    }
    p2i_decoding_scope(decoding, P2I_SCOPE_GENEVE, vni);
    *fate = p2i_decode_tunneled(decoding, type, cursor.rest);
    return true;
}

enum { GTP_G_PDU = 0xff };

/* 3GPP TS 29.281, 5.1 and 5.2: version 1 with a chain of extension headers. */
static bool gtp_u(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { VERSION_1 = 0x30, VERSION_MASK = 0xf0, HAS_EXTENSION = 0x04, HAS_OPTIONS = 0x07 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    uint8_t type = p2i_u8(&cursor);
    uint16_t size = p2i_be16(&cursor);
    p2i_skip(&cursor, 4); /* tunnel endpoint */
    if (cursor.failed || (flags & VERSION_MASK) != VERSION_1 || type != GTP_G_PDU) {
        return false;
    }
    cursor = p2i_cursor_of(p2i_decoding_bound(decoding, cursor.rest, size));
    if ((flags & HAS_OPTIONS) != 0) {
        p2i_skip(&cursor, 2 + 1); /* sequence number, N-PDU number */
        uint8_t next = p2i_u8(&cursor);
        next = (flags & HAS_EXTENSION) != 0 ? next : 0;
        while (next != 0 && !cursor.failed) {
            size_t words = p2i_u8(&cursor); /* of four bytes, with this byte and the last */
            if (words == 0) {
                return false;
            }
            p2i_skip(&cursor, words * 4 - 2);
            next = p2i_u8(&cursor);
        }
    }
    if (cursor.failed || !p2i_like_ip(cursor.rest)) {
        return false;
    }
    p2i_decoding_trace_numbers(decoding, rest, (flags & HAS_OPTIONS) != 0 ? 12 : 8);
    *fate = p2i_decode_tunneled(decoding, type_of_ip(cursor.rest), cursor.rest);
    return true;
}

/* 3GPP TS 29.060 of 1998 (GSM 09.60), 6: version 0, fixed header. */
static bool gtp_0(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { VERSION_0 = 0x10, VERSION_MASK = 0xf0, HEADER_SIZE = 20 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    uint8_t type = p2i_u8(&cursor);
    p2i_skip(&cursor, HEADER_SIZE - 2);
    if (cursor.failed || (flags & VERSION_MASK) != VERSION_0 || type != GTP_G_PDU ||
        !p2i_like_ip(cursor.rest)) {
        return false;
    }
    *fate = p2i_decode_tunneled(decoding, type_of_ip(cursor.rest), cursor.rest);
    return true;
}

/* RFC 2661, 3.1: data messages of version 2. */
static bool l2tp(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum {
        FLAG_CONTROL = 0x8000,
        FLAG_LENGTH = 0x4000,
        FLAG_SEQUENCE = 0x0800,
        FLAG_OFFSET = 0x0200,
        RESERVED = 0x34f0,
        VERSION_MASK = 0x000f,
    };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t flags = p2i_be16(&cursor);
    if ((flags & (FLAG_CONTROL | RESERVED)) != 0 || (flags & VERSION_MASK) != 2) {
        return false;
    }
    p2i_skip(&cursor, (flags & FLAG_LENGTH) != 0 ? 2 : 0);
    p2i_skip(&cursor, 2 + 2); /* tunnel, session */
    p2i_skip(&cursor, (flags & FLAG_SEQUENCE) != 0 ? 4 : 0);
    size_t numbers = rest.size - cursor.rest.size;
    if ((flags & FLAG_OFFSET) != 0) {
        uint16_t offset = p2i_be16(&cursor);
        p2i_skip(&cursor, offset);
    }
    if (cursor.failed || !p2i_like_ppp(cursor.rest)) {
        return false;
    }
    p2i_decoding_trace_numbers(decoding, rest, numbers);
    *fate = p2i_decode_tunneled(decoding, P2I_ETHERTYPE_PPP, cursor.rest);
    return true;
}

/* RFC 9300, 5.1; with a next protocol (P) RFC 9305, 3. Encrypted packets (K, RFC 8061) are not
 * decoded. */
static bool lisp(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { FLAG_INSTANCE = 0x08, FLAG_NEXT = 0x04, FLAGS_KEY = 0x03 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t flags = p2i_u8(&cursor);
    uint8_t next = (uint8_t)p2i_be24(&cursor); /* nonce or map version; P: last byte */
    uint32_t instance = p2i_be24(&cursor);
    p2i_skip(&cursor, 1); /* locator status */
    if (cursor.failed || (flags & FLAGS_KEY) != 0) {
        return false;
    }
    bool named = (flags & FLAG_NEXT) != 0;
    uint16_t type = named ? p2i_type_of_next(next) : type_of_ip(cursor.rest);
    if (named ? !like(decoding, type, cursor.rest)
              : p2i_ip_size(cursor.rest) != p2i_decoding_left(decoding, cursor.rest)) {
        return false;
    }
    if ((flags & FLAG_INSTANCE) != 0) {
        p2i_decoding_scope(decoding, P2I_SCOPE_LISP, instance);
    }
    *fate = p2i_decode_tunneled(decoding, type, cursor.rest);
    return true;
}

/* RFC 8086, 3: version 0, no routing. */
static bool gre(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { CHECKSUM = 0x8000, KEY = 0x2000, SEQUENCE = 0x1000, MUST_BE_ZERO = 0x4fff };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint16_t flags = p2i_be16(&cursor);
    uint16_t type = p2i_be16(&cursor);
    p2i_skip(&cursor, (flags & CHECKSUM) != 0 ? 4 : 0);
    p2i_skip(&cursor, (flags & KEY) != 0 ? 4 : 0);
    p2i_skip(&cursor, (flags & SEQUENCE) != 0 ? 4 : 0);
    if (cursor.failed || (flags & MUST_BE_ZERO) != 0 || !like(decoding, type, cursor.rest)) {
        return false;
    }
    *fate = p2i_decoding_enter(decoding) ? p2i_decode_gre(decoding, rest) : P2I_FATE_TUNNEL_DEEP;
    return true;
}

static bool mpls(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    if (!p2i_like_mpls(decoding, rest)) {
        return false;
    }
    *fate = p2i_decode_tunneled(decoding, P2I_ETHERTYPE_MPLS, rest);
    return true;
}

/* draft-massar-v6ops-ayiya-02, 3: forwarded packets only. */
static bool ayiya(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { FORWARD = 1, ECHO_AND_FORWARD = 3, NEXT_IPV4 = 4, NEXT_IPV6 = 41 };
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t identity = p2i_u8(&cursor);  /* kind, and size as a power of two */
    uint8_t signature = p2i_u8(&cursor); /* hash, and size in units of four bytes */
    uint8_t code = p2i_u8(&cursor) & 0x0f;
    uint8_t next = p2i_u8(&cursor);
    p2i_skip(&cursor, 4); /* time */
    p2i_skip(&cursor, ((size_t)1 << (identity >> 4)) + (size_t)(signature >> 4) * 4);
    uint16_t type = type_of_ip(cursor.rest);
    if (cursor.failed || (code != FORWARD && code != ECHO_AND_FORWARD) ||
        next != (type == P2I_ETHERTYPE_IPV6 ? NEXT_IPV6 : NEXT_IPV4) ||
        p2i_ip_size(cursor.rest) != p2i_decoding_left(decoding, cursor.rest)) {
        return false;
    }
    *fate = p2i_decode_tunneled(decoding, type, cursor.rest);
    return true;
}

/* RFC 4380, 2.6: 2001:0::/32. */
static bool is_teredo_address(const uint8_t *address)
{
    return p2i_load_be32(address) == 0x20010000;
}

enum { IPV6_SIZE = 40 };

/* False for most of UDP. */
static inline bool may_be_teredo(struct p2i_view rest)
{
    return rest.size >= IPV6_SIZE && (rest.data[0] >> 4 == 6 || rest.data[0] == 0);
}

/* RFC 4380, 5.1.1: an authentication header, an origin indication, IPv6. */
static bool teredo(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { ORIGIN = 0, AUTHENTICATION = 1, ORIGIN_SIZE = 8, NONCE_SIZE = 8 };
    if (!may_be_teredo(rest)) {
        return false;
    }
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    if (p2i_load_be16(cursor.rest.data) == AUTHENTICATION) {
        p2i_skip(&cursor, 2);
        size_t identity_size = p2i_u8(&cursor);
        size_t value_size = p2i_u8(&cursor);
        p2i_skip(&cursor, identity_size + value_size + NONCE_SIZE + 1); /* confirmation */
    }
    if (cursor.rest.size > 2 && p2i_load_be16(cursor.rest.data) == ORIGIN) {
        p2i_skip(&cursor, ORIGIN_SIZE);
    }
    const uint8_t *header = cursor.rest.data;
    if (cursor.failed || cursor.rest.size < IPV6_SIZE || header[0] >> 4 != 6 ||
        p2i_ip_size(cursor.rest) != p2i_decoding_left(decoding, cursor.rest) ||
        (!is_teredo_address(header + 8) && !is_teredo_address(header + 24))) {
        return false;
    }
    *fate = p2i_decode_tunneled(decoding, P2I_ETHERTYPE_IPV6, cursor.rest);
    return true;
}

/* Counts DTLS records (RFC 6347, 4.1), which cannot be decrypted. The packet is handled as UDP. */
static bool encrypted(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
    enum { TYPE_FIRST = 20, TYPE_LAST = 26, VERSION_1_0 = 0xfeff, VERSION_1_2 = 0xfefd };
    (void)fate;
    struct p2i_cursor cursor = p2i_cursor_of(rest);
    uint8_t type = p2i_u8(&cursor);
    uint16_t version = p2i_be16(&cursor);
    p2i_skip(&cursor, 2 + 6); /* epoch, sequence number */
    uint32_t size = p2i_be16(&cursor);
    decoding->encrypted |= !cursor.failed && type >= TYPE_FIRST && type <= TYPE_LAST &&
                           (version == VERSION_1_0 || version == VERSION_1_2) &&
                           size <= p2i_decoding_left(decoding, cursor.rest);
    return false;
}

/* Notes the row of an encrypted tunnel, which is no tunnel to the decoder. Returns false. */
static bool note_encrypted(const struct p2i_decoding *decoding, unsigned feature)
{
    return decoding->encrypted && !p2i_decoding_note(decoding, feature);
}

/* Most tunnels fix only the destination port; the source port is a hash for load balancing. */
static bool by_destination(struct p2i_decoding *decoding, uint16_t port, struct p2i_view rest,
                           enum p2i_fate *fate)
{
    switch (port) {
#define UDP_TO(number, name, decode, what, source)                                                 \
    case number:                                                                                   \
        return decode(decoding, rest, fate) && p2i_decoding_note(decoding, P2I_FEATURE_UDP_##name);
#define UDP_EITHER UDP_TO
#define UDP_ENCRYPTED(number, name, decode, what, source)                                          \
    case number:                                                                                   \
        return decode(decoding, rest, fate) || note_encrypted(decoding, P2I_FEATURE_UDP_##name);
#include "packet/encapsulations.def"
    default:
        return false;
    }
}

static bool by_source(struct p2i_decoding *decoding, uint16_t port, struct p2i_view rest,
                      enum p2i_fate *fate)
{
    switch (port) {
#define UDP_EITHER(number, name, decode, what, source)                                             \
    case number:                                                                                   \
        return decode(decoding, rest, fate) && p2i_decoding_note(decoding, P2I_FEATURE_UDP_##name);
#define UDP_ENCRYPTED(number, name, decode, what, source)                                          \
    case number:                                                                                   \
        return decode(decoding, rest, fate) || note_encrypted(decoding, P2I_FEATURE_UDP_##name);
#include "packet/encapsulations.def"
    default:
        return false;
    }
}

static bool by_contents(struct p2i_decoding *decoding, struct p2i_view rest, enum p2i_fate *fate)
{
#define UDP_ANY(number, name, decode, what, source)                                                \
    if (decode(decoding, rest, fate)) {                                                            \
        return p2i_decoding_note(decoding, P2I_FEATURE_UDP_##name);                                \
    }
#include "packet/encapsulations.def"
    return false;
}

/* True for ports of the table of encapsulations. */
static inline bool is_tunnel_port(uint16_t port)
{
    switch (port) {
#define UDP_TO(number, name, decode, what, source) case number:
#define UDP_EITHER UDP_TO
#define UDP_ENCRYPTED UDP_TO
#include "packet/encapsulations.def"
        return true;
    default:
        return false;
    }
}

bool p2i_may_be_udp_tunnel(uint16_t source_port, uint16_t destination_port, struct p2i_view rest)
{
    return is_tunnel_port(source_port) || is_tunnel_port(destination_port) || may_be_teredo(rest);
}

bool p2i_decode_udp_tunnel(struct p2i_decoding *decoding, uint16_t source_port,
                           uint16_t destination_port, struct p2i_view rest, enum p2i_fate *fate)
{
    uint32_t missing = decoding->missing;
    if (by_destination(decoding, destination_port, rest, fate) ||
        by_source(decoding, source_port, rest, fate)) {
        return true;
    }
    decoding->missing = missing;
    return by_contents(decoding, rest, fate);
}
