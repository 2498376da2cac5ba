/* SPDX-License-Identifier: MIT */
/* What a record says about an exchange. One thread. */
#ifndef P2I_JOIN_HALF_H
#define P2I_JOIN_HALF_H

#include "ipfix/field_places.h"
#include "pcap2ipfix/record_source.h"
#include "pcap2ipfix/values.h"

enum p2i_half_role {
    HALF_NONE, /* the record is about no exchange */
    HALF_REQUEST,
    HALF_REPLY,
    HALF_PROVISIONAL, /* a reply that another one follows */
    HALF_WHOLE,       /* an exchange by itself */
    HALF_FLOW,        /* tells of the session */
};

/* How halves find each other. */
enum p2i_half_match {
    MATCH_OLDEST, /* the reply belongs to the oldest request that has none */
    MATCH_LATEST, /* ... to the latest: a second ClientHello follows a HelloRetryRequest */
    MATCH_SAME,   /* one exchange a key: what comes again is a retransmission */
};

/* Views live until the next record. */
struct p2i_half {
    const char *kind; /* of the exchange; static */
    enum p2i_half_role role;
    enum p2i_half_match match;
    bool matches;  /* the filter */
    bool complete; /* a request that no reply is recorded for */
    uint64_t key;  /* equal in the halves of an exchange */
    uint64_t session;
    uint64_t time_ns;
    bool exact;
    struct p2i_view client, server; /* addresses */
    uint16_t client_port, server_port;
    struct p2i_view login, host, request, answer;
    int64_t status;          /* -1: none */
    uint64_t bytes, packets; /* of HALF_FLOW */
    /* Of a resource record: its message, 0: not known; its owner name, and the name that a CNAME
     * leads to. */
    uint64_t message;
    struct p2i_view owner, alias;
};

/* See p2i_half_reader_begin(). */
struct p2i_half_reader {
    uint64_t seed; /* of keys */
    struct p2i_field_finder finder;
    struct p2i_buffer request, answer;
};

/* `seed` is a secret, so that nobody can make keys that are equal. */
void p2i_half_reader_begin(struct p2i_half_reader *reader, uint64_t seed);
/* False: out of memory. */
bool p2i_half_read(struct p2i_half_reader *reader, const struct p2i_source_record *record,
                   struct p2i_half *half);
void p2i_half_reader_free(struct p2i_half_reader *reader);

#endif
