/* SPDX-License-Identifier: MIT */
#include "export/pcapng_file.h"

#include <stdlib.h>

#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/values.h"

enum {
    ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_APPLICATION = 4, /* of a section header, shb_userappl */
    OPTION_RESOLUTION = 9,  /* of an interface, if_tsresol */
    OPTION_HEADER = 4,
    BLOCK_FRAME = 12, /* type and length, and the length again at the end */
    COMMENT_MAX = 4096,
};

struct p2i_pcapng_file {
    struct p2i_output_file *output; /* NULL: in memory */
    struct p2i_buffer *memory;
    bool big; /* byte order of the section */
};

enum p2i_result p2i_pcapng_file_open(struct p2i_pcapng_file **file, const char *path,
                                     const struct p2i_output_mode *mode, struct p2i_error *error)
{
    *file = NULL;
    struct p2i_pcapng_file *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result =
        p2i_output_file_open(&made->output, path, P2I_OUTPUT_SYNC, mode, error);
    if (result != P2I_OK) {
        free(made);
        return result;
    }
    *file = made;
    return P2I_OK;
}

enum p2i_result p2i_pcapng_file_open_memory(struct p2i_pcapng_file **file, struct p2i_buffer *bytes,
                                            struct p2i_error *error)
{
    *file = calloc(1, sizeof **file);
    if (*file == NULL) {
        return p2i_fail_memory(error);
    }
    (*file)->memory = bytes;
    return P2I_OK;
}

enum p2i_result p2i_pcapng_file_finish(struct p2i_pcapng_file *file, struct p2i_error *error)
{
    return file->output != NULL ? p2i_output_file_finish(file->output, error) : P2I_OK;
}

void p2i_pcapng_file_free(struct p2i_pcapng_file *file)
{
    if (file != NULL) {
        p2i_output_file_free(file->output);
        free(file);
    }
}

static enum p2i_result write_bytes(struct p2i_pcapng_file *file, struct p2i_view bytes,
                                   struct p2i_error *error)
{
    if (file->output != NULL) {
        return p2i_output_file_write(file->output, bytes, error);
    }
    return p2i_append(file->memory, bytes) ? P2I_OK : p2i_fail_memory(error);
}

static void store16(uint8_t *to, uint16_t value, bool big)
{
    to[big ? 0 : 1] = (uint8_t)(value >> 8);
    to[big ? 1 : 0] = (uint8_t)value;
}

static void store32(uint8_t *to, uint32_t value, bool big)
{
    store16(to + (big ? 0 : 2), (uint16_t)(value >> 16), big);
    store16(to + (big ? 2 : 0), (uint16_t)value, big);
}

/* Zeros that pad to four bytes. */
static struct p2i_view padding_of(size_t size)
{
    return p2i_view_of((const uint8_t *)"\0\0\0", (4 - size % 4) % 4);
}

/* The parts of a block between its two lengths. */
static enum p2i_result write_block(struct p2i_pcapng_file *file, uint32_t type,
                                   const struct p2i_view *parts, size_t count,
                                   struct p2i_error *error)
{
    size_t size = BLOCK_FRAME;
    for (size_t i = 0; i < count; i++) {
        size += parts[i].size;
    }
    uint8_t head[8];
    store32(head, type, file->big);
    store32(head + 4, (uint32_t)size, file->big);
    enum p2i_result result = write_bytes(file, p2i_view_of(head, 8), error);
    for (size_t i = 0; i < count && result == P2I_OK; i++) {
        result = write_bytes(file, parts[i], error);
    }
    return result == P2I_OK ? write_bytes(file, p2i_view_of(head + 4, 4), error) : result;
}

/* Section 3.5. */
static void option_head(uint8_t head[OPTION_HEADER], uint16_t code, size_t size, bool big)
{
    store16(head, code, big);
    store16(head + 2, (uint16_t)size, big);
}

/* Section 4.1. */
enum p2i_result p2i_pcapng_file_section(struct p2i_pcapng_file *file, const char *application,
                                        struct p2i_error *error)
{
    uint8_t fixed[16];
    uint8_t head[OPTION_HEADER];
    uint8_t end[OPTION_HEADER] = {OPTION_END};
    struct p2i_view name = p2i_view_of((const uint8_t *)application, strlen(application));
    file->big = false;
    store32(fixed, ORDER_MAGIC, false);
    store16(fixed + 4, 1, false);
    store16(fixed + 6, 0, false);
    memset(fixed + 8, 0xff, 8); /* length of the section: not known */
    option_head(head, OPTION_APPLICATION, name.size, false);
    const struct p2i_view parts[] = {
        p2i_view_of(fixed, sizeof fixed),
        p2i_view_of(head, sizeof head),
        name,
        padding_of(name.size),
        p2i_view_of(end, sizeof end),
    };
    return write_block(file, P2I_PCAPNG_SECTION, parts, sizeof parts / sizeof *parts, error);
}

/* Section 4.2. The snaplen is 0: no limit is known. */
enum p2i_result p2i_pcapng_file_interface(struct p2i_pcapng_file *file, uint16_t link_type,
                                          struct p2i_error *error)
{
    uint8_t body[8 + OPTION_HEADER + 4 + OPTION_HEADER] = {0};
    store16(body, link_type, file->big);
    option_head(body + 8, OPTION_RESOLUTION, 1, file->big);
    body[8 + OPTION_HEADER] = 9; /* 10^-9 s */
    const struct p2i_view part = p2i_view_of(body, sizeof body);
    return write_block(file, P2I_PCAPNG_INTERFACE, &part, 1, error);
}

enum p2i_result p2i_pcapng_file_copy(struct p2i_pcapng_file *file, struct p2i_view block, bool big,
                                     struct p2i_error *error)
{
    enum { SECTION_LENGTH = 16, LENGTH_SIZE = 8 };
    static const uint8_t unknown[LENGTH_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    bool is_section = block.size >= SECTION_LENGTH + LENGTH_SIZE &&
                      p2i_load_be32(block.data) == P2I_PCAPNG_SECTION;
    if (!is_section) {
        return write_bytes(file, block, error);
    }
    file->big = big;
    enum p2i_result result = write_bytes(file, p2i_view_first(block, SECTION_LENGTH), error);
    if (result == P2I_OK) {
        result = write_bytes(file, p2i_view_of(unknown, LENGTH_SIZE), error);
    }
    return result == P2I_OK
               ? write_bytes(file, p2i_view_from(block, SECTION_LENGTH + LENGTH_SIZE), error)
               : result;
}

/* The options without their end, and without what is malformed behind them. */
static struct p2i_view without_end(struct p2i_view options, bool big)
{
    size_t size = 0;
    while (options.size - size >= OPTION_HEADER) {
        const uint8_t *head = options.data + size;
        size_t length = big ? p2i_load_be16(head + 2) : p2i_load_le16(head + 2);
        size_t whole = OPTION_HEADER + (length + 3) / 4 * 4;
        bool is_end = head[0] == OPTION_END && head[1] == OPTION_END;
        if (is_end || whole > options.size - size) {
            break;
        }
        size += whole;
    }
    return p2i_view_first(options, size);
}

/* Section 4.3. */
enum p2i_result p2i_pcapng_file_packet(struct p2i_pcapng_file *file,
                                       const struct p2i_pcapng_packet *packet,
                                       struct p2i_error *error)
{
    uint8_t fixed[20];
    uint8_t head[OPTION_HEADER];
    uint8_t end[OPTION_HEADER] = {OPTION_END};
    struct p2i_view comment = {0};
    store32(fixed, packet->interface_id, file->big);
    store32(fixed + 4, (uint32_t)(packet->ticks >> 32), file->big);
    store32(fixed + 8, (uint32_t)packet->ticks, file->big);
    store32(fixed + 12, (uint32_t)packet->frame.size, file->big);
    store32(fixed + 16, packet->original_size, file->big);
    if (packet->comment != NULL) {
        size_t size = strlen(packet->comment);
        comment = p2i_view_of((const uint8_t *)packet->comment,
                              size < COMMENT_MAX ? size : (size_t)COMMENT_MAX);
    }
    option_head(head, OPTION_COMMENT, comment.size, file->big);
    struct p2i_view options = without_end(packet->options, file->big);
    bool has_options = options.size > 0 || packet->comment != NULL;
    const struct p2i_view parts[] = {
        p2i_view_of(fixed, sizeof fixed),
        packet->frame,
        padding_of(packet->frame.size),
        options,
        p2i_view_of(head, packet->comment != NULL ? sizeof head : 0),
        comment,
        padding_of(comment.size),
        p2i_view_of(end, has_options ? sizeof end : 0),
    };
    return write_block(file, P2I_PCAPNG_PACKET, parts, sizeof parts / sizeof *parts, error);
}
