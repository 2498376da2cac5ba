/* SPDX-License-Identifier: MIT */
/* A compressed capture: decompressed ahead of the reader, as with several threads, it has the same
 * frames, the same error and the same hash as decompressed by the reader. */
#include <stdlib.h>

#include "base/hash.h"
#include "capture/capture.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES_MAX = 200000 }; /* of one input: what is compressed well takes long */

struct reading {
    uint64_t frames, hash, reports;
};

static void take_report(void *context, const struct p2i_error *error)
{
    struct reading *reading = context;
    reading->reports++;
    reading->hash = p2i_mix_bytes(reading->hash, p2i_view_of(error->text, strlen(error->text)));
    reading->hash = p2i_mix(reading->hash, error->offset);
}

static void take_block(struct reading *reading, const struct p2i_block *block)
{
    for (size_t i = 0; i < block->frame_count; i++) {
        const struct p2i_frame *frame = &block->frames[i];
        reading->hash = p2i_mix_bytes(reading->hash, p2i_view_of(frame->data, frame->size));
        reading->hash = p2i_mix(reading->hash, frame->time_ns);
    }
    reading->frames += block->frame_count;
}

static struct reading read_capture(const char *path, bool ahead)
{
    const struct p2i_capture_settings settings = {
        .order = P2I_ORDER_ARGS,
        .window_bytes = 4 << 20,
        .ahead_bytes = ahead ? 1 << 20 : 0,
        .hash = true,
    };
    struct p2i_capture *capture = NULL;
    struct p2i_block block;
    struct p2i_error error;
    struct reading reading = {0};
    if (!p2i_block_init(&block) ||
        p2i_capture_open(&capture, &settings, &path, 1, take_report, &reading, &error) != P2I_OK) {
        abort();
    }
    for (;;) {
        while (ahead && p2i_capture_work_ahead(capture, true)) {
        }
        if (reading.frames > FRAMES_MAX || p2i_capture_read(capture, &block, &error) != P2I_OK) {
            break;
        }
        take_block(&reading, &block);
    }
    const struct p2i_capture_facts *facts = p2i_capture_facts(capture, 0);
    if (facts->hashed) {
        reading.hash =
            p2i_mix_bytes(reading.hash, p2i_view_of(facts->sha256, sizeof facts->sha256));
    }
    p2i_capture_close(capture);
    p2i_block_free(&block);
    return reading;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_file file;
    memory_file_open(&file, p2i_view_of(data, size));
    struct reading plain = read_capture(file.path, false);
    struct reading ahead = read_capture(file.path, true);
    if (plain.frames <= FRAMES_MAX && (plain.frames != ahead.frames || plain.hash != ahead.hash ||
                                       plain.reports != ahead.reports)) {
        abort();
    }
    memory_file_close(&file);
    return 0;
}
