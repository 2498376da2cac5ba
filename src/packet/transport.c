/* SPDX-License-Identifier: MIT */
#include "packet/transport.h"

#include <arpa/inet.h>

enum { TCP_SIZE = 20, UDP_SIZE = 8, IPV4_SIZE = 20 };

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

/* Sums over many words dominate; AVX2 doubles their speed. The choice happens while the program is
 * loaded, too early for the thread sanitizer and for gcc's profiler. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_THREAD__) &&              \
    !HAS_FEATURE(thread_sanitizer) && !defined(P2I_PROFILED)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/* Sums words of 32 bits in native order, which gives the same result as 16-bit words in network
 * order, except for the order of its bytes (RFC 1071 section 2). `size` is a multiple of 32. */
WIDE static uint64_t sum_many(const uint8_t *at, size_t size)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i += 4) {
        uint32_t word;
        memcpy(&word, at + i, sizeof word);
        sum += word;
    }
    return sum;
}

/* Most inputs are short, for which the start of the AVX2 version takes longer. */
static inline uint64_t sum_of(struct p2i_view bytes)
{
    enum { MANY = 256 };
    const uint8_t *at = bytes.data;
    size_t left = bytes.size;
    uint64_t sum = 0;
    if (left >= MANY) {
        sum = sum_many(at, left / 32 * 32);
        at += left / 32 * 32;
        left %= 32;
    }
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t words;
        memcpy(&words, at, sizeof words);
        sum += (words & UINT32_MAX) + (words >> 32);
    }
    if (left > 0) {
        uint64_t last = 0;
        memcpy(&last, at, left);
        sum += (last & UINT32_MAX) + (last >> 32);
    }
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32); /* 33 bits */
    sum = (sum & UINT16_MAX) + (sum >> 16); /* 18 */
    sum = (sum & UINT16_MAX) + (sum >> 16); /* 17, of which all but the lowest may be 0 */
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)sum;
}

static uint16_t load_native(const uint8_t *at)
{
    uint16_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint32_t load_native32(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Sum of the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1). */
static inline uint64_t pseudo_header(const struct p2i_packet *packet, uint32_t length)
{
    const struct p2i_address *end = packet->key.end;
    uint64_t sum = (uint64_t)htonl(length) + htonl(packet->key.transport);
    if (packet->key.ip_version == 4) {
        return sum + load_native32(end[0].bytes) + load_native32(end[1].bytes);
    }
    sum += sum_of(p2i_view_of(end[0].bytes, sizeof end[0].bytes));
    return sum + sum_of(p2i_view_of(end[1].bytes, sizeof end[1].bytes));
}

/* Checks the checksum at offset `at` of a header with `length` bytes on the wire. */
static enum p2i_checksum judge(const struct p2i_packet *packet, const uint8_t *header,
                               uint32_t length, size_t at)
{
    uint16_t sent = load_native(header + at);
    if (sent == 0 || packet->payload.size < packet->payload_length) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    uint64_t before = pseudo_header(packet, length);
    if (fold(before + sum_of(p2i_view_of(header, length))) == UINT16_MAX) {
        return P2I_CHECKSUM_RIGHT;
    }
    return sent == fold(before) ? P2I_CHECKSUM_UNKNOWN : P2I_CHECKSUM_WRONG;
}

bool p2i_is_ipv4_checksum_right(struct p2i_view packet)
{
    size_t size = packet.size > 0 ? (size_t)(packet.data[0] & 0x0f) * 4 : 0;
    return size >= IPV4_SIZE && size <= packet.size &&
           fold(sum_of(p2i_view_first(packet, size))) == UINT16_MAX;
}

enum p2i_checksum p2i_ip_checksum(const struct p2i_packet *packet)
{
    if (packet->ip_version != 4 || packet->ip.size < IPV4_SIZE) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    if (load_native(packet->ip.data + 10) == 0) {
        return P2I_CHECKSUM_UNKNOWN;
    }
    return p2i_is_ipv4_checksum_right(packet->ip) ? P2I_CHECKSUM_RIGHT : P2I_CHECKSUM_WRONG;
}

/* Size of the TCP header; the decoder has checked it. */
static size_t header_size(const struct p2i_packet *packet)
{
    return (size_t)(packet->transport_header[12] >> 4) * 4;
}

/* The TCP header as far as captured. */
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

uint32_t p2i_tcp_urgent(const struct p2i_packet *packet)
{
    uint16_t pointer =
        packet->transport_header != NULL ? p2i_load_be16(packet->transport_header + 18) : 0;
    return packet->tcp_sequence + pointer - 1;
}

struct p2i_view p2i_tcp_options(const struct p2i_packet *packet)
{
    return packet->transport_header != NULL ? p2i_view_from(tcp_header(packet), TCP_SIZE)
                                            : (struct p2i_view){0};
}

bool p2i_tcp_option_next(struct p2i_cursor *options, uint8_t *kind, struct p2i_view *value)
{
    enum { END = 0, NO_OPERATION = 1 };
    do {
        *kind = options->rest.size > 0 ? p2i_u8(options) : END;
    } while (*kind == NO_OPERATION);
    if (*kind == END) {
        return false;
    }
    uint8_t size = p2i_u8(options);
    struct p2i_view contents = p2i_take(options, size > 2 ? size - 2U : 0U);
    if (value != NULL) {
        *value = contents;
    }
    return !options->failed;
}

int p2i_tcp_window_shift(const struct p2i_packet *packet)
{
    enum { WINDOW_SCALE = 3, SHIFT_MAX = 14 };
    struct p2i_cursor options = p2i_cursor_of(p2i_tcp_options(packet));
    struct p2i_view value;
    uint8_t kind;
    while (p2i_tcp_option_next(&options, &kind, &value)) {
        if (kind == WINDOW_SCALE && value.size == 1) {
            return value.data[0] < SHIFT_MAX ? value.data[0] : SHIFT_MAX;
        }
    }
    return -1;
}
