/* SPDX-License-Identifier: MIT */
/* The members of the settings, which are opaque to programs. */
#ifndef P2I_SETTINGS_SETTINGS_H
#define P2I_SETTINGS_SETTINGS_H

#include "base/arena.h"
#include "base/capture_order.h"
#include "base/clock.h"
#include "base/counts.h"
#include "base/file_options.h"
#include "base/time_offset.h"
#include "pcap2ipfix/collector.h"
#include "pcap2ipfix/settings.h"

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

/* Prefixes, as texts. */
struct p2i_networks {
    const char **texts;
    size_t count;
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

enum { P2I_COLLECTOR_HOST_MAX = 256, P2I_UDP_MESSAGE_MIN = 512, P2I_UDP_MESSAGE_MAX = 65507 };

/* Settings that all collectors of a run share. Strings, context
 * and clock are borrowed for the run. */
struct p2i_delivery {
    uint64_t rate_bytes;           /* per second and collector; 0: UDP 3 MB/s, others no limit */
    double pace;                   /* multiple of the capture's own speed; 0: as fast as possible */
    bool export_time_now;          /* message headers have the wall clock, not the capture's time */
    uint16_t udp_message_limit;    /* bytes of a message, without UDP and IP headers */
    uint32_t udp_template_timer_s; /* templates are sent again after this time, by the clock and by
                                      export times */
    uint32_t connect_s;            /* limit of one attempt to connect */
    uint32_t retry_s;              /* time without success after which the rest is spooled */
    uint32_t linger_s;        /* at the end, wait for a collector that has everything to close */
    const char *spool_folder; /* for records that could not be sent; NULL: working directory */

    /* Reports events: connections made or lost, warnings; `usual`: an event of a normal run. Called
     * from any thread, one call at a time; `text` lives for the call. NULL: no reports. */
    void (*report)(void *context, bool usual, const char *text);
    /* The same for the lines that the gateway writes to its log: statistics of the export, every
     * 30 s and at the end, and sends that took longer than their period. */
    void (*log)(void *context, bool usual, const struct p2i_log_line *line);
    /* True: stop waiting for collectors, spool the rest and finish. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context;
    const struct p2i_clock *clock; /* NULL: p2i_system_clock */
};

/* A destination; p2i_collector_check() has its form. */
struct p2i_collector_settings {
    const char *url;
};

struct p2i_filter; /* capture/filter.h */

/* Everything a run needs. What p2i_settings_set() and its sisters set belongs to `arena`. */
struct p2i_settings {
    struct p2i_arena arena;
    const char **captures; /* "-" is standard input */
    bool *captures_found;  /* by capture: true: it was found below a folder, not named, and is
                              skipped if it is not a capture; NULL: all were named */
    size_t capture_count;
    enum p2i_capture_order order;
    const char *filter;                 /* BPF expression; NULL: none */
    struct p2i_filter *compiled_filter; /* the same for several runs, borrowed; NULL: each run
                                           compiles it */
    uint64_t from_ns, to_ns; /* only packets of this time, without its end; 0: no limit */
    const struct p2i_time_offset *time_offsets; /* added to their times before */
    size_t time_offset_count;
    bool strict;              /* stop at the first capture that is damaged or refused */
    bool hash_captures;       /* SHA-256 of the stored bytes of each, for the statistics */
    uint32_t records;         /* a bit for each enum p2i_record_kind */
    bool records_named;       /* they were set by name: a collector of flows adds none */
    unsigned threads;         /* at most 64; see p2i_settings_threads() */
    bool extended;            /* records lead back to their packets, see fields.def */
    uint64_t memory_bytes;    /* limit for sessions, reassembly and buffers */
    uint32_t string_limit;    /* bytes; longer strings are cut */
    const char *ipfix_path;   /* "-" is standard output; NULL: none */
    bool must_be_new;         /* an existing file is an error */
    bool each;                /* every capture on its own; the paths are folders, or NULL */
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

    const char *subscriber_file; /* lines prefix,login[,channel[,from,to]]; NULL: none */
    bool subscriber_radius;      /* learn logins from RADIUS in the captures */
    bool subscriber_pppoe;       /* learn logins from PPPoE in the captures */
    struct p2i_networks subscriber_networks; /* for FLW_DIR of raw records */
    struct p2i_networks subscriber_nas;      /* RADIUS clients that are believed; none: all */
    const struct p2i_channel_rule *channels;
    size_t channel_count;
    const char *locked_hosts, *locked_urls; /* files of patterns; NULL: none */

    struct p2i_dns_log_settings dns_log;
    bool keep_passwords;       /* false: PASSWORD and IM_PASSW are "*" */
    const char *anonymise_key; /* file with the key (32 bytes, or 64 hex digits); NULL: off */
    uint64_t rotate_bytes;     /* start a new file at this size before compression; 0: off */
    uint32_t rotate_s;     /* start a new file after this many seconds of capture time; 0: off */
    uint32_t output_mode;  /* permissions of output files; 0: see output_file.h */
    bool sync;             /* sync files to the disk before they get their names */
    uint32_t file_options; /* bits of enum p2i_file_option, for the IPFIX file */
    unsigned shard;        /* only the sessions of this shard, from 1 ... */
    unsigned shard_count;  /* ... of so many, at most 64; 0: all sessions */
    struct p2i_collector_settings *collectors;
    size_t collector_count;
    unsigned flow_transport;      /* netflow_full_collector_type, 1 UDP or 2 TCP */
    struct p2i_delivery delivery; /* its callbacks get its own context */

    /* Reports every capture that is refused, damaged or cut. Called from any thread, one call at a
     * time; `error` lives for the call. NULL: no reports. */
    void (*report)(void *context, const struct p2i_error *error);
    /* Reports what is odd, but no error, likewise. */
    void (*warning)(void *context, const struct p2i_error *error);
    /* Reports progress from time to time, from any thread, one call at a time. NULL: no reports. */
    void (*progress)(void *context, const struct p2i_progress *progress);
    /* Polled before each block of frames, from any thread. True: reading stops, sessions are
     * flushed and the outputs are finished. NULL: never. */
    bool (*is_stopped)(void *context);
    /* A session begins or ends. NULL: not wanted. */
    void (*session)(void *context, const struct p2i_session_facts *session);
    /* Captures and outputs are open, see pcap2ipfix/settings.h. NULL: not wanted. */
    enum p2i_result (*opened)(void *context, struct p2i_error *error);
    void *context;
};

/* The number of threads that a run has: with the setting 0 one for each core that the process may
 * use, at most three. */
unsigned p2i_settings_threads(const struct p2i_settings *settings);

/* Adds a copy of the path. False: out of memory. */
bool p2i_settings_add_capture(struct p2i_settings *settings, const char *path, bool found);

/* Sets the defaults that pcap2ipfix(1) documents; no captures and no outputs. */
void p2i_settings_default(struct p2i_settings *settings);
void p2i_delivery_default(struct p2i_delivery *delivery);

#endif
