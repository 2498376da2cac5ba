/* SPDX-License-Identifier: MIT */
/* Hash table of the sessions of one worker. Sessions are kept in slabs and never move. */
#ifndef P2I_SESSION_TABLE_H
#define P2I_SESSION_TABLE_H

#include "base/hash.h"
#include "packet/packet.h"
#include "session/session.h"

struct p2i_stream_state;

enum p2i_phase {                    /* decides the time-out of a session */
                 P2I_PHASE_OPENING, /* one side only, or no payload yet */
                 P2I_PHASE_OPEN,
                 P2I_PHASE_CLOSED, /* FIN in both directions, or RST */
                 P2I_PHASE_DATAGRAMS,
};

#define P2I_NO_SESSION UINT32_MAX /* no session */

/* A session. Two cache lines. */
struct p2i_session {
    struct p2i_session_key key;      /* 48 bytes with padding */
    struct p2i_stream_state *stream; /* NULL: payload is not parsed (any more) */
    uint32_t stamp_s;                /* of its last packet, see p2i_expiry_note_stamp() */
    /* Bitmaps of directions: 1 << enum p2i_direction. */
    uint8_t seen;    /* packets */
    uint8_t syn;     /* SYN */
    uint8_t payload; /* payload */
    uint8_t begun;   /* SYN or payload: base is known */

    uint64_t last_number;                  /* number of its last packet */
    uint64_t id;                           /* SESSION_ID */
    uint32_t base[2];                      /* TCP: first sequence number by direction */
    uint32_t next[2];                      /* TCP: next expected sequence number by direction */
    uint32_t bucket_next, bucket_previous; /* list in its shard's wheel */
    uint32_t tag;                          /* lower half of its hash */
    uint32_t index;                        /* its index in the table */
    uint16_t seen_s;                       /* wheel second of its last packet ... */
    uint16_t timer_s;      /* ... and second at which the wheel looks at it; both modulo 2^16 */
    uint16_t window[2];    /* TCP: largest window that a direction's sender advertised, unscaled */
    uint8_t window_shifts; /* TCP: 4 bits per direction, see tcp_rules.c */
    uint8_t shard;         /* 0..P2I_SHARDS - 1 */
    uint8_t protocol;      /* enum p2i_protocol_id */
    uint8_t held;          /* bitmap of directions with held segments */
    uint8_t raw_count : 7; /* raw records emitted */
    bool expected : 1;     /* `protocol` was announced; no payload yet */
    uint8_t phase : 2;     /* enum p2i_phase */
    uint8_t initiator : 1; /* end of the key that began: 0 or 1 */
    bool dormant : 1;      /* its stream state was freed after an idle time */
    bool dormancy_tried : 1; /* dormancy was tried since the last payload */
    bool syn_watched : 1;    /* syn_watch.h watches a SYN in it */
    bool settled : 1;        /* its stream state was moved after an idle time */
    /* More bitmaps of directions. */
    uint8_t acknowledged : 2; /* base is known from the peer's acknowledgement only */
    uint8_t closed : 2;       /* FIN */
    uint8_t reset : 2;        /* RST, and no segment of its sender since */
    uint8_t right_tcp : 2;    /* its sender has sent a correct TCP checksum */
    uint8_t right_ip : 2;     /* its sender has sent a correct IPv4 header checksum */
    uint8_t has_fin : 2; /* the sequence number of the end is known (fin of the stream state) */
};

/* True when both directions have ended, or one end has reset the session. */
static inline bool p2i_session_has_ended(const struct p2i_session *session)
{
    return session->closed == 3 || session->reset != 0;
}

struct p2i_session_table;

struct p2i_session_table *p2i_session_table_new(void);
void p2i_session_table_free(struct p2i_session_table *table);

/* Sorts the two ends in the packet's key. Returns the end (0 or 1) that sent the packet. */
unsigned p2i_sort_ends(struct p2i_packet *packet);

/* Hash of a key for what reaches the output: SESSION_ID, shards. */
uint64_t p2i_key_hash(const struct p2i_session_key *key);

/* Hash of a key for its place in the table. The seed is secret, so that no capture can be made
 * whose sessions all collide. */
static inline uint64_t p2i_place_hash(const struct p2i_session_key *key, uint64_t seed)
{
    uint64_t other = ~seed * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t rest;
    memcpy(&rest, (const char *)key + offsetof(struct p2i_session_key, port),
           sizeof rest); /* and scope */
    rest ^= (uint64_t)key->transport << 56 ^ (uint64_t)key->ip_version << 48;
    if (key->ip_version == 4) {
        uint32_t a;
        uint32_t b;
        memcpy(&a, key->end[0].bytes, sizeof a);
        memcpy(&b, key->end[1].bytes, sizeof b);
        return p2i_multiply_fold(seed ^ ((uint64_t)a << 32 | b), other ^ rest);
    }
    uint64_t hash = p2i_multiply_fold(seed ^ key->end[0].words[0], other ^ key->end[1].words[0]);
    hash ^= p2i_multiply_fold(seed ^ key->end[0].words[1], hash ^ key->end[1].words[1]);
    return p2i_multiply_fold(seed ^ hash, other ^ rest);
}

/* The shard of a session, by its whole key. */
unsigned p2i_shard_of(const struct p2i_session_key *key);

/* Prefetches the slot of a hash. Later, the second function prefetches the session in that slot,
 * which is most likely the right one, and returns it. NULL: none at the first places. */
void p2i_session_table_prefetch_slot(const struct p2i_session_table *table, uint64_t hash);
struct p2i_session *p2i_session_table_prefetch_session(const struct p2i_session_table *table,
                                                       uint64_t hash);
/* True if a pointer from p2i_session_table_prefetch_session() still is a live session, with this
 * key. */
bool p2i_session_table_is(const struct p2i_session *session, const struct p2i_session_key *key);

/* Finds a session; the pointer lives as long as the session. NULL: none. */
struct p2i_session *p2i_session_table_find(struct p2i_session_table *table, uint64_t hash,
                                           const struct p2i_session_key *key);
/* Adds a session, zeroed but for key, tag and index. NULL: out of memory. */
struct p2i_session *p2i_session_table_add(struct p2i_session_table *table, uint64_t hash,
                                          const struct p2i_session_key *key);
/* Removes a session. Its last_number becomes UINT64_MAX, which invalidates notes of its index and
 * last packet. */
void p2i_session_table_remove(struct p2i_session_table *table, struct p2i_session *session);

struct p2i_session *p2i_session_table_at(const struct p2i_session_table *table, uint32_t index);

#endif
