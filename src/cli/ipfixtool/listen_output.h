/* SPDX-License-Identifier: MIT */
/* Where ipfixtool listen puts what it gets: an IPFIX file or JSON Lines. */
#ifndef P2I_CLI_IPFIXTOOL_LISTEN_OUTPUT_H
#define P2I_CLI_IPFIXTOOL_LISTEN_OUTPUT_H

#include "cli/ipfixtool/layout.h"
#include "cli/ipfixtool/lines.h"
#include "export/output_file.h"
#include "ipfix/relay.h"

/* Of one source of messages. Start with {0}. */
struct p2i_listen_output_source {
    struct p2i_relay relay;
    struct p2i_layouts layouts;
};

struct p2i_listen_output {
    const char *path;             /* "-" is standard output */
    struct p2i_output_file *file; /* NULL: JSON that goes out as it comes */
    struct p2i_messages *messages;
    struct p2i_columns columns; /* none: all */
    struct p2i_lines lines;     /* JSON, if lines.out is set */
    struct p2i_error failure;   /* of the file behind lines.out */
    uint64_t records;
    struct p2i_sync sync;
    struct p2i_sync *synced; /* NULL: the file is not */
};

/* The output stays where it is. `sync`: whether a file is synced when it is complete. */
enum p2i_result p2i_listen_output_open(struct p2i_listen_output *output, const char *path,
                                       bool json, bool sync, struct p2i_error *error);
enum p2i_result p2i_listen_output_put(struct p2i_listen_output *output,
                                      struct p2i_listen_output_source *source,
                                      const struct p2i_reader *reader,
                                      const struct p2i_read_record *record,
                                      struct p2i_error *error);
/* Nothing comes for now: JSON that goes out as it comes is not held back. */
void p2i_listen_output_rest(struct p2i_listen_output *output);
/* Completes the output. `time_s`: export time of an IPFIX file without records. */
enum p2i_result p2i_listen_output_finish(struct p2i_listen_output *output, uint32_t time_s,
                                         struct p2i_error *error);
void p2i_listen_output_free(struct p2i_listen_output *output);
void p2i_listen_output_source_free(struct p2i_listen_output_source *source);

#endif
