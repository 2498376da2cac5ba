/* SPDX-License-Identifier: MIT */
/* The records of an engine that is fed with the first frames of captures. */
#ifndef FUZZ_RECORD_LIST_H
#define FUZZ_RECORD_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/settings.h"

struct record_list {
    uint64_t *hashes; /* of each record, in their order */
    size_t count, capacity;
    size_t before_end; /* those that came before the end of the frames ended all sessions */
};

/* Feeds the first `frames` frames of captures. False: out of memory. The caller frees the list. */
bool record_list_make(struct record_list *list, const struct p2i_settings *settings,
                      const char *const *paths, size_t count, uint64_t frames);
void record_list_free(struct record_list *list);

/* The number of records, from the first on, that two lists have in common. */
size_t record_list_equal(const struct record_list *a, const struct record_list *b);

#endif
