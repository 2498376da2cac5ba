/* SPDX-License-Identifier: MIT */
/* Collects the records of many IPFIX files and writes them sorted, in an order that does not depend
 * on how they were spread over the files. */
#ifndef P2I_CLI_IPFIXTOOL_MERGE_RECORDS_H
#define P2I_CLI_IPFIXTOOL_MERGE_RECORDS_H

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"
#include "ipfix/message.h"
#include "ipfix/reader_raw.h"

struct p2i_merge_records;

struct p2i_merge_records_settings {
    uint64_t memory_bytes; /* temporary files are used beyond it */
    const char *folder;    /* of temporary files */
    bool unique;           /* only one of records that are the same byte for byte */
    bool element_types;    /* type records (RFC 5610), whether or not the files have them */
};

/* NULL: out of memory. */
struct p2i_merge_records *p2i_merge_records_new(const struct p2i_merge_records_settings *wanted);
/* Adds the records of a file, until `*stopped` is not 0; `losses` counts unreadable data. P2I_OK;
 * P2I_INPUT: it cannot be opened; P2I_DAMAGED: the records before the damage were added; P2I_USAGE:
 * it has records without a time to sort by; P2I_INTERNAL: too many templates, or out of memory. */
enum p2i_result p2i_merge_records_add(struct p2i_merge_records *all, const char *path,
                                      const volatile sig_atomic_t *stopped,
                                      struct p2i_reader_losses *losses, struct p2i_error *error);
/* The same for a reader at its start. */
enum p2i_result p2i_merge_records_take(struct p2i_merge_records *all, struct p2i_reader *reader,
                                       const volatile sig_atomic_t *stopped,
                                       struct p2i_error *error);
/* Writes all records as messages; called once. P2I_OK; P2I_OUTPUT; P2I_INTERNAL. */
enum p2i_result p2i_merge_records_write(struct p2i_merge_records *all,
                                        struct p2i_message_receiver receiver,
                                        const volatile sig_atomic_t *stopped,
                                        struct p2i_error *error);
/* Whether a record was added. */
bool p2i_merge_records_has_records(const struct p2i_merge_records *all);
/* Number of options records left out, apart from those that describe their own file. */
uint64_t p2i_merge_records_options_left(const struct p2i_merge_records *all);
void p2i_merge_records_free(struct p2i_merge_records *all); /* NULL is fine */

#endif
