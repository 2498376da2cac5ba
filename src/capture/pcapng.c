/* SPDX-License-Identifier: MIT */
#include "capture/pcapng.h"

#include <stdlib.h>

#include "base/hash.h"

/* Section numbers in this file are those of draft-ietf-opsawg-pcapng. */
enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OLD = 2,
    BLOCK_PACKET_SIMPLE = 3,
    BLOCK_PACKET = 6,
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
    ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_RESOLUTION = 9,
    OPTION_OFFSET = 14,
    RESOLUTION_BINARY = 0x80, /* a power of 2, not of 10 */
    RESOLUTION_USUAL = 6,
};

enum {
    BLOCK_HEADER = 8, /* type and total length */
    BLOCK_FRAME = 12, /* the header, and the total length repeated at the end */
    SECTION_FIXED = 16,
    INTERFACE_FIXED = 8,
    PACKET_FIXED = 20, /* also of old packet blocks */
    SIMPLE_FIXED = 4,
    INTERFACES_MAX = 1 << 16, /* in a section; further ones are ignored */
};

#define TIME_MAX ((uint64_t)INT64_MAX)
static const uint64_t ns_per_s = 1000000000;

static bool is_pcapng(struct p2i_view head)
{
    return p2i_view_starts(head, P2I_VIEW("\x0a\x0d\x0d\x0a"));
}

void p2i_pcapng_free(void *state)
{
    struct p2i_pcapng *pcapng = state;
    free(pcapng->interfaces);
    pcapng->interfaces = NULL;
}

/* Returns 0 when 10^power does not fit into 64 bits. */
static uint64_t power_of_ten(unsigned power)
{
    uint64_t value = power <= 19 ? 1 : 0;
    while (power-- > 0) {
        value *= 10;
    }
    return value;
}

static void split_decimal(uint64_t ticks, unsigned power, uint64_t *seconds, uint64_t *ns)
{
    uint64_t per_second = power_of_ten(power);
    *seconds = per_second > 0 ? ticks / per_second : 0;
    uint64_t part = per_second > 0 ? ticks % per_second : ticks;
    if (power <= 9) {
        *ns = part * power_of_ten(9 - power);
    } else {
        uint64_t per_ns = power_of_ten(power - 9);
        *ns = per_ns > 0 ? part / per_ns : 0;
    }
}

static void split_binary(uint64_t ticks, unsigned power, uint64_t *seconds, uint64_t *ns)
{
    *seconds = power < 64 ? ticks >> power : 0;
    uint64_t part = power < 64 ? ticks & ((UINT64_C(1) << power) - 1) : ticks;
    if (power < 32) {
        *ns = part * ns_per_s >> power; /* below 2^32 * 2^30 */
        return;
    }
    /* part * 10^9 / 2^power in two steps, because the product may have 94 bits. Rounding down twice
     * gives the same as rounding down once. */
    uint64_t upper = (part >> 32) * ns_per_s + ((part & UINT32_MAX) * ns_per_s >> 32);
    *ns = power - 32 < 64 ? upper >> (power - 32) : 0;
}

uint64_t p2i_pcapng_time(const struct p2i_pcapng_interface *interface, uint64_t ticks)
{
    uint64_t seconds;
    uint64_t ns;
    unsigned power = interface->resolution & 0x7f;
    if ((interface->resolution & RESOLUTION_BINARY) != 0) {
        split_binary(ticks, power, &seconds, &ns);
    } else {
        split_decimal(ticks, power, &seconds, &ns);
    }
    const uint64_t seconds_max = TIME_MAX / ns_per_s;
    if (interface->offset_s < 0) {
        uint64_t back = 0 - (uint64_t)interface->offset_s;
        if (back > seconds) {
            return 0;
        }
        seconds -= back;
    } else {
        uint64_t forth = (uint64_t)interface->offset_s;
        seconds = seconds > UINT64_MAX - forth ? UINT64_MAX : seconds + forth;
    }
    return seconds >= seconds_max ? TIME_MAX : seconds * ns_per_s + ns;
}

uint64_t p2i_pcapng_ticks(const struct p2i_pcapng_interface *interface, uint64_t time_ns)
{
    unsigned power = interface->resolution & 0x7f;
    bool binary = (interface->resolution & RESOLUTION_BINARY) != 0;
    uint64_t unit = binary ? (power < 64 ? UINT64_C(1) << power : 0) : power_of_ten(power);
    int64_t seconds = (int64_t)(time_ns / ns_per_s);
    if (interface->offset_s > seconds ||
        (interface->offset_s < 0 && seconds > INT64_MAX + interface->offset_s)) {
        return 0;
    }
    uint64_t whole = (uint64_t)(seconds - interface->offset_s);
    p2i_uint128 part = (p2i_uint128)(time_ns % ns_per_s) * unit;
    return whole * unit + (uint64_t)((part + ns_per_s - 1) / ns_per_s);
}

static enum p2i_walk_end broken(const struct p2i_walk *walk, const char *what, uint32_t wanted,
                                uint32_t found)
{
    (void)p2i_fail(walk->error, P2I_DAMAGED, "expected %s %u, found %u", what, wanted, found);
    p2i_walk_place(walk, walk->used);
    return P2I_WALK_BROKEN;
}

/* Reports a block with valid lengths and invalid content; it is skipped. */
static enum p2i_walk_end bad_block(const struct p2i_walk *walk, const char *expected,
                                   uint32_t found)
{
    if (!walk->tolerant) {
        (void)p2i_fail(walk->error, P2I_DAMAGED, "expected %s, found %u; the block is skipped",
                       expected, found);
        p2i_walk_place(walk, walk->used);
    }
    return P2I_WALK_SKIPPED;
}

/* Reads the options used here (section 4.2). False: an option of *size bytes ends behind the block.
 */
static bool interface_options(struct p2i_pcapng_interface *interface, struct p2i_cursor options,
                              bool big, uint16_t *size)
{
    while (options.rest.size >= 4) {
        const uint8_t *head = p2i_take(&options, 4).data;
        uint16_t code = p2i_walk_load16(head, big);
        *size = p2i_walk_load16(head + 2, big);
        if (code == OPTION_END) {
            return true;
        }
        struct p2i_view value = p2i_take(&options, *size);
        if (options.failed) {
            return false;
        }
        /* Padded to 4 bytes, except perhaps the last option of careless writers. */
        size_t padding = (4 - *size % 4U) % 4;
        p2i_skip(&options, padding < options.rest.size ? padding : options.rest.size);
        if (code == OPTION_RESOLUTION && *size == 1) {
            interface->resolution = value.data[0];
        } else if (code == OPTION_OFFSET && *size == 8) {
            uint64_t low = p2i_walk_load32(value.data + (big ? 4 : 0), big);
            uint64_t high = p2i_walk_load32(value.data + (big ? 0 : 4), big);
            interface->offset_s = (int64_t)(high << 32 | low);
        }
    }
    return true;
}

/* Most captures need only one multiplication to convert times. */
static void prepare_time(struct p2i_pcapng_interface *interface)
{
    interface->tick_ns = 0;
    if (interface->resolution <= 9 && interface->offset_s == 0) {
        interface->tick_ns = power_of_ten(9U - interface->resolution);
        interface->ticks_max = (TIME_MAX / ns_per_s - 1) * (ns_per_s / interface->tick_ns);
    }
}

static uint64_t time_of(const struct p2i_pcapng_interface *interface, uint64_t ticks)
{
    if (interface->tick_ns != 0 && ticks <= interface->ticks_max) {
        return ticks * interface->tick_ns;
    }
    return p2i_pcapng_time(interface, ticks);
}

static enum p2i_walk_end add_interface(struct p2i_pcapng *pcapng, const struct p2i_walk *walk,
                                       struct p2i_view body)
{
    if (body.size < INTERFACE_FIXED) {
        return bad_block(walk, "an interface description of at least 8 bytes", (uint32_t)body.size);
    }
    if (pcapng->interface_count == INTERFACES_MAX) {
        return bad_block(walk, "at most 65536 interfaces in a section", INTERFACES_MAX + 1);
    }
    if (pcapng->interface_count == pcapng->interface_capacity) {
        size_t capacity = pcapng->interface_capacity == 0 ? 4 : 2 * pcapng->interface_capacity;
        struct p2i_pcapng_interface *interfaces =
            realloc(pcapng->interfaces, capacity * sizeof *interfaces);
        if (interfaces == NULL) {
            (void)p2i_fail_memory(walk->error);
            return P2I_WALK_BROKEN;
        }
        pcapng->interfaces = interfaces;
        pcapng->interface_capacity = capacity;
    }
    struct p2i_pcapng_interface *interface = &pcapng->interfaces[pcapng->interface_count++];
    *interface = (struct p2i_pcapng_interface){
        .link_type = p2i_walk_load16(body.data, pcapng->big),
        .snaplen = p2i_walk_load32(body.data + 4, pcapng->big),
        .resolution = RESOLUTION_USUAL,
    };
    uint16_t option_size = 0;
    bool valid = interface_options(interface, p2i_cursor_of(p2i_view_from(body, INTERFACE_FIXED)),
                                   pcapng->big, &option_size);
    prepare_time(interface);
    /* Kept in any case, because later interfaces are numbered after it. */
    return valid
               ? P2I_WALK_GO
               : bad_block(walk, "an option length within the interface description", option_size);
}

static inline uint64_t ticks_at(const uint8_t *body, bool big)
{
    return (uint64_t)p2i_walk_load32(body + 4, big) << 32 | p2i_walk_load32(body + 8, big);
}

/* Enhanced (section 4.3) and old packet blocks; they differ in the first four bytes only. */
static inline enum p2i_walk_end add_packet(struct p2i_pcapng *pcapng, struct p2i_walk *walk,
                                           struct p2i_view body, bool old, bool big)
{
    if (body.size < PACKET_FIXED) {
        return bad_block(walk, "a packet block of at least 20 bytes", (uint32_t)body.size);
    }
    const uint8_t *data = body.data;
    uint32_t interface_id = old ? p2i_walk_load16(data, big) : p2i_walk_load32(data, big);
    if (interface_id >= pcapng->interface_count) {
        return bad_block(walk, "the id of a described interface", interface_id);
    }
    uint32_t size = p2i_walk_load32(data + 12, big);
    if (size > body.size - PACKET_FIXED) {
        return bad_block(walk, "a captured length within the block", size);
    }
    uint32_t original_size = p2i_walk_load32(data + 16, big);
    const struct p2i_pcapng_interface *interface = &pcapng->interfaces[interface_id];
    pcapng->last_ns = time_of(interface, ticks_at(data, big));
    walk->block->frames[walk->block->frame_count++] = (struct p2i_frame){
        .data = data + PACKET_FIXED,
        .time_ns = pcapng->last_ns,
        .size = size,
        .original_size = original_size > size ? original_size : size,
        .interface_id = interface_id,
        .link_type = interface->link_type,
    };
    return P2I_WALK_GO;
}

/* Simple packet blocks (section 4.4): no time, no captured length. */
static enum p2i_walk_end add_simple(const struct p2i_pcapng *pcapng, struct p2i_walk *walk,
                                    struct p2i_view body)
{
    if (body.size < SIMPLE_FIXED) {
        return bad_block(walk, "a packet block of at least 4 bytes", (uint32_t)body.size);
    }
    if (pcapng->interface_count == 0) {
        return bad_block(walk, "the id of a described interface", 0);
    }
    const struct p2i_pcapng_interface *interface = &pcapng->interfaces[0];
    uint32_t original_size = p2i_walk_load32(body.data, pcapng->big);
    uint32_t size = original_size;
    if (interface->snaplen != 0 && size > interface->snaplen) {
        size = interface->snaplen;
    }
    if (size > body.size - SIMPLE_FIXED) {
        return bad_block(walk, "a captured length within the block", size);
    }
    walk->block->frames[walk->block->frame_count++] = (struct p2i_frame){
        .data = body.data + SIMPLE_FIXED,
        .time_ns = pcapng->last_ns,
        .size = size,
        .original_size = original_size,
        .link_type = interface->link_type,
        .untimed = true,
    };
    return P2I_WALK_GO;
}

static enum p2i_walk_end take_block(struct p2i_pcapng *pcapng, struct p2i_walk *walk, uint32_t type,
                                    struct p2i_view body)
{
    switch (type) {
    case BLOCK_PACKET_OLD:
        return add_packet(pcapng, walk, body, true, pcapng->big);
    case BLOCK_PACKET_SIMPLE:
        return add_simple(pcapng, walk, body);
    case BLOCK_INTERFACE:
        return add_interface(pcapng, walk, body);
    default: /* names, statistics, secrets, custom and unknown blocks */
        return P2I_WALK_GO;
    }
}

static bool peek_time(const void *state, struct p2i_view rest, uint64_t *time_ns)
{
    const struct p2i_pcapng *pcapng = state;
    if (!pcapng->started || rest.size < BLOCK_HEADER + PACKET_FIXED) {
        return false;
    }
    const uint8_t *body = rest.data + BLOCK_HEADER;
    uint32_t interface_id = p2i_walk_load32(body, pcapng->big);
    if (p2i_walk_load32(rest.data, pcapng->big) != BLOCK_PACKET ||
        interface_id >= pcapng->interface_count) {
        return false;
    }
    *time_ns = time_of(&pcapng->interfaces[interface_id], ticks_at(body, pcapng->big));
    return true;
}

static enum p2i_walk_end more(struct p2i_walk *walk, size_t wanted)
{
    walk->wanted = wanted;
    return P2I_WALK_MORE;
}

/* Checks the lengths of the block at `used`; *size becomes its size with padding. */
static inline enum p2i_walk_end borders(struct p2i_walk *walk, bool big, size_t *size)
{
    size_t rest = walk->bytes.size - walk->used;
    const uint8_t *data = walk->bytes.data + walk->used;
    if (rest < BLOCK_HEADER) {
        return more(walk, BLOCK_HEADER);
    }
    uint32_t total = p2i_walk_load32(data + 4, big);
    if (total < BLOCK_FRAME) {
        return broken(walk, "a block length of at least", BLOCK_FRAME, total);
    }
    if (total > P2I_FRAME_MAX) {
        return broken(walk, "a block length of at most", P2I_FRAME_MAX, total);
    }
    /* Must be a multiple of 4, but some writers pad without counting the padding. */
    *size = ((size_t)total + 3) & ~(size_t)3;
    if (rest < *size) {
        return more(walk, *size);
    }
    uint32_t again = p2i_walk_load32(data + *size - 4, big);
    if (again != total) {
        return broken(walk, "the block length at the end of the block to be", total, again);
    }
    return P2I_WALK_GO;
}

static bool is_watched(const struct p2i_walk *walk)
{
    return walk->settings != NULL && walk->settings->block != NULL;
}

/* Passes a block on. `frames`: of the walk's block before it. */
static void pass_block(const struct p2i_pcapng *pcapng, const struct p2i_walk *walk, uint32_t type,
                       size_t size, size_t frames)
{
    const uint8_t *data = walk->bytes.data + walk->used;
    bool is_packet = walk->block->frame_count > frames;
    struct p2i_capture_block block = {
        .data = data,
        .size = size,
        .type = type,
        .big = pcapng->big,
        .frame = is_packet ? &walk->block->frames[frames] : NULL,
        .number = is_packet ? walk->frame_count + frames + 1 : 0,
    };
    if (is_packet) {
        block.ticks = type == BLOCK_PACKET_SIMPLE
                          ? p2i_pcapng_ticks(&pcapng->interfaces[0], block.frame->time_ns)
                          : ticks_at(data + BLOCK_HEADER, pcapng->big);
    }
    walk->settings->block(walk->settings->block_context, &block);
}

/* A section header (section 4.1) sets the byte order of the section. */
static enum p2i_walk_end start_section(struct p2i_pcapng *pcapng, struct p2i_walk *walk)
{
    const uint8_t *data = walk->bytes.data + walk->used;
    size_t rest = walk->bytes.size - walk->used;
    if (rest < BLOCK_HEADER + 4) {
        return more(walk, BLOCK_HEADER + 4);
    }
    uint32_t magic = p2i_load_be32(data + BLOCK_HEADER);
    bool big = magic == ORDER_MAGIC;
    if (!big && p2i_load_le32(data + BLOCK_HEADER) != ORDER_MAGIC) {
        (void)p2i_fail(walk->error, P2I_DAMAGED,
                       "expected the byte-order magic 1a2b3c4d in the section header, found %08x",
                       (unsigned)magic);
        p2i_walk_place(walk, walk->used);
        return P2I_WALK_BROKEN;
    }
    size_t size;
    enum p2i_walk_end end = borders(walk, big, &size);
    if (end != P2I_WALK_GO) {
        return end;
    }
    if (size < BLOCK_FRAME + SECTION_FIXED) {
        return broken(walk, "a section header block of at least", BLOCK_FRAME + SECTION_FIXED,
                      (uint32_t)size);
    }
    uint32_t major = p2i_walk_load16(data + BLOCK_HEADER + 4, big);
    if (major != 1) {
        return broken(walk, "a section of version", 1, major);
    }
    pcapng->big = big;
    pcapng->started = true;
    pcapng->interface_count = 0;
    if (is_watched(walk)) {
        pass_block(pcapng, walk, BLOCK_SECTION, size, walk->block->frame_count);
    }
    walk->used += size;
    return P2I_WALK_GO;
}

/* Walks the blocks of a section. P2I_WALK_GO: the next section header follows. */
static inline __attribute__((always_inline)) enum p2i_walk_end
walk_section(struct p2i_pcapng *pcapng, struct p2i_walk *walk, const bool big, const bool watched)
{
    const struct p2i_block *block = walk->block;
    while (block->frame_count < block->frame_capacity) {
        const uint8_t *data = walk->bytes.data + walk->used;
        bool has_type = walk->bytes.size - walk->used >= 4;
        uint32_t type = has_type ? p2i_walk_load32(data, big) : 0;
        if (type == BLOCK_SECTION) {
            return P2I_WALK_GO;
        }
        size_t size;
        enum p2i_walk_end end = borders(walk, big, &size);
        if (end != P2I_WALK_GO) {
            return end;
        }
        struct p2i_view body = p2i_view_of(data + BLOCK_HEADER, size - BLOCK_FRAME);
        size_t frames = block->frame_count;
        end = type == BLOCK_PACKET ? add_packet(pcapng, walk, body, false, big)
                                   : take_block(pcapng, walk, type, body);
        if (end == P2I_WALK_BROKEN) {
            return end;
        }
        if (watched) {
            pass_block(pcapng, walk, type, size, frames);
        }
        walk->used += size;
        if (end == P2I_WALK_SKIPPED && !walk->tolerant) {
            return end;
        }
    }
    return P2I_WALK_FULL;
}

enum p2i_walk_end p2i_pcapng_walk(void *state, struct p2i_walk *walk)
{
    struct p2i_pcapng *pcapng = state;
    walk->used = 0;
    walk->part = "the block";
    enum p2i_walk_end end = P2I_WALK_GO;
    while (end == P2I_WALK_GO) {
        if (pcapng->started && is_watched(walk)) {
            end = walk_section(pcapng, walk, pcapng->big, true);
        } else if (pcapng->started) {
            end = pcapng->big ? walk_section(pcapng, walk, true, false)
                              : walk_section(pcapng, walk, false, false);
        }
        if (end == P2I_WALK_GO) {
            end = start_section(pcapng, walk);
        }
    }
    return end;
}

const struct p2i_container p2i_container_pcapng = {
    .state_size = sizeof(struct p2i_pcapng),
    .is = is_pcapng,
    .walk = p2i_pcapng_walk,
    .peek_time = peek_time,
    .free = p2i_pcapng_free,
};
