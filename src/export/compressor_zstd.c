/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <zstd.h>

#include "export/compressor.h"

enum { OUT_SIZE = 128 * 1024 };

struct zstd {
    struct p2i_compressor compressor; /* first, so that it is the same address */
    ZSTD_CCtx *context;
    uint8_t out[OUT_SIZE];
};

static enum p2i_result write_zstd(struct p2i_compressor *compressor, struct p2i_view bytes,
                                  bool last, p2i_compressor_take *take, void *context,
                                  struct p2i_error *error)
{
    struct zstd *zstd = (struct zstd *)compressor;
    ZSTD_inBuffer in = {.src = bytes.data, .size = bytes.size};
    size_t left;
    do {
        ZSTD_outBuffer out = {.dst = zstd->out, .size = OUT_SIZE};
        left = ZSTD_compressStream2(zstd->context, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            return p2i_fail(error, P2I_INTERNAL, "zstd failed: %s", ZSTD_getErrorName(left));
        }
        enum p2i_result result = take(context, p2i_view_of(zstd->out, out.pos), error);
        if (result != P2I_OK) {
            return result;
        }
    } while (in.pos < in.size || (last && left > 0));
    return P2I_OK;
}

static void free_zstd(struct p2i_compressor *compressor)
{
    struct zstd *zstd = (struct zstd *)compressor;
    (void)ZSTD_freeCCtx(zstd->context);
    free(zstd);
}

struct p2i_compressor *p2i_zstd_compressor_new(void)
{
    struct zstd *zstd = malloc(sizeof *zstd);
    if (zstd == NULL) {
        return NULL;
    }
    zstd->compressor = (struct p2i_compressor){write_zstd, free_zstd};
    zstd->context = ZSTD_createCCtx();
    if (zstd->context == NULL) {
        free(zstd);
        return NULL;
    }
    (void)ZSTD_CCtx_setParameter(zstd->context, ZSTD_c_checksumFlag, 1);
    return &zstd->compressor;
}
