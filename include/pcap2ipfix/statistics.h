/* SPDX-License-Identifier: MIT */
/* Run statistics: what became of every frame and byte. Fates, protocols and kinds of records are
 * numbered as in fate.h, protocols.h and record.h; the counts may be larger than those that a
 * program was built with. */
#ifndef PCAP2IPFIX_STATISTICS_H
#define PCAP2IPFIX_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/collector.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The result of reading one capture. */
struct p2i_capture_summary {
    size_t struct_size;  /* of the library's own struct; members behind it are not there */
    const char *path;    /* as given in the settings */
    const char *format;  /* static; NULL: it was not opened */
    uint64_t size_bytes; /* as stored, perhaps compressed; 0: not known */
    uint64_t read_bytes; /* likewise */
    uint64_t frames;
    uint64_t first_ns, last_ns; /* Unix time of its earliest and latest frame */
    bool damaged, refused;
    bool skipped; /* found below a folder, and not a capture */
    /* Setting hash_captures. False: the capture was not read to its end, or the library was built
     * without OpenSSL. */
    bool hashed;
    uint8_t sha256[32];    /* of the bytes as stored */
    uint64_t hashed_bytes; /* their number, also of a pipe */
};

/* Run statistics. frames = the sum of fates. payload_bytes = parsed_bytes + ignored_bytes +
 * retransmitted_bytes. New members come at the end. */
struct p2i_statistics {
    size_t struct_size; /* as above */
    uint64_t frames;
    size_t fate_count;
    uint64_t *fates;     /* frames by enum p2i_fate */
    uint64_t read_bytes; /* of all captures, as stored */
    uint64_t tunneled_packets;
    uint64_t encrypted_tunnel_packets; /* GRE and MPLS in DTLS; handled as UDP */
    uint64_t joined_fragments;         /* packets reassembled from fragments */
    uint64_t dropped_fragments;        /* timed out, over a limit, invalid, or held at the end */
    uint64_t overlapping_fragments;    /* packets dropped: their fragments contradict each other */
    uint64_t tcp_sessions, udp_sessions, evicted_sessions;
    uint64_t live_sessions_peak; /* most sessions alive after a packet */
    uint64_t other_sessions;     /* other transports; counted only when flow records are selected */
    size_t protocol_count;
    uint64_t *protocols;          /* sessions by enum p2i_protocol_id */
    uint64_t payload_bytes;       /* transport payload as captured */
    uint64_t parsed_bytes;        /* consumed by a parser, or skipped on its request */
    uint64_t ignored_bytes;       /* no known protocol, or behind the last message of interest */
    uint64_t retransmitted_bytes; /* seen before */
    uint64_t lost_bytes;          /* TCP: missing in the capture, or cut by the snaplen */
    uint64_t cut_bytes;           /* not captured (snaplen), TCP and UDP */
    uint64_t out_of_order_segments, gaps, overfull_heads;
    /* Data that the end host did not accept, or perhaps not: pcap2ipfix(1), LIMITS. */
    uint64_t out_of_window_segments; /* too far ahead: ignored, or the stream continued there */
    uint64_t out_of_window_ends;     /* FIN and RST too far ahead, ignored */
    uint64_t unanswered_syns;        /* SYN in a live session, ignored */
    uint64_t doubtful_segments;      /* wrong checksum, but the sender's others were right: held */
    uint64_t doubtful_taken;         /* of these, accepted in the end */
    uint64_t padding_bytes;          /* payload by the length fields, but padding of the frame */
    uint64_t urgent_bytes;           /* not part of the stream */
    uint64_t wrong_udp_checksums;    /* datagrams that were parsed nevertheless */
    size_t kind_count;
    uint64_t *records;      /* by enum p2i_record_kind */
    uint64_t *messages_cut; /* of the records, those of incomplete messages */
    uint64_t strings_cut, strings_escaped;
    uint64_t written_bytes; /* of all outputs */
    size_t capture_count;
    const struct p2i_capture_summary **captures;
    size_t collector_count;
    const struct p2i_collector_summary **collectors;
    uint64_t refused_bindings; /* logins that were not bound to a prefix: pcap2ipfix(1), LIMITS */
};

/* Makes statistics with nothing counted, which own all that they point to. NULL: out of memory. The
 * caller frees them. */
struct p2i_statistics *p2i_statistics_new(void);
void p2i_statistics_free(struct p2i_statistics *statistics); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
