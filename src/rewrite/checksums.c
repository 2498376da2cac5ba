/* SPDX-License-Identifier: MIT */
/* Checksums (RFC 1071, RFC 9260 appendix A) before and behind the rewrite. One that was right is
 * made right; one that was wrong stays wrong by the same amount; one that was left to the network
 * card (the sum of the pseudo-header) is made so again; zero stays zero. One that cannot be checked
 * because the snaplen cut the bytes is moved by what the captured bytes have changed. */
#include "packet/transport.h"
#include "rewrite/internal.h"

enum state {
    NONE,    /* no checksum, or no place for it */
    RIGHT,   /* of all bytes */
    PARTIAL, /* of the pseudo-header alone */
    MOVED,   /* wrong, or not to be checked */
    CRC,     /* SCTP: right */
};

static uint32_t add(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2) {
        sum += p2i_load_be16(data + i);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    if (size % 2 == 1) {
        sum += (uint32_t)data[size - 1] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static uint8_t *bytes_of(const struct p2i_rewrite *rewrite, const struct p2i_header_place *element)
{
    return rewrite->areas[element->area].data + element->at;
}

/* IP protocol number of the element. */
static uint8_t protocol_of(const struct p2i_header_place *element)
{
    return element->kind == P2I_TRACE_TCP   ? P2I_PROTO_TCP
           : element->kind == P2I_TRACE_UDP ? P2I_PROTO_UDP
                                            : element->protocol;
}

/* Offset of the checksum; SIZE_MAX: none that is known. */
static size_t place_of(const struct p2i_header_place *element)
{
    if (element->kind == P2I_TRACE_IPV4) {
        return 10;
    }
    if (element->kind == P2I_TRACE_GRE) {
        return 4;
    }
    if (element->kind == P2I_TRACE_IPV6 || element->kind == P2I_TRACE_MAC) {
        return SIZE_MAX;
    }
    switch (protocol_of(element)) {
    case P2I_PROTO_TCP:
        return 16;
    case P2I_PROTO_UDP:
    case P2I_PROTO_UDPLITE:
    case P2I_PROTO_DCCP:
        return 6;
    case P2I_PROTO_ICMP:
    case P2I_PROTO_IGMP:
    case P2I_PROTO_ICMPV6:
        return 2;
    case P2I_PROTO_OSPF:
        return 12;
    case P2I_PROTO_SCTP:
        return 8;
    default:
        return SIZE_MAX;
    }
}

/* OSPF has one over IPv6 alone (RFC 5340 section A.3.1). */
static bool has_pseudo_header(const struct p2i_rewrite *rewrite,
                              const struct p2i_header_place *element)
{
    if (element->kind == P2I_TRACE_IPV4 || element->ip == SIZE_MAX) {
        return false;
    }
    switch (protocol_of(element)) {
    case P2I_PROTO_TCP:
    case P2I_PROTO_UDP:
    case P2I_PROTO_UDPLITE:
    case P2I_PROTO_DCCP:
    case P2I_PROTO_ICMPV6:
        return true;
    case P2I_PROTO_OSPF:
        return rewrite->elements[element->ip].kind == P2I_TRACE_IPV6;
    default:
        return false;
    }
}

static uint32_t pseudo_header(const struct p2i_rewrite *rewrite,
                              const struct p2i_header_place *element)
{
    if (!has_pseudo_header(rewrite, element)) {
        return 0;
    }
    const struct p2i_header_place *ip = &rewrite->elements[element->ip];
    const uint8_t *header = bytes_of(rewrite, ip);
    uint32_t sum = ip->kind == P2I_TRACE_IPV4 ? add(0, header + 12, 8) : add(0, header + 8, 32);
    sum += (element->length >> 16) + (element->length & 0xffff) + protocol_of(element);
    return (sum & 0xffff) + (sum >> 16);
}

/* Bytes that the checksum covers, as far as they were captured. */
static size_t covered_size(const struct p2i_header_place *element, const uint8_t *data)
{
    size_t size = element->length;
    if (protocol_of(element) == P2I_PROTO_UDPLITE && element->size >= 6) {
        size_t coverage = p2i_load_be16(data + 4); /* RFC 3828 section 3.1; 0: everything */
        size = coverage >= 8 && coverage < size ? coverage : size;
    }
    return size < element->size ? size : element->size;
}

/* Sum of the captured bytes that the checksum covers, without itself. */
static uint16_t sum_of(const struct p2i_rewrite *rewrite, const struct p2i_header_place *element)
{
    enum { AUTHENTICATION = 16, BEHIND_IT = 24 }; /* of OSPF over IPv4 (RFC 2328 appendix A.3.1) */
    const uint8_t *data = bytes_of(rewrite, element);
    size_t place = place_of(element);
    size_t size = covered_size(element, data);
    uint32_t sum = add(pseudo_header(rewrite, element), data, size);
    if (protocol_of(element) == P2I_PROTO_OSPF && !has_pseudo_header(rewrite, element) &&
        size >= BEHIND_IT) {
        sum += (uint16_t)~add(0, data + AUTHENTICATION, BEHIND_IT - AUTHENTICATION);
    }
    sum += (uint16_t)~p2i_load_be16(data + place);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* The checksum for a sum; 0 is written as its other form. */
static uint16_t complement(uint16_t sum)
{
    uint16_t checksum = (uint16_t)~sum;
    return checksum == 0 ? 0xffff : checksum;
}

static bool same(uint16_t a, uint16_t b)
{
    return a % 0xffff == b % 0xffff;
}

/* CRC-32C, reflected, bit by bit: packets are few. */
static uint32_t crc_of(const struct p2i_rewrite *rewrite, const struct p2i_header_place *element)
{
    enum { PLACE = 8 };
    const uint8_t *data = bytes_of(rewrite, element);
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < element->size; i++) {
        crc ^= i >= PLACE && i < PLACE + 4 ? 0 : data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0x82f63b78) : 0);
        }
    }
    return ~crc;
}

static enum state judge(const struct p2i_rewrite *rewrite, struct p2i_header_place *element)
{
    size_t place = place_of(element);
    if (place == SIZE_MAX || element->size < place + 4) {
        return NONE;
    }
    const uint8_t *data = bytes_of(rewrite, element);
    if (protocol_of(element) == P2I_PROTO_SCTP && element->kind == P2I_TRACE_TRANSPORT) {
        bool right = element->size == element->length &&
                     crc_of(rewrite, element) == p2i_load_le32(data + place);
        return right ? CRC : NONE;
    }
    uint16_t sent = p2i_load_be16(data + place);
    if (sent == 0) {
        return NONE;
    }
    element->was = complement(sum_of(rewrite, element));
    bool whole = element->kind == P2I_TRACE_IPV4 || element->size >= element->length;
    if (whole && same(sent, element->was)) {
        return RIGHT;
    }
    return has_pseudo_header(rewrite, element) && sent == pseudo_header(rewrite, element) ? PARTIAL
                                                                                          : MOVED;
}

void p2i_rewrite_judge(struct p2i_rewrite *rewrite)
{
    for (size_t i = 0; i < rewrite->element_count; i++) {
        rewrite->elements[i].checksum = (uint8_t)judge(rewrite, &rewrite->elements[i]);
    }
}

static void put(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

void p2i_rewrite_ipv4_checksum(uint8_t *header)
{
    put(header + 10, 0);
    put(header + 10, complement((uint16_t)add(0, header, (size_t)(header[0] & 15) * 4)));
}

/* One's complement difference: what the sum has become, relative to what it was. */
static uint32_t moved(uint16_t sent, uint16_t was, uint16_t is)
{
    uint32_t sum = (uint32_t)sent + is + (0xffffU - was % 0xffffU);
    sum %= 0xffff;
    return sum == 0 ? 0xffff : sum;
}

static void repair(const struct p2i_rewrite *rewrite, const struct p2i_header_place *element)
{
    if (element->checksum == NONE) {
        return;
    }
    uint8_t *at = bytes_of(rewrite, element) + place_of(element);
    switch (element->checksum) {
    case RIGHT:
        put(at, complement(sum_of(rewrite, element)));
        break;
    case PARTIAL:
        put(at, pseudo_header(rewrite, element));
        break;
    case MOVED:
        put(at, moved(p2i_load_be16(at), element->was, complement(sum_of(rewrite, element))));
        break;
    case CRC: {
        uint32_t crc = crc_of(rewrite, element);
        for (int i = 0; i < 4; i++) {
            at[i] = (uint8_t)(crc >> 8 * i);
        }
        break;
    }
    default:
        break;
    }
}

/* Copies the bytes of a reassembled packet into its fragments. */
static void spread(struct p2i_rewrite *rewrite, size_t joined)
{
    const struct p2i_rewrite_area *area = &rewrite->areas[joined];
    for (size_t i = area->fragments; i != P2I_NO_FRAGMENT; i = rewrite->fragments[i].next) {
        const struct p2i_fragment_place *place = &rewrite->fragments[i];
        if (place->size > 0) {
            memcpy(rewrite->areas[place->area].data + place->at, area->data + place->joined_at,
                   place->size);
        }
    }
}

/* Inner headers come behind the outer ones, whose checksums cover them; a reassembled packet, which
 * begins with an IP header, behind all areas that its fragments are in. */
void p2i_rewrite_repair(struct p2i_rewrite *rewrite)
{
    for (size_t i = rewrite->element_count; i-- > 0;) {
        const struct p2i_header_place *element = &rewrite->elements[i];
        repair(rewrite, element);
        if (element->area >= rewrite->frame_count && element->at == 0) {
            spread(rewrite, element->area);
        }
    }
}
