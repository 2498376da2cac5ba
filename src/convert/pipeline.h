/* SPDX-License-Identifier: MIT */
/* Blocks of frames go round: read once, walked by every worker, their results merged in order and
 * written. */
#ifndef P2I_CONVERT_PIPELINE_H
#define P2I_CONVERT_PIPELINE_H

#include "convert/worker.h"
#include "export/exporter.h"

struct p2i_pipeline {
    const struct p2i_settings *settings;
    struct p2i_capture *capture;
    struct p2i_worker *workers;    /* settings->threads */
    struct p2i_exporter **outputs; /* as many as there are, of whoever runs it */
    size_t output_count;
    uint64_t records[P2I_RECORD_KINDS];      /* written */
    uint64_t messages_cut[P2I_RECORD_KINDS]; /* of these, see struct p2i_record */
    size_t kept_bytes;        /* of a buffer of results; a larger one is given back */
    uint64_t live, live_peak; /* sessions of all workers, after a packet */
};

/* Reads, walks and writes until the captures end, the stop flag is set, or something fails. */
enum p2i_result p2i_pipeline_run(struct p2i_pipeline *pipeline, struct p2i_error *error);

#endif
