/* SPDX-License-Identifier: MIT */
/* The whole job: captures in, records out. The library never prints or exits, and reads a clock
 * only to deliver records to collectors and to pace syncs. */
#ifndef PCAP2IPFIX_CONVERT_H
#define PCAP2IPFIX_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/capture_order.h"
#include "pcap2ipfix/collector.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/fate.h"
#include "pcap2ipfix/file_options.h"
#include "pcap2ipfix/protocols.h"
#include "pcap2ipfix/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The result of reading one capture. */
struct p2i_capture_summary {
    const char *path;    /* as given in the settings, borrowed */
    const char *format;  /* static; NULL: it was not opened */
    uint64_t size_bytes; /* as stored, perhaps compressed; 0: not known */
    uint64_t read_bytes; /* likewise */
    uint64_t frames;
    uint64_t first_ns, last_ns; /* Unix time of its earliest and latest frame */
    bool damaged, refused;
    bool skipped; /* found below a folder, and not a capture */
};

/* Run statistics. frames = the sum of fates. payload_bytes = parsed_bytes + ignored_bytes +
 * retransmitted_bytes. */
struct p2i_statistics {
    uint64_t frames;
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t read_bytes; /* of all captures, as stored */
    uint64_t tunneled_packets;
    uint64_t encrypted_tunnel_packets; /* GRE and MPLS in DTLS; handled as UDP */
    uint64_t joined_fragments;         /* packets reassembled from fragments */
    uint64_t dropped_fragments;        /* timed out, over a limit, invalid, or held at the end */
    uint64_t overlapping_fragments;    /* packets dropped: their fragments contradict each other */
    uint64_t tcp_sessions, udp_sessions, evicted_sessions;
    uint64_t live_sessions_peak; /* most sessions alive after a packet */
    uint64_t other_sessions;     /* other transports; counted only when flow records are selected */
    uint64_t protocols[P2I_PROTOCOL_COUNT]; /* sessions by enum p2i_protocol_id */
    uint64_t payload_bytes;                 /* transport payload as captured */
    uint64_t parsed_bytes;                  /* consumed by a parser, or skipped on its request */
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
    uint64_t records[P2I_RECORD_KINDS];
    uint64_t messages_cut[P2I_RECORD_KINDS]; /* of the records, those of incomplete messages */
    uint64_t strings_cut, strings_escaped;
    uint64_t written_bytes; /* of all outputs */
    size_t capture_count;
    struct p2i_capture_summary *captures; /* owned; freed by p2i_statistics_free() */
    size_t collector_count;
    struct p2i_collector_summary *collectors; /* likewise */
};

/* Frees the arrays, not the struct. */
void p2i_statistics_free(struct p2i_statistics *statistics);

struct p2i_progress {
    uint64_t read_bytes;  /* as stored, perhaps compressed */
    uint64_t total_bytes; /* likewise, of all captures; 0: not known */
    uint64_t frames;
    uint64_t records;
};

/* Sets BRIDGE_CHANNEL_NUM by VLAN, MPLS label, interface or file. Rules are tried in this order; of
 * two rules for the same value the first counts. */
struct p2i_channel_rule {
    enum p2i_channel_by {
        P2I_CHANNEL_BY_VLAN,      /* outermost VLAN id */
        P2I_CHANNEL_BY_MPLS,      /* outermost label */
        P2I_CHANNEL_BY_INTERFACE, /* pcapng interface id */
        P2I_CHANNEL_BY_FILE,      /* name of the capture as given, or its last part */
    } by;
    uint32_t number;  /* the VLAN, label or interface */
    const char *file; /* P2I_CHANNEL_BY_FILE: its name */
    uint16_t channel;
};

enum p2i_dns_export { P2I_DNS_ANSWERS, P2I_DNS_QUERIES, P2I_DNS_BOTH };

/* The text log of DNS answers; see pcap2ipfix.yaml(5), ajb_. */
struct p2i_dns_log_settings {
    bool wanted;
    const char *folder;    /* must exist */
    const char *format;    /* names of columns, separated by ':' */
    uint64_t file_bytes;   /* a file of this size is closed; 0: off */
    uint32_t file_seconds; /* a file with records is closed after this capture time; 0: off */
};

/* Everything a run needs. Start with p2i_settings_default(). Strings and arrays are borrowed: they
 * must live until p2i_convert() returns. */
struct p2i_settings {
    const char *const *captures; /* "-" is standard input */
    const bool *captures_found;  /* by capture: true: it was found below a folder, not named, and is
                                    skipped if it is not a capture; NULL: all were named */
    size_t capture_count;
    enum p2i_capture_order order;
    const char *filter;       /* BPF expression; NULL: none */
    bool strict;              /* stop at the first capture that is damaged or refused */
    uint32_t records;         /* a bit for each enum p2i_record_kind */
    unsigned threads;         /* 1 to 64 */
    uint64_t memory_bytes;    /* limit for sessions, reassembly and buffers */
    uint32_t string_limit;    /* bytes; longer strings are cut */
    const char *ipfix_path;   /* "-" is standard output; NULL: none */
    bool ipfix_must_be_new;   /* an existing file is an error */
    bool element_types;       /* RFC 5610 type records in the file */
    const char *json_path;    /* likewise, JSON Lines */
    bool dns_empty_responses; /* a record for a response without an answer */
    uint32_t flow_idle_s;     /* a longer pause ends a flow record */
    uint32_t flow_active_s;   /* a longer time since its first packet does, too; 0: off */
    const char *as_database;  /* MaxMind file for the AS numbers of flow records; NULL: none */
    /* Limit of out-of-order TCP data held for a direction; beyond it a gap is declared. */
    uint32_t out_of_order_bytes;

    /* Raw records: packets of these protocols, by enum p2i_protocol_id. */
    bool raw_protocols[P2I_PROTOCOL_COUNT];
    uint16_t raw_bytes;  /* kept of a packet, from its IP header on */
    uint8_t raw_packets; /* kept of a session; at most 127 */

    enum p2i_dns_export dns_export;
    bool ipv6_distinct;                 /* 1103/1104 instead of 1003/1004 in every IPv6 template */
    bool varlen_long;                   /* variable lengths always take 3 bytes (RFC 7011, 7) */
    uint32_t domains[P2I_RECORD_KINDS]; /* observation domain of each kind */
    const char *protocol_numbers;       /* file that overrides numbers; NULL: none */

    const char *subscriber_file;            /* lines prefix,login[,channel[,from,to]]; NULL: none */
    bool subscriber_radius;                 /* learn logins from RADIUS in the captures */
    bool subscriber_pppoe;                  /* learn logins from PPPoE in the captures */
    const char *const *subscriber_networks; /* prefixes, for FLW_DIR of raw records */
    size_t subscriber_network_count;
    const struct p2i_channel_rule *channels;
    size_t channel_count;
    const char *locked_hosts, *locked_urls; /* files of patterns; NULL: none */

    struct p2i_dns_log_settings dns_log;
    bool keep_passwords;       /* false: PASSWORD and IM_PASSW are "*" */
    const char *anonymise_key; /* file with the key (32 bytes, or 64 hex digits); NULL: off */
    uint64_t rotate_bytes;     /* start a new file at this size before compression; 0: off */
    uint32_t rotate_s;     /* start a new file after this many seconds of capture time; 0: off */
    bool sync;             /* sync files to the disk before they get their names */
    uint32_t file_options; /* bits of enum p2i_file_option, for the IPFIX file */
    unsigned shard;        /* only the sessions of this shard, from 1 ... */
    unsigned shard_count;  /* ... of so many, at most 64; 0: all sessions */
    const struct p2i_collector_settings *collectors;
    size_t collector_count;
    struct p2i_delivery delivery; /* its callbacks get its own context */

    /* Reports every capture that is refused, damaged or cut. Called from any thread, one call at a
     * time; `error` lives for the call. NULL: no reports. */
    void (*report)(void *context, const struct p2i_error *error);
    /* Reports progress from time to time, from the calling thread. NULL: no reports. */
    void (*progress)(void *context, const struct p2i_progress *progress);
    /* Polled before each block of frames, from any thread. True: reading stops, sessions are
     * flushed and the outputs are finished. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context;
};

/* Sets the defaults that pcap2ipfix(1) documents; no captures and no outputs. */
void p2i_settings_default(struct p2i_settings *settings);

/* Converts all captures; returns when the outputs are finished. Any number of threads may each run
 * their own conversion. `statistics` is filled in any case: free it with p2i_statistics_free().
 *
 * P2I_OK
 * P2I_DAMAGED    A capture is damaged or cut. report() was called for each, and the outputs are
 *                complete; but with `strict`, incomplete files are removed, while collectors and
 *                pipes keep what they got.
 * P2I_INPUT      A capture could not be opened or is not one. Likewise; files are also removed when
 *                no capture could be opened.
 * P2I_END        is_stopped() was true before anything was read: incomplete files are removed.
 * P2I_COLLECTOR  A collector did not take all records: the rest is spooled, files are complete.
 *                `error` is of the first such collector; delivery.report() was called for each.
 * P2I_USAGE, P2I_OUTPUT, P2I_INTERNAL
 *                `error` says why, and no output is left under its final name. */
enum p2i_result p2i_convert(const struct p2i_settings *settings, struct p2i_statistics *statistics,
                            struct p2i_error *error);

#ifdef __cplusplus
}
#endif
#endif
