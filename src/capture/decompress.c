/* SPDX-License-Identifier: MIT */
#include "capture/decompress.h"

#include <stdbool.h>
#include <stdlib.h>

#include "capture/formats.h"

enum {
    COMPRESSED_ALONE = 256 << 10, /* makes the cost of each refill negligible */
    COMPRESSED_AMONG = 32 << 10,  /* when many captures may be open at once */
};

struct p2i_decompressor {
    struct p2i_compressed_input input;
    void *state; /* state of the decompression */
    struct p2i_decompress_window window;
    uint64_t position;   /* stored bytes were read up to here */
    uint64_t stop;       /* where another decompressor goes on; 0: nowhere */
    const uint8_t *rest; /* compressed bytes not used yet */
    size_t rest_size;
    bool at_border; /* between two streams: the file may end here */
    bool ended;     /* the input has ended */
    size_t compressed_size;
    uint8_t compressed[]; /* input buffer */
};

enum p2i_result p2i_decompress_corrupt(struct p2i_error *error, const char *compression,
                                       const char *reason)
{
    return p2i_fail(error, P2I_DAMAGED, "the %s stream is corrupt: %s", compression, reason);
}

struct p2i_decompressor *p2i_decompressor_new(const struct p2i_compressed_input *input,
                                              uint64_t offset)
{
    bool several = input->windows != NULL && input->windows->several;
    size_t compressed_size = several ? COMPRESSED_AMONG : COMPRESSED_ALONE;
    struct p2i_decompressor *decompressor = calloc(1, sizeof *decompressor + compressed_size);
    if (decompressor == NULL) {
        return NULL;
    }
    decompressor->compressed_size = compressed_size;
    decompressor->input = *input;
    decompressor->window = (struct p2i_decompress_window){.shared = input->windows,
                                                          .compression = input->compression->name};
    decompressor->position = offset;
    decompressor->at_border = offset > 0;
    decompressor->rest = decompressor->compressed;
    decompressor->state = input->compression->decompression->open(&decompressor->window);
    if (decompressor->state == NULL) {
        free(decompressor);
        return NULL;
    }
    return decompressor;
}

void p2i_decompressor_free(struct p2i_decompressor *decompressor)
{
    if (decompressor == NULL) {
        return;
    }
    decompressor->input.compression->decompression->close(decompressor->state);
    p2i_decompress_window_release(&decompressor->window);
    free(decompressor);
}

/* Tapes and block devices pad files with zeros; no stream begins with one. */
static void skip_padding(struct p2i_decompressor *decompressor)
{
    while (decompressor->at_border && decompressor->rest_size > 0 && decompressor->rest[0] == 0) {
        decompressor->rest++;
        decompressor->rest_size--;
    }
}

/* Runs the decompression once. Returns P2I_OK also at the end of a stream. */
static enum p2i_result step(struct p2i_decompressor *decompressor, uint8_t *to, size_t size,
                            size_t *got, struct p2i_error *error)
{
    if (decompressor->at_border && decompressor->rest_size == 0) {
        return P2I_OK;
    }
    struct p2i_decompress_io io = {
        .in = decompressor->rest,
        .in_size = decompressor->rest_size,
        .out = to,
        .out_size = size,
        .ended = decompressor->ended,
    };
    enum p2i_result result =
        decompressor->input.compression->decompression->step(decompressor->state, &io, error);
    decompressor->rest = io.in;
    decompressor->rest_size = io.in_size;
    *got += size - io.out_size;
    decompressor->at_border = result == P2I_END;
    return result == P2I_END ? P2I_OK : result;
}

/* Refills the input buffer. P2I_END: the input has ended between two streams. */
static enum p2i_result refill(struct p2i_decompressor *decompressor, struct p2i_error *error)
{
    if (decompressor->ended) {
        return p2i_fail(
            error, P2I_DAMAGED,
            "the %s stream ends early: expected more compressed bytes, found the end of the file",
            decompressor->input.compression->name);
    }
    /* Reads end at the same offsets wherever the first stream began. */
    size_t size = decompressor->compressed_size -
                  (size_t)(decompressor->position % decompressor->compressed_size);
    const struct p2i_compressed_input *input = &decompressor->input;
    enum p2i_result result =
        input->read(input->context, decompressor->position, decompressor->compressed, size,
                    &decompressor->rest_size, error);
    decompressor->position += decompressor->rest_size;
    decompressor->rest = decompressor->compressed;
    decompressor->ended = decompressor->rest_size == 0;
    return result == P2I_OK && decompressor->ended && decompressor->at_border ? P2I_END : result;
}

enum p2i_result p2i_decompress_some(struct p2i_decompressor *decompressor, uint8_t *to, size_t size,
                                    size_t *got, struct p2i_error *error)
{
    *got = 0;
    while (*got < size) {
        skip_padding(decompressor);
        if (p2i_decompressor_has_stopped(decompressor)) {
            return P2I_END;
        }
        size_t before = *got;
        size_t rest_before = decompressor->rest_size;
        bool border_before = decompressor->at_border;
        enum p2i_result result = step(decompressor, to + *got, size - *got, got, error);
        bool moved = *got > before || decompressor->rest_size != rest_before ||
                     decompressor->at_border != border_before;
        if (result == P2I_OK && *got == before && decompressor->rest_size == 0) {
            /* Only now: the decompression may still hold output after its input is used up. */
            if (*got > 0) {
                return P2I_OK;
            }
            result = refill(decompressor, error);
        } else if (result == P2I_OK && !moved) {
            result = p2i_decompress_corrupt(error, decompressor->input.compression->name,
                                            "it does not go on");
        }
        if (result != P2I_OK) {
            return result;
        }
    }
    return P2I_OK;
}

enum p2i_result p2i_decompress(struct p2i_decompressor *decompressor, uint8_t *to, size_t size,
                               size_t *got, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    *got = 0;
    while (result == P2I_OK && *got < size) {
        size_t count;
        result = p2i_decompress_some(decompressor, to + *got, size - *got, &count, error);
        *got += count;
    }
    return result;
}

enum p2i_result p2i_decompress_put_off(struct p2i_decompressor *decompressor, uint8_t *to,
                                       size_t size, size_t *got, bool *put_off,
                                       struct p2i_error *error)
{
    struct p2i_decompress_window *window = &decompressor->window;
    window->fixed = true;
    window->put_off = false;
    enum p2i_result result = p2i_decompress_some(decompressor, to, size, got, error);
    window->fixed = false;
    *put_off = window->put_off;
    return *put_off ? P2I_OK : result;
}

struct p2i_decompress_window *p2i_decompressor_window(struct p2i_decompressor *decompressor)
{
    return &decompressor->window;
}

void p2i_decompressor_stop_at(struct p2i_decompressor *decompressor, uint64_t offset)
{
    decompressor->stop = offset;
}

uint64_t p2i_decompressor_stop(const struct p2i_decompressor *decompressor)
{
    return decompressor->stop;
}

bool p2i_decompressor_has_stopped(const struct p2i_decompressor *decompressor)
{
    return decompressor->at_border && decompressor->stop > 0 &&
           p2i_decompressor_place(decompressor) == decompressor->stop;
}

void p2i_decompressor_restart(struct p2i_decompressor *decompressor, uint64_t offset)
{
    decompressor->position = offset;
    decompressor->stop = 0;
    decompressor->rest_size = 0;
    decompressor->ended = false;
}

uint64_t p2i_decompressor_place(const struct p2i_decompressor *decompressor)
{
    return decompressor->position - decompressor->rest_size;
}

uint64_t p2i_decompressor_position(const struct p2i_decompressor *decompressor)
{
    return decompressor->position;
}
