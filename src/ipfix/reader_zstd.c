/* SPDX-License-Identifier: MIT */
#include "ipfix/reader_zstd.h"

#include <stdlib.h>
#include <zstd.h>

#include "pcap2ipfix/error.h"

enum { IN_SIZE = 128 * 1024 };

struct p2i_reader_zstd {
    p2i_reader_zstd_source *source;
    void *context;
    ZSTD_DCtx *stream;
    ZSTD_inBuffer in;
    bool ended;     /* the source is at its end */
    bool at_border; /* between two frames: the stream may end here */
    uint8_t bytes[IN_SIZE];
};

bool p2i_is_zstd(struct p2i_view head)
{
    return p2i_view_starts(head, P2I_VIEW("\x28\xb5\x2f\xfd"));
}

struct p2i_reader_zstd *p2i_reader_zstd_new(p2i_reader_zstd_source *source, void *context)
{
    struct p2i_reader_zstd *zstd = malloc(sizeof *zstd);
    ZSTD_DCtx *stream = ZSTD_createDCtx();
    if (zstd == NULL || stream == NULL) {
        (void)ZSTD_freeDCtx(stream);
        free(zstd);
        return NULL;
    }
    zstd->source = source;
    zstd->context = context;
    zstd->stream = stream;
    zstd->in = (ZSTD_inBuffer){.src = zstd->bytes};
    zstd->ended = false;
    zstd->at_border = true;
    return zstd;
}

static enum p2i_result refill(struct p2i_reader_zstd *zstd, struct p2i_error *error)
{
    zstd->in.pos = 0;
    zstd->in.size = 0;
    enum p2i_result result =
        zstd->source(zstd->context, zstd->bytes, IN_SIZE, &zstd->in.size, error);
    zstd->ended = zstd->in.size < IN_SIZE;
    return result;
}

enum p2i_result p2i_reader_zstd_read(struct p2i_reader_zstd *zstd, uint8_t *to, size_t size,
                                     size_t *got, struct p2i_error *error)
{
    ZSTD_outBuffer out = {.dst = to, .size = size};
    enum p2i_result result = P2I_OK;
    while (out.pos < size && result == P2I_OK) {
        if (zstd->in.pos == zstd->in.size && !zstd->ended) {
            result = refill(zstd, error);
        }
        if (zstd->in.pos == zstd->in.size && zstd->at_border) {
            break;
        }
        size_t before = out.pos;
        bool empty = zstd->in.pos == zstd->in.size;
        size_t left = ZSTD_decompressStream(zstd->stream, &out, &zstd->in);
        if (ZSTD_isError(left)) {
            result =
                p2i_fail(error, P2I_DAMAGED, "zstd stream is damaged: %s", ZSTD_getErrorName(left));
        } else if (left > 0 && empty && out.pos == before) {
            result = p2i_fail(error, P2I_DAMAGED, "zstd stream ends early");
        }
        zstd->at_border = left == 0;
    }
    *got = out.pos;
    return result;
}

void p2i_reader_zstd_free(struct p2i_reader_zstd *zstd)
{
    if (zstd != NULL) {
        (void)ZSTD_freeDCtx(zstd->stream);
        free(zstd);
    }
}
