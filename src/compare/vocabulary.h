/* SPDX-License-Identifier: MIT */
/* The kinds and fields of all records that are compared, each with a number, in the order in which
 * they were met. One thread. */
#ifndef P2I_COMPARE_VOCABULARY_H
#define P2I_COMPARE_VOCABULARY_H

#include "pcap2ipfix/values.h"

enum {
    P2I_VOCABULARY_NONE = -1,
    /* More of them are treated as hostile. */
    P2I_VOCABULARY_FIELDS_MAX = 65536,
    P2I_VOCABULARY_KINDS_MAX = 1024,
    P2I_VOCABULARY_CELLS_MAX = 1 << 20, /* counters of fields in kinds */
};

/* What a field is for matching. */
enum p2i_field_role {
    P2I_ROLE_CONTENT,
    P2I_ROLE_END,     /* an address or a port of the record's ends */
    P2I_ROLE_SESSION, /* SESSION_ID: never compared */
};

struct p2i_named_field {
    char *name;
    bool has_element;
    uint32_t pen; /* if so */
    uint16_t id;
    uint8_t type; /* enum p2i_type or p2i_foreign_type; octets without an element */
    bool ignored;
    enum p2i_field_role role;
};

/* Counters of a field in a kind, before and during the comparison. */
struct p2i_kind_field {
    uint64_t seen[2]; /* records of each side that have it */
    uint64_t different;
    struct p2i_buffer example[2];
};

struct p2i_named_kind {
    char *name;
    uint64_t records[2];
    bool any_field[2]; /* records of this side may have fields that others of them lack: JSON */
    uint64_t same, different, only[2];
    struct p2i_kind_field *fields; /* by number of the field */
    size_t field_count;
};

/* Start with {0}. */
struct p2i_vocabulary {
    struct p2i_named_field *fields;
    size_t field_count, field_capacity;
    int *slots; /* number of a field + 1, by the hashes of its name and of its element */
    size_t slot_count;
    uint64_t seed; /* of the places in it; a secret */
    struct p2i_named_kind *kinds;
    size_t kind_count;
    size_t cell_count;    /* of all kinds */
    const char *exceeded; /* the limit that was, static; NULL: none */
};

/* The functions that add something fail when memory is out or a limit is exceeded: `exceeded` then
 * says which. */

/* The number of a kind, which is added if it is new; P2I_VOCABULARY_NONE: failed. */
int p2i_vocabulary_kind(struct p2i_vocabulary *words, struct p2i_view name);
/* The number of the field of an element, which is added if it is new. `name` may be NULL: the
 * element then is "pen/id", as long as no file names it. Elements of the IPv6 addresses are those
 * of IPv4: exporters differ in that. P2I_VOCABULARY_NONE: failed. */
int p2i_vocabulary_element(struct p2i_vocabulary *words, uint32_t pen, uint16_t id, int type,
                           const char *name);
/* The same for a field that has a name only. */
int p2i_vocabulary_field(struct p2i_vocabulary *words, struct p2i_view name);
/* Counts a field in a record. False: failed. */
bool p2i_vocabulary_see(struct p2i_vocabulary *words, int kind, int field, int side);
/* Whether the records of a side lack the field that those of the other side have, because of their
 * templates or their exporter. */
bool p2i_vocabulary_misses(const struct p2i_vocabulary *words, int kind, int field, int side);
/* Whether the field is compared: neither ignored nor the session, and no side misses it. */
bool p2i_vocabulary_compares(const struct p2i_vocabulary *words, int kind, int field);
void p2i_vocabulary_free(struct p2i_vocabulary *words);

#endif
