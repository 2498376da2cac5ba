/* SPDX-License-Identifier: MIT */
/* The outputs of a run: IPFIX and JSON files (single or rotated), the DNS log, collectors. */
#ifndef P2I_CONVERT_OUTPUTS_H
#define P2I_CONVERT_OUTPUTS_H

#include "capture/capture.h"
#include "export/exporter.h"
#include "settings/settings.h"
#include "settings/statistics.h"

/* Start zeroed; must not move between open and free. */
struct p2i_outputs {
    const struct p2i_settings *settings;
    struct p2i_exporter **exporters;
    bool *is_file; /* by exporter: gets its name only when complete */
    size_t count;
    struct p2i_statistics *statistics; /* get the summaries of collectors */
    struct p2i_file_source *sources;   /* settings->capture_count elements */
    struct p2i_ipfix_settings ipfix;
    struct p2i_sync sync;
    struct p2i_output_rules rules;       /* of files of records */
    struct p2i_output_rules plain_rules; /* of files that cannot hold a password */
};

/* Opens all outputs of the settings. All pointers must outlive the outputs. p2i_outputs_free() must
 * be called also after an error. */
enum p2i_result p2i_outputs_open(struct p2i_outputs *outputs, const struct p2i_settings *settings,
                                 const struct p2i_wire_form *form,
                                 const struct p2i_capture *capture,
                                 struct p2i_statistics *statistics, struct p2i_error *error);
/* Completes the files, then waits for the collectors. `now_s`: time of the clock; 0: not known. If
 * the run is not `complete`, unfinished files are left to be removed; collectors, pipes and devices
 * still get the records written so far. Returns P2I_OK; P2I_COLLECTOR: a collector did not take all
 * records, the other outputs are complete; else the error of a file. */
enum p2i_result p2i_outputs_finish(struct p2i_outputs *outputs, const struct p2i_capture *capture,
                                   uint32_t now_s, bool complete, struct p2i_error *error);
void p2i_outputs_free(struct p2i_outputs *outputs);

#endif
