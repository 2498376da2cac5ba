/* SPDX-License-Identifier: MIT */
/* The form of the gateway's configuration (fastdpi.conf): a line KEY=VALUE or KEY[N]=VALUE for each
 * parameter, blanks around '=', values in quotes or not, comments from '#' on, lines that end with
 * LF or CR LF. */
#ifndef P2I_CONFIG_GATEWAY_FILE_H
#define P2I_CONFIG_GATEWAY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

enum { P2I_GATEWAY_PARAMETERS_MAX = 4096 };

/* A parameter. Texts are in the arena. */
struct p2i_gateway_parameter {
    const char *name;  /* without the index */
    const char *index; /* "3"; NULL: none */
    const char *value; /* without quotes and comment */
    uint64_t line;
};

/* Reads the parameters in the order of the file; the caller frees the array. P2I_OK; P2I_USAGE: a
 * line has another form, or there are too many, with the line; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_gateway_file_parse(struct p2i_gateway_parameter **parameters, size_t *count,
                                       struct p2i_arena *arena, struct p2i_view bytes,
                                       struct p2i_error *error);

#endif
