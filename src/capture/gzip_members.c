/* SPDX-License-Identifier: MIT */
/* Where members of gzip (RFC 1952) begin. Only BGZF (SAM/BAM format specification, section 4.1)
 * notes the size of a member in its header; members of other writers are found by what a header
 * looks like. */
#include "capture/gzip.h"
#include "pcap2ipfix/cursor.h"

enum {
    HEADER = 10,      /* RFC 1952 section 2.3, without what FLG adds */
    BGZF_HEADER = 18, /* with the extra field */
    CHUNK = 16 << 10, /* searched at once */
};

/* True for 10 bytes that a writer of gzip would write: no reserved flag, a usual XFL and a known
 * OS. */
static bool is_header(const uint8_t *bytes)
{
    return bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8 && (bytes[3] & 0xe0) == 0 &&
           (bytes[8] == 0 || bytes[8] == 2 || bytes[8] == 4) && (bytes[9] <= 13 || bytes[9] == 255);
}

/* The size of the BGZF member at `offset`; 0: it is none. */
static uint64_t bgzf_size(p2i_compressed_read *read, void *context, uint64_t offset)
{
    uint8_t buffer[BGZF_HEADER];
    struct p2i_view head = p2i_compressed_at(read, context, offset, buffer, sizeof buffer);
    static const uint8_t extra[] = {6, 0, 'B', 'C', 2, 0};
    bool is = head.size == BGZF_HEADER && is_header(buffer) && buffer[3] == 4 &&
              memcmp(buffer + HEADER, extra, sizeof extra) == 0;
    return is ? p2i_load_le16(buffer + HEADER + sizeof extra) + UINT64_C(1) : 0;
}

/* The first header from `offset` on; `end`, or more: there is none before. */
static uint64_t find_header(p2i_compressed_read *read, void *context, uint64_t offset, uint64_t end)
{
    uint8_t buffer[CHUNK];
    while (offset < end) {
        struct p2i_view bytes = p2i_compressed_at(read, context, offset, buffer, sizeof buffer);
        if (bytes.size < HEADER) {
            return end;
        }
        size_t last = bytes.size - HEADER;
        for (size_t at = 0; at <= last; at++) {
            at += p2i_view_find(p2i_view_of(buffer + at, last + 1 - at), 0x1f);
            if (at <= last && is_header(buffer + at)) {
                return offset + at;
            }
        }
        offset += last + 1;
    }
    return end;
}

bool p2i_next_gzip_member(p2i_compressed_read *read, void *context, uint64_t from, uint64_t least,
                          struct p2i_stream_start *next)
{
    uint64_t end = least + P2I_SEARCH_BYTES;
    uint64_t at = from;
    uint64_t size = 1;
    for (unsigned steps = 0; at < least && size > 0; steps++) {
        size = steps < P2I_SEARCH_STEPS ? bgzf_size(read, context, at) : 0;
        at += size;
    }
    if (size == 0) {
        at = find_header(read, context, at > least ? at : least, end);
    }
    *next = (struct p2i_stream_start){.offset = at};
    uint8_t header[HEADER];
    return at < end && p2i_compressed_at(read, context, at, header, HEADER).size == HEADER &&
           is_header(header);
}
