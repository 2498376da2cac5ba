/* SPDX-License-Identifier: MIT */
/* A YAML document as a small tree, read strictly: one document, no key twice in a map, no anchors,
 * aliases or tags, UTF-8, limits for size and depth. */
#ifndef P2I_CONFIG_YAML_H
#define P2I_CONFIG_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "pcap2ipfix/error.h"

enum {
    P2I_YAML_BYTES_MAX = 1 << 20,
    P2I_YAML_NODES_MAX = 1 << 16,
    P2I_YAML_DEPTH_MAX = 8, /* lists and maps within one another */
};

enum p2i_yaml_type { P2I_YAML_SCALAR, P2I_YAML_LIST, P2I_YAML_MAP };

struct p2i_yaml {
    enum p2i_yaml_type type;
    bool quoted;      /* a scalar in quotes or as a block */
    uint64_t line;    /* from 1 */
    const char *name; /* its key, in a map; NULL elsewhere */
    uint64_t name_line;
    const char *text; /* of a scalar; no NUL but the last */
    struct p2i_yaml *first, *next;
    size_t count; /* of a list or map */
};

/* Reads a document into a tree, which belongs to `arena`. An empty document is an empty map.
 * P2I_OK; P2I_USAGE: it is wrong, with the line in the error; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_yaml_read(struct p2i_yaml **root, struct p2i_arena *arena, const char *bytes,
                              size_t size, struct p2i_error *error);

#endif
