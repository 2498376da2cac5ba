/* SPDX-License-Identifier: MIT */
/* lz4 frames (LZ4 frame format, version 1.6). */
#include "capture/decompress.h"

#ifdef HAVE_LZ4

#include <lz4frame.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pcap2ipfix/cursor.h"

struct lz4 {
    LZ4F_dctx *context;
    struct p2i_decompress_window *window;
    struct p2i_stream_head head; /* of the frame */
    bool has_window;             /* the window of this frame was granted */
    struct p2i_decompress_wish wish;
};

static void close_lz4(void *state)
{
    struct lz4 *lz4 = state;
    (void)LZ4F_freeDecompressionContext(lz4->context);
    free(lz4);
}

static void *open_lz4(struct p2i_decompress_window *window)
{
    struct lz4 *lz4 = calloc(1, sizeof *lz4);
    if (lz4 == NULL) {
        return NULL;
    }
    lz4->window = window;
    lz4->wish = (struct p2i_decompress_wish){.first = 7, .block_header = 4};
    if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION))) {
        close_lz4(lz4);
        return NULL;
    }
    return lz4;
}

/* The decoder holds one compressed and one decompressed block. The block size is in the sixth byte
 * of the frame. */
static enum p2i_result need_window(struct lz4 *lz4, const struct p2i_decompress_io *io,
                                   struct p2i_error *error)
{
    enum { MAGIC = 0x184d2204, SIZE_AT = 5, LEAST = 4 };
    p2i_stream_head_fill(&lz4->head, io);
    const uint8_t *head = lz4->head.bytes;
    if (lz4->head.size <= SIZE_AT) {
        return P2I_OK;
    }
    unsigned code = head[SIZE_AT] >> 4 & 7;
    enum p2i_result result = P2I_OK;
    if (p2i_load_le32(head) == MAGIC && code >= LEAST) { /* else it needs none, or is corrupt */
        uint64_t block = UINT64_C(1) << (8 + 2 * code);  /* code 4: 64 KiB ... 7: 4 MiB */
        result = p2i_decompress_window_need(lz4->window, 2 * block, error);
    }
    lz4->has_window = result == P2I_OK;
    return result;
}

static enum p2i_result step_lz4(void *state, struct p2i_decompress_io *io, struct p2i_error *error)
{
    struct lz4 *lz4 = state;
    lz4->wish.all = false;
    if (!lz4->has_window) {
        enum p2i_result result = need_window(lz4, io, error);
        if (result != P2I_OK) {
            return result;
        }
        lz4->wish.all = !lz4->has_window; /* the header is not complete */
    }
    bool held = lz4->wish.holds;
    size_t read = p2i_decompress_input(&lz4->wish, io->in_size);
    size_t written = io->out_size;
    size_t status = LZ4F_decompress(lz4->context, io->out, &written, io->in, &read, NULL);
    if (LZ4F_isError(status)) {
        const char *reason = LZ4F_getErrorName(status);
        return strcmp(reason, "ERROR_allocation_failed") == 0
                   ? p2i_fail_memory(error)
                   : p2i_decompress_corrupt(error, "lz4", reason);
    }
    lz4->wish.holds = status != 0 && written == io->out_size;
    lz4->wish.wanted = status;
    p2i_decompress_moved(io, read, written);
    if (status != 0) {
        return held && written == 0 ? step_lz4(state, io, error) : P2I_OK; /* it held nothing */
    }
    lz4->head.size = 0; /* another frame may follow */
    lz4->has_window = false;
    return P2I_END;
}

const struct p2i_decompression p2i_decompress_lz4 = {
    .library = "liblz4", .open = open_lz4, .step = step_lz4, .close = close_lz4};

#else

const struct p2i_decompression p2i_decompress_lz4 = {.library = "liblz4"};

#endif
