/* SPDX-License-Identifier: MIT */
/* Writes the chosen frames: of each capture into a file of its own. */
#ifndef P2I_EXTRACT_OUTPUTS_H
#define P2I_EXTRACT_OUTPUTS_H

#include "extract/manifest.h"
#include "extract/selection.h"
#include "pcap2ipfix/extract.h"
#include "pcap2ipfix/values.h"

struct p2i_extract_outputs {
    const struct p2i_extract_settings *settings;
    struct p2i_selection *selection;    /* with the list of frames */
    const struct p2i_output_mode *mode; /* of the files */
    struct p2i_buffer *memory;          /* not NULL: gets the one capture, instead of a file */
    bool plain;                         /* no comments of ours */
    uint64_t memory_bytes;
    struct p2i_extracted_file *files; /* to fill: one zeroed for each capture; the caller frees the
                                         paths */
};

/* Writes the files. Where no frame is chosen, a file of that name is removed, since it is of
 * another extraction. P2I_OK, P2I_END, P2I_INPUT, P2I_OUTPUT, P2I_INTERNAL as p2i_copy_frames();
 * P2I_USAGE: an output is one of the captures. The file of the error may be that of an output. */
enum p2i_result p2i_extract_outputs_write(const struct p2i_extract_outputs *outputs,
                                          struct p2i_error *error);

#endif
