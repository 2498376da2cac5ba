/* SPDX-License-Identifier: MIT */
#include "protocol/http/websocket_inflate.h"

#include <stddef.h>
#define ZLIB_CONST /* makes the input const */
#include <zlib.h>

#include "protocol/protocol.h"

enum { RAW_WINDOW = -15 }; /* zlib: DEFLATE without a header, 32 KiB */

struct p2i_inflater {
    z_stream zlib;                   /* it stores its own address: do not move */
    const struct p2i_parser *parser; /* of the call, for zlib's memory; NULL between calls */
    uint64_t in;
    uint64_t out;
    bool ended;        /* the DEFLATE stream has ended */
    bool stream_ended; /* it ended in this message */
};

/* In front of each block of zlib, which does not pass the size when it frees one. */
union header {
    size_t size;
    max_align_t aligned;
};

static void *get_block(void *opaque, unsigned count, unsigned size)
{
    struct p2i_inflater *inflater = opaque;
    size_t bytes = sizeof(union header) + (size_t)count * size;
    union header *header =
        p2i_pool_get(inflater->parser->pool, inflater->parser->account, bytes, NULL);
    if (header == NULL) {
        return NULL;
    }
    header->size = bytes;
    return header + 1;
}

static void put_block(void *opaque, void *block)
{
    struct p2i_inflater *inflater = opaque;
    if (block != NULL) {
        union header *header = (union header *)block - 1;
        p2i_pool_put(inflater->parser->pool, inflater->parser->account, header, header->size);
    }
}

struct p2i_inflater *p2i_inflater_new(const struct p2i_parser *parser)
{
    struct p2i_inflater *inflater =
        p2i_pool_get(parser->pool, parser->account, sizeof *inflater, NULL);
    if (inflater == NULL) {
        return NULL;
    }
    *inflater = (struct p2i_inflater){.parser = parser};
    inflater->zlib.zalloc = get_block;
    inflater->zlib.zfree = put_block;
    inflater->zlib.opaque = inflater;
    int result = inflateInit2(&inflater->zlib, RAW_WINDOW);
    inflater->parser = NULL;
    if (result != Z_OK) {
        p2i_pool_put(parser->pool, parser->account, inflater, sizeof *inflater);
        return NULL;
    }
    return inflater;
}

void p2i_inflater_free(const struct p2i_parser *parser, struct p2i_inflater *inflater)
{
    if (inflater != NULL) {
        inflater->parser = parser;
        (void)inflateEnd(&inflater->zlib);
        p2i_pool_put(parser->pool, parser->account, inflater, sizeof *inflater);
    }
}

void p2i_inflater_forget(struct p2i_inflater *inflater)
{
    (void)inflateReset(&inflater->zlib);
    inflater->ended = false;
}

bool p2i_inflater_spent(const struct p2i_inflater *inflater)
{
    return inflater->out > P2I_INFLATED_FREE + inflater->in * P2I_INFLATED_RATIO;
}

bool p2i_inflate(const struct p2i_parser *parser, struct p2i_inflater *inflater,
                 struct p2i_view *in, uint8_t *out, size_t room, size_t *written)
{
    z_stream *zlib = &inflater->zlib;
    uInt offered = (uInt)(in->size < UINT32_MAX ? in->size : UINT32_MAX);
    *written = 0;
    if (inflater->ended) { /* by an earlier block: a new stream follows */
        p2i_inflater_forget(inflater);
    }
    zlib->next_in = in->data;
    zlib->avail_in = offered;
    zlib->next_out = out;
    zlib->avail_out = (uInt)room;
    inflater->parser = parser;
    int result = inflate(zlib, Z_SYNC_FLUSH);
    inflater->parser = NULL;
    *written = room - zlib->avail_out;
    inflater->in += offered - zlib->avail_in;
    inflater->out += *written;
    *in = p2i_view_from(*in, offered - zlib->avail_in);
    inflater->ended = result == Z_STREAM_END;
    inflater->stream_ended = inflater->stream_ended || inflater->ended;
    /* Z_BUF_ERROR: there was nothing to do. */
    bool good = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
    if (!good || p2i_inflater_spent(inflater)) {
        p2i_inflater_forget(inflater);
        return false;
    }
    return true;
}

struct p2i_view p2i_inflate_tail(void)
{
    static const uint8_t tail[] = {0, 0, 0xff, 0xff};
    return p2i_view_of(tail, sizeof tail);
}

bool p2i_inflater_end_message(struct p2i_inflater *inflater)
{
    enum { BETWEEN_BLOCKS = 128 }; /* zlib.h, at inflate() */
    bool ended = inflater->stream_ended;
    bool between = (inflater->zlib.data_type & BETWEEN_BLOCKS) != 0;
    inflater->stream_ended = false;
    if (ended) {
        p2i_inflater_forget(inflater);
    }
    return ended || between;
}
