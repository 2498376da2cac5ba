/* SPDX-License-Identifier: MIT */
/* Reads JSON Lines: text with a JSON object on each line, plain or compressed (gzip, zstd).
 * base/json.h reads the objects. One thread. */
#ifndef P2I_IPFIX_JSON_LINES_H
#define P2I_IPFIX_JSON_LINES_H

#include "ipfix/reader_input.h"
#include "pcap2ipfix/values.h"

enum {
    P2I_JSON_LINE_MAX = 16 * 1024 * 1024, /* bytes */
};

/* Start with {0} and an open input. */
struct p2i_json_lines {
    struct p2i_reader_input *input; /* borrowed */
    struct p2i_buffer text;         /* read ahead */
    size_t at;                      /* the next line in it */
    bool ended;                     /* the input is at its end */
    uint64_t line;                  /* number of the last line, from 1 */
    enum p2i_result failed;         /* reading, behind the text */
    struct p2i_error failure;
};

/* The next line that is not blank, without its end; lives until the next call. P2I_OK; P2I_END; the
 * errors of p2i_reader_input_read(), behind all complete lines before it, and P2I_DAMAGED for a
 * line that is too long: error->line has its number. */
enum p2i_result p2i_json_lines_next(struct p2i_json_lines *lines, struct p2i_view *line,
                                    struct p2i_error *error);
void p2i_json_lines_free(struct p2i_json_lines *lines);

#endif
