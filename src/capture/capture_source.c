/* SPDX-License-Identifier: MIT */
#include "capture/capture_source.h"

#include "capture/byte_source.h"

void p2i_capture_source_close(struct p2i_capture_source *source)
{
    p2i_capture_reader_close(source->reader);
    source->reader = NULL;
    source->early = false;
    p2i_block_free(&source->parked);
    source->parked_next = 0;
}

/* True for a file that was found below a directory and turns out to be no capture. */
static bool is_skipped(const struct p2i_capture *capture, const struct p2i_capture_source *source)
{
    const struct p2i_error *error = &capture->error;
    return capture->settings.found != NULL && capture->settings.found[source->index] &&
           source->reader != NULL && source->facts.format == NULL && error->code == P2I_INPUT &&
           error->system_error == 0;
}

/* Marks the input as damaged, refused or skipped, and reports it. True: the run goes on. */
static bool report(struct p2i_capture *capture, struct p2i_capture_source *source)
{
    const struct p2i_error *error = &capture->error;
    bool over = source->reader == NULL || p2i_capture_reader_is_done(source->reader);
    /* Merging by time opens each capture twice: report once. */
    bool known = source->facts.damaged && !over;
    if (is_skipped(capture, source)) {
        source->facts.skipped = true;
        return true;
    }
    if (source->reader == NULL || (error->code == P2I_INPUT && source->facts.format == NULL)) {
        source->facts.refused = true;
    } else {
        source->facts.damaged = true;
    }
    if (!known && capture->report != NULL) {
        capture->report(capture->report_context, error);
    }
    return !capture->settings.strict;
}

void p2i_capture_source_open_early(struct p2i_capture *capture, struct p2i_capture_source *source)
{
    enum { WORTH_BYTES = 64 << 10 }; /* handing over a smaller one takes longer than inflating it */
    if (source->reader != NULL || source->waits || source->tried_early ||
        source->facts.size_bytes < WORTH_BYTES) {
        return;
    }
    struct p2i_error error;
    source->tried_early = true;
    source->early = p2i_capture_reader_open(&source->reader, source->facts.path, &capture->settings,
                                            &capture->windows, true, &error) == P2I_OK;
}

static uint64_t shifted(uint64_t time_ns, int64_t offset_ns)
{
    uint64_t size = offset_ns < 0 ? 0 - (uint64_t)offset_ns : (uint64_t)offset_ns;
    if (offset_ns < 0) {
        return time_ns > size ? time_ns - size : 0;
    }
    return time_ns < UINT64_MAX - size ? time_ns + size : UINT64_MAX;
}

/* Frames before the first one that has a time stay without. */
static void shift(struct p2i_block *block, int64_t offset_ns)
{
    for (size_t i = 0; i < block->frame_count; i++) {
        struct p2i_frame *frame = &block->frames[i];
        if (!frame->untimed || frame->time_ns > 0) {
            frame->time_ns = shifted(frame->time_ns, offset_ns);
        }
    }
}

static enum p2i_result read_once(struct p2i_capture *capture, struct p2i_capture_source *source,
                                 struct p2i_block *block, size_t read_bytes, uint64_t *next_ns)
{
    if (source->early && !p2i_capture_reader_begin(source->reader)) {
        p2i_capture_source_close(source);
    }
    source->early = false;
    if (source->reader == NULL) {
        enum p2i_result result =
            p2i_capture_reader_open(&source->reader, source->facts.path, &capture->settings,
                                    &capture->windows, false, &capture->error);
        if (result != P2I_OK) {
            return result;
        }
    }
    enum p2i_result result =
        p2i_capture_reader_read(source->reader, block, read_bytes, next_ns, &capture->error);
    if (source->offset_ns != 0 && result == P2I_OK) {
        shift(block, source->offset_ns);
        if (next_ns != NULL && block->frame_count == 0) {
            *next_ns = shifted(*next_ns, source->offset_ns);
        }
    }
    source->facts.format = p2i_capture_reader_format(source->reader);
    source->facts.read_bytes = p2i_capture_reader_position(source->reader);
    return result;
}

enum p2i_result p2i_capture_source_read(struct p2i_capture *capture,
                                        struct p2i_capture_source *source, struct p2i_block *block,
                                        size_t read_bytes, uint64_t *next_ns)
{
    while (!p2i_is_stopped(&capture->settings)) {
        enum p2i_result result = read_once(capture, source, block, read_bytes, next_ns);
        if (result == P2I_OK) {
            return P2I_OK;
        }
        if (result != P2I_INTERNAL && p2i_is_stopped(&capture->settings)) {
            break; /* the stop may look like damage */
        }
        bool stop = result == P2I_INTERNAL || (result != P2I_END && !report(capture, source));
        if (stop || source->reader == NULL || p2i_capture_reader_is_done(source->reader)) {
            if (!stop && source->reader != NULL && source->facts.format != NULL) {
                p2i_capture_reader_end_hash(source->reader, &source->facts);
            }
            p2i_capture_source_close(source);
            return stop ? result : P2I_END;
        }
    }
    block->frame_count = 0;
    p2i_capture_source_close(source);
    return P2I_END;
}

void p2i_capture_source_count(struct p2i_capture_source *source, struct p2i_frame *frames,
                              size_t count)
{
    struct p2i_capture_facts *facts = &source->facts;
    const struct p2i_frame *end = frames + count;
    const uint32_t index = (uint32_t)source->index;
    uint64_t number = facts->frame_count;
    uint64_t first = facts->first_ns == 0 ? UINT64_MAX : facts->first_ns;
    uint64_t last = facts->last_ns;
    for (struct p2i_frame *frame = frames; frame < end; frame++) {
        uint64_t time = frame->time_ns;
        frame->capture = index;
        frame->number = ++number & P2I_FRAME_NUMBER_MAX;
        first = time < first && time != 0 ? time : first;
        last = time > last ? time : last;
    }
    facts->frame_count = number;
    facts->first_ns = first == UINT64_MAX ? 0 : first;
    facts->last_ns = last;
}
