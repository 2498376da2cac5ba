/* SPDX-License-Identifier: MIT */
/* The records of many IPFIX files as one file, in an order that does not depend on how they were
 * spread over the files. */
#ifndef P2I_CLI_IPFIXTOOL_MERGE_RECORDS_H
#define P2I_CLI_IPFIXTOOL_MERGE_RECORDS_H

#include <stdbool.h>

#include "base/error.h"
#include "ipfix/message.h"
#include "ipfix/reader_raw.h"

struct p2i_merge_records;

struct p2i_merge_records_settings {
    uint64_t memory_bytes; /* then temporary files are used */
    const char *folder;    /* for those */
    bool unique;           /* only one of records that are the same byte for byte */
    bool element_types;    /* type records (RFC 5610), whether or not the files have them */
};

/* NULL: out of memory. */
struct p2i_merge_records *p2i_merge_records_new(const struct p2i_merge_records_settings *wanted);
/* Adds the records of a file, until `*stopped`; what of it could not be read is in `losses`.
 * P2I_OK; P2I_DAMAGED: what came before was added; P2I_USAGE: it has records that cannot be
 * ordered; P2I_INTERNAL: too many templates, or memory. */
enum p2i_result p2i_merge_records_add(struct p2i_merge_records *all, const char *path,
                                      const volatile int *stopped, struct p2i_reader_losses *losses,
                                      struct p2i_error *error);
/* Those of a reader that nobody has read from. */
enum p2i_result p2i_merge_records_take(struct p2i_merge_records *all, struct p2i_reader *reader,
                                       const volatile int *stopped, struct p2i_error *error);
/* Makes messages of what was added, once. */
enum p2i_result p2i_merge_records_write(struct p2i_merge_records *all,
                                        struct p2i_message_receiver receiver,
                                        const volatile int *stopped, struct p2i_error *error);
/* Whether any was added. */
bool p2i_merge_records_has_records(const struct p2i_merge_records *all);
/* Options records that were left out though they do not describe their own file. */
uint64_t p2i_merge_records_options_left(const struct p2i_merge_records *all);
void p2i_merge_records_free(struct p2i_merge_records *all); /* NULL is fine */

#endif
