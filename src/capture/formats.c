/* SPDX-License-Identifier: MIT */
#include "capture/formats.h"

#define COUNT_CONTAINER(identifier, name) CONTAINER_##identifier,
#define COUNT_COMPRESSION(argument, identifier, name, magic) COMPRESSION_##identifier,
enum { P2I_CONTAINERS(COUNT_CONTAINER) CONTAINERS };
enum { P2I_COMPRESSIONS(COUNT_COMPRESSION, ) COMPRESSIONS };

#define DECLARE_CONTAINER(identifier, name)                                                        \
    extern const struct p2i_container p2i_container_##identifier;
#define DECLARE_DECOMPRESSION(argument, identifier, name, magic)                                   \
    extern const struct p2i_decompression p2i_decompress_##identifier;
P2I_CONTAINERS(DECLARE_CONTAINER)
P2I_COMPRESSIONS(DECLARE_DECOMPRESSION, )

#define CONTAINER(identifier, name) &p2i_container_##identifier,
static const struct p2i_container *const containers[] = {P2I_CONTAINERS(CONTAINER)};

#define COMPRESSION(argument, identifier, text, first)                                             \
    {.name = (text),                                                                               \
     .magic = {(const uint8_t *)("" first), sizeof(first) - 1},                                    \
     .decompression = &p2i_decompress_##identifier},
static const struct p2i_compression compressions[] = {P2I_COMPRESSIONS(COMPRESSION, )};

#define PAIR(container, identifier, name, magic) container " (" name ")",
#define NAMES(identifier, name) {name, P2I_COMPRESSIONS(PAIR, name)},
static const char *const names[CONTAINERS][1 + COMPRESSIONS] = {P2I_CONTAINERS(NAMES)};

/* Skips the skippable frames of zstd and lz4, which some writers put first, as far as the bytes
 * reach. */
static struct p2i_view behind_skippable(struct p2i_view head)
{
    enum { MAGIC = 0x184d2a5, HEADER = 8 };
    while (head.size >= HEADER && p2i_load_le32(head.data) >> 4 == MAGIC) {
        struct p2i_view behind = p2i_view_from(head, HEADER + (size_t)p2i_load_le32(head.data + 4));
        if (behind.size < 4) {
            return compressions[COMPRESSION_zstd].magic; /* zstd or lz4: cannot tell */
        }
        head = behind;
    }
    return head;
}

const struct p2i_compression *p2i_compression_of(struct p2i_view head)
{
    head = behind_skippable(p2i_view_first(head, P2I_COMPRESSION_HEAD));
    for (size_t i = 0; i < COMPRESSIONS; i++) {
        if (p2i_view_starts(head, compressions[i].magic)) {
            return &compressions[i];
        }
    }
    return NULL;
}

const struct p2i_compression *p2i_compression_at(size_t index)
{
    return index < COMPRESSIONS ? &compressions[index] : NULL;
}

const struct p2i_container *p2i_container_of(struct p2i_view head)
{
    for (size_t i = 0; i < CONTAINERS; i++) {
        if (containers[i]->is(head)) {
            return containers[i];
        }
    }
    return NULL;
}

const char *p2i_container_name(size_t index)
{
    return index < CONTAINERS ? names[index][0] : NULL;
}

const char *p2i_format_name(const struct p2i_container *container,
                            const struct p2i_compression *compression)
{
    size_t row = 0;
    while (containers[row] != container) {
        row++;
    }
    return names[row][compression != NULL ? 1 + (compression - compressions) : 0];
}
