/* SPDX-License-Identifier: MIT */
/* The whole job: captures in, records out. The library never prints or exits, and asks for the time
 * only where records go to collectors. */
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

/* What became of one capture. */
struct p2i_capture_summary {
    const char *path;    /* as given in the settings */
    const char *format;  /* static; NULL: it was not opened */
    uint64_t size_bytes; /* as stored; 0 not known */
    uint64_t read_bytes; /* as stored */
    uint64_t frames;
    uint64_t first_ns, last_ns;
    bool damaged, refused;
    bool skipped; /* found below a folder, and no capture */
};

/* Run statistics. frames = the sum of fates. payload_bytes = parsed_bytes + ignored_bytes +
 * retransmitted_bytes. */
struct p2i_statistics {
    uint64_t frames;
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t read_bytes; /* of all captures, as stored */
    uint64_t tunneled_packets;
    uint64_t encrypted_tunnel_packets; /* GRE and MPLS in DTLS; handled as UDP */
    uint64_t joined_fragments;         /* packets put together from fragments */
    uint64_t dropped_fragments;        /* given up (time-out, limit, nonsense) or held at the end */
    uint64_t overlapping_fragments;    /* packets given up: their fragments contradict each other */
    uint64_t tcp_sessions, udp_sessions, evicted_sessions;
    uint64_t live_sessions_peak; /* most sessions alive after a packet */
    uint64_t other_sessions;     /* of other transports; counted when flow records are wanted */
    uint64_t protocols[P2I_PROTOCOL_COUNT]; /* sessions by enum p2i_protocol_id */
    uint64_t payload_bytes;                 /* transport payload as captured */
    uint64_t parsed_bytes;                  /* taken by a parser, or skipped at its word */
    uint64_t ignored_bytes;       /* of no known protocol, or after the last message of interest */
    uint64_t retransmitted_bytes; /* had been seen before */
    uint64_t lost_bytes;          /* TCP: missing in the capture, or cut by the snaplen */
    uint64_t cut_bytes;           /* not captured (snaplen), TCP and UDP */
    uint64_t out_of_order_segments, gaps, overfull_heads;
    /* What the end host has not taken, or perhaps not: pcap2ipfix(1), LIMITS. */
    uint64_t
        out_of_window_segments;   /* too far ahead: without effect, or the stream went on there */
    uint64_t out_of_window_ends;  /* FIN and RST too far ahead, without effect */
    uint64_t unanswered_syns;     /* SYN in a live session, without effect */
    uint64_t doubtful_segments;   /* wrong checksum of a sender that has shown right ones: held */
    uint64_t doubtful_taken;      /* of these: taken all the same */
    uint64_t padding_bytes;       /* payload by the lengths, but padding of the frame */
    uint64_t urgent_bytes;        /* not part of the stream */
    uint64_t wrong_udp_checksums; /* datagrams that parsers were given all the same */
    uint64_t records[P2I_RECORD_KINDS];
    uint64_t messages_cut[P2I_RECORD_KINDS]; /* of the records: of messages that are not whole */
    uint64_t strings_cut, strings_escaped;
    uint64_t written_bytes; /* of all outputs */
    size_t capture_count;
    struct p2i_capture_summary *captures; /* p2i_statistics_free() */
    size_t collector_count;
    struct p2i_collector_summary *collectors; /* likewise */
};

void p2i_statistics_free(struct p2i_statistics *statistics);

struct p2i_progress {
    uint64_t read_bytes;  /* as stored */
    uint64_t total_bytes; /* of all captures; 0: not known */
    uint64_t frames;
    uint64_t records;
};

/* BRIDGE_CHANNEL_NUM of what comes by a VLAN, under an MPLS label, over an interface or from a
 * file. They are asked in this order; of two rules for the same the first counts. */
struct p2i_channel_rule {
    enum p2i_channel_by {
        P2I_CHANNEL_BY_VLAN,      /* outermost VLAN id */
        P2I_CHANNEL_BY_MPLS,      /* outermost label */
        P2I_CHANNEL_BY_INTERFACE, /* pcapng interface id */
        P2I_CHANNEL_BY_FILE,      /* name of the capture as given, or its last part */
    } by;
    uint32_t number;  /* of the VLAN, label or interface */
    const char *file; /* of a file */
    uint16_t channel;
};

enum p2i_dns_export { P2I_DNS_ANSWERS, P2I_DNS_QUERIES, P2I_DNS_BOTH };

/* The text log of DNS answers; see pcap2ipfix.yaml(5), ajb_. */
struct p2i_dns_log_settings {
    bool wanted;
    const char *folder;    /* must exist */
    const char *format;    /* names of columns, ':' between them */
    uint64_t file_bytes;   /* a file that has reached this is closed; 0 off */
    uint32_t file_seconds; /* so is one that is not empty, after this capture time; 0 off */
};

/* Everything a run needs. Start with p2i_settings_default(); strings are borrowed. */
struct p2i_settings {
    const char *const *captures; /* "-" is standard input */
    const bool *captures_found;  /* by capture: it was not named but found below a folder, and is
                                    skipped if it is no capture; NULL: all were named */
    size_t capture_count;
    enum p2i_capture_order order;
    const char *filter;       /* BPF expression; NULL none */
    bool strict;              /* stop at the first capture that is damaged or refused */
    uint32_t records;         /* bit per enum p2i_record_kind */
    unsigned threads;         /* 1..64 */
    uint64_t memory_bytes;    /* for sessions, reassembly and all that is kept on the way */
    uint32_t string_limit;    /* bytes */
    const char *ipfix_path;   /* "-" is standard output; NULL none */
    bool ipfix_must_be_new;   /* an existing file is an error */
    bool element_types;       /* RFC 5610 type records in the file */
    const char *json_path;    /* likewise, JSON Lines */
    bool dns_empty_responses; /* a record for a response without an answer */
    uint32_t flow_idle_s;     /* a longer silence ends a flow record */
    uint32_t flow_active_s;   /* so does a longer time since its first packet; 0 off */
    const char *as_database;  /* MaxMind file for the AS numbers of flow records; NULL none */
    /* TCP data held for a direction; more declares a gap. */
    uint32_t out_of_order_bytes;

    /* Raw records: packets of these protocols, by enum p2i_protocol_id. */
    bool raw_protocols[P2I_PROTOCOL_COUNT];
    uint16_t raw_bytes;  /* of a packet, from its IP header on */
    uint8_t raw_packets; /* of a session; at most 127 */

    enum p2i_dns_export dns_export;
    bool ipv6_distinct;                 /* 1103/1104 instead of 1003/1004 in every IPv6 template */
    bool varlen_long;                   /* the length of a variable field always has 3 bytes */
    uint32_t domains[P2I_RECORD_KINDS]; /* observation domain of each kind */
    const char *protocol_numbers;       /* file that overrides numbers; NULL none */

    const char *subscriber_file;            /* prefix,login[,channel[,from,to]] a line; NULL none */
    bool subscriber_radius;                 /* bindings from RADIUS in the captures */
    bool subscriber_pppoe;                  /* names from PPPoE sessions in the captures */
    const char *const *subscriber_networks; /* prefixes: FLW_DIR of raw records */
    size_t subscriber_network_count;
    const struct p2i_channel_rule *channels;
    size_t channel_count;
    const char *locked_hosts, *locked_urls; /* lists of patterns; NULL none */

    struct p2i_dns_log_settings dns_log;
    bool keep_passwords;       /* false: PASSWORD and IM_PASSW are "*" */
    const char *anonymise_key; /* file with the key (32 bytes, or 64 hex digits); NULL off */
    uint64_t rotate_bytes;     /* a new file from this size (before compression) on; 0 off */
    uint32_t rotate_s;         /* a new file each so many seconds of capture time; 0 off */
    bool sync;                 /* files are synced to the disk before they get their names */
    uint32_t file_options;     /* bits of enum p2i_file_option, for the IPFIX file */
    unsigned shard;            /* only the sessions of this shard, from 1 ... */
    unsigned shard_count;      /* ... of so many, at most 64; 0: all sessions */
    const struct p2i_collector_settings *collectors;
    size_t collector_count;
    struct p2i_delivery delivery; /* to all collectors; tell and is_stopped get its own context */

    /* Told of every capture that is refused, damaged or cut. From any thread, one at a time. */
    void (*report)(void *context, const struct p2i_error *error);
    /* Told from time to time how far it is; NULL none. From the calling thread. */
    void (*progress)(void *context, const struct p2i_progress *progress);
    /* Asked before each block of frames, from any thread: true ends the reading; sessions are
     * flushed and the outputs finished. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context;
};

void p2i_settings_default(struct p2i_settings *settings);

/* Runs to the end. P2I_OK; P2I_DAMAGED or P2I_INPUT when some capture was (outputs are complete,
 * report() has told each; but with `strict`, or when no capture could be opened, files that are not
 * complete are removed, collectors and pipes keep what they got); P2I_END when it was stopped
 * before anything was read (likewise); P2I_COLLECTOR when some collector did not take all (files
 * are complete, what is left for the collector is spooled, `error` is of the first of them,
 * delivery.report was told of each); anything else: `error` says why, and no output is left under
 * its final name. `statistics` is filled in any case. */
enum p2i_result p2i_convert(const struct p2i_settings *settings, struct p2i_statistics *statistics,
                            struct p2i_error *error);

#ifdef __cplusplus
}
#endif
#endif
