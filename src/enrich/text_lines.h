/* SPDX-License-Identifier: MIT */
/* Reads the lines of a configuration file, which is in memory as a whole. One thread. */
#ifndef P2I_ENRICH_TEXT_LINES_H
#define P2I_ENRICH_TEXT_LINES_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

struct p2i_text_lines {
    const char *path; /* borrowed */
    uint8_t *data;    /* owned */
    size_t size;
    size_t at;            /* of the next line */
    unsigned long number; /* of the line returned last, from 1 */
};

/* Reads the file. P2I_OK; P2I_USAGE: it cannot be read, or has 4 GiB or more; P2I_INTERNAL: out of
 * memory. Call p2i_text_lines_free() in any case. */
enum p2i_result p2i_text_lines_open(struct p2i_text_lines *lines, const char *path,
                                    struct p2i_error *error);
void p2i_text_lines_free(struct p2i_text_lines *lines);

/* An upper bound of the number of lines. */
size_t p2i_text_lines_most(const struct p2i_text_lines *lines);

/* Returns the next line that is not empty and not a comment ('#' in front), trimmed. Views live as
 * long as the file. False: no more lines. */
bool p2i_text_lines_next(struct p2i_text_lines *lines, struct p2i_view *line);

/* Fills the error for the current line: P2I_USAGE with the file, the line and "'what': text". */
enum p2i_result p2i_text_lines_fail(const struct p2i_text_lines *lines, struct p2i_view what,
                                    const char *text, struct p2i_error *error);

#endif
