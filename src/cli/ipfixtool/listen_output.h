/* SPDX-License-Identifier: MIT */
/* The output of ipfixtool listen: an IPFIX file or JSON Lines. */
#ifndef P2I_CLI_IPFIXTOOL_LISTEN_OUTPUT_H
#define P2I_CLI_IPFIXTOOL_LISTEN_OUTPUT_H

#include "cli/ipfixtool/layout.h"
#include "cli/ipfixtool/lines.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/receiver.h"
#include "pcap2ipfix/writer.h"

struct p2i_listen_output {
    const char *path;             /* "-" is standard output */
    struct p2i_writer *writer;    /* of IPFIX; NULL: JSON */
    struct p2i_output_file *file; /* of JSON; NULL: it is printed at once */
    struct p2i_columns columns;   /* empty: all */
    struct p2i_lines lines;       /* of JSON */
    struct p2i_error failure;     /* of the file below lines.out */
    uint64_t records;
    unsigned flags;              /* of the file, enum p2i_output_flag */
    struct p2i_output_mode mode; /* likewise */
};

/* Opens a file. `output` must not move afterwards. `sync`: the complete file is synced to the disk.
 * Without `exact_mode` only its owner may read a new file: nobody knows what is received. P2I_OK;
 * P2I_OUTPUT; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_listen_output_open(struct p2i_listen_output *output, const char *path,
                                       bool json, bool sync, unsigned exact_mode,
                                       struct p2i_error *error);
enum p2i_result p2i_listen_output_put(struct p2i_listen_output *output,
                                      struct p2i_receiver_source *source,
                                      const struct p2i_read_record *record,
                                      struct p2i_error *error);
/* Flushes JSON that is printed at once; called before waiting. */
void p2i_listen_output_rest(struct p2i_listen_output *output);
/* Completes the output. `time_s`: export time of an IPFIX file without records. P2I_OK;
 * P2I_OUTPUT. */
enum p2i_result p2i_listen_output_finish(struct p2i_listen_output *output, uint32_t time_s,
                                         struct p2i_error *error);
void p2i_listen_output_free(struct p2i_listen_output *output);
/* Frees the state of a source. */
void p2i_listen_output_close(struct p2i_receiver_source *source);

#endif
