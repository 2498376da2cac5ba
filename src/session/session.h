/* SPDX-License-Identifier: MIT */
/* Assigns packets to sessions, orders TCP payload, and expires sessions. Time comes from packets
 * only. One object (struct p2i_sessions) belongs to one worker; workers share no state. The packets
 * come from dispatch.h. */
#ifndef P2I_SESSION_SESSION_H
#define P2I_SESSION_SESSION_H

#include "base/counts.h"
#include "packet/feature_set.h"
#include "packet/packet.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

enum {
    P2I_BATCH = 32,  /* packets whose sessions are looked up together */
    P2I_SHARDS = 64, /* fixed, so that limits do not depend on the number of workers */
    P2I_OUT_OF_ORDER_BYTES = 256 << 10, /* default, see struct p2i_session_settings */
    P2I_OUT_OF_ORDER_SEGMENTS = 64,
};

/* A packet on its way from dispatch.h to its session. Three cache lines. */
struct p2i_arrival {
    struct p2i_packet packet; /* with sorted ends */
    uint64_t number;          /* in the run, from 1 */
    uint64_t hash;            /* of its session's key, with the seed of the run */
    uint32_t stamp_s;         /* its time */
    uint8_t worker;           /* P2I_SHARDS: no worker gets it */
    uint8_t from;             /* end of the key that sent it */
    uint8_t announced; /* enum p2i_protocol_id: an FTP control connection announced its session */
};

/* A stamp that moves the clock, before packet `number` is handled. */
struct p2i_clock_mark {
    uint64_t number;
    uint32_t stamp_s;
};

/* The packets of a run of frames, and the marks between them. Written by dispatch.h, then only
 * read, by all workers. */
struct p2i_arrivals {
    struct p2i_arrival *list;
    struct p2i_features *features; /* of the packets, by place in the list; NULL: not wanted */
    size_t count, capacity;
    uint16_t *order;             /* places in the list, grouped by worker */
    uint16_t counts[P2I_SHARDS]; /* packets by worker */
    uint16_t first[P2I_SHARDS];  /* by worker: its first place in `order` */
    struct p2i_clock_mark *marks;
    size_t mark_count, mark_capacity;
    bool with_features; /* p2i_arrivals_reserve() makes room for them */
    bool out_of_memory; /* a mark was lost */
};

/* A message and the facts of its session and packet that a record needs. Valid during the call. */
struct p2i_session_message {
    enum p2i_record_kind kind;
    const void *message; /* a struct of protocol/message.h */
    const struct p2i_packet_info *info;
    const struct p2i_address *source, *destination; /* sender and recipient of the message */
    uint64_t session_id;
    uint32_t scope; /* separates equal addresses, see struct p2i_packet */
    uint16_t source_port, destination_port;
    uint8_t ip_version;
    uint8_t transport;
    uint8_t protocol;     /* enum p2i_protocol_id of the session, as far as known */
    uint8_t completeness; /* enum p2i_completeness */
    /* Sort keys of records, equal for any number of workers: first the packet that completed the
     * message; then, for sessions that end by time-out, which precede that packet, their own last
     * packet. */
    uint64_t completed_by;
    uint64_t order;
    uint32_t completed_s; /* capture time when it was completed, Unix seconds */
};

struct p2i_raw_settings;  /* raw_packets.h */
struct p2i_session_facts; /* pcap2ipfix/engine.h, as the next one */
struct p2i_packet_facts;

struct p2i_session_settings {
    const struct p2i_protocol *const *protocols; /* NULL-terminated; static */
    struct p2i_parse_settings parse;
    uint64_t memory_bytes;       /* for the sessions of all workers together, bytes */
    uint32_t out_of_order_bytes; /* held by a direction, more declares a gap; 0: default */
    uint32_t records;     /* bit per enum p2i_record_kind: selects flow and raw records; messages of
                             parsers are always emitted */
    bool count_lost;      /* lost and cut bytes of each session, for flow records */
    uint32_t flow_idle_s; /* idle time that ends a flow record, seconds */
    uint32_t flow_active_s;             /* maximum duration of a flow record, seconds; 0: none */
    const struct p2i_raw_settings *raw; /* needed when raw records are selected */
    void (*emit)(void *context, const struct p2i_session_message *message);
    /* Called when a session begins (change 1) or ends (-1) at packet `number`; NULL: not called. */
    void (*live_changed)(void *context, uint64_t number, int change);
    /* See observer.h; NULL: not called. */
    void (*session)(void *context, const struct p2i_session_facts *facts);
    void (*packet)(void *context, const struct p2i_packet_facts *facts);
    void *context;
};

struct p2i_session_counts {
    uint64_t tcp_sessions;
    uint64_t udp_sessions;
    uint64_t other_sessions; /* other transports; counted when flow records are selected */
    uint64_t protocols[P2I_PROTOCOL_COUNT]; /* sessions by protocol */
    uint64_t evicted_sessions;              /* ended early because of the memory limit */
    uint64_t payload_bytes;                 /* captured transport payload of handled packets */
    uint64_t retransmitted_bytes;           /* seen before, wholly or partly */
    uint64_t out_of_order_segments;         /* held because they came early */
    uint64_t gaps;                          /* number of gaps declared */
    uint64_t cut_bytes;                     /* not captured (snaplen) */
    /* Segments that the receiver did not accept, or may not have accepted (LIMITS in the manual).
     */
    uint64_t out_of_window_segments; /* too far ahead; ignored unless the stream continues there */
    uint64_t out_of_window_ends;     /* FIN and RST too far ahead; ignored */
    uint64_t unanswered_syns;        /* SYN in a live session without an answer; ignored */
    uint64_t doubtful_segments;      /* wrong checksum from a sender of correct ones; held */
    uint64_t doubtful_taken;         /* of these, accepted in the end */
    uint64_t padding_bytes;          /* padding of the frame that the IP length includes */
    uint64_t urgent_bytes;           /* urgent data is not part of the stream */
    uint64_t wrong_udp_checksums;    /* datagrams passed to parsers in spite of a wrong checksum */
    uint64_t different_copies;       /* held segments of which another copy has other bytes */
    struct p2i_stream_counts counts;
};

struct p2i_sessions;

/* NULL: out of memory. */
struct p2i_sessions *p2i_sessions_new(const struct p2i_session_settings *settings);
/* Frees the sessions without ending them. NULL is fine. */
void p2i_sessions_free(struct p2i_sessions *sessions);

/* Handles the packets of worker number `worker`, and the marks. */
void p2i_sessions_handle(struct p2i_sessions *sessions, const struct p2i_arrivals *arrivals,
                         unsigned worker);

/* Ends all sessions. `number` is one more than that of the last packet. */
void p2i_sessions_finish(struct p2i_sessions *sessions, uint64_t number);

/* The sort keys of what is emitted at present; see struct p2i_session_message. */
void p2i_sessions_order(const struct p2i_sessions *sessions, uint64_t *completed_by,
                        uint64_t *order);

/* Whether the system refused memory, so that messages are missing or cut. */
bool p2i_sessions_out_of_memory(const struct p2i_sessions *sessions);

void p2i_sessions_counts(const struct p2i_sessions *sessions, struct p2i_session_counts *counts);

#endif
