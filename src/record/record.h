/* SPDX-License-Identifier: MIT */
/* Encodes a message as one data record, by the table of its kind (fields.h). */
#ifndef P2I_RECORD_RECORD_H
#define P2I_RECORD_RECORD_H

#include "packet/packet.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/record.h"
#include "pcap2ipfix/values.h"
#include "pcap2ipfix/view.h"

/* Facts about the session and packet that every record needs. Pointers and views live for the call.
 */
struct p2i_record_facts {
    const struct p2i_address *source, *destination; /* of the message */
    const struct p2i_packet_info *info;
    struct p2i_view login;
    uint64_t session_id;
    uint64_t completed_by; /* number in the run of the packet that completed the message */
    uint32_t scope;        /* of the session's packets, see struct p2i_packet */
    uint16_t source_port, destination_port;
    uint32_t source_as, destination_as; /* 0: not known */
    uint16_t channel;                   /* BRIDGE_CHANNEL_NUM */
    uint16_t protocol_number;           /* of the session's protocol: VDPI_PROTO, DPI_PROTOCOL */
    uint16_t meta_protocol;             /* enum p2i_protocol_id */
    uint8_t ip_version;                 /* 4 or 6 */
    uint8_t transport;                  /* IP protocol number */
    uint8_t end_reason;                 /* flowEndReason, see fields.def */
};

/* Encoding settings of a run. */
struct p2i_encoding {
    uint32_t string_limit; /* bytes; longer strings are cut on a character boundary */
    bool varlen_long;      /* variable lengths always take 3 bytes (RFC 7011 section 7) */
    bool extended;         /* records are extended: p2i_extended_template_of() */
};

/* One encoded data record: IPFIX bytes by the template of its kind and IP version, without a set
 * header. */
struct p2i_record {
    struct p2i_view bytes;
    uint32_t time_s; /* export time: Unix time of the packet that completed it */
    enum p2i_record_kind kind;
    uint8_t ip_version;
    bool extended; /* which of the two templates it has */
    bool cut;      /* its message is incomplete, cut by the capture or by a limit. Always false for
                      records read from a file, which do not carry this; so are the next members 0. */
    uint8_t end_reason;       /* flowEndReason, see fields.def */
    uint8_t transport;        /* IP protocol number */
    uint16_t port[2];         /* of sender and recipient; of flows as in their fields */
    uint32_t capture;         /* of the packet with the first byte of its message */
    const char *capture_name; /* of that capture; NULL: it has none */
    uint64_t packet;          /* number of that packet in its capture */
    uint64_t time_ns;         /* capture time of that packet */
    uint64_t session;         /* SESSION_ID */
    uint64_t lost_bytes;      /* of flows: see struct p2i_flow */
    uint64_t cut_bytes;
    struct p2i_buffer *text; /* for p2i_record_json(); NULL: none */
};

static inline const struct p2i_template *p2i_template_of_record(const struct p2i_record *record)
{
    return record->extended ? p2i_extended_template_of(record->kind, record->ip_version)
                            : p2i_template_of(record->kind, record->ip_version);
}

struct p2i_encode_counts {
    uint64_t strings_cut;     /* longer than the limit, or shortened because the record was full */
    uint64_t strings_escaped; /* had bytes that are not UTF-8 */
};

/* Appends the record to `buffer`. `message` is the struct of protocol/message.h for `kind`. A
 * record never exceeds 65,000 bytes: if necessary its strings are shortened, longest first. False:
 * out of memory, buffer unchanged. */
bool p2i_encode(const struct p2i_encoding *encoding, enum p2i_record_kind kind,
                const struct p2i_record_facts *facts, const void *message,
                struct p2i_buffer *buffer, struct p2i_encode_counts *counts);

#endif
