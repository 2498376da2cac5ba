/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) of bytes in order, and of files. A hash belongs to one thread at a time. */
#ifndef P2I_BASE_SHA256_H
#define P2I_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"

enum { P2I_SHA256_SIZE = 32 };

struct p2i_sha256;

/* False: this program was built without OpenSSL, and nothing is hashed. */
bool p2i_sha256_is_built_in(void);

/* Begins a hash. NULL: out of memory, or it is not built in. The caller frees it. */
struct p2i_sha256 *p2i_sha256_new(void);
void p2i_sha256_free(struct p2i_sha256 *hash); /* NULL is fine */
void p2i_sha256_add(struct p2i_sha256 *hash, const void *bytes, size_t size);
/* Ends the hash; it can only be freed then. False: the library failed, and there is no digest. */
bool p2i_sha256_finish(struct p2i_sha256 *hash, uint8_t digest[P2I_SHA256_SIZE]);

/* Hashes a whole regular file; *size: its bytes. P2I_OK; P2I_INPUT: it is no regular file, or
 * cannot be opened or read; P2I_USAGE: it is not built in; P2I_INTERNAL: out of memory. The file of
 * the error is `path`. */
enum p2i_result p2i_sha256_file(const char *path, uint8_t digest[P2I_SHA256_SIZE], uint64_t *size,
                                struct p2i_error *error);

/* Writes the digest as 64 hexadecimal digits, terminated. */
static inline void p2i_sha256_text(const uint8_t digest[P2I_SHA256_SIZE],
                                   char text[2 * P2I_SHA256_SIZE + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < P2I_SHA256_SIZE; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[2 * P2I_SHA256_SIZE] = '\0';
}

#endif
