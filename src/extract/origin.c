/* SPDX-License-Identifier: MIT */
#include "extract/origin.h"

#include <string.h>
#include <sys/stat.h>

#include "base/capture_name.h"

static bool has_size(const char *path, uint64_t size)
{
    struct stat status;
    return stat(path, &status) == 0 && (uint64_t)status.st_size == size;
}

static bool has_hash(const struct p2i_origins *origins, size_t index, struct p2i_view sha256)
{
    struct p2i_origin_hash *hash = &origins->hashes[index];
    char text[2 * P2I_SHA256_SIZE + 1];
    if (!hash->tried) {
        struct p2i_error unread;
        uint64_t size;
        hash->tried = true;
        hash->known =
            p2i_sha256_file(origins->paths[index], hash->sha256, &size, &unread) == P2I_OK;
    }
    p2i_sha256_text(hash->sha256, text);
    return hash->known && p2i_view_equals(sha256, p2i_view_of(text, sizeof text - 1));
}

/* Of equal captures the one with the name, else the first. */
static size_t find_by_hash(const struct p2i_origins *origins, const struct p2i_origin *origin)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < origins->path_count; i++) {
        const char *path = origins->paths[i];
        if (has_size(path, origin->size) && has_hash(origins, i, origin->sha256)) {
            bool named = p2i_view_equals(origin->name, p2i_view_of(path, strlen(path)));
            found = found == SIZE_MAX || named ? i : found;
        }
    }
    return found;
}

static const char *whole(const char *path)
{
    return path;
}

static size_t find_by(const struct p2i_origins *origins, struct p2i_view name,
                      const char *(*part_of)(const char *path))
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < origins->path_count; i++) {
        const char *part = part_of(origins->paths[i]);
        if (p2i_view_equals(name, p2i_view_of(part, strlen(part)))) {
            if (found != SIZE_MAX) {
                return SIZE_MAX;
            }
            found = i;
        }
    }
    return found;
}

size_t p2i_origin_find(const struct p2i_origins *origins, const struct p2i_origin *origin)
{
    if (origin->sha256.size > 0 && origins->hashes != NULL) {
        return find_by_hash(origins, origin);
    }
    if (origin->name.size == 0) {
        return SIZE_MAX;
    }
    size_t found = find_by(origins, origin->name, whole);
    if (found != SIZE_MAX) {
        return found;
    }
    size_t last = origin->name.size;
    while (last > 0 && origin->name.data[last - 1] != '/') {
        last--;
    }
    return find_by(origins, p2i_view_from(origin->name, last), p2i_last_part);
}
