/* SPDX-License-Identifier: MIT */
/* Copies the listed frames of one capture into a pcapng file. */
#ifndef P2I_EXTRACT_COPY_H
#define P2I_EXTRACT_COPY_H

#include "extract/selection.h"
#include "pcap2ipfix/output_file.h"

struct p2i_copy_request {
    const char *path;                   /* of the capture */
    uint32_t capture;                   /* its number in the frames */
    const char *output;                 /* the file to write */
    const struct p2i_output_mode *mode; /* of the file */
    struct p2i_buffer *memory;          /* not NULL: is appended to instead */
    bool plain;                         /* no comments of ours */
    uint64_t memory_bytes;
    bool (*is_stopped)(void *context); /* NULL: never */
    void *context;
};

/* Writes the frames of the selection's list that are in the capture, counts them in the sessions
 * and in *copied. P2I_OK, also where the capture is damaged; P2I_END: stopped; P2I_INPUT: the
 * capture cannot be read; P2I_OUTPUT: the file cannot be written; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_copy_frames(struct p2i_selection *selection,
                                const struct p2i_copy_request *request, uint64_t *copied,
                                struct p2i_error *error);

#endif
