/* SPDX-License-Identifier: MIT */
#include "capture/unpack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum {
    PACKED_BYTES = 32 << 10, /* read at once */
    GZIP_WINDOW = 16 + 15,   /* zlib: expect a gzip header, any window */
};

struct p2i_unpacker {
    enum p2i_packing packing;
    p2i_packed_read *read;
    void *context;
    const uint8_t *rest; /* packed bytes not yet used */
    size_t rest_size;
    bool at_border; /* between two members (gzip) or frames (zstd): the stream may end here */
    z_stream gzip;
#ifdef HAVE_ZSTD
    ZSTD_DStream *zstd;
#endif
    uint8_t packed[PACKED_BYTES];
};

enum p2i_packing p2i_packing_of(struct p2i_view head)
{
    if (p2i_view_starts(head, P2I_VIEW("\x1f\x8b"))) {
        return P2I_PACKING_GZIP;
    }
#ifdef HAVE_ZSTD
    if (p2i_view_starts(head, P2I_VIEW("\x28\xb5\x2f\xfd"))) {
        return P2I_PACKING_ZSTD;
    }
#endif
    return P2I_PACKING_NONE;
}

struct p2i_unpacker *p2i_unpacker_new(enum p2i_packing packing, p2i_packed_read *read,
                                      void *context)
{
    struct p2i_unpacker *unpacker = calloc(1, sizeof *unpacker);
    if (unpacker == NULL) {
        return NULL;
    }
    unpacker->packing = packing;
    unpacker->read = read;
    unpacker->context = context;
    unpacker->rest = unpacker->packed;
#ifdef HAVE_ZSTD
    if (packing == P2I_PACKING_ZSTD) {
        unpacker->zstd = ZSTD_createDStream();
        if (unpacker->zstd == NULL) {
            free(unpacker);
            return NULL;
        }
        return unpacker;
    }
#endif
    if (inflateInit2(&unpacker->gzip, GZIP_WINDOW) != Z_OK) {
        free(unpacker);
        return NULL;
    }
    return unpacker;
}

void p2i_unpacker_free(struct p2i_unpacker *unpacker)
{
    if (unpacker == NULL) {
        return;
    }
#ifdef HAVE_ZSTD
    (void)ZSTD_freeDStream(unpacker->zstd);
#endif
    if (unpacker->packing == P2I_PACKING_GZIP) {
        (void)inflateEnd(&unpacker->gzip);
    }
    free(unpacker);
}

/* One step of inflate. P2I_OK or P2I_DAMAGED. */
static enum p2i_result step_gzip(struct p2i_unpacker *unpacker, uint8_t *to, size_t size,
                                 size_t *got, struct p2i_error *error)
{
    /* Tapes and block devices pad a file with zeros; the next member begins with 1f. */
    while (unpacker->at_border && unpacker->rest_size > 0 && unpacker->rest[0] == 0) {
        unpacker->rest++;
        unpacker->rest_size--;
    }
    if (unpacker->rest_size == 0) {
        return P2I_OK;
    }
    unpacker->at_border = false;
    z_stream *stream = &unpacker->gzip;
    stream->next_in = (z_const Bytef *)unpacker->rest;
    stream->avail_in = (uInt)unpacker->rest_size;
    stream->next_out = to;
    stream->avail_out = (uInt)size;
    int status = inflate(stream, Z_NO_FLUSH);
    unpacker->rest = stream->next_in;
    unpacker->rest_size = stream->avail_in;
    *got += size - stream->avail_out;
    if (status == Z_STREAM_END) { /* RFC 1952 section 2.2: members follow each other */
        unpacker->at_border = true;
        status = inflateReset(stream);
    }
    if (status != Z_OK && status != Z_BUF_ERROR) {
        return p2i_fail(error, P2I_DAMAGED, "the gzip stream is corrupt: %s",
                        stream->msg != NULL ? stream->msg : "no reason given");
    }
    return P2I_OK;
}

#ifdef HAVE_ZSTD
static enum p2i_result step_zstd(struct p2i_unpacker *unpacker, uint8_t *to, size_t size,
                                 size_t *got, struct p2i_error *error)
{
    if (unpacker->at_border && unpacker->rest_size == 0) {
        return P2I_OK; /* asked without input it would say that a frame has begun */
    }
    ZSTD_inBuffer in = {.src = unpacker->rest, .size = unpacker->rest_size};
    ZSTD_outBuffer out = {.size = size};
    out.dst = to;
    size_t status = ZSTD_decompressStream(unpacker->zstd, &out, &in);
    unpacker->rest += in.pos;
    unpacker->rest_size -= in.pos;
    *got += out.pos;
    if (ZSTD_isError(status)) {
        return p2i_fail(error, P2I_DAMAGED, "the zstd stream is corrupt: %s",
                        ZSTD_getErrorName(status));
    }
    unpacker->at_border = status == 0;
    return P2I_OK;
}
#endif

static enum p2i_result step(struct p2i_unpacker *unpacker, uint8_t *to, size_t size, size_t *got,
                            struct p2i_error *error)
{
#ifdef HAVE_ZSTD
    if (unpacker->packing == P2I_PACKING_ZSTD) {
        return step_zstd(unpacker, to, size, got, error);
    }
#endif
    return step_gzip(unpacker, to, size, got, error);
}

static enum p2i_result at_end(const struct p2i_unpacker *unpacker, struct p2i_error *error)
{
    if (unpacker->at_border) {
        return P2I_END;
    }
    return p2i_fail(error, P2I_DAMAGED,
                    "the %s stream ends early: more packed bytes wanted, end of file found",
                    unpacker->packing == P2I_PACKING_ZSTD ? "zstd" : "gzip");
}

enum p2i_result p2i_unpack(struct p2i_unpacker *unpacker, uint8_t *to, size_t size, size_t *got,
                           struct p2i_error *error)
{
    *got = 0;
    while (*got < size) {
        size_t before = *got;
        enum p2i_result result = step(unpacker, to + *got, size - *got, got, error);
        if (result != P2I_OK) {
            return result;
        }
        /* An unpacker may still hold bytes when its input is used up: read only when it gave
         * nothing more. */
        if (*got > before || unpacker->rest_size > 0) {
            continue;
        }
        unpacker->rest = unpacker->packed;
        result = unpacker->read(unpacker->context, unpacker->packed, PACKED_BYTES,
                                &unpacker->rest_size, error);
        if (result != P2I_OK) {
            return result;
        }
        if (unpacker->rest_size == 0) {
            return at_end(unpacker, error);
        }
    }
    return P2I_OK;
}
