/* SPDX-License-Identifier: MIT */
/* Layout of the records of a template: their kind, names and types of fields, the fields of time
 * and addresses, and the fields of each column. */
#ifndef P2I_CLI_IPFIXTOOL_LAYOUT_H
#define P2I_CLI_IPFIXTOOL_LAYOUT_H

#include "cli/ipfixtool/form.h"
#include "pcap2ipfix/reader.h"
#include "pcap2ipfix/record_parts.h"
#include "pcap2ipfix/values.h"
#include "pcap2ipfix/view.h"

enum { LAYOUT_NONE = -1 };

/* A column is a field of the record (its index), or one of these. */
enum p2i_column {
    COLUMN_NONE = -1,
    COLUMN_TIME = -2,   /* of the event, else the export time */
    COLUMN_SOURCE = -3, /* address:port */
    COLUMN_DESTINATION = -4,
    COLUMN_RECORD = -5, /* the kind */
    COLUMN_HOST = -6,   /* for p2i_tool_part(): stands for the field that has it */
    COLUMN_CLIENT = -7, /* address */
    COLUMN_SERVER = -8,
    COLUMN_SERVER_PORT = -9,
    COLUMN_SOURCE_PORT = -10,
    COLUMN_DESTINATION_PORT = -11,
    COLUMN_CAPTURE = -12, /* its name, else its number */
    COLUMN_PACKET = -13,
    COLUMN_SESSION = -14,
};

struct p2i_layout_field {
    uint32_t pen;
    uint16_t id;
    uint8_t type; /* enum p2i_type or p2i_foreign_type */
    uint8_t semantics;
    char *name; /* "HOSTNAME"; "6871/40" for an unknown one; a repeated one gets "_2" */
};

struct p2i_layout {
    uint32_t domain;
    uint16_t template_id;
    bool options;
    char kind[24]; /* "dns"; "options"; else the template id */
    size_t field_count;
    struct p2i_layout_field *fields;
    struct p2i_record_parts parts;
    int rr_type;                  /* index of RRTYPE, the type of RDATA, or LAYOUT_NONE */
    const struct p2i_form *form;  /* NULL: plain */
    struct p2i_view capture_name; /* of the record that is shown, set before; empty: not known */
    /* Set by the owner of the columns; freed with the layout. NULL at first. */
    int *columns;
    size_t group;
    unsigned group_generation;
};

/* Cache of layouts by domain and template. Start with {0}, or with the form of all layouts. */
struct p2i_layouts {
    const struct p2i_form *form;
    struct p2i_layout **slots;
};

/* The layout of a record; lives until the next call. Without a reader (NULL) the elements are those
 * of the tables. NULL when out of memory. */
struct p2i_layout *p2i_layout_of(struct p2i_layouts *layouts, const struct p2i_reader *reader,
                                 const struct p2i_read_record *record);
void p2i_layouts_free(struct p2i_layouts *layouts);
/* Sets the kind that a line of JSON says, unless the fields say it. */
void p2i_layout_set_kind(struct p2i_layout *layout, struct p2i_view kind);

/* The column of a name: a field, "pen/id", or a part (p2i_tool_part()), in any case. COLUMN_NONE:
 * the layout lacks it. */
int p2i_layout_column(const struct p2i_layout *layout, const char *name);

/* The field that has the value of a column, of client, server and port by what the record says;
 * LAYOUT_NONE: there is no single one. */
int p2i_layout_field(const struct p2i_layout *layout, const struct p2i_read_record *record,
                     int column);
struct p2i_view p2i_layout_value(const struct p2i_read_record *record, int index);

enum p2i_shown {
    SHOWN_DECODED, /* names of values, resource records in presentation form */
    SHOWN_SHORT,   /* likewise, but only the length of lists */
};

/* Appends the value of a column. False: out of memory. */
bool p2i_layout_text(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column, enum p2i_shown shown);
/* Whether the column is a text from the traffic, not a number or the like. */
bool p2i_layout_is_text(const struct p2i_layout *layout, int column);
/* Appends the value of a column as JSON. False: out of memory. */
bool p2i_layout_json(struct p2i_buffer *out, const struct p2i_layout *layout,
                     const struct p2i_read_record *record, int column);

#endif
