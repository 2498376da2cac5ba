/* SPDX-License-Identifier: MIT */
/* The inputs of a run, and what the ways of ordering them share. */
#ifndef P2I_CAPTURE_CAPTURE_SOURCE_H
#define P2I_CAPTURE_CAPTURE_SOURCE_H

#include "capture/capture.h"
#include "capture/capture_reader.h"

/* One of the inputs. */
struct p2i_capture_source {
    struct p2i_capture_facts facts;
    size_t index;                      /* among the arguments */
    struct p2i_capture_reader *reader; /* NULL: not open */
    uint64_t head_ns;                  /* by time: of its next frame */
    bool time_peeked;                  /* by time: no frame is parked, but head_ns is known */
    struct p2i_block parked; /* by time: frames from parked_next on were read and not yet given */
    size_t parked_next;
};

struct p2i_capture {
    struct p2i_capture_settings settings;
    p2i_capture_report *report;
    void *report_context;
    struct p2i_filter *filter;          /* NULL: none */
    struct p2i_capture_source *sources; /* as given */
    size_t source_count;
    struct p2i_capture_source **queue; /* those not yet read, from queue_next on, in their order */
    size_t queue_count, queue_next;
    struct p2i_capture_source *
        *heap; /* by time: those being read, the one with the first frame on top */
    size_t heap_count;
    struct p2i_decompress_windows windows; /* of those that are open */
    bool by_time;
    bool looked;            /* by time: the queue is in order */
    uint64_t frame_count;   /* given so far */
    enum p2i_result result; /* P2I_OK until the end, or until something stops the run */
    struct p2i_error error;
};

/* The next frames of a source, which is opened at the first call; next_ns as in
 * p2i_capture_reader_read(). P2I_OK: at least one, or *next_ns is set. P2I_END: it has no more, for
 * whatever reason, and is closed; what was wrong with it was reported. Anything else stops the run;
 * capture->error says why. */
enum p2i_result p2i_capture_source_read(struct p2i_capture *capture,
                                        struct p2i_capture_source *source, struct p2i_block *block,
                                        size_t read_bytes, uint64_t *next_ns);
void p2i_capture_source_close(struct p2i_capture_source *source);

/* Counts frames of the source that are given to the caller, and marks them as of this source and
 * with their numbers in it. */
void p2i_capture_source_count(struct p2i_capture_source *source, struct p2i_frame *frames,
                              size_t count);

#endif
