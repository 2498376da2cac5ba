/* SPDX-License-Identifier: MIT */
/* Moves blocks of frames through the stations of a run: read once, walked by every worker, results
 * merged in order and written. */
#ifndef P2I_CONVERT_PIPELINE_H
#define P2I_CONVERT_PIPELINE_H

#include "base/counts.h"
#include "convert/worker.h"
#include "export/exporter.h"

struct p2i_pipeline {
    const struct p2i_settings *settings;
    struct p2i_capture *capture;
    struct p2i_worker *workers;    /* settings->threads elements */
    struct p2i_exporter **outputs; /* output_count elements; owned by the caller */
    size_t output_count;
    uint64_t records[P2I_RECORD_KINDS];      /* records written */
    uint64_t messages_cut[P2I_RECORD_KINDS]; /* of these, cut ones: see struct p2i_record */
    size_t kept_bytes;                       /* largest buffer of results that is kept for reuse */
    uint64_t live, live_peak;                /* sessions of all workers after a packet */
};

/* Reads, walks and writes until the captures end, the run is stopped, or something fails. Returns
 * P2I_OK, also when stopped; else the first error of a capture, an output or memory. */
enum p2i_result p2i_pipeline_run(struct p2i_pipeline *pipeline, struct p2i_error *error);

#endif
