/* SPDX-License-Identifier: MIT */
/* A file of lines that an operator wrote, in memory as a whole. */
#ifndef P2I_ENRICH_TEXT_LINES_H
#define P2I_ENRICH_TEXT_LINES_H

#include "base/error.h"
#include "base/view.h"

struct p2i_text_lines {
    const char *path; /* borrowed */
    uint8_t *data;    /* owned */
    size_t size;
    size_t at;            /* of the next line */
    unsigned long number; /* of the line given last, from 1 */
};

/* P2I_OK; P2I_USAGE when the file cannot be read or has 4 GiB or more; P2I_INTERNAL.
 * p2i_text_lines_free() in any case. */
enum p2i_result p2i_text_lines_open(struct p2i_text_lines *lines, const char *path,
                                    struct p2i_error *error);
void p2i_text_lines_free(struct p2i_text_lines *lines);

/* As many lines as there can be, or more. */
size_t p2i_text_lines_most(const struct p2i_text_lines *lines);

/* The next line that says something: not empty, not a comment ('#' in front), without space at its
 * ends. Views live as long as the file. False: there is none. */
bool p2i_text_lines_next(struct p2i_text_lines *lines, struct p2i_view *line);

/* P2I_USAGE: "line N: 'what': text", with the name of the file. */
enum p2i_result p2i_text_lines_fail(const struct p2i_text_lines *lines, struct p2i_view what,
                                    const char *text, struct p2i_error *error);

#endif
