/* SPDX-License-Identifier: MIT */
#include "protocol/quic/google.h"

#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"

enum { CID_SIZE = 8, HASH_SIZE = 12 };
enum {
    FLAG_VERSION = 0x01,
    FLAG_RESET = 0x02,
    FLAG_CID = 0x08, /* was 0x0c for 8 bytes; 0x04 was later a nonce, of servers only */
    FLAG_RESERVED = 0x80,
};
enum { FIRST_VERSION = 24, LAST_SHORT = 43, LAST_WITH_FLAGS = 33, LONG_VERSION = 46 };
enum { HELLO_HEADER = 8, HELLO_ENTRY = 8, ENTRIES_MAX = 128 };

/* The number in "Q0nn"; 0: something else. */
static unsigned version_at(struct p2i_view datagram, size_t at)
{
    struct p2i_view text = p2i_view_first(p2i_view_from(datagram, at), 4);
    uint64_t version = 0;
    if (text.size == 4 && p2i_view_starts(text, P2I_VIEW("Q0"))) {
        (void)p2i_parse_decimal(p2i_view_from(text, 2), 99, &version);
    }
    return (unsigned)version;
}

/* A header of Q024 to Q043. */
static bool is_short(struct p2i_view datagram)
{
    enum { MASK = FLAG_VERSION | FLAG_RESET | FLAG_CID | FLAG_RESERVED };
    if (datagram.size == 0 || (datagram.data[0] & MASK) != (FLAG_VERSION | FLAG_CID)) {
        return false;
    }
    unsigned version = version_at(datagram, 1 + CID_SIZE);
    return version >= FIRST_VERSION && version <= LAST_SHORT;
}

/* A header of Q046: as the IETF's was then, with the lengths of both connection ids in one byte. */
static bool is_long(struct p2i_view datagram)
{
    enum { LONG_AND_FIXED = 0xc0 };
    return datagram.size > 0 && (datagram.data[0] & LONG_AND_FIXED) == LONG_AND_FIXED &&
           version_at(datagram, 1) == LONG_VERSION;
}

bool p2i_google_is_packet(struct p2i_view datagram)
{
    return is_short(datagram) || is_long(datagram);
}

/* Skip the header and the hash that protects the packet while there are no keys. */
static void skip_short_header(struct p2i_cursor *cursor, unsigned version)
{
    static const uint8_t number_sizes[] = {1, 2, 4, 6};
    uint8_t flags = p2i_u8(cursor);
    p2i_skip(cursor, CID_SIZE + 4 + number_sizes[flags >> 4 & 3] + HASH_SIZE);
    if (version <= LAST_WITH_FLAGS) {
        p2i_skip(cursor, 1); /* private flags */
    }
}

static void skip_long_header(struct p2i_cursor *cursor)
{
    uint8_t first = p2i_u8(cursor);
    p2i_skip(cursor, 4);
    unsigned sizes = p2i_u8(cursor); /* less three, 0: none */
    unsigned destination = sizes >> 4 > 0 ? (sizes >> 4) + 3 : 0;
    unsigned source = (sizes & 15) > 0 ? (sizes & 15) + 3 : 0;
    p2i_skip(cursor, destination + source + (first & 3U) + 1 + HASH_SIZE);
}

size_t p2i_google_header_size(struct p2i_view datagram)
{
    struct p2i_cursor cursor = p2i_cursor_of(datagram);
    if (is_short(datagram)) {
        skip_short_header(&cursor, version_at(datagram, 1 + CID_SIZE));
    } else {
        skip_long_header(&cursor);
    }
    return cursor.failed ? datagram.size : datagram.size - cursor.rest.size;
}

struct p2i_view p2i_google_stream(struct p2i_view datagram)
{
    enum { STREAM = 0x80, HAS_SIZE = 0x20, OFFSET_SHIFT = 2, OFFSET_MASK = 7, ID_MASK = 3 };
    struct p2i_cursor cursor =
        p2i_cursor_of(p2i_view_from(datagram, p2i_google_header_size(datagram)));
    uint8_t type = p2i_u8(&cursor);
    if ((type & STREAM) == 0) {
        return (struct p2i_view){0};
    }
    unsigned offset = type >> OFFSET_SHIFT & OFFSET_MASK;
    p2i_skip(&cursor, (type & ID_MASK) + 1U + (offset > 0 ? offset + 1 : 0));
    if ((type & HAS_SIZE) != 0) {
        p2i_skip(&cursor,
                 2); /* its byte order changed between versions; the hello has its own size */
    }
    return cursor.rest;
}

bool p2i_google_is_hello(struct p2i_view message)
{
    return p2i_view_starts(message, P2I_VIEW("CHLO"));
}

static size_t values_at(struct p2i_view message)
{
    return HELLO_HEADER + (size_t)HELLO_ENTRY * p2i_load_le16(message.data + 4);
}

size_t p2i_google_hello_size(struct p2i_view message)
{
    if (message.size < HELLO_HEADER || message.size < values_at(message)) {
        return SIZE_MAX;
    }
    size_t values = values_at(message);
    return values > HELLO_HEADER ? values + p2i_load_le32(message.data + values - 4) : values;
}

bool p2i_google_hello_read(struct p2i_view message, bool whole, struct p2i_google_hello *hello)
{
    *hello = (struct p2i_google_hello){0};
    if (message.size < HELLO_HEADER || message.size < values_at(message)) {
        return !whole && message.size >= HELLO_HEADER;
    }
    struct p2i_view values = p2i_view_from(message, values_at(message));
    unsigned count = p2i_load_le16(message.data + 4);
    uint32_t begin = 0;
    for (unsigned i = 0; i < count && i < ENTRIES_MAX; i++) {
        const uint8_t *entry = message.data + HELLO_HEADER + (size_t)HELLO_ENTRY * i;
        uint32_t end = p2i_load_le32(entry + 4);
        if (end < begin) {
            break;
        }
        bool there = end <= values.size;
        struct p2i_view value = p2i_view_first(p2i_view_from(values, begin), end - begin);
        if (there && memcmp(entry, "SNI", 4) == 0) {
            hello->host = value;
        } else if ((there || !whole) && memcmp(entry, "UAID", 4) == 0) {
            hello->user_agent = value;
        }
        if (!there) {
            break;
        }
        begin = end;
    }
    return true;
}
