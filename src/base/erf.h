/* SPDX-License-Identifier: MIT */
/* A record of Endace's extensible record format (ERF Types Reference Guide, version 21). A file is
 * a row of such records, and a packet of LINKTYPE_ERF is one. */
#ifndef P2I_BASE_ERF_H
#define P2I_BASE_ERF_H

#include "base/view.h"

enum {
    P2I_ERF_HEADER = 16,        /* the part that every record has */
    P2I_ERF_LINK_TYPE = 197,    /* LINKTYPE_ERF */
    P2I_ERF_TYPE_META = 27,     /* about the capture; its time may be 0 */
    P2I_ERF_TYPE_PAD = 48,      /* filling, not a packet */
    P2I_ERF_RECORD_MAX = 65535, /* bytes */
};

/* The part that every record has. */
struct p2i_erf_header {
    uint64_t time_ns; /* Unix time, to the nearest ns */
    uint32_t time_s;  /* its seconds, rounded down */
    uint16_t size;    /* of the whole record */
    uint8_t type;     /* without the bit that says whether extension headers follow */
    bool valid;       /* the type is known, its headers fit into the size, no reserved bit is set */
    bool oversized;   /* the record is longer than its packet and usual padding make it */
};

/* The first bytes of a record, P2I_ERF_HEADER at least. */
struct p2i_erf_header p2i_erf_header(const uint8_t *data);

/* What a record holds: a view into it. */
struct p2i_erf_payload {
    struct p2i_view bytes;  /* captured */
    uint32_t original_size; /* on the wire, perhaps with a frame check sequence */
    uint16_t link_type;     /* LINKTYPE_ number; P2I_ERF_LINK_TYPE: no packet that can be read */
};

/* `record` begins with a record, and is all of it or what was captured of it. False: it ends within
 * the record's headers. */
bool p2i_erf_open(struct p2i_view record, struct p2i_erf_payload *payload);

#endif
