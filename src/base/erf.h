/* SPDX-License-Identifier: MIT */
/* Reads one record of Endace's extensible record format (ERF Types Reference Guide, version 21). It
 * is in base/ because two rooms need it, and neither may include the other: capture/ reads files of
 * such records, packet/ decodes packets of LINKTYPE_ERF, each of which is one record. */
#ifndef P2I_BASE_ERF_H
#define P2I_BASE_ERF_H

#include "pcap2ipfix/view.h"

enum {
    P2I_ERF_HEADER = 16,        /* bytes of the fixed header */
    P2I_ERF_LINK_TYPE = 197,    /* LINKTYPE_ERF */
    P2I_ERF_TYPE_META = 27,     /* metadata about the capture; its time may be 0 */
    P2I_ERF_TYPE_PAD = 48,      /* padding, not a packet */
    P2I_ERF_RECORD_MAX = 65535, /* bytes */
};

/* The fixed header, with which every record begins. */
struct p2i_erf_header {
    uint64_t time_ns; /* Unix time, to the nearest ns */
    uint32_t time_s;  /* seconds of time_ns, rounded down */
    uint16_t size;    /* of the whole record, bytes */
    uint8_t type;     /* without the bit that announces extension headers */
    bool valid;       /* type known, headers fit into the size, no reserved bit set */
    bool oversized;   /* longer than its packet and usual padding explain */
};

/* Parses the fixed header; `data` has at least P2I_ERF_HEADER bytes. */
struct p2i_erf_header p2i_erf_header(const uint8_t *data);

/* Contents of a record. `bytes` is a view into it. */
struct p2i_erf_payload {
    struct p2i_view bytes;  /* as captured */
    uint32_t original_size; /* on the wire; may include a frame check sequence */
    uint16_t link_type; /* LINKTYPE_ number; P2I_ERF_LINK_TYPE: the record holds no packet that can
                           be decoded */
};

/* Finds the payload of the record at the beginning of `record`, which may be cut by the snaplen or
 * be followed by other bytes. False: the bytes end within the record's headers. */
bool p2i_erf_open(struct p2i_view record, struct p2i_erf_payload *payload);

#endif
