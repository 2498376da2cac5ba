/* SPDX-License-Identifier: MIT */
#include "privacy/anonymise_packet.h"

#include "pcap2ipfix/values.h"

enum {
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    EXTENSION_HEADER = 8, /* the shortest, and the size of a fragment header */
    HOP_BY_HOP = 0,
    ROUTING = 43,
    FRAGMENT = 44,
    DESTINATION_OPTIONS = 60,
};

/* The packet; its headers up to `done` are anonymised. */
struct headers {
    uint8_t *data;
    size_t size;
    size_t done;
};

/* Clears `count` bytes from `from` on, as far as the packet has them. */
static void clear(struct headers *headers, size_t from, size_t count)
{
    if (from < headers->size) {
        size_t there = headers->size - from;
        memset(headers->data + from, 0, count < there ? count : there);
    }
}

static void take(struct headers *headers, size_t count)
{
    size_t there = headers->size - headers->done;
    headers->done += count < there ? count : there;
}

static bool map_at(struct p2i_crypto_pan *pan, uint8_t *at, uint8_t ip_version)
{
    struct p2i_address address = {0};
    struct p2i_address mapped;
    size_t size = ip_version == 6 ? 16 : 4;
    memcpy(address.bytes, at, size);
    bool done = p2i_crypto_pan_map(pan, ip_version, &address, &mapped);
    if (done) {
        memcpy(at, mapped.bytes, size);
    }
    return done;
}

static void take_transport(struct headers *headers, uint8_t protocol)
{
    size_t at = headers->done;
    if (protocol == P2I_PROTO_UDP) {
        clear(headers, at + 6, 2);
        take(headers, UDP_HEADER);
    } else if (protocol == P2I_PROTO_TCP && headers->size > at + 12) {
        size_t size = (size_t)(headers->data[at + 12] >> 4) * 4;
        size = size < TCP_HEADER ? TCP_HEADER : size;
        clear(headers, at + 16, 2);
        clear(headers, at + TCP_HEADER, size - TCP_HEADER);
        take(headers, size);
    }
}

/* A later fragment has no transport header (RFC 791 section 3.1). */
static bool take_ipv4(struct p2i_crypto_pan *pan, struct headers *headers)
{
    uint8_t *data = headers->data;
    size_t size = (size_t)(data[0] & 15) * 4;
    if (headers->size < IPV4_HEADER || size < IPV4_HEADER) {
        return true;
    }
    if (!map_at(pan, data + 12, 4) || !map_at(pan, data + 16, 4)) {
        return false;
    }
    clear(headers, 10, 2);
    clear(headers, IPV4_HEADER, size - IPV4_HEADER);
    take(headers, size);
    if ((data[6] & 0x1f) == 0 && data[7] == 0) {
        take_transport(headers, data[9]);
    }
    return true;
}

/* RFC 8200 section 4. Zeros stand for padding in options, and for a completed routing header. */
static bool take_ipv6(struct p2i_crypto_pan *pan, struct headers *headers)
{
    uint8_t *data = headers->data;
    if (headers->size < IPV6_HEADER) {
        return true;
    }
    if (!map_at(pan, data + 8, 6) || !map_at(pan, data + 24, 6)) {
        return false;
    }
    take(headers, IPV6_HEADER);
    uint8_t next = data[6];
    bool first_fragment = true;
    while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS ||
           next == FRAGMENT) {
        size_t at = headers->done;
        if (headers->size - at < EXTENSION_HEADER) {
            return true;
        }
        size_t size = EXTENSION_HEADER;
        if (next == FRAGMENT) {
            first_fragment = data[at + 2] == 0 && (data[at + 3] & 0xf8) == 0;
        } else {
            size += (size_t)data[at + 1] * 8;
            clear(headers, at + 2, size - 2);
        }
        next = data[at];
        take(headers, size);
        if (!first_fragment) {
            return true;
        }
    }
    take_transport(headers, next);
    return true;
}

bool p2i_anonymise_packet(struct p2i_crypto_pan *pan, struct p2i_view *packet,
                          struct p2i_texts *texts)
{
    struct p2i_buffer *out = p2i_texts_next(texts);
    if (out == NULL || !p2i_append(out, *packet)) {
        return false;
    }
    struct headers headers = {.data = out->data, .size = out->size};
    bool done = true;
    if (headers.size > 0) {
        done = headers.data[0] >> 4 == 6 ? take_ipv6(pan, &headers) : take_ipv4(pan, &headers);
    }
    *packet = p2i_view_of(headers.data, headers.done);
    return done;
}
