/* SPDX-License-Identifier: MIT */
/* What a template means to a viewer: the kind of record, the names and types of its fields, where
 * the addresses and the time are; and which of its fields go into which column. */
#ifndef P2I_CLI_IPFIXTOOL_LAYOUT_H
#define P2I_CLI_IPFIXTOOL_LAYOUT_H

#include "base/view.h"
#include "pcap2ipfix/reader.h"
#include "record/record.h"

enum { LAYOUT_NONE = -1 };

/* A column is a field of the record (its index), or one of these. */
enum p2i_column {
    COLUMN_NONE = -1,
    COLUMN_TIME = -2,   /* of the event, else the export time */
    COLUMN_SOURCE = -3, /* address:port */
    COLUMN_DESTINATION = -4,
    COLUMN_RECORD = -5, /* the kind */
};

struct p2i_layout_field {
    uint32_t pen;
    uint16_t id;
    uint8_t type; /* enum p2i_type or p2i_foreign_type */
    uint8_t semantics;
    char *name; /* "HOSTNAME"; "6871/40" when nobody knows it; "_2" is added to a second one */
};

struct p2i_layout {
    uint32_t domain;
    uint16_t template_id;
    bool options;
    char kind[24]; /* "dns"; "options"; else the template id */
    size_t field_count;
    struct p2i_layout_field *fields;
    /* Indexes of fields, or LAYOUT_NONE. */
    int source, destination, source_port, destination_port, time, host;
    int rr_type; /* RRTYPE, which says how to read RDATA */
    /* For the owner of the columns; freed with the layout. NULL in a fresh one. */
    int *columns;
    size_t group;
    unsigned group_generation;
};

/* Layouts that were met, by domain and template. Start with {0}. */
struct p2i_layouts {
    struct p2i_layout **slots;
};

/* The layout of a record; lives until the next call. NULL when out of memory. */
struct p2i_layout *p2i_layout_of(struct p2i_layouts *layouts, const struct p2i_reader *reader,
                                 const struct p2i_read_record *record);
void p2i_layouts_free(struct p2i_layouts *layouts);

/* The column that a name means (of a field, "pen/id", or time, src, dst, record, host; the case of
 * letters does not matter); COLUMN_NONE when the layout has it not. */
int p2i_layout_column(const struct p2i_layout *layout, const char *name);

struct p2i_view p2i_layout_value(const struct p2i_read_record *record, int index);

enum p2i_shown {
    SHOWN_PLAIN,   /* numbers as numbers, data as bytes */
    SHOWN_DECODED, /* by its meaning: the names of numbers, resource records in presentation form */
    SHOWN_SHORT,   /* likewise, but of lists only how long they are */
};

/* Appends what stands in a column. */
bool p2i_layout_text(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column, enum p2i_shown shown);
/* Whether that is a text which the sender chose, not a number or the like. */
bool p2i_layout_is_text(const struct p2i_layout *layout, int column);
/* The same as a JSON value. */
bool p2i_layout_json(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column);

#endif
