/* SPDX-License-Identifier: MIT */
/* The options records of the captures of extended records (ipfix/file_options.h) in merged files,
 * each once: shards of a run and files of a rotation have the same ones. One thread. */
#ifndef P2I_EXPORT_MERGE_POINTS_H
#define P2I_EXPORT_MERGE_POINTS_H

#include "export/merge_templates.h"

/* Start with {0}. */
struct p2i_merge_points {
    struct p2i_merge_point *points;
    size_t count, capacity; /* the capacity is a power of two */
    uint64_t seed;          /* of the hashes; a secret */
    uint32_t *slots;        /* hash table of twice the capacity: places from 1; 0: empty */
};

void p2i_merge_points_free(struct p2i_merge_points *all);

/* Keeps the record, for which p2i_is_observation_point() is true; of two with the same number and
 * name one that has the hash. P2I_OK; P2I_INTERNAL: out of memory, or too many templates. */
enum p2i_result p2i_merge_points_keep(struct p2i_merge_points *all,
                                      struct p2i_merge_templates *templates,
                                      const struct p2i_read_record *record,
                                      const struct p2i_raw_record *raw, struct p2i_error *error);

/* Writes the records in the order in which they came. */
enum p2i_result p2i_merge_points_put(const struct p2i_merge_points *all,
                                     struct p2i_merge_templates *templates,
                                     struct p2i_messages *messages, uint32_t time_s,
                                     struct p2i_error *error);

#endif
