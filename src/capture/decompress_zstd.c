/* SPDX-License-Identifier: MIT */
/* Zstandard (RFC 8878). */
#include "capture/decompress.h"

#ifdef HAVE_ZSTD

#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "pcap2ipfix/cursor.h"

struct zstd {
    ZSTD_DCtx *context;
    struct p2i_decompress_window *window;
    struct p2i_stream_head head; /* of the frame */
    bool has_window;             /* the window of this frame was granted */
    struct p2i_decompress_wish wish;
};

static void close_zstd(void *state)
{
    struct zstd *zstd = state;
    (void)ZSTD_freeDCtx(zstd->context);
    free(zstd);
}

static void *open_zstd(struct p2i_decompress_window *window)
{
    struct zstd *zstd = calloc(1, sizeof *zstd);
    if (zstd == NULL) {
        return NULL;
    }
    zstd->window = window;
    zstd->wish = (struct p2i_decompress_wish){.first = 5, .block_header = 3};
    zstd->context = ZSTD_createDCtx();
    if (zstd->context == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax,
                                            (int)p2i_decompress_window_log_max(window)))) {
        close_zstd(zstd);
        return NULL;
    }
    return zstd;
}

enum { SKIPPABLE = 0x184d2a5 }; /* the magic number of a skippable frame, without the last digit */

static const uint8_t dictionary_sizes[] = {0, 1, 2, 4};
static const uint8_t content_sizes[] = {1, 2, 4, 8};

/* RFC 8878 section 3.1.1.1. False: the header is not complete. */
static bool window_of(struct p2i_view head, uint64_t *bytes)
{
    struct p2i_cursor cursor = p2i_cursor_of(head);
    p2i_skip(&cursor, 4); /* magic number */
    uint8_t descriptor = p2i_u8(&cursor);
    bool single_segment = (descriptor & 0x20) != 0;
    if (!single_segment) {
        uint8_t window = p2i_u8(&cursor);
        uint64_t base = UINT64_C(1) << (10 + (window >> 3));
        *bytes = base + base / 8 * (window & 7);
        return !cursor.failed;
    }
    /* The whole content is the window. */
    p2i_skip(&cursor, dictionary_sizes[descriptor & 3]);
    size_t size = content_sizes[descriptor >> 6];
    struct p2i_view content = p2i_take(&cursor, size);
    *bytes = size == 2 ? 256 : 0;
    for (size_t i = 0; i < content.size; i++) {
        *bytes += (uint64_t)content.data[i] << (8 * i);
    }
    return !cursor.failed;
}

/* Requests the window of the frame before the decoder allocates it. */
static enum p2i_result need_window(struct zstd *zstd, const struct p2i_decompress_io *io,
                                   struct p2i_error *error)
{
    p2i_stream_head_fill(&zstd->head, io);
    struct p2i_view head = p2i_view_of(zstd->head.bytes, zstd->head.size);
    uint64_t bytes = 0;
    if (head.size < 4 || (p2i_load_le32(head.data) >> 4 != SKIPPABLE && !window_of(head, &bytes))) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_decompress_window_need(zstd->window, bytes, error);
    zstd->has_window = result == P2I_OK;
    return result;
}

static enum p2i_result step_zstd(void *state, struct p2i_decompress_io *io, struct p2i_error *error)
{
    struct zstd *zstd = state;
    zstd->wish.all = false;
    if (!zstd->has_window) {
        enum p2i_result result = need_window(zstd, io, error);
        if (result != P2I_OK) {
            return result;
        }
        zstd->wish.all = !zstd->has_window; /* the header is not complete */
    }
    bool held = zstd->wish.holds;
    ZSTD_inBuffer in = {.src = io->in, .size = p2i_decompress_input(&zstd->wish, io->in_size)};
    ZSTD_outBuffer out = {.dst = io->out, .size = io->out_size};
    size_t status = ZSTD_decompressStream(zstd->context, &out, &in);
    p2i_decompress_moved(io, in.pos, out.pos);
    if (ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation) {
        return p2i_fail_memory(error);
    }
    if (ZSTD_isError(status)) {
        return p2i_decompress_corrupt(error, "zstd", ZSTD_getErrorName(status));
    }
    zstd->wish.holds = status != 0 && out.pos == out.size;
    zstd->wish.wanted = status;
    if (status != 0) {
        return held && out.pos == 0 ? step_zstd(state, io, error) : P2I_OK; /* it held nothing */
    }
    zstd->head.size = 0; /* another frame may follow */
    zstd->has_window = false;
    return P2I_END;
}

/* How far frames are looked for. */
struct search {
    p2i_compressed_read *read;
    void *context;
    uint64_t most;         /* offset */
    unsigned steps;        /* that are left */
    uint64_t window_bytes; /* the largest yet */
};

/* Moves *at behind the block there (RFC 8878 section 3.1.1.2). *last: no other one follows. False:
 * it has no end. */
static bool skip_block(struct search *search, uint64_t *at, bool *last)
{
    enum { HEADER = 3, RLE = 1, RESERVED = 3 };
    uint8_t bytes[HEADER];
    struct p2i_view head =
        p2i_compressed_at(search->read, search->context, *at, bytes, sizeof bytes);
    if (head.size < HEADER || search->steps == 0 || *at >= search->most) {
        return false;
    }
    search->steps--;
    uint32_t header = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
    uint32_t type = header >> 1 & 3;
    *last = (header & 1) != 0;
    *at += HEADER + (type == RLE ? 1 : header >> 3);
    return type != RESERVED;
}

/* Moves *at behind the frame there, as its blocks say. False: its end is not found. */
static bool skip_frame(struct search *search, uint64_t *at)
{
    enum { SKIPPABLE_HEADER = 8, CHECKSUM = 4 };
    uint8_t bytes[18];
    struct p2i_view head =
        p2i_compressed_at(search->read, search->context, *at, bytes, sizeof bytes);
    if (head.size < SKIPPABLE_HEADER || search->steps == 0) {
        return false;
    }
    search->steps--;
    if (p2i_load_le32(bytes) >> 4 == SKIPPABLE) {
        *at += SKIPPABLE_HEADER + p2i_load_le32(bytes + 4);
        return true;
    }
    uint64_t window;
    if (p2i_load_le32(bytes) != ZSTD_MAGICNUMBER || !window_of(head, &window)) {
        return false;
    }
    search->window_bytes = window > search->window_bytes ? window : search->window_bytes;
    uint8_t descriptor = bytes[4];
    bool single_segment = (descriptor & 0x20) != 0;
    bool has_size = single_segment || descriptor >> 6 > 0;
    *at += 5U + !single_segment + dictionary_sizes[descriptor & 3] +
           (has_size ? content_sizes[descriptor >> 6] : 0U);
    bool last = false;
    while (!last) {
        if (!skip_block(search, at, &last)) {
            return false;
        }
    }
    *at += (descriptor & 4) != 0 ? CHECKSUM : 0;
    return true;
}

static bool next_zstd_frame(p2i_compressed_read *read, void *context, uint64_t from, uint64_t least,
                            struct p2i_stream_start *next)
{
    struct search search = {read, context, least + P2I_SEARCH_BYTES, P2I_SEARCH_STEPS, 0};
    uint64_t at = from;
    while (at < least) {
        if (!skip_frame(&search, &at)) {
            return false;
        }
    }
    *next = (struct p2i_stream_start){.offset = at, .window_bytes = search.window_bytes};
    uint8_t magic[4];
    return at <= search.most &&
           p2i_compressed_at(read, context, at, magic, sizeof magic).size == sizeof magic &&
           (p2i_load_le32(magic) == ZSTD_MAGICNUMBER || p2i_load_le32(magic) >> 4 == SKIPPABLE);
}

const struct p2i_decompression p2i_decompress_zstd = {.library = "libzstd",
                                                      .open = open_zstd,
                                                      .step = step_zstd,
                                                      .close = close_zstd,
                                                      .next_stream = next_zstd_frame};

#else

const struct p2i_decompression p2i_decompress_zstd = {.library = "libzstd"};

#endif
