/* SPDX-License-Identifier: MIT */
/* Solaris snoop (RFC 1761), version 2, big-endian. Datalink types are those of DLPI. */
#include "capture/walk.h"

enum {
    FILE_HEADER = 16,
    RECORD_HEADER = 24,
    VERSION = 2,
    NS_PER_S = 1000000000,
    NS_PER_US = 1000,
};

/* Header before ATM packets: flags, virtual path, virtual circuit. */
enum {
    ATM_HEADER = 4,
    ATM_TRAFFIC = 0x0f, /* mask of the flags */
    ATM_LANE = 1,       /* LAN emulation: a client id, then Ethernet */
    ATM_LANE_HEADER = ATM_HEADER + 2,
};

/* LINKTYPE_ numbers */
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_TOKEN_RING = 6,
    LINK_FDDI = 10,
    LINK_HDLC = 50,
    LINK_ATM = 100,
    LINK_RAW = 101,
    LINK_80211 = 105,
    LINK_FIBRE_CHANNEL = 122,
    LINK_IPNET = 226,
    LINK_NONE = UINT16_MAX, /* has no LINKTYPE_ number */
};

/* Types of RFC 1761, then additional ones of Solaris. */
static const struct {
    uint32_t datalink;
    uint16_t link_type;
} datalinks[] = {
    {0, LINK_ETHERNET},     {2, LINK_TOKEN_RING},     {4, LINK_ETHERNET},
    {5, LINK_HDLC},         {8, LINK_FDDI},           {9, LINK_NULL}, /* "other": UNICOS loopback */
    {14, LINK_NULL},        {16, LINK_FIBRE_CHANNEL}, {18, LINK_ATM}, /* Classical IP over ATM */
    {0x80000001, LINK_RAW}, /* tunnels: IPv4, IPv6, 6to4 */
    {0x80000002, LINK_RAW}, {0x80000004, LINK_80211}, {0x80000005, LINK_IPNET},
    {0x80000007, LINK_RAW},
};

struct snoop {
    bool started; /* the file header was read */
    uint16_t link_type;
};

static bool is_snoop(struct p2i_view head)
{
    return p2i_view_starts(head, P2I_VIEW("snoop\0\0\0"));
}

static uint16_t link_type_of(uint32_t datalink)
{
    for (size_t i = 0; i < sizeof datalinks / sizeof datalinks[0]; i++) {
        if (datalinks[i].datalink == datalink) {
            return datalinks[i].link_type;
        }
    }
    return LINK_NONE;
}

static uint64_t time_at(const uint8_t *record)
{
    return (uint64_t)p2i_load_be32(record + 16) * NS_PER_S +
           (uint64_t)p2i_load_be32(record + 20) * NS_PER_US;
}

static bool peek_time(const void *state, struct p2i_view rest, uint64_t *time_ns)
{
    const struct snoop *snoop = state;
    if (!snoop->started || rest.size < RECORD_HEADER) {
        return false;
    }
    *time_ns = time_at(rest.data);
    return true;
}

static enum p2i_walk_end start(struct snoop *snoop, struct p2i_walk *walk)
{
    if (walk->bytes.size < FILE_HEADER) {
        walk->wanted = FILE_HEADER;
        walk->part = "the file header";
        return P2I_WALK_MORE;
    }
    uint32_t version = p2i_load_be32(walk->bytes.data + 8);
    if (version != VERSION) {
        (void)p2i_fail(walk->error, P2I_DAMAGED, "expected a snoop file of version %d, found %u",
                       VERSION, (unsigned)version);
        walk->error->offset = walk->offset + 8;
        return P2I_WALK_BROKEN;
    }
    snoop->link_type = link_type_of(p2i_load_be32(walk->bytes.data + 12));
    snoop->started = true;
    walk->used = FILE_HEADER;
    return P2I_WALK_GO;
}

/* Removes the ATM header; it decides the link type. */
static void strip_atm(struct p2i_frame *frame)
{
    bool lane = frame->size > 0 && (frame->data[0] & ATM_TRAFFIC) == ATM_LANE;
    uint32_t header = lane ? ATM_LANE_HEADER : ATM_HEADER;
    if (frame->size < header) {
        return; /* cut within the header: the decoder reports it */
    }
    frame->data += header;
    frame->size -= header;
    frame->original_size -= header;
    frame->link_type = lane ? LINK_ETHERNET : LINK_ATM;
}

static enum p2i_walk_end broken(const struct p2i_walk *walk, const char *wanted, uint32_t limit,
                                uint32_t found)
{
    (void)p2i_fail(walk->error, P2I_DAMAGED, "expected %s %u bytes, found %u", wanted,
                   (unsigned)limit, (unsigned)found);
    p2i_walk_place(walk, walk->used);
    return P2I_WALK_BROKEN;
}

/* A record: original length, captured length, record length with header and padding, packets
 * dropped so far, seconds, microseconds, packet. */
static enum p2i_walk_end walk_record(const struct snoop *snoop, struct p2i_walk *walk)
{
    const uint8_t *record = walk->bytes.data + walk->used;
    size_t rest = walk->bytes.size - walk->used;
    walk->wanted = RECORD_HEADER;
    if (rest < RECORD_HEADER) {
        return P2I_WALK_MORE;
    }
    uint32_t original_size = p2i_load_be32(record);
    uint32_t size = p2i_load_be32(record + 4);
    uint32_t record_size = p2i_load_be32(record + 8);
    if (size > P2I_FRAME_MAX) {
        return broken(walk, "a captured length of at most", P2I_FRAME_MAX, size);
    }
    if (record_size < RECORD_HEADER + size) {
        return broken(walk, "a record length of at least", RECORD_HEADER + size, record_size);
    }
    if (record_size > RECORD_HEADER + P2I_FRAME_MAX) {
        return broken(walk, "a record length of at most", RECORD_HEADER + P2I_FRAME_MAX,
                      record_size);
    }
    walk->wanted = record_size;
    if (rest < record_size) {
        return P2I_WALK_MORE;
    }
    struct p2i_block *block = walk->block;
    struct p2i_frame *frame = &block->frames[block->frame_count++];
    *frame = (struct p2i_frame){
        .data = record + RECORD_HEADER,
        .time_ns = time_at(record),
        .size = size,
        .original_size = original_size > size ? original_size : size,
        .link_type = snoop->link_type,
    };
    if (snoop->link_type == LINK_ATM) {
        strip_atm(frame);
    }
    walk->used += record_size;
    return P2I_WALK_GO;
}

static enum p2i_walk_end walk_snoop(void *state, struct p2i_walk *walk)
{
    struct snoop *snoop = state;
    walk->used = 0;
    enum p2i_walk_end end = snoop->started ? P2I_WALK_GO : start(snoop, walk);
    if (end != P2I_WALK_GO) {
        return end;
    }
    walk->part = "the packet record";
    while (end == P2I_WALK_GO) {
        if (walk->block->frame_count == walk->block->frame_capacity) {
            return P2I_WALK_FULL;
        }
        end = walk_record(snoop, walk);
    }
    return end;
}

const struct p2i_container p2i_container_snoop = {
    .state_size = sizeof(struct snoop),
    .is = is_snoop,
    .walk = walk_snoop,
    .peek_time = peek_time,
};
