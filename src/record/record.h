/* SPDX-License-Identifier: MIT */
/* A message becomes one encoded data record, by the table of its kind (fields.h). */
#ifndef P2I_RECORD_RECORD_H
#define P2I_RECORD_RECORD_H

#include "base/view.h"
#include "packet/packet.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/record.h"

/* What every record takes from its session and packet. Live for the call. */
struct p2i_record_facts {
    const struct p2i_address *source, *destination; /* of the message */
    const struct p2i_packet_info *info;
    struct p2i_view login;
    uint64_t session_id;
    uint32_t scope; /* of its packets, see struct p2i_packet */
    uint16_t source_port, destination_port;
    uint32_t source_as, destination_as; /* 0 not known */
    uint16_t channel;                   /* BRIDGE_CHANNEL_NUM */
    uint16_t protocol_number;           /* of what the session speaks: VDPI_PROTO, DPI_PROTOCOL */
    uint16_t meta_protocol;             /* enum p2i_protocol_id */
    uint8_t ip_version;                 /* 4 or 6 */
    uint8_t transport;                  /* IP protocol number */
};

/* How records are written; one for a run. */
struct p2i_encoding {
    uint32_t string_limit; /* bytes; longer strings are cut on a character boundary */
    bool varlen_long;      /* the length of a variable field always has 3 bytes */
};

/* One encoded data record. The bytes are the IPFIX data record by the template of the kind and IP
 * version, without a set header. */
struct p2i_record {
    struct p2i_view bytes;
    uint32_t time_s; /* export time: of the packet that completed it */
    enum p2i_record_kind kind;
    uint8_t ip_version;
    bool cut; /* of a message that is not whole: cut by the capture or by a limit. Known only where
                 it was made, not of records that were read from a file. */
};

/* Bytes that grow at their end; owned by whoever made it. Start with {0}. */
struct p2i_buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

/* Room for `size` more bytes behind buffer->size; false when out of memory. */
bool p2i_buffer_reserve(struct p2i_buffer *buffer, size_t size);
void p2i_buffer_free(struct p2i_buffer *buffer);

struct p2i_encode_counts {
    uint64_t strings_cut;     /* longer than the limit; octets too, where the record was full */
    uint64_t strings_escaped; /* held bytes that are not UTF-8 */
};

/* Appends the record to `buffer`. `message` is the struct of protocol/message.h that belongs to
 * `kind`. False when out of memory (buffer unchanged). The record is never longer than 65,000
 * bytes: strings are shortened, longest first, where it would be. */
bool p2i_encode(const struct p2i_encoding *encoding, enum p2i_record_kind kind,
                const struct p2i_record_facts *facts, const void *message,
                struct p2i_buffer *buffer, struct p2i_encode_counts *counts);

#endif
