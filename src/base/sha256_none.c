/* SPDX-License-Identifier: MIT */
/* Without OpenSSL nothing is hashed. */
#include "base/sha256.h"

bool p2i_sha256_is_built_in(void)
{
    return false;
}

struct p2i_sha256 *p2i_sha256_new(void)
{
    return NULL;
}

void p2i_sha256_free(struct p2i_sha256 *hash)
{
    (void)hash;
}

void p2i_sha256_add(struct p2i_sha256 *hash, const void *bytes, size_t size)
{
    (void)hash;
    (void)bytes;
    (void)size;
}

bool p2i_sha256_finish(struct p2i_sha256 *hash, uint8_t digest[P2I_SHA256_SIZE])
{
    (void)hash;
    (void)digest;
    return false;
}

enum p2i_result p2i_sha256_file(const char *path, uint8_t digest[P2I_SHA256_SIZE], uint64_t *size,
                                struct p2i_error *error)
{
    (void)digest;
    *size = 0;
    (void)p2i_fail(error, P2I_USAGE, "cannot be hashed: this program was built without OpenSSL");
    error->file = path;
    return P2I_USAGE;
}
