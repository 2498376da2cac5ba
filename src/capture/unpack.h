/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952) and zstd (RFC 8878) streams become bytes. */
#ifndef P2I_CAPTURE_UNPACK_H
#define P2I_CAPTURE_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/view.h"

enum p2i_packing {
    P2I_PACKING_NONE,
    P2I_PACKING_GZIP,
    P2I_PACKING_ZSTD,
};
enum { P2I_PACKING_MAGIC_SIZE = 4 };

/* What the first bytes of a file say; P2I_PACKING_NONE also for what cannot be unpacked here. */
enum p2i_packing p2i_packing_of(struct p2i_view head);

/* Gives the packed bytes: *got of them, as many as there are up to `size`. P2I_OK or P2I_INPUT. */
typedef enum p2i_result p2i_packed_read(void *context, uint8_t *to, size_t size, size_t *got,
                                        struct p2i_error *error);

struct p2i_unpacker;

/* NULL: memory is out. */
struct p2i_unpacker *p2i_unpacker_new(enum p2i_packing packing, p2i_packed_read *read,
                                      void *context);
void p2i_unpacker_free(struct p2i_unpacker *unpacker); /* NULL is fine */

/* Fills `to` with *got bytes, fewer than `size` only at the end. P2I_OK; P2I_END when the stream
 * is over and whole; P2I_DAMAGED when it ends early or is corrupt; P2I_INPUT. Not called again
 * after anything but P2I_OK. */
enum p2i_result p2i_unpack(struct p2i_unpacker *unpacker, uint8_t *to, size_t size, size_t *got,
                           struct p2i_error *error);

#endif
