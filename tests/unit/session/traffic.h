/* SPDX-License-Identifier: MIT */
/* Packets made by hand for the session tests, and a protocol that says what it was given. */
#ifndef TEST_TRAFFIC_H
#define TEST_TRAFFIC_H

#include <stdio.h>

#include "deliver.h"
#include "pcap2ipfix/engine.h"

/* A run: sessions of one or more workers, and the log of what their parsers were given:
 *
 *     1 C "bytes" @5   session by order of appearance, sender, bytes, tcp sequence of the first
 *     1 S gap 100
 *     1 C end
 */
struct traffic {
    struct p2i_sessions *workers[3];
    unsigned worker_count;
    struct delivery delivery;
    uint64_t number; /* of the last packet */
    uint64_t time_ns;
    bool untimed;         /* packets have no time of their own */
    uint32_t completed_s; /* time of the last message */
    uint64_t ids[64];     /* session ids in the order of appearance */
    size_t id_count;
    uint64_t live, live_peak; /* sessions */
    /* Of the sessions that have ended, when they are observed: the features of any of them, and the
     * facts of the last, whose pointers are not valid. */
    struct p2i_features features;
    struct p2i_session_facts facts;
    struct line *lines;
    size_t line_count;
    size_t line_capacity;
};

/* `memory_bytes` 0: unlimited. */
void traffic_begin(struct traffic *traffic, unsigned workers, uint64_t memory_bytes);
/* Limits the held bytes of a direction; 0: default. */
void traffic_begin_holding(struct traffic *traffic, unsigned workers, uint64_t memory_bytes,
                           uint32_t out_of_order_bytes);
/* One worker, whose sessions are observed. */
void traffic_begin_observed(struct traffic *traffic);
/* Ends all sessions and returns the log, which the caller frees. Asserts that the counters balance.
 */
char *traffic_end(struct traffic *traffic, struct p2i_session_counts *counts);

struct tcp {
    unsigned from; /* 0 client 192.0.2.<host>:port, 1 server 198.51.100.1:80 */
    unsigned host; /* 0 means 1 */
    uint16_t port; /* of the client; 0 means 40000 */
    uint32_t sequence;
    uint32_t acknowledgement; /* 0: no ACK flag */
    uint16_t flags;
    const char *payload;
    size_t uncaptured; /* payload bytes that the snaplen cut */
    size_t size;       /* size of a payload that contains zero bytes */
    uint16_t window;   /* 0 means 65535 */
    uint8_t shift;     /* window scale option of a SYN: shift + 1; 0: none */
    uint16_t urgent;   /* urgent pointer; not 0: sets the flag URG */
    enum tcp_sum { NOT_SUMMED, SUMMED, SUM_WRONG, IP_SUM_WRONG, SUM_PARTIAL } sum; /* checksums */
};

void traffic_tcp(struct traffic *traffic, struct tcp segment);
void traffic_udp(struct traffic *traffic, unsigned from, unsigned host, const char *payload);
/* Advances the time by `seconds` before the next packet. */
void traffic_wait(struct traffic *traffic, unsigned seconds);

#endif
