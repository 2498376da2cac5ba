/* SPDX-License-Identifier: MIT */
/* The sessions of one worker: found by key, kept in slabs, ended by time-out. */
#ifndef P2I_SESSION_TABLE_H
#define P2I_SESSION_TABLE_H

#include "packet/packet.h"
#include "session/session.h"

struct p2i_stream_state;

/* The two ends in a fixed order, so that both directions have the same key. */
struct p2i_key {
    struct p2i_address end[2];
    uint16_t port[2];
    uint32_t scope;
    uint8_t transport;
    uint8_t ip_version;
};

enum p2i_phase {                    /* what the time-out of a session depends on */
                 P2I_PHASE_OPENING, /* only one side has been seen, or no payload yet */
                 P2I_PHASE_OPEN,
                 P2I_PHASE_CLOSED, /* FIN of both sides, or RST */
                 P2I_PHASE_DATAGRAMS,
};

#define P2I_NO_SESSION UINT32_MAX /* an index that is none */

/* Two cache lines. */
struct p2i_session {
    struct p2i_key key;              /* 48 bytes with padding */
    struct p2i_stream_state *stream; /* NULL: nothing more to be learned from it */
    uint32_t stamp_s;                /* of its last packet, see p2i_expiry_note_stamp() */
    /* A bit for each direction, 1 << enum p2i_direction. */
    uint8_t seen;    /* a packet came */
    uint8_t syn;     /* a SYN was seen */
    uint8_t payload; /* payload was seen */
    uint8_t begun;   /* SYN or payload was seen: it is known where its stream begins */

    uint64_t last_number;                  /* of its last packet */
    uint64_t id;                           /* SESSION_ID */
    uint32_t base[2];                      /* TCP: first sequence number, by direction */
    uint32_t next[2];                      /* TCP: the next one due */
    uint32_t bucket_next, bucket_previous; /* in its shard's wheel */
    uint32_t tag;                          /* what the table knows it by */
    uint32_t index;                        /* its own, in the table */
    uint16_t seen_s;                       /* second of the wheel at its last packet ... */
    uint16_t timer_s;                      /* ... and when the wheel looks at it; modulo 2^16 */
    uint16_t window[2];                    /* TCP: largest that a direction's sender advertised,
                                              before scaling */
    uint8_t window_shifts;                 /* TCP: 4 bits for each direction, see tcp.c */
    uint8_t shard;                         /* 0..P2I_SHARDS - 1 */
    uint8_t protocol;                      /* enum p2i_protocol_id */
    uint8_t held;                          /* bit per direction: its session holds segments */
    uint8_t raw_count : 7;                 /* packets exported raw */
    bool expected : 1;                     /* announced to speak `protocol`, and silent so far */
    uint8_t phase : 2;                     /* enum p2i_phase */
    uint8_t initiator : 1;                 /* which end of the key began: 0 or 1 */
    bool dormant : 1;                      /* has no session because it was silent */
    bool dormancy_tried : 1;               /* since its last payload */
    bool syn_watched : 1;                  /* a SYN in it waits for an answer, see syn_watch.h */
    /* A bit for each direction again. */
    uint8_t acknowledged : 2; /* its peer's acknowledgement is all that tells where it begins */
    uint8_t closed : 2;       /* FIN */
    uint8_t reset : 2;        /* RST; nothing came from its sender since */
    uint8_t right_tcp : 2;    /* a right TCP checksum came */
    uint8_t right_ip : 2;     /* a right checksum of the IPv4 header came */
    uint8_t has_fin : 2;      /* its session knows where the direction ends */
};

/* Both directions have ended, or one of its ends has reset it. */
static inline bool p2i_session_has_ended(const struct p2i_session *session)
{
    return session->closed == 3 || session->reset != 0;
}

struct p2i_table;

struct p2i_table *p2i_table_new(void);
void p2i_table_free(struct p2i_table *table);

/* The key of a packet; returns the end of the key (0 or 1) that sent it. */
unsigned p2i_key_of(const struct p2i_packet *packet, struct p2i_key *key);

/* Two uses, two seeds: 0 for what the output depends on (SESSION_ID); a secret for the place
 * in the table, so that nobody can make captures whose sessions all have the same place. */
uint64_t p2i_key_hash(const struct p2i_key *key, uint64_t seed);

/* The shard of a session: by its key; by its addresses alone where p2i_may_announce(), so that a
 * session and those that it announces are in one shard. */
unsigned p2i_shard_of(const struct p2i_key *key);

/* Gets the slot of a hash into the cache; then, later, the session that it points to, which is most
 * likely the one that is meant. NULL: not one at its usual place. */
void p2i_table_prefetch_slot(const struct p2i_table *table, uint64_t hash);
struct p2i_session *p2i_table_prefetch_session(const struct p2i_table *table, uint64_t hash);
/* True if a session that was in the table then is there now, and has this key. */
bool p2i_table_is(const struct p2i_session *session, const struct p2i_key *key);

/* NULL: there is none. The pointer lives as long as the session. */
struct p2i_session *p2i_table_find(struct p2i_table *table, uint64_t hash,
                                   const struct p2i_key *key);
/* A new one, zeroed but for key, tag and index. NULL: out of memory. */
struct p2i_session *p2i_table_add(struct p2i_table *table, uint64_t hash,
                                  const struct p2i_key *key);
/* What was noted of it by index and last packet can tell: its last_number is UINT64_MAX now. */
void p2i_table_remove(struct p2i_table *table, struct p2i_session *session);

struct p2i_session *p2i_table_at(const struct p2i_table *table, uint32_t index);

#endif
