/* SPDX-License-Identifier: MIT */
/* Where the records of a template have the fields that a program asks for. One thread. */
#ifndef P2I_IPFIX_FIELD_PLACES_H
#define P2I_IPFIX_FIELD_PLACES_H

#include "pcap2ipfix/record_parts.h"

struct p2i_wanted_field {
    uint32_t pen;
    uint16_t id;
};

enum { P2I_PLACES_SLOTS = 64 }; /* templates of the same slot replace each other */

/* Never changes while its records last. */
struct p2i_field_places {
    struct p2i_record_parts parts;
    const char *kind; /* "dns" ...; "options"; "": of another exporter. Static */
    int *at;          /* the index of each wanted field in the values; -1: there is none */
    /* The template. */
    uint16_t template_id;
    size_t value_count;
    struct p2i_value *elements;
};

/* Start with `wanted`, which must outlive it, and its count. */
struct p2i_field_finder {
    const struct p2i_wanted_field *wanted;
    size_t wanted_count;
    struct p2i_field_places slots[P2I_PLACES_SLOTS];
};

/* The places of a record; live until the next call. NULL: out of memory. */
const struct p2i_field_places *p2i_find_fields(struct p2i_field_finder *finder,
                                               const struct p2i_read_record *record);
void p2i_field_finder_free(struct p2i_field_finder *finder);

/* The value at an index; empty at -1. */
static inline struct p2i_view p2i_value_at(const struct p2i_read_record *record, int index)
{
    return index >= 0 ? p2i_view_of(record->values[index].data, record->values[index].size)
                      : p2i_view_of(NULL, 0);
}

#endif
