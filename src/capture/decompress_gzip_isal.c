/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952): zlib parses the headers, ISA-L inflates the data.
 *
 * On corrupt or truncated data ISA-L may return some bytes too many or too few. The data is then
 * inflated again from the last checkpoint: byte by byte up to the end of the block, where ISA-L is
 * exact, and with zlib from there on. So both libraries return the same bytes and the same errors.
 */
#include "capture/gzip.h"
#include "pcap2ipfix/cursor.h"

#ifdef HAVE_ISAL

#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <stdlib.h>
#include <zlib.h>

enum {
    GZIP_WINDOW = 16 + 15, /* zlib: gzip header */
    RAW_WINDOW = -15,      /* zlib: raw deflate */
    AT_BLOCK = 128,        /* flag of zlib's data_type: the header is complete */
    TRAILER = 8,           /* CRC-32 and uncompressed length */
    HISTORY = 32 << 10,
};

enum part {
    IN_HEADER,
    IN_DATA,
    IN_BLOCK, /* after damage: up to the end of the block */
    IN_REST,  /* after damage: the rest, with zlib */
    IN_TRAILER,
};

struct isal {
    enum part part; /* of the current member */
    z_stream zlib;
    struct inflate_state data;
    uint32_t crc, size; /* of the member's output; the size modulo 2^32 */
    uint8_t trailer[TRAILER];
    size_t trailer_size;

    /* Checkpoint: the beginning of the member's data, or of the input buffer. */
    struct inflate_state noted;
    uint32_t noted_size;
    const uint8_t *noted_in; /* input from the checkpoint ... */
    const uint8_t *next_in;  /* ... up to here is used */
    size_t given;            /* output returned since the checkpoint */

    /* After damage: input to be read before the normal input, and output to be skipped because it
     * was returned already. */
    uint8_t carried[sizeof(uint64_t) + ISAL_DEF_MAX_HDR_SIZE];
    struct p2i_view carry;
    struct p2i_view again;
    size_t skip;
    bool corrupt; /* behind the output that the state still holds */
    uint8_t skipped[4096];
};

static void close_isal(void *state)
{
    struct isal *isal = state;
    (void)inflateEnd(&isal->zlib);
    free(isal);
}

static void *open_isal(struct p2i_decompress_window *window)
{
    (void)window; /* always 32 KiB */
    struct isal *isal = calloc(1, sizeof *isal);
    if (isal == NULL || inflateInit2(&isal->zlib, GZIP_WINDOW) != Z_OK) {
        free(isal);
        return NULL;
    }
    isal_inflate_init(&isal->data);
    return isal;
}

/* Copies only the used parts of the state, which is large. */
static void copy_state(struct inflate_state *to, const struct inflate_state *from)
{
    const size_t codes = offsetof(struct inflate_state, lit_huff_code);
    const size_t behind_codes = offsetof(struct inflate_state, block_state);
    const size_t output = offsetof(struct inflate_state, tmp_out_buffer);
    bool coded = from->block_state == ISAL_BLOCK_CODED;
    memcpy(to, from, coded ? behind_codes : codes);
    memcpy((uint8_t *)to + behind_codes, (const uint8_t *)from + behind_codes,
           output - behind_codes + (size_t)from->tmp_out_valid);
}

static void note_place(struct isal *isal, const uint8_t *in)
{
    copy_state(&isal->noted, &isal->data);
    isal->noted_size = isal->size;
    isal->noted_in = in;
    isal->next_in = in;
    isal->given = 0;
}

static void go_back(struct isal *isal)
{
    copy_state(&isal->data, &isal->noted);
    isal->size = isal->noted_size;
    isal->again = p2i_view_of(isal->noted_in, (size_t)(isal->next_in - isal->noted_in));
    isal->carry = (struct p2i_view){0};
    isal->skip = isal->given;
    isal->part = IN_BLOCK;
}

static enum p2i_result step_header(struct isal *isal, struct p2i_decompress_io *io,
                                   struct p2i_error *error)
{
    z_stream *stream = &isal->zlib;
    stream->next_in = (z_const Bytef *)io->in;
    stream->avail_in = (uInt)io->in_size;
    stream->next_out = io->out; /* Z_BLOCK stops before any output */
    stream->avail_out = (uInt)io->out_size;
    int status = inflate(stream, Z_BLOCK);
    p2i_decompress_moved(io, io->in_size - stream->avail_in, 0);
    if (status == Z_MEM_ERROR) {
        return p2i_fail_memory(error);
    }
    if (status != Z_OK && status != Z_BUF_ERROR) {
        return p2i_decompress_corrupt(error, "gzip", p2i_gzip_reason(stream->msg));
    }
    if ((stream->data_type & AT_BLOCK) != 0) {
        isal_inflate_reset(&isal->data);
        isal->data.crc_flag = ISAL_GZIP_NO_HDR;
        isal->size = 0;
        isal->trailer_size = 0;
        isal->part = IN_DATA;
        note_place(isal, io->in);
    }
    return P2I_OK;
}

/* The data ends at a byte border. ISA-L may have read whole bytes of the trailer already. */
static void start_trailer(struct isal *isal)
{
    struct inflate_state *data = &isal->data;
    uint64_t bits = data->read_in >> (data->read_in_length % 8);
    for (int left = data->read_in_length / 8; left > 0 && isal->trailer_size < TRAILER; left--) {
        isal->trailer[isal->trailer_size++] = (uint8_t)bits;
        bits >>= 8;
    }
    isal->crc = data->crc;
    isal->part = IN_TRAILER;
}

static void step_data(struct isal *isal, struct p2i_decompress_io *io)
{
    struct inflate_state *data = &isal->data;
    if (io->ended) {
        go_back(isal);
        return;
    }
    if (io->in_size > 0 && io->in != isal->next_in) {
        note_place(isal, io->in);
    }
    data->next_in = (uint8_t *)io->in;
    data->avail_in = (uint32_t)io->in_size;
    data->next_out = io->out;
    data->avail_out = (uint32_t)io->out_size;
    if (isal_inflate(data) < 0) {
        go_back(isal);
        return;
    }
    size_t written = io->out_size - data->avail_out;
    isal->size += (uint32_t)written;
    isal->given += written;
    p2i_decompress_moved(io, io->in_size - data->avail_in, written);
    isal->next_in = io->in;
    if (data->block_state == ISAL_BLOCK_FINISH) {
        start_trailer(isal);
    }
}

/* After damage: where the next input comes from (input_of), and how much of it was used (took). */
static struct p2i_view input_of(const struct isal *isal, const struct p2i_decompress_io *io)
{
    return isal->carry.size > 0   ? isal->carry
           : isal->again.size > 0 ? isal->again
                                  : p2i_view_of(io->in, io->in_size);
}

static void took(struct isal *isal, struct p2i_decompress_io *io, size_t size)
{
    if (isal->carry.size > 0) {
        isal->carry = p2i_view_from(isal->carry, size);
    } else if (isal->again.size > 0) {
        isal->again = p2i_view_from(isal->again, size);
    } else {
        p2i_decompress_moved(io, size, 0);
    }
}

/* After damage: where output goes (room_of), and how much was written (gave). */
static uint8_t *room_of(struct isal *isal, const struct p2i_decompress_io *io, size_t *size)
{
    const size_t most = sizeof isal->skipped;
    if (isal->skip == 0) {
        *size = io->out_size;
        return io->out;
    }
    *size = isal->skip < most ? isal->skip : most;
    return isal->skipped;
}

static void gave(struct isal *isal, struct p2i_decompress_io *io, size_t size)
{
    isal->size += (uint32_t)size;
    if (isal->skip > 0) {
        isal->skip -= size;
    } else {
        p2i_decompress_moved(io, 0, size);
    }
}

/* At a block border: passes the input bits and the output history that ISA-L holds to zlib. */
static enum p2i_result hand_over_to_zlib(struct isal *isal, struct p2i_error *error)
{
    const struct inflate_state *data = &isal->data;
    int odd_bits = data->read_in_length % 8;
    uint64_t bits = data->read_in >> odd_bits;
    size_t size = 0;
    for (int left = data->read_in_length / 8; left > 0; left--) {
        isal->carried[size++] = (uint8_t)bits;
        bits >>= 8;
    }
    memcpy(isal->carried + size, data->tmp_in_buffer, (size_t)data->tmp_in_size);
    isal->carry = p2i_view_of(isal->carried, size + (size_t)data->tmp_in_size);
    size_t history = (size_t)data->tmp_out_valid;
    history = history < HISTORY ? history : HISTORY;
    const uint8_t *end = data->tmp_out_buffer + data->tmp_out_valid;
    z_stream *stream = &isal->zlib;
    if (inflateReset2(stream, RAW_WINDOW) != Z_OK ||
        inflatePrime(stream, odd_bits, (int)(data->read_in & ((1U << odd_bits) - 1))) != Z_OK ||
        inflateSetDictionary(stream, end - history, (uInt)history) != Z_OK) {
        return p2i_fail_memory(error);
    }
    isal->crc = data->crc;
    isal->part = IN_REST;
    return P2I_OK;
}

/* Returns output from before the damage that did not fit earlier. */
static size_t give_held(struct isal *isal, struct p2i_decompress_io *io)
{
    struct inflate_state *data = &isal->data;
    size_t size = (size_t)(data->tmp_out_valid - data->tmp_out_processed);
    size_t room;
    uint8_t *out = room_of(isal, io, &room);
    size = size < room ? size : room;
    memcpy(out, data->tmp_out_buffer + data->tmp_out_processed, size);
    data->tmp_out_processed += (int32_t)size;
    gave(isal, io, size);
    return size;
}

/* Inflates one more byte of input and returns the number of bytes written. *more: there was input.
 */
static size_t inflate_byte(struct isal *isal, struct p2i_decompress_io *io, bool *more)
{
    struct inflate_state *data = &isal->data;
    struct p2i_view in = p2i_view_first(input_of(isal, io), 1);
    size_t room;
    data->next_out = room_of(isal, io, &room);
    data->avail_out = (uint32_t)room;
    data->next_in = (uint8_t *)in.data;
    data->avail_in = (uint32_t)in.size;
    isal->corrupt = isal_inflate(data) < 0;
    size_t written = room - data->avail_out;
    took(isal, io, in.size - data->avail_in);
    gave(isal, io, written);
    *more = in.size > 0;
    return written;
}

/* Inflates byte by byte up to the end of the block or the damage. */
static enum p2i_result step_block(struct isal *isal, struct p2i_decompress_io *io,
                                  struct p2i_error *error)
{
    const struct inflate_state *data = &isal->data;
    while (io->out_size > 0) {
        if (isal->corrupt) {
            if (give_held(isal, io) == 0) {
                return p2i_decompress_corrupt(error, "gzip", p2i_gzip_reason(NULL));
            }
            continue;
        }
        bool held = data->tmp_out_processed < data->tmp_out_valid;
        bool at_border =
            data->block_state == ISAL_BLOCK_NEW_HDR || data->block_state == ISAL_BLOCK_HDR;
        if (at_border && !held) {
            return hand_over_to_zlib(isal, error);
        }
        bool more;
        size_t written = inflate_byte(isal, io, &more);
        if (data->block_state == ISAL_BLOCK_FINISH) {
            start_trailer(isal);
            return P2I_OK;
        }
        if (!more && written == 0 && !isal->corrupt) {
            return P2I_OK; /* needs more input */
        }
    }
    return P2I_OK;
}

static enum p2i_result step_rest(struct isal *isal, struct p2i_decompress_io *io,
                                 struct p2i_error *error)
{
    z_stream *stream = &isal->zlib;
    while (io->out_size > 0) {
        struct p2i_view in = input_of(isal, io);
        size_t room;
        uint8_t *out = room_of(isal, io, &room);
        stream->next_in = (z_const Bytef *)in.data;
        stream->avail_in = (uInt)in.size;
        stream->next_out = out;
        stream->avail_out = (uInt)room;
        int status = inflate(stream, Z_NO_FLUSH);
        size_t written = room - stream->avail_out;
        isal->crc = (uint32_t)crc32(isal->crc, out, (uInt)written);
        took(isal, io, in.size - stream->avail_in);
        gave(isal, io, written);
        if (status == Z_STREAM_END) {
            isal->part = IN_TRAILER;
            return P2I_OK;
        }
        if (status == Z_MEM_ERROR) {
            return p2i_fail_memory(error);
        }
        if (status != Z_OK && status != Z_BUF_ERROR) {
            return p2i_decompress_corrupt(error, "gzip", p2i_gzip_reason(stream->msg));
        }
        if (in.size == 0 && written == 0) {
            return P2I_OK; /* needs more input */
        }
    }
    return P2I_OK;
}

static enum p2i_result step_trailer(struct isal *isal, struct p2i_decompress_io *io,
                                    struct p2i_error *error)
{
    struct p2i_view in = input_of(isal, io);
    while (isal->trailer_size < TRAILER && in.size > 0) {
        isal->trailer[isal->trailer_size++] = in.data[0];
        took(isal, io, 1);
        in = input_of(isal, io);
    }
    if (isal->trailer_size < TRAILER) {
        return P2I_OK;
    }
    if (p2i_load_le32(isal->trailer) != isal->crc) {
        return p2i_decompress_corrupt(error, "gzip", "incorrect data check");
    }
    if (p2i_load_le32(isal->trailer + 4) != isal->size) {
        return p2i_decompress_corrupt(error, "gzip", "incorrect length check");
    }
    isal->part = IN_HEADER;
    (void)inflateReset2(&isal->zlib, GZIP_WINDOW);
    return P2I_END;
}

static enum p2i_result step_isal(void *state, struct p2i_decompress_io *io, struct p2i_error *error)
{
    struct isal *isal = state;
    enum p2i_result result = P2I_OK;
    if (isal->part == IN_HEADER) {
        result = step_header(isal, io, error);
    }
    if (result == P2I_OK && isal->part == IN_DATA) {
        step_data(isal, io);
    }
    if (result == P2I_OK && isal->part == IN_BLOCK) {
        result = step_block(isal, io, error);
    }
    if (result == P2I_OK && isal->part == IN_REST) {
        result = step_rest(isal, io, error);
    }
    if (result == P2I_OK && isal->part == IN_TRAILER) {
        result = step_trailer(isal, io, error);
    }
    return result;
}

const struct p2i_decompression p2i_decompress_gzip = {.library = "ISA-L",
                                                      .open = open_isal,
                                                      .step = step_isal,
                                                      .close = close_isal,
                                                      .next_stream = p2i_next_gzip_member};

#endif
