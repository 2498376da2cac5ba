/* SPDX-License-Identifier: MIT */
/* The files of a run: one of a kind, or many by size and time. */
#ifndef P2I_CONVERT_OUTPUTS_H
#define P2I_CONVERT_OUTPUTS_H

#include "capture/capture.h"
#include "export/export.h"
#include "pcap2ipfix/convert.h"

/* Start with {0}; stays where it is until the files are freed. */
struct p2i_outputs {
    const struct p2i_settings *settings;
    struct p2i_file_source *sources; /* settings->capture_count */
    struct p2i_ipfix_settings ipfix;
};

/* Adds the exporters of the files that the settings name to outputs[*count...]. */
enum p2i_result p2i_outputs_open(struct p2i_outputs *outputs, const struct p2i_settings *settings,
                                 const struct p2i_wire_form *form,
                                 const struct p2i_capture *capture, struct p2i_exporter **exporters,
                                 size_t *count, struct p2i_error *error);
/* All is read: what is known of the captures now goes into the files that are not finished yet. */
void p2i_outputs_complete(struct p2i_outputs *outputs, const struct p2i_capture *capture);
void p2i_outputs_free(struct p2i_outputs *outputs);

#endif
