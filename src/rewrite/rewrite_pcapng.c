/* SPDX-License-Identifier: MIT */
#include "rewrite/rewrite_pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/cursor.h"

/* Sections of draft-ietf-opsawg-pcapng. */
enum {
    BLOCK_SECTION = 0x0a0d0d0a, /* 4.1 */
    BLOCK_INTERFACE = 1,        /* 4.2 */
    BLOCK_PACKET_OLD = 2,
    BLOCK_PACKET_SIMPLE = 3,
    BLOCK_PACKET = 6, /* 4.3 */
    ORDER_MAGIC = 0x1a2b3c4d,
    SECTION_FIXED = 16, /* magic, version, length of the section */
    INTERFACE_FIXED = 8,
    PACKET_FIXED = 20,
    BLOCK_FRAME = 12, /* type and length, and the length again at the end */
    OPTION_HEADER = 4,
    OPTION_FLAGS = 2,      /* of a packet: its direction */
    OPTION_RESOLUTION = 9, /* of an interface */
    OPTION_FCS_LENGTH = 13,
    OPTION_OFFSET = 14,
    INTERFACES_MOST = 65536,
};

static const uint8_t zeros[4];

struct interface {
    uint16_t link_type;
    uint64_t ticks_per_s;
    uint64_t offset_s; /* two's complement */
};

/* A frame in the new capture. */
struct place {
    size_t offset;
    size_t size;
};

struct rewriting {
    struct p2i_rewrite *rewrite;
    struct p2i_buffer *out;
    size_t begin; /* of the capture in `out` */
    bool big;     /* byte order of the section */
    struct interface *interfaces;
    size_t interface_count;
    struct place *places;
    size_t place_count, place_capacity;
};

static uint16_t load16(const struct rewriting *of, const uint8_t *data)
{
    return of->big ? p2i_load_be16(data) : p2i_load_le16(data);
}

static uint32_t load32(const struct rewriting *of, const uint8_t *data)
{
    return of->big ? p2i_load_be32(data) : p2i_load_le32(data);
}

static bool append32(const struct rewriting *of, uint32_t value)
{
    uint8_t bytes[4];
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> 8 * (of->big ? 3 - i : i));
    }
    return p2i_append(of->out, p2i_view_of(bytes, sizeof bytes));
}

/* An option that stays, with the only size that it may have. */
struct kept {
    uint16_t code, size;
};

static bool is_kept(const struct kept *kept, size_t kept_count, uint16_t code, size_t size)
{
    for (size_t i = 0; i < kept_count; i++) {
        if (kept[i].code == code && kept[i].size == size) {
            return true;
        }
    }
    return false;
}

/* Appends the options that stay, and the end of options if there are any. */
static bool append_options(const struct rewriting *of, struct p2i_view options,
                           const struct kept *kept, size_t kept_count)
{
    bool any = false;
    bool done = true;
    while (done && options.size >= OPTION_HEADER) {
        uint16_t code = load16(of, options.data);
        size_t size = OPTION_HEADER + (size_t)load16(of, options.data + 2);
        size_t padding = (4 - size % 4) % 4;
        if (code == 0 || size + padding > options.size) {
            break;
        }
        if (is_kept(kept, kept_count, code, size - OPTION_HEADER)) {
            done = p2i_append(of->out, p2i_view_first(options, size)) &&
                   p2i_append(of->out, p2i_view_of(zeros, padding));
            any = true;
        }
        options = p2i_view_from(options, size + padding);
    }
    return done && (!any || append32(of, 0));
}

/* Appends a block of fixed members, data that is padded, and options. */
static bool append_block(const struct rewriting *of, uint32_t type, struct p2i_view fixed,
                         struct p2i_view data, struct p2i_view options, const struct kept *kept,
                         size_t kept_count)
{
    size_t begin = of->out->size;
    bool done = append32(of, type) && append32(of, 0) && p2i_append(of->out, fixed) &&
                p2i_append(of->out, data) &&
                p2i_append(of->out, p2i_view_of(zeros, (4 - data.size % 4) % 4)) &&
                append_options(of, options, kept, kept_count);
    uint32_t size = (uint32_t)(of->out->size - begin + 4);
    done = done && append32(of, size);
    if (done) {
        memcpy(of->out->data + begin + 4, of->out->data + of->out->size - 4, 4);
    }
    return done;
}

static uint64_t ticks_of(uint8_t resolution)
{
    enum { TENS_MOST = 19, TWOS_MOST = 63 };
    uint64_t ticks = 1;
    if ((resolution & 0x80) != 0) {
        return UINT64_C(1) << ((resolution & 0x7f) < TWOS_MOST ? (resolution & 0x7f) : TWOS_MOST);
    }
    for (unsigned i = 0; i < resolution && i < TENS_MOST; i++) {
        ticks *= 10;
    }
    return ticks;
}

static void read_interface_options(const struct rewriting *of, struct p2i_view options,
                                   struct interface *interface)
{
    while (options.size >= OPTION_HEADER) {
        uint16_t code = load16(of, options.data);
        size_t size = load16(of, options.data + 2);
        struct p2i_view value = p2i_view_first(p2i_view_from(options, OPTION_HEADER), size);
        if (code == OPTION_RESOLUTION && value.size >= 1) {
            interface->ticks_per_s = ticks_of(value.data[0]);
        } else if (code == OPTION_OFFSET && value.size >= 8) {
            uint64_t low = load32(of, value.data);
            uint64_t high = load32(of, value.data + 4);
            interface->offset_s = of->big ? low << 32 | high : high << 32 | low;
        }
        options = p2i_view_from(options, OPTION_HEADER + (size + 3) / 4 * 4);
    }
}

static bool add_interface(struct rewriting *of, struct p2i_view body)
{
    static const struct kept kept[] = {
        {OPTION_RESOLUTION, 1}, {OPTION_FCS_LENGTH, 1}, {OPTION_OFFSET, 8}};
    uint8_t fixed[INTERFACE_FIXED] = {body.data[0], body.data[1]}; /* reserved bytes are zero */
    memcpy(fixed + 4, body.data + 4, 4);
    struct p2i_view options = p2i_view_from(body, INTERFACE_FIXED);
    struct interface *interfaces =
        realloc(of->interfaces, (of->interface_count + 1) * sizeof *interfaces);
    if (interfaces == NULL) {
        return false;
    }
    of->interfaces = interfaces;
    struct interface *made = &interfaces[of->interface_count++];
    *made = (struct interface){.link_type = load16(of, body.data), .ticks_per_s = 1000000};
    read_interface_options(of, options, made);
    return append_block(of, BLOCK_INTERFACE, p2i_view_of(fixed, sizeof fixed), p2i_view_of(NULL, 0),
                        options, kept, 3);
}

static bool add_place(struct rewriting *of, size_t offset, size_t size)
{
    if (of->place_count == of->place_capacity) {
        size_t capacity = of->place_capacity > 0 ? 2 * of->place_capacity : 256;
        struct place *places = realloc(of->places, capacity * sizeof *places);
        if (places == NULL) {
            return false;
        }
        of->places = places;
        of->place_capacity = capacity;
    }
    of->places[of->place_count++] = (struct place){offset, size};
    return true;
}

static uint64_t time_of(const struct rewriting *of, const struct interface *interface,
                        const uint8_t *fixed)
{
    enum { NS_PER_S = 1000000000 };
    uint64_t ticks = (uint64_t)load32(of, fixed + 4) << 32 | load32(of, fixed + 8);
    uint64_t seconds = ticks / interface->ticks_per_s;
    double part = (double)(ticks % interface->ticks_per_s) / (double)interface->ticks_per_s;
    return (seconds + interface->offset_s) * NS_PER_S + (uint64_t)(part * NS_PER_S);
}

static enum p2i_result add_packet(struct rewriting *of, struct p2i_view body,
                                  struct p2i_error *error)
{
    static const struct kept kept[] = {{OPTION_FLAGS, 4}};
    uint32_t number = load32(of, body.data);
    uint32_t size = load32(of, body.data + 12);
    struct p2i_view rest = p2i_view_from(body, PACKET_FIXED);
    if (number >= of->interface_count || size > rest.size) {
        return p2i_fail(error, P2I_DAMAGED, "a packet block is damaged");
    }
    const struct interface *interface = &of->interfaces[number];
    struct p2i_view options = p2i_view_from(rest, ((size_t)size + 3) / 4 * 4);
    size_t offset = of->out->size + 8 + PACKET_FIXED;
    if (!append_block(of, BLOCK_PACKET, p2i_view_first(body, PACKET_FIXED),
                      p2i_view_first(rest, size), options, kept, 1) ||
        !add_place(of, offset, size)) {
        return p2i_fail_memory(error);
    }
    struct p2i_engine_frame frame = {.struct_size = sizeof frame,
                                     .data = rest.data,
                                     .size = size,
                                     .original_size = load32(of, body.data + 16),
                                     .time_ns = time_of(of, interface, body.data),
                                     .link_type = interface->link_type,
                                     .interface_id = number};
    return p2i_rewrite_add(of->rewrite, &frame, error);
}

/* `body`: the bytes between the lengths. */
static enum p2i_result add_block(struct rewriting *of, uint32_t type, struct p2i_view body,
                                 struct p2i_error *error)
{
    bool done = true;
    if (type == BLOCK_SECTION) {
        of->interface_count = 0;
        static const uint8_t unknown_length[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        done = append_block(of, BLOCK_SECTION, p2i_view_first(body, 8),
                            p2i_view_of(unknown_length, sizeof unknown_length),
                            p2i_view_of(NULL, 0), NULL, 0);
    } else if (type == BLOCK_INTERFACE && body.size >= INTERFACE_FIXED &&
               of->interface_count < INTERFACES_MOST) {
        done = add_interface(of, body);
    } else if (type == BLOCK_PACKET && body.size >= PACKET_FIXED) {
        return add_packet(of, body, error);
    } else if (type == BLOCK_PACKET_OLD || type == BLOCK_PACKET_SIMPLE) {
        return p2i_fail(error, P2I_DAMAGED, "expected enhanced packet blocks, found others");
    }
    return done ? P2I_OK : p2i_fail_memory(error);
}

static enum p2i_result add_blocks(struct rewriting *of, struct p2i_view rest,
                                  struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    while (rest.size > 0 && result == P2I_OK) {
        if (rest.size < BLOCK_FRAME) {
            break;
        }
        uint32_t type = load32(of, rest.data); /* that of a section is the same in both orders */
        if (type == BLOCK_SECTION && rest.size >= BLOCK_FRAME + SECTION_FIXED) {
            of->big = p2i_load_be32(rest.data + 8) == ORDER_MAGIC;
        }
        uint32_t size = load32(of, rest.data + 4);
        if (size < BLOCK_FRAME || size % 4 != 0 || size > rest.size ||
            (type == BLOCK_SECTION && size < BLOCK_FRAME + SECTION_FIXED)) {
            break;
        }
        result = add_block(of, type, p2i_view_of(rest.data + 8, size - BLOCK_FRAME), error);
        rest = p2i_view_from(rest, size);
    }
    return result == P2I_OK && rest.size > 0
               ? p2i_fail(error, P2I_DAMAGED, "not a pcapng file of whole blocks")
               : result;
}

/* Puts the rewritten frames in the place of the original ones. */
static enum p2i_result replace(struct rewriting *of, struct p2i_error *error)
{
    enum p2i_result result = p2i_rewrite_run(of->rewrite, error);
    for (size_t i = 0; result == P2I_OK && i < of->place_count; i++) {
        const void *frame = p2i_rewrite_frame(of->rewrite, i);
        if (of->places[i].size > 0) {
            memcpy(of->out->data + of->places[i].offset, frame, of->places[i].size);
        }
    }
    return result;
}

enum p2i_result p2i_rewrite_pcapng(struct p2i_view capture, const struct p2i_settings *settings,
                                   struct p2i_buffer *out, struct p2i_error *error)
{
    struct rewriting of = {.out = out, .begin = out->size};
    enum p2i_result result = p2i_rewrite_new(&of.rewrite, settings, error);
    if (result == P2I_OK) {
        result = add_blocks(&of, capture, error);
    }
    if (result == P2I_OK) {
        result = replace(&of, error);
    }
    out->size = result == P2I_OK ? out->size : of.begin;
    p2i_rewrite_free(of.rewrite);
    free(of.interfaces);
    free(of.places);
    return result;
}
