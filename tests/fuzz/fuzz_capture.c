/* SPDX-License-Identifier: MIT */
/* The input is a capture file. Its bytes are walked in place, so that a read past them is detected;
 * then it is read as a file and merged with itself, which must return every frame twice. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frames(const struct p2i_block *block)
{
    for (size_t i = 0; i < block->frame_count; i++) {
        const struct p2i_frame *frame = &block->frames[i];
        size_t at = (size_t)(frame->data - block->buffer);
        if (frame->data < block->buffer || at > block->buffer_capacity ||
            frame->size > block->buffer_capacity - at || frame->original_size < frame->size ||
            frame->size > P2I_FRAME_MAX) {
            abort();
        }
    }
}

static void walk(const uint8_t *data, size_t size)
{
    struct p2i_frame frames[16];
    struct p2i_block block = {.frames = frames, .frame_capacity = 16};
    struct p2i_error error;
    struct p2i_walk pass = {.bytes = p2i_view_of(data, size),
                            .block = &block,
                            .tolerant = true,
                            .last = size % 2 == 0,
                            .error = &error};
    const struct p2i_container *container = p2i_container_of(pass.bytes);
    if (container == NULL) {
        return;
    }
    void *state = calloc(1, container->state_size);
    if (state == NULL) {
        abort();
    }
    (void)container->walk(state, &pass);
    for (size_t i = 0; i < block.frame_count; i++) {
        size_t at = (size_t)(frames[i].data - data);
        if (at > size || frames[i].size > size - at) {
            abort();
        }
    }
    if (container->free != NULL) {
        container->free(state);
    }
    free(state);
}

static uint64_t count_frames(const struct p2i_capture_settings *settings, const char *const *paths,
                             size_t path_count)
{
    struct p2i_capture *capture = NULL;
    struct p2i_block block;
    struct p2i_error error;
    uint64_t count = 0;
    if (p2i_block_init(&block) &&
        p2i_capture_open(&capture, settings, paths, path_count, NULL, NULL, &error) == P2I_OK) {
        while (p2i_capture_read(capture, &block, &error) == P2I_OK) {
            check_frames(&block);
            count += block.frame_count;
        }
    }
    p2i_capture_close(capture);
    p2i_block_free(&block);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(data, size);
    int descriptor = memfd_create("capture", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size) {
        abort();
    }
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    const char *paths[] = {path, path};
    uint64_t once = count_frames(&(struct p2i_capture_settings){.order = P2I_ORDER_ARGS}, paths, 1);
    /* Compiling a filter dominates the time: one input in eight is enough. */
    struct p2i_capture_settings merged = {.order = P2I_ORDER_TIME,
                                          .filter = size % 8 == 0 ? "udp port 53" : NULL};
    if (count_frames(&merged, paths, 2) != 2 * once) {
        abort();
    }
    (void)close(descriptor);
    return 0;
}
