/* SPDX-License-Identifier: MIT */
/* Packets made by hand for the session tests, and a protocol that says what it was given. */
#ifndef TEST_TRAFFIC_H
#define TEST_TRAFFIC_H

#include <stdio.h>

#include "session/session.h"

/* A run: sessions of one or more workers, and the log of what their parsers were given:
 *
 *     1 C "bytes" @5   session by order of appearance, sender, bytes, tcp sequence of the first
 *     1 S gap 100
 *     1 C end
 */
struct traffic {
    struct p2i_sessions *workers[3];
    unsigned worker_count;
    uint64_t number; /* of the last packet */
    uint64_t time_ns;
    bool untimed;         /* packets have no time of their own */
    uint32_t completed_s; /* of the last message */
    uint64_t ids[64];     /* session ids in the order of their appearance */
    size_t id_count;
    uint64_t live, live_peak; /* sessions */
    struct line *lines;
    size_t line_count;
    size_t line_capacity;
};

/* `memory_bytes` 0: plenty. */
void traffic_begin(struct traffic *traffic, unsigned workers, uint64_t memory_bytes);
/* At most so many bytes of a direction out of order; 0: as usual. */
void traffic_begin_holding(struct traffic *traffic, unsigned workers, uint64_t memory_bytes,
                           uint32_t out_of_order_bytes);
/* Ends all sessions and returns the log; the caller frees it. Asserts that the counts close. */
char *traffic_end(struct traffic *traffic, struct p2i_session_counts *counts);

struct tcp {
    unsigned from; /* 0 client 192.0.2.<host>:port, 1 server 198.51.100.1:80 */
    unsigned host; /* 0: 1 */
    uint16_t port; /* of the client; 0: 40000 */
    uint32_t sequence;
    uint32_t acknowledgement; /* 0: no ACK flag */
    uint16_t flags;
    const char *payload;
    size_t uncaptured; /* bytes behind the payload that the snaplen cut off */
    size_t size;       /* of the payload, where it holds zero bytes */
    uint16_t window;   /* 0: 65535 */
    uint8_t shift;     /* option of a SYN: shift + 1; 0: none */
    uint16_t urgent;   /* pointer; not 0: with the flag URG */
    enum tcp_sum { NOT_SUMMED, SUMMED, SUM_WRONG, IP_SUM_WRONG, SUM_PARTIAL } sum; /* checksums */
};

void traffic_tcp(struct traffic *traffic, struct tcp segment);
void traffic_udp(struct traffic *traffic, unsigned from, unsigned host, const char *payload);
/* Time goes on by `seconds` before the next packet. */
void traffic_wait(struct traffic *traffic, unsigned seconds);

#endif
