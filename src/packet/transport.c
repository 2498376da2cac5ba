/* SPDX-License-Identifier: MIT */
#include "packet/transport.h"

#include <arpa/inet.h>

#include "base/cursor.h"

enum { TCP_SIZE = 20, UDP_SIZE = 8, IPV4_SIZE = 20 };

/* The one's complement sum of 64 bits: what is carried out comes in again at the other end. */
static inline uint64_t add(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

static inline uint64_t load_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Words of 64 bits in the machine's order give the same sum as words of 16 bits in network order,
 * but for the order of its bytes (RFC 1071 section 2). */
static uint64_t sum_of(uint64_t sum, struct p2i_view bytes)
{
    const uint8_t *at = bytes.data;
    size_t left = bytes.size;
    for (; left >= 32; left -= 32, at += 32) {
        sum = add(sum, load_word(at));
        sum = add(sum, load_word(at + 8));
        sum = add(sum, load_word(at + 16));
        sum = add(sum, load_word(at + 24));
    }
    for (; left >= 8; left -= 8, at += 8) {
        sum = add(sum, load_word(at));
    }
    if (left > 0) {
        uint64_t word = 0;
        memcpy(&word, at, left);
        sum = add(sum, word);
    }
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)sum;
}

static uint16_t load_native(const uint8_t *at)
{
    uint16_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* What stands in front of the segment or datagram for its checksum (RFC 9293 section 3.1, RFC 8200
 * section 8.1). Behind an IPv4 address there are zeros. */
static uint64_t pseudo_header(const struct p2i_packet *packet, uint32_t length)
{
    uint64_t sum = htonl(length);
    sum = add(sum, htonl(packet->transport));
    sum = add(sum, packet->source.words[0]);
    sum = add(sum, packet->destination.words[0]);
    if (packet->ip_version == 6) {
        sum = add(sum, packet->source.words[1]);
        sum = add(sum, packet->destination.words[1]);
    }
    return sum;
}

/* Of what begins at `header`, `length` bytes on the wire, with its checksum at `at`. */
static enum p2i_checksum judge(const struct p2i_packet *packet, const uint8_t *header,
                               uint32_t length, size_t at)
{
    uint16_t sent = load_native(header + at);
    if (sent == 0 || packet->payload.size < packet->payload_length) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    uint64_t before = pseudo_header(packet, length);
    if (fold(sum_of(before, p2i_view_of(header, length))) == UINT16_MAX) {
        return P2I_CHECKSUM_RIGHT;
    }
    return sent == fold(before) ? P2I_CHECKSUM_UNKNOWN : P2I_CHECKSUM_WRONG;
}

enum p2i_checksum p2i_ip_checksum(const struct p2i_packet *packet)
{
    if (packet->ip_version != 4 || packet->ip.size < IPV4_SIZE) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    struct p2i_view header = p2i_view_first(packet->ip, (size_t)(packet->ip.data[0] & 0x0f) * 4);
    if (load_native(header.data + 10) == 0) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    return fold(sum_of(0, header)) == UINT16_MAX ? P2I_CHECKSUM_RIGHT : P2I_CHECKSUM_WRONG;
}

/* Bytes of the TCP header; what decoded the packet has seen that its length says so many. */
static size_t header_size(const struct p2i_packet *packet)
{
    return (size_t)(packet->transport_header[12] >> 4) * 4;
}

/* The TCP header as far as it was captured. */
static struct p2i_view tcp_header(const struct p2i_packet *packet)
{
    size_t captured = (size_t)(packet->ip.data + packet->ip.size - packet->transport_header);
    return p2i_view_of(packet->transport_header,
                       header_size(packet) < captured ? header_size(packet) : captured);
}

enum p2i_checksum p2i_tcp_checksum(const struct p2i_packet *packet)
{
    if (packet->transport_header == NULL || tcp_header(packet).size < header_size(packet)) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    return judge(packet, packet->transport_header,
                 (uint32_t)header_size(packet) + packet->payload_length, 16);
}

enum p2i_checksum p2i_udp_checksum(const struct p2i_packet *packet)
{
    if (packet->transport_header == NULL || packet->transport != P2I_PROTO_UDP) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    return judge(packet, packet->transport_header, UDP_SIZE + packet->payload_length, 6);
}

uint16_t p2i_tcp_window(const struct p2i_packet *packet)
{
    return packet->transport_header != NULL ? p2i_load_be16(packet->transport_header + 14) : 0;
}

uint32_t p2i_tcp_urgent(const struct p2i_packet *packet)
{
    uint16_t pointer =
        packet->transport_header != NULL ? p2i_load_be16(packet->transport_header + 18) : 0;
    return packet->tcp_sequence + pointer - 1;
}

int p2i_tcp_window_shift(const struct p2i_packet *packet)
{
    enum { END = 0, NO_OPERATION = 1, WINDOW_SCALE = 3, SHIFT_MAX = 14 };
    if (packet->transport_header == NULL) {
        return -1;
    }
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_from(tcp_header(packet), TCP_SIZE));
    while (cursor.rest.size > 0) {
        uint8_t kind = p2i_u8(&cursor);
        if (kind == END) {
            break;
        }
        if (kind == NO_OPERATION) {
            continue;
        }
        uint8_t size = p2i_u8(&cursor);
        if (kind == WINDOW_SCALE && size == 3) {
            uint8_t shift = p2i_u8(&cursor);
            return cursor.failed ? -1 : shift < SHIFT_MAX ? shift : SHIFT_MAX;
        }
        p2i_skip(&cursor, size > 2 ? size - 2U : 0U);
    }
    return -1;
}
