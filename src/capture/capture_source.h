/* SPDX-License-Identifier: MIT */
/* The inputs of a run, with the state that both ways of ordering them need. */
#ifndef P2I_CAPTURE_CAPTURE_SOURCE_H
#define P2I_CAPTURE_CAPTURE_SOURCE_H

#include "capture/capture.h"
#include "capture/capture_reader.h"

/* One input. */
struct p2i_capture_source {
    struct p2i_capture_facts facts;
    size_t index;                      /* in the order of the arguments */
    bool waits;                        /* a pipe or a device: reading may wait */
    int64_t offset_ns;                 /* added to the times of its frames */
    struct p2i_capture_reader *reader; /* NULL: closed */
    bool tried_early;                  /* it was or could not be opened before its turn */
    bool early;                        /* opened before its turn, which has not come yet */
    uint64_t head_ns;                  /* by time: time of its next frame */
    bool time_peeked;                  /* by time: head_ns is known but no frame is parked */
    /* By time: frames read ahead; those from parked_next on are not returned yet. */
    struct p2i_block parked;
    size_t parked_next;
};

struct p2i_capture {
    struct p2i_capture_settings settings;
    p2i_capture_report *report;
    void *report_context;
    struct p2i_filter *filter;          /* NULL: no filter */
    struct p2i_capture_source *sources; /* in the order of the arguments */
    size_t source_count;
    /* Inputs not opened yet, from queue_next on, in reading order. */
    struct p2i_capture_source **queue;
    size_t queue_count, queue_next;
    /* By time: open inputs, that with the earliest frame on top. */
    struct p2i_capture_source **heap;
    size_t heap_count;
    struct p2i_decompress_windows windows; /* of all open captures */
    struct p2i_ahead *ahead;               /* NULL: inputs are decompressed when they are read */
    struct p2i_stored_hashes *hashes;      /* NULL: inputs are not hashed */
    bool by_time;
    bool looked;            /* by time: the queue is sorted */
    uint64_t frame_count;   /* frames returned so far */
    enum p2i_result result; /* P2I_OK until the end or a failure */
    struct p2i_error error;
};

/* Reads the next frames of an input, opening it first if necessary; next_ns as in
 * p2i_capture_reader_read(). Returns P2I_OK: at least one frame, or *next_ns is set; P2I_END: no
 * more frames, the input is closed and any problem was reported; anything else stops the run, and
 * capture->error says why. */
enum p2i_result p2i_capture_source_read(struct p2i_capture *capture,
                                        struct p2i_capture_source *source, struct p2i_block *block,
                                        size_t read_bytes, uint64_t *next_ns);
/* Opens an input before its turn, so that it is decompressed ahead. Whatever is wrong with it is
 * found, and reported, in its turn. */
void p2i_capture_source_open_early(struct p2i_capture *capture, struct p2i_capture_source *source);
void p2i_capture_source_close(struct p2i_capture_source *source);

/* Counts frames that are returned to the caller, and sets their capture and number. */
void p2i_capture_source_count(struct p2i_capture_source *source, struct p2i_frame *frames,
                              size_t count);

#endif
