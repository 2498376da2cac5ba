/* SPDX-License-Identifier: MIT */
/* A compiled filter: a tree of conditions. The texts are copied; names, operands and the tree live
 * as long as the filter, and belong to its one thread. */
#ifndef P2I_FILTER_FILTER_H
#define P2I_FILTER_FILTER_H

#include "base/time_text.h"
#include "pcap2ipfix/address.h"
#include "pcap2ipfix/record_filter.h"
#include "pcap2ipfix/record_parts.h"

enum {
    P2I_FILTER_TEXT_MAX = 128 * 1024, /* bytes of one text */
    P2I_FILTER_DEPTH_MAX = 100,       /* brackets in brackets */
};

/* What a condition is about: an element, or a part that records of all kinds may have. */
enum p2i_filter_subject {
    FILTER_ELEMENT,
    FILTER_NAME, /* an element that only a file may name */
    FILTER_TIME,
    FILTER_SOURCE,
    FILTER_DESTINATION,
    FILTER_EITHER, /* address of either end */
    FILTER_CLIENT,
    FILTER_SERVER,
    FILTER_SOURCE_PORT,
    FILTER_DESTINATION_PORT,
    FILTER_EITHER_PORT,
    FILTER_HOST,
    FILTER_RECORD,
    FILTER_CAPTURE,
    FILTER_PACKET,
    FILTER_SESSION,
};

/* How values are compared. */
enum p2i_filter_class {
    CLASS_OPEN, /* by the type that the file gives to the element */
    CLASS_UNSIGNED,
    CLASS_SIGNED,
    CLASS_REAL,
    CLASS_BOOLEAN,
    CLASS_TIME,
    CLASS_TEXT,
    CLASS_HOST,
    CLASS_OCTETS,
    CLASS_RDATA,
    CLASS_MAC,
    CLASS_ADDRESS,
    CLASS_KIND,
};

/* A field as a text names it. */
struct p2i_filter_reference {
    enum p2i_filter_subject subject;
    enum p2i_filter_class class;
    uint32_t pen; /* of FILTER_ELEMENT */
    uint16_t id;
    uint16_t occurrence; /* 0: all values of the element; else the so manyth */
    uint64_t most;       /* of CLASS_UNSIGNED: the greatest number that its type can have */
};

enum p2i_filter_operator {
    FILTER_EXISTS, /* the field alone: it is there, and not empty */
    FILTER_EQUAL,  /* one of the operands */
    FILTER_UNEQUAL,
    FILTER_LESS,
    FILTER_AT_MOST,
    FILTER_GREATER,
    FILTER_AT_LEAST,
    FILTER_CONTAINS,
};

/* A value of a filter text. */
struct p2i_filter_operand {
    struct p2i_view text; /* without quotes and escapes */
    bool quoted;
    /* A text without quotes that begins or ends with '*', which is not in `text` any more. */
    bool any_before, any_behind;
    bool escaped; /* has `\x`, as control characters are shown: compared with the shown form */
    union {       /* by class, if it is no pattern */
        uint64_t number;
        int64_t integer;
        double real;
        struct p2i_time_span_ns time;
        struct p2i_prefix prefix; /* CLASS_ADDRESS; CLASS_RDATA, if has_prefix */
        uint8_t mac[6];
        struct {
            const char *name; /* static; NULL: a template id */
            uint16_t template_id;
        } kind;
    };
    bool has_prefix;
};

static inline bool p2i_filter_is_pattern(const struct p2i_filter_operand *operand)
{
    return operand->any_before || operand->any_behind;
}

struct p2i_filter_condition {
    struct p2i_filter_reference field;
    char *name;    /* of the field, as written */
    size_t text;   /* number of its text */
    size_t offset; /* of the name in the text */
    bool met;      /* a record had the field */
    enum p2i_filter_operator op;
    size_t operand; /* the first of them */
    size_t operand_count;
};

enum p2i_filter_node_kind { NODE_CONDITION, NODE_AND, NODE_OR, NODE_NOT };

enum { NODE_NONE = INT32_MAX };

struct p2i_filter_node {
    enum p2i_filter_node_kind kind;
    uint32_t first; /* node of its first part; of NODE_CONDITION: the condition */
    uint32_t next;  /* node of the same whole; NODE_NONE: the last one */
};

/* A growing array. Start with {0}; free(items). */
struct p2i_filter_array {
    void *items;
    size_t count, capacity;
};
/* A new item of `size` bytes, all 0. NULL: out of memory. */
void *p2i_filter_append(struct p2i_filter_array *array, size_t size);

struct p2i_filter_text {
    char *copy;
    uint32_t root; /* node */
};

struct p2i_filter_bindings; /* see binding.h */

struct p2i_record_filter {
    struct p2i_filter_array texts;      /* struct p2i_filter_text */
    struct p2i_filter_array nodes;      /* struct p2i_filter_node */
    struct p2i_filter_array conditions; /* struct p2i_filter_condition */
    struct p2i_filter_array operands;   /* struct p2i_filter_operand */
    struct p2i_filter_bindings *bindings;
    struct p2i_buffer scratch;
};

/* Compiles `text`, which is a copy in the filter and is overwritten. The root goes to *root.
 * Results as p2i_record_filter_add(), which removes what a text that is wrong has left. */
enum p2i_result p2i_filter_compile(struct p2i_record_filter *filter, uint8_t *text, size_t size,
                                   uint32_t *root, struct p2i_error *error);

/* The field of a name. False: it is not known; `field` is then that of FILTER_NAME. */
bool p2i_filter_find_field(struct p2i_view name, struct p2i_filter_reference *field);
/* The class of the values of an element with a type: enum p2i_type or p2i_foreign_type. */
enum p2i_filter_class p2i_filter_class_of(uint32_t pen, uint16_t id, int type);

/* Finds '*' at the ends of a text that has no quotes. */
void p2i_filter_prepare_operand(struct p2i_filter_operand *operand, enum p2i_filter_operator op);
/* Reads operand->text as a value of the field. P2I_OK, or P2I_USAGE: the field cannot have it, with
 * the text of the error. `name` is that of the field. */
enum p2i_result p2i_filter_read_operand(struct p2i_filter_operand *operand,
                                        const struct p2i_filter_reference *field, const char *name,
                                        struct p2i_error *error);
/* Whether values of the class can be compared so. */
bool p2i_filter_can_compare(enum p2i_filter_class class, enum p2i_filter_operator op);

/* A value of a record, for comparing. */
struct p2i_filter_value {
    const struct p2i_value *value;
    int type;        /* enum p2i_type or p2i_foreign_type */
    int rr_type;     /* the value of RRTYPE; -1: the record has none */
    bool strip_port; /* a port behind a host does not count, unless the operand has one */
};

/* Sets *matches when the value compares so to the operand: FILTER_EQUAL, _LESS, _AT_MOST, _GREATER,
 * _AT_LEAST or _CONTAINS. False: out of memory. */
bool p2i_filter_compare(struct p2i_buffer *scratch, enum p2i_filter_class class,
                        enum p2i_filter_operator op, const struct p2i_filter_operand *operand,
                        const struct p2i_filter_value *value, bool *matches);
/* Whether a text equals that of an operand, which may have '*' at its ends. */
bool p2i_filter_text_matches(struct p2i_view text, const struct p2i_filter_operand *operand,
                             bool nocase);

/* Sets *matches. P2I_OK; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_filter_evaluate(struct p2i_record_filter *filter,
                                    const struct p2i_reader *reader,
                                    const struct p2i_read_record *record, bool *matches);

#endif
