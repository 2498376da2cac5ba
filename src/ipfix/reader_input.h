/* SPDX-License-Identifier: MIT */
/* The bytes under a reader: a file, plain or compressed (gzip, zstd), standard input, or memory. */
#ifndef P2I_IPFIX_READER_INPUT_H
#define P2I_IPFIX_READER_INPUT_H

#include <zlib.h>

#include "base/view.h"
#include "ipfix/reader_zstd.h"
#include "pcap2ipfix/error.h"

struct p2i_reader_input {
    gzFile file;     /* NULL: memory */
    uint8_t head[4]; /* of a file: read to see how it is compressed */
    size_t head_size, head_used;
    bool looked;                  /* at the head */
    struct p2i_reader_zstd *zstd; /* NULL: another way or none */
    struct p2i_view memory;       /* what has not been read yet */
    uint64_t offset;              /* of the next byte, decompressed */
};

/* "-" is standard input. P2I_INPUT when it cannot be opened. */
enum p2i_result p2i_reader_input_open(struct p2i_reader_input *input, const char *path,
                                      struct p2i_error *error);
/* Fills `to` as far as there are bytes; *got < size is the end. P2I_DAMAGED: the compressed stream
 * is broken or ends early (*got is what came before). P2I_INPUT: the system failed. */
enum p2i_result p2i_reader_input_read(struct p2i_reader_input *input, uint8_t *to, size_t size,
                                      size_t *got, struct p2i_error *error);
void p2i_reader_input_close(struct p2i_reader_input *input);

#endif
