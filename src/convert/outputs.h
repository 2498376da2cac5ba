/* SPDX-License-Identifier: MIT */
/* Where the records of a run go: files, one of a kind or many by size and time, the DNS log, and
 * collectors. */
#ifndef P2I_CONVERT_OUTPUTS_H
#define P2I_CONVERT_OUTPUTS_H

#include "capture/capture.h"
#include "export/exporter.h"
#include "pcap2ipfix/convert.h"

/* Start with {0}; stays where it is until it is freed. */
struct p2i_outputs {
    const struct p2i_settings *settings;
    struct p2i_exporter **exporters;
    bool *is_file; /* by exporter: has a name only when it is complete */
    size_t count;
    struct p2i_collector_summary *collectors; /* settings->collector_count; the caller frees them */
    struct p2i_file_source *sources;          /* settings->capture_count */
    struct p2i_ipfix_settings ipfix;
    struct p2i_sync sync;
    struct p2i_sync *synced; /* NULL: nothing is */
};

/* Opens all that the settings name. Also after an error there is something to free. */
enum p2i_result p2i_outputs_open(struct p2i_outputs *outputs, const struct p2i_settings *settings,
                                 const struct p2i_wire_form *form,
                                 const struct p2i_capture *capture, struct p2i_error *error);
/* All is read, and it is `now_s` (0: not known): completes the files, then waits for the
 * collectors. When the run is not `complete`, the files that are not complete will be removed, and
 * collectors, pipes and devices get what was meant for them until then. P2I_COLLECTOR: one of them
 * did not take all, the others and the files are complete. */
enum p2i_result p2i_outputs_finish(struct p2i_outputs *outputs, const struct p2i_capture *capture,
                                   uint32_t now_s, bool complete, struct p2i_error *error);
void p2i_outputs_free(struct p2i_outputs *outputs);

#endif
