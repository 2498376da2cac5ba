/* SPDX-License-Identifier: MIT */
/* Packets become sessions: who talks to whom, in which order the bytes belong, when it is over.
 * Time comes from packets only. One table a worker; workers share nothing. */
#ifndef P2I_SESSION_SESSION_H
#define P2I_SESSION_SESSION_H

#include "packet/packet.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

enum {
    P2I_BATCH = 32,  /* packets handled at a time */
    P2I_SHARDS = 64, /* fixed, so that limits strike alike for any number of workers */
    P2I_OUT_OF_ORDER_BYTES = 256 << 10, /* usually, see p2i_session_settings */
    P2I_OUT_OF_ORDER_SEGMENTS = 64,
};

/* A message with all that its record takes from session and packet. Lives for the call. */
struct p2i_session_message {
    enum p2i_record_kind kind;
    const void *message; /* struct of protocol/message.h */
    const struct p2i_packet_info *info;
    const struct p2i_address *source, *destination; /* of the sender, of the recipient */
    uint64_t session_id;
    uint32_t scope; /* of its packets */
    uint16_t source_port, destination_port;
    uint8_t ip_version;
    uint8_t transport;
    uint8_t protocol;     /* enum p2i_protocol_id: what the session is known to speak so far */
    uint8_t completeness; /* enum p2i_completeness */
    /* The order of records, the same for any number of workers: first by the packet that completed
     * it; a session that ends by time-out counts as before that packet, by its own last packet. */
    uint64_t completed_by;
    uint64_t order;
    uint32_t completed_s; /* newest capture time when it was completed, Unix seconds */
};

struct p2i_raw_settings; /* raw.h */

struct p2i_session_settings {
    const struct p2i_protocol *const *protocols; /* NULL-terminated; static */
    struct p2i_parse_settings parse;
    uint64_t memory_bytes;       /* for the sessions of all workers together */
    uint32_t out_of_order_bytes; /* held for a direction, more declares a gap; 0: the usual */
    uint32_t records;       /* bit per enum p2i_record_kind; those of parsers come in any case */
    uint32_t flow_idle_s;   /* a longer silence ends a flow record */
    uint32_t flow_active_s; /* so does a longer time since it began; 0 off */
    const struct p2i_raw_settings *raw; /* used when raw records are wanted */
    unsigned worker;                    /* this one, from 0 */
    unsigned worker_count;              /* 1..P2I_SHARDS */
    unsigned share;                     /* of the work that several processes do, from 0 */
    unsigned shard_count;               /* at most P2I_SHARDS; 0 and 1: all of it */
    void (*emit)(void *context, const struct p2i_session_message *message);
    /* Called when a session begins (change 1) or ends (-1), at packet `number`; NULL: never. */
    void (*live_changed)(void *context, uint64_t number, int change);
    void *context;
};

struct p2i_session_counts {
    uint64_t tcp_sessions;
    uint64_t udp_sessions;
    uint64_t other_sessions; /* of other transports; counted when flow records are wanted */
    uint64_t protocols[P2I_PROTOCOL_COUNT]; /* sessions by what they spoke */
    uint64_t evicted_sessions;              /* ended early for want of memory */
    uint64_t payload_bytes;                 /* captured transport payload of the packets handled */
    uint64_t retransmitted_bytes;           /* had been seen already, as a whole or in part */
    uint64_t out_of_order_segments;         /* came before their turn and were held */
    uint64_t gaps;                          /* times that bytes were declared lost */
    uint64_t cut_bytes;                     /* not captured (snaplen) */
    uint64_t other_shard_packets;           /* belong to sessions of other shares */
    /* What the end host has not taken, or perhaps not (LIMITS in the manual). */
    uint64_t
        out_of_window_segments;  /* too far ahead; without effect unless the stream goes on there */
    uint64_t out_of_window_ends; /* FIN and RST too far ahead, without effect */
    uint64_t unanswered_syns;    /* SYN in a live session, without effect */
    uint64_t doubtful_segments;  /* wrong checksum of a sender that has shown right ones: held */
    uint64_t doubtful_taken;     /* of these: taken all the same */
    uint64_t padding_bytes;      /* payload by the lengths, but padding of the frame */
    uint64_t urgent_bytes;       /* not part of the stream */
    uint64_t wrong_udp_checksums; /* datagrams that parsers were given all the same */
    struct p2i_stream_counts counts;
};

struct p2i_sessions;

struct p2i_sessions *
p2i_sessions_new(const struct p2i_session_settings *settings); /* NULL: memory */
void p2i_sessions_free(struct p2i_sessions *sessions); /* without ending them; NULL is fine */

/* Handles packets[0..count), count <= P2I_BATCH, of which packets[i] is number first_number + i of
 * the whole input. Packets whose fate is not HANDLED only move the time on. */
void p2i_sessions_handle(struct p2i_sessions *sessions, const struct p2i_packet *packets,
                         size_t count, uint64_t first_number);

/* Ends all sessions, as packet `number` would (one more than the last). */
void p2i_sessions_finish(struct p2i_sessions *sessions, uint64_t number);

/* What time it is: `time_ns`, unless its second is so far ahead of or behind what packets agree on
 * that it may be wrong; then that. For the packets handled so far. */
uint64_t p2i_sessions_time_ns(const struct p2i_sessions *sessions, uint64_t time_ns);
/* The second that packets agree on; 0: none has come. */
uint32_t p2i_sessions_now_s(const struct p2i_sessions *sessions);

void p2i_sessions_counts(const struct p2i_sessions *sessions, struct p2i_session_counts *counts);

#endif
