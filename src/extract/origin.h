/* SPDX-License-Identifier: MIT */
/* Which of the captures given a record of another run is from. One thread. */
#ifndef P2I_EXTRACT_ORIGIN_H
#define P2I_EXTRACT_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "pcap2ipfix/view.h"

/* Hash of a capture, once it was needed. */
struct p2i_origin_hash {
    bool tried, known;
    uint8_t sha256[P2I_SHA256_SIZE];
};

/* The captures, borrowed. The hashes are one for each, or NULL: captures are not hashed. */
struct p2i_origins {
    const char *const *paths;
    size_t path_count;
    struct p2i_origin_hash *hashes;
};

/* A capture as another run describes it. Views: empty where nothing is said. */
struct p2i_origin {
    struct p2i_view name;   /* the path that it had then, as UTF-8 */
    struct p2i_view sha256; /* hexadecimal */
    uint64_t size;          /* bytes; counts with the hash only */
};

/* The index of that capture: the one with these bytes, else, where no hash is said, the only one
 * with that path or, if there is none, that last part of a path. SIZE_MAX: there is none, or more
 * than one. Captures of the size are hashed, each once. */
size_t p2i_origin_find(const struct p2i_origins *origins, const struct p2i_origin *origin);

#endif
