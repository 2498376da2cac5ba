/* SPDX-License-Identifier: MIT */
/* The keys that top counts by: rows of values in their encoded form, each with the number of its
 * type, so that only what is printed has to be made a text. */
#ifndef P2I_CLI_IPFIXTOOL_TOP_KEY_H
#define P2I_CLI_IPFIXTOOL_TOP_KEY_H

#include "cli/ipfixtool/layout.h"

enum {
    P2I_TOP_FIELDS = 32,         /* at most, with those of --distinct */
    P2I_TOP_KEY_MAX = 60 * 1024, /* bytes; longer values are cut */
};

/* A record that is counted; its layout has the columns. */
struct p2i_top_record {
    struct p2i_layout *layout;
    const struct p2i_read_record *record;
    struct p2i_view capture; /* its name; empty: not known */
};

/* How values are shown. */
struct p2i_top_type {
    uint32_t pen; /* of a value that has a name; else 0 */
    uint16_t id;
    int type;
    int semantics;
    int rr_type; /* of RDATA; else -1 */
};

struct p2i_top_element;

/* Start with the first members set. */
struct p2i_top_keys {
    uint64_t every_s;    /* length of a bucket of time; 0: none */
    bool capture_wanted; /* names of captures are values */
    struct p2i_top_type *types;
    size_t type_count;
    struct p2i_top_element *elements; /* that were met, with their types */
    size_t element_count;
    struct p2i_buffer key;
    bool failed; /* out of memory */
};

/* Makes the key of a record of its first `count` columns; it lives until the next call. False: the
 * record lacks one of the fields, or `failed`. */
bool p2i_top_key(struct p2i_top_keys *keys, const struct p2i_top_record *record, size_t count,
                 struct p2i_view *key);
/* The value of a column, for comparing: numbers of any size are equal. False: the record lacks it.
 */
bool p2i_top_value(const struct p2i_top_record *record, int column, struct p2i_view *value);

/* Takes the bucket of time, which is there with `every_s`, off a key; and the next value. */
uint32_t p2i_top_take_time(struct p2i_view *key);
struct p2i_view p2i_top_take_value(const struct p2i_top_keys *keys, struct p2i_view *key,
                                   const struct p2i_top_type **type);

/* Appends a value as a form shows it. False: out of memory. */
bool p2i_top_text(struct p2i_buffer *out, const struct p2i_form *form,
                  const struct p2i_top_type *type, struct p2i_view value);
void p2i_top_keys_free(struct p2i_top_keys *keys);

#endif
