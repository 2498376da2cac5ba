/* SPDX-License-Identifier: MIT */
/* Memory for keys: pages of their own, which core dumps leave out, and which are wiped before they
 * are given back. */
#ifndef P2I_BASE_SECRET_H
#define P2I_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"

/* Allocates `size` zeroed bytes. NULL: out of memory. */
void *p2i_secret_new(size_t size);
void p2i_secret_free(void *secret, size_t size); /* NULL is fine */

/* Reads a whole file of at most `most` bytes into new memory of `most` + 1 bytes, which ends in
 * zeros, without a copy anywhere else; its size is in *size, and `most` + 1 if the file is longer.
 * P2I_OK: the caller frees *secret; P2I_USAGE: it cannot be read, and error->system_error says why;
 * P2I_INTERNAL: out of memory. *secret is NULL after an error. */
enum p2i_result p2i_secret_read(uint8_t **secret, size_t *size, const char *path, size_t most,
                                struct p2i_error *error);

#endif
