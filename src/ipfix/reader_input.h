/* SPDX-License-Identifier: MIT */
/* The bytes under a reader: a file, plain or compressed (gzip, zstd), standard input, or memory.
 * One thread. */
#ifndef P2I_IPFIX_READER_INPUT_H
#define P2I_IPFIX_READER_INPUT_H

#include <zlib.h>

#include "ipfix/reader_zstd.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

struct p2i_reader_input {
    gzFile file;     /* NULL: memory */
    uint8_t head[4]; /* first bytes of a file, which show its compression */
    size_t head_size, head_used;
    bool looked;                  /* the head was examined */
    struct p2i_reader_zstd *zstd; /* NULL: not zstd */
    struct p2i_view memory;       /* bytes not read yet, borrowed */
    uint8_t first;                /* the byte of p2i_reader_input_peek() */
    bool peeked;                  /* it is the next one to be read */
    uint64_t offset;              /* of the next byte, after decompression */
};

/* Opens a file; "-" is standard input. P2I_OK; P2I_INPUT: cannot be opened; P2I_INTERNAL: out of
 * memory. */
enum p2i_result p2i_reader_input_open(struct p2i_reader_input *input, const char *path,
                                      struct p2i_error *error);
/* Reads `size` bytes into `to`; fewer, in *got, only at the end. P2I_OK; P2I_DAMAGED: the
 * compressed stream is broken or ends early, *got bytes came before; P2I_INPUT: the system failed;
 * P2I_INTERNAL: out of memory. */
enum p2i_result p2i_reader_input_read(struct p2i_reader_input *input, uint8_t *to, size_t size,
                                      size_t *got, struct p2i_error *error);
/* Sets *byte to the next byte, after decompression, which stays the next one to be read. P2I_OK;
 * P2I_END: there is none; else as p2i_reader_input_read(). */
enum p2i_result p2i_reader_input_peek(struct p2i_reader_input *input, uint8_t *byte,
                                      struct p2i_error *error);
void p2i_reader_input_close(struct p2i_reader_input *input);

#endif
