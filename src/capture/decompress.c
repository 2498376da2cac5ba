/* SPDX-License-Identifier: MIT */
#include "capture/decompress.h"

#include <stdbool.h>
#include <stdlib.h>

#include "capture/formats.h"

enum {
    PACKED_ALONE = 256 << 10, /* what is noted for each buffer is then next to nothing */
    PACKED_AMONG = 32 << 10,  /* of captures that may be open together, perhaps very many */
};

struct p2i_decompressor {
    const struct p2i_compression *compression;
    void *state; /* of the compression */
    struct p2i_window window;
    p2i_packed_read *read;
    void *context;
    const uint8_t *rest; /* compressed bytes not yet used */
    size_t rest_size;
    bool at_border; /* between two streams: the file may end here */
    bool ended;     /* it did, but not at a border */
    size_t packed_size;
    uint8_t packed[]; /* read at once */
};

enum p2i_result p2i_decompress_corrupt(struct p2i_error *error, const char *compression,
                                       const char *reason)
{
    return p2i_fail(error, P2I_DAMAGED, "the %s stream is corrupt: %s", compression, reason);
}

struct p2i_decompressor *p2i_decompressor_new(const struct p2i_compression *compression,
                                              struct p2i_windows *windows, p2i_packed_read *read,
                                              void *context)
{
    bool several = windows != NULL && windows->several;
    size_t packed_size = several ? PACKED_AMONG : PACKED_ALONE;
    struct p2i_decompressor *unpacker = calloc(1, sizeof *unpacker + packed_size);
    if (unpacker == NULL) {
        return NULL;
    }
    unpacker->packed_size = packed_size;
    unpacker->compression = compression;
    unpacker->window = (struct p2i_window){.shared = windows, .compression = compression->name};
    unpacker->read = read;
    unpacker->context = context;
    unpacker->rest = unpacker->packed;
    unpacker->state = compression->unpacking->open(&unpacker->window);
    if (unpacker->state == NULL) {
        free(unpacker);
        return NULL;
    }
    return unpacker;
}

void p2i_decompressor_free(struct p2i_decompressor *unpacker)
{
    if (unpacker == NULL) {
        return;
    }
    unpacker->compression->unpacking->close(unpacker->state);
    p2i_window_release(&unpacker->window);
    free(unpacker);
}

/* One step. P2I_OK also where a stream is over. */
static enum p2i_result step(struct p2i_decompressor *unpacker, uint8_t *to, size_t size,
                            size_t *got, struct p2i_error *error)
{
    /* Tapes and block devices pad a file with zeros; no stream begins with one. */
    while (unpacker->at_border && unpacker->rest_size > 0 && unpacker->rest[0] == 0) {
        unpacker->rest++;
        unpacker->rest_size--;
    }
    if (unpacker->at_border && unpacker->rest_size == 0) {
        return P2I_OK;
    }
    struct p2i_decompress_io io = {
        .in = unpacker->rest,
        .in_size = unpacker->rest_size,
        .out = to,
        .out_size = size,
        .ended = unpacker->ended,
    };
    enum p2i_result result = unpacker->compression->unpacking->step(unpacker->state, &io, error);
    unpacker->rest = io.in;
    unpacker->rest_size = io.in_size;
    *got += size - io.out_size;
    unpacker->at_border = result == P2I_END;
    return result == P2I_END ? P2I_OK : result;
}

/* Reads on. P2I_END: there is no more. */
static enum p2i_result refill(struct p2i_decompressor *unpacker, struct p2i_error *error)
{
    if (unpacker->ended) {
        return p2i_fail(error, P2I_DAMAGED,
                        "the %s stream ends early: more packed bytes wanted, end of file found",
                        unpacker->compression->name);
    }
    enum p2i_result result = unpacker->read(unpacker->context, unpacker->packed,
                                            unpacker->packed_size, &unpacker->rest_size, error);
    unpacker->rest = unpacker->packed;
    unpacker->ended = unpacker->rest_size == 0;
    return result == P2I_OK && unpacker->ended && unpacker->at_border ? P2I_END : result;
}

enum p2i_result p2i_decompress(struct p2i_decompressor *unpacker, uint8_t *to, size_t size,
                               size_t *got, struct p2i_error *error)
{
    *got = 0;
    while (*got < size) {
        size_t before = *got;
        size_t rest_before = unpacker->rest_size;
        bool border_before = unpacker->at_border;
        enum p2i_result result = step(unpacker, to + *got, size - *got, got, error);
        bool moved = *got > before || unpacker->rest_size != rest_before ||
                     unpacker->at_border != border_before;
        if (result == P2I_OK && *got == before && unpacker->rest_size == 0) {
            /* Only now: an unpacker may still hold bytes when its input is used up. */
            result = refill(unpacker, error);
        } else if (result == P2I_OK && !moved) {
            result =
                p2i_decompress_corrupt(error, unpacker->compression->name, "it does not go on");
        }
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}
