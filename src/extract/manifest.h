/* SPDX-License-Identifier: MIT */
/* The manifest of what was extracted: a JSON object. */
#ifndef P2I_EXTRACT_MANIFEST_H
#define P2I_EXTRACT_MANIFEST_H

#include "extract/selection.h"
#include "pcap2ipfix/extract.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/statistics.h"

/* The file of a capture. */
struct p2i_extracted_file {
    char *path;
    uint64_t packets; /* 0: no packet of the capture was chosen, and there is no such file */
};

/* All pointers are borrowed. */
struct p2i_manifest {
    const struct p2i_extract_settings *settings;
    const struct p2i_output_mode *mode; /* of the file */
    const struct p2i_selection *selection;
    const struct p2i_capture_summary *captures;
    const struct p2i_extracted_file *files; /* by capture */
    const struct p2i_error *problems;       /* of the captures */
    size_t problem_count;
    const uint64_t *missing; /* places of packets that were asked for and are not there */
    size_t missing_count;
};

/* Writes it to `path`. P2I_OK; P2I_INPUT: a file cannot be hashed; P2I_OUTPUT: it cannot be
 * written; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_manifest_write(const struct p2i_manifest *manifest, const char *path,
                                   struct p2i_error *error);

#endif
