/* SPDX-License-Identifier: MIT */
#include "capture/pcap.h"

static const uint32_t magic_micro = 0xa1b2c3d4;
static const uint32_t magic_nano = 0xa1b23c4d;
/* tcpdump with A. Kuznetzov's patches: record headers are 8 bytes longer */
static const uint32_t magic_patched = 0xa1b2cd34;

enum {
    FILE_HEADER = 24,
    RECORD_HEADER = 16,
    RECORD_HEADER_PATCHED = 24,
    NS_PER_S = 1000000000,
};

static bool magic_of(struct p2i_view head, uint32_t *magic, bool *big)
{
    if (head.size < 4) {
        return false;
    }
    for (int order = 0; order < 2; order++) {
        *big = order == 1;
        *magic = p2i_walk_load32(head.data, *big);
        if (*magic == magic_micro || *magic == magic_nano || *magic == magic_patched) {
            return true;
        }
    }
    return false;
}

static bool is_pcap(struct p2i_view head)
{
    uint32_t magic;
    bool big;
    return magic_of(head, &magic, &big);
}

/* The order of the two lengths by version, as documented in libpcap's source only. */
static enum p2i_pcap_lengths lengths_of(unsigned major, unsigned minor)
{
    if (major == 543 || (major == 2 && minor < 3)) {
        return P2I_PCAP_CAPTURED_SECOND;
    }
    return major == 2 && minor == 3 ? P2I_PCAP_CAPTURED_SMALLER : P2I_PCAP_CAPTURED_FIRST;
}

static void start(struct p2i_pcap *pcap, const uint8_t *header)
{
    uint32_t magic = 0;
    (void)magic_of(p2i_view_of(header, FILE_HEADER), &magic, &pcap->big);
    pcap->started = true;
    pcap->fraction_ns = magic == magic_nano ? 1 : 1000;
    pcap->record_header = magic == magic_patched ? RECORD_HEADER_PATCHED : RECORD_HEADER;
    pcap->lengths =
        lengths_of(p2i_walk_load16(header + 4, pcap->big), p2i_walk_load16(header + 6, pcap->big));
    /* The upper 16 bits describe the frame check sequence. */
    pcap->link_type = (uint16_t)p2i_walk_load32(header + 20, pcap->big);
}

static uint32_t captured_of(enum p2i_pcap_lengths lengths, uint32_t first, uint32_t second)
{
    switch (lengths) {
    case P2I_PCAP_CAPTURED_SECOND:
        return second;
    case P2I_PCAP_CAPTURED_SMALLER:
        return first < second ? first : second;
    case P2I_PCAP_CAPTURED_FIRST:
        break;
    }
    return first;
}

static inline uint64_t time_at(const uint8_t *record, bool big, uint32_t fraction_ns)
{
    return (uint64_t)p2i_walk_load32(record, big) * NS_PER_S +
           (uint64_t)p2i_walk_load32(record + 4, big) * fraction_ns;
}

static bool peek_time(const void *state, struct p2i_view rest, uint64_t *time_ns)
{
    const struct p2i_pcap *pcap = state;
    if (!pcap->started || rest.size < 8) {
        return false;
    }
    *time_ns = time_at(rest.data, pcap->big, pcap->fraction_ns);
    return true;
}

/* Hot loop, specialised for the usual form by inlining with constants. */
static inline __attribute__((always_inline)) enum p2i_walk_end
walk_records(struct p2i_walk *walk, const struct p2i_pcap form)
{
    struct p2i_block *block = walk->block;
    struct p2i_frame *frame = block->frames + block->frame_count;
    const struct p2i_frame *full = block->frames + block->frame_capacity;
    const uint8_t *record = walk->bytes.data + walk->used;
    size_t rest = walk->bytes.size - walk->used;
    enum p2i_walk_end end = P2I_WALK_MORE;
    walk->wanted = form.record_header;
    while (rest >= form.record_header) {
        if (frame == full) {
            end = P2I_WALK_FULL;
            break;
        }
        uint32_t first = p2i_walk_load32(record + 8, form.big);
        uint32_t second = p2i_walk_load32(record + 12, form.big);
        uint32_t size = captured_of(form.lengths, first, second);
        if (rest - form.record_header < size) {
            walk->wanted = (size_t)form.record_header + size;
            end = size > P2I_FRAME_MAX ? P2I_WALK_BROKEN : P2I_WALK_MORE;
            break;
        }
        *frame++ = (struct p2i_frame){
            .data = record + form.record_header,
            .time_ns = time_at(record, form.big, form.fraction_ns),
            .size = size,
            .original_size = first > second ? first : second,
            .link_type = form.link_type,
        };
        record += form.record_header + size;
        rest -= form.record_header + size;
    }
    walk->used = walk->bytes.size - rest;
    block->frame_count = (size_t)(frame - block->frames);
    return end;
}

enum p2i_walk_end p2i_pcap_walk(void *state, struct p2i_walk *walk)
{
    struct p2i_pcap *pcap = state;
    walk->used = 0;
    if (!pcap->started) {
        if (walk->bytes.size < FILE_HEADER) {
            walk->wanted = FILE_HEADER;
            walk->part = "the file header";
            return P2I_WALK_MORE;
        }
        start(pcap, walk->bytes.data);
        walk->used = FILE_HEADER;
    }
    walk->part = "the packet record";
    bool usual = !pcap->big && pcap->fraction_ns == 1000 && pcap->record_header == RECORD_HEADER &&
                 pcap->lengths == P2I_PCAP_CAPTURED_FIRST;
    enum p2i_walk_end end =
        usual ? walk_records(walk, (struct p2i_pcap){.fraction_ns = 1000,
                                                     .record_header = RECORD_HEADER,
                                                     .link_type = pcap->link_type})
              : walk_records(walk, *pcap);
    if (end == P2I_WALK_BROKEN) {
        (void)p2i_fail(walk->error, P2I_DAMAGED,
                       "expected a captured length of at most %u bytes, found %zu", P2I_FRAME_MAX,
                       walk->wanted - pcap->record_header);
        p2i_walk_place(walk, walk->used);
    }
    return end;
}

const struct p2i_container p2i_container_pcap = {
    .state_size = sizeof(struct p2i_pcap),
    .is = is_pcap,
    .walk = p2i_pcap_walk,
    .peek_time = peek_time,
};
