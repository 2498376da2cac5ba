/* SPDX-License-Identifier: MIT */
/* The private half of the tables of fields.def: where the encoder finds the value of a field. All
 * tables are static. */
#ifndef P2I_RECORD_TABLE_H
#define P2I_RECORD_TABLE_H

#include "pcap2ipfix/fields.h"

/* The struct that has the value. */
enum p2i_from {
    P2I_FROM_MESSAGE,     /* that of protocol/message.h */
    P2I_FROM_FACTS,       /* struct p2i_record_facts */
    P2I_FROM_PACKET_INFO, /* struct p2i_packet_info */
};

/* The C type of the value, and its encoding. */
enum p2i_form {
    P2I_FORM_U8, /* numbers, encoded in their own width */
    P2I_FORM_U16,
    P2I_FORM_U32,
    P2I_FORM_U64,
    P2I_FORM_NARROW,   /* uint32_t encoded in fewer bytes; a value too large becomes all ones */
    P2I_FORM_MAC,      /* six bytes, copied */
    P2I_FORM_STRING,   /* struct p2i_view, repaired to valid UTF-8 */
    P2I_FORM_OCTETS,   /* struct p2i_view, copied */
    P2I_FORM_ADDRESS,  /* pointer to struct p2i_address */
    P2I_FORM_SECONDS,  /* time_ns of the packet info */
    P2I_FORM_MPLS,     /* label stack of the packet info */
    P2I_FORM_OVER_TCP, /* 1 for TCP, 0 for UDP */
    P2I_FORM_ZERO,     /* no source: zeros */
};

struct p2i_row {
    uint8_t form;       /* enum p2i_form */
    uint8_t from;       /* enum p2i_from */
    uint16_t offset;    /* of the member, in bytes */
    uint16_t length[2]; /* bytes on the wire in IPv4 and IPv6 records, or P2I_VARIABLE */
};

struct p2i_record_table {
    const struct p2i_row *rows;
    size_t row_count;
    uint16_t string_count; /* rows of P2I_FORM_STRING and of P2I_FORM_OCTETS, which bound the */
    uint16_t octets_count; /* size of a record */
    struct p2i_template templates[2]; /* IPv4, IPv6 */
};

const struct p2i_record_table *p2i_record_table_of(enum p2i_record_kind kind);

/* The element that replaces IP_SOURCE or IP_DESTINATION for IPv6 addresses; any other element is
 * returned unchanged. */
const struct p2i_element *p2i_element_distinct(const struct p2i_element *element);

#endif
