/* SPDX-License-Identifier: MIT */
/* Makes one IPFIX file of many: the records of all, sorted by time, session and observation domain,
 * each template and type record once. The result does not depend on how the records were spread
 * over the files.
 *
 *     struct p2i_merge_settings settings = {.struct_size = sizeof settings,
 *                                           .memory_bytes = 1 << 30, .folder = "/tmp"};
 *     struct p2i_merge *merge;
 *     enum p2i_result result = p2i_merge_new(&merge, &settings, &error);
 *     for (int i = 0; i < count && result == P2I_OK; i++) {
 *         result = p2i_merge_add(merge, readers[i], &error);
 *     }
 *     if (result == P2I_OK) {
 *         result = p2i_merge_write(merge, take, context, &error);
 *     }
 *     p2i_merge_free(merge);
 *
 * A merge belongs to one thread at a time. */
#ifndef PCAP2IPFIX_MERGE_H
#define PCAP2IPFIX_MERGE_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/reader.h"
#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_merge;

struct p2i_merge_settings {
    size_t struct_size;    /* sizeof(struct p2i_merge_settings), set by the caller */
    uint64_t memory_bytes; /* temporary files are used beyond it */
    const char *folder;    /* of temporary files, which have no names; outlives the merge */
    bool unique;           /* only one of records that are the same byte for byte */
    bool element_types;    /* type records (RFC 5610), whether or not the files have them */
    /* True: stop reading or writing. May be NULL. */
    bool (*is_stopped)(void *context);
    void *context; /* of is_stopped and select */
    /* Sets *wanted to whether a record that is no options record is merged. P2I_OK, or an error,
     * with which p2i_merge_add() ends. NULL: all records are. */
    enum p2i_result (*select)(void *context, const struct p2i_reader *reader,
                              const struct p2i_read_record *record, bool *wanted,
                              struct p2i_error *error);
};

/* Copies the settings; members that a shorter struct does not have are 0. P2I_OK: the caller frees
 * *merge; P2I_INTERNAL: out of memory. *merge is NULL after an error. */
enum p2i_result p2i_merge_new(struct p2i_merge **merge, const struct p2i_merge_settings *settings,
                              struct p2i_error *error);

/* Adds all records of a reader at its start, or of those until is_stopped. Afterwards the reader is
 * at its end, and no longer needed. P2I_OK; P2I_DAMAGED, P2I_INPUT: as p2i_reader_next(), and the
 * records before the damage were added; P2I_USAGE: a record has no time to sort by; P2I_OUTPUT: a
 * temporary file failed; P2I_INTERNAL: too many templates, or out of memory. */
enum p2i_result p2i_merge_add(struct p2i_merge *merge, struct p2i_reader *reader,
                              struct p2i_error *error);

/* Takes a message of the result, which lives for the call. An error ends p2i_merge_write() with
 * that error. */
typedef enum p2i_result p2i_merge_take(void *context, struct p2i_view message,
                                       struct p2i_error *error);

/* Gives all records to `take` as IPFIX messages (RFC 7011), which together are an IPFIX file;
 * called once. P2I_OK; P2I_OUTPUT: a temporary file failed, or is_stopped; P2I_INTERNAL: out of
 * memory; else the error of `take`. */
enum p2i_result p2i_merge_write(struct p2i_merge *merge, p2i_merge_take *take, void *context,
                                struct p2i_error *error);

/* True when a record was added. */
bool p2i_merge_has_records(const struct p2i_merge *merge);
/* Number of options records left out because they describe their exporting process, apart from
 * those that describe their own file. */
uint64_t p2i_merge_options_left(const struct p2i_merge *merge);
void p2i_merge_free(struct p2i_merge *merge); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
