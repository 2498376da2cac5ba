/* SPDX-License-Identifier: MIT */
/* Joins the records of requests and replies to exchanges: what was asked, what was answered, and
 * how long it took.
 *
 *     struct p2i_join_settings settings = {.struct_size = sizeof settings,
 *                                          .memory_bytes = 128 << 20, .take = print};
 *     struct p2i_join *join;
 *     enum p2i_result result = p2i_join_new(&join, &settings, &error);
 *     for (size_t i = 0; i < count && result == P2I_OK; i++) {
 *         result = p2i_join_add(join, paths[i], &error);
 *     }
 *     if (result == P2I_OK) {
 *         result = p2i_join_finish(join, &error);
 *     }
 *     p2i_join_free(join);
 *
 * HTTP requests and replies of a session belong together by their order, and so do TLS hellos; of
 * SIP messages, those with the same Call-ID, CSeq (without it, method) and addresses; of DNS
 * messages, those with the same transaction id in a session. A mail, a login and a message are an
 * exchange each. Flow records give their sessions bytes, packets and logins.
 *
 * A join belongs to one thread at a time. */
#ifndef PCAP2IPFIX_JOIN_H
#define PCAP2IPFIX_JOIN_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_join;
struct p2i_record_filter;

/* New members come at the end. Views live for the call. */
struct p2i_exchange {
    const char *kind; /* "http", "tls", "quic", "sip", "dns", "mail", "ftp", "im"; static */
    bool lacks_request, lacks_reply; /* that half is not among the records */
    uint64_t time_ns;                /* Unix; of the request, else of the reply */
    bool exact;                      /* false: time_ns is in whole seconds */
    int64_t latency_ns; /* from request to reply, between extended records; -1: not known */
    struct p2i_view client, server;    /* addresses of 4 or 16 bytes; empty: not known */
    uint16_t client_port, server_port; /* 0: not known */
    struct p2i_view login;
    struct p2i_view host;    /* asked for; the name that a DNS query asks for */
    struct p2i_view request; /* "GET /", "A", "INVITE sip:berta@sip.example" */
    int64_t status;          /* as the protocol numbers it; -1: none */
    struct p2i_view answer;  /* media type, TLS version and cipher suite, data of the DNS answer */
    uint64_t session;        /* SESSION_ID */
    bool has_flow;           /* false: bytes and packets are not known */
    uint64_t bytes, packets; /* of the whole session, both directions */
};

struct p2i_join_settings {
    size_t struct_size;               /* sizeof(struct p2i_join_settings), set by the caller */
    uint64_t memory_bytes;            /* beyond it the oldest exchanges are given out as they are */
    struct p2i_record_filter *filter; /* only exchanges with a record that matches it; NULL: all */
    /* Takes an exchange, in the order of their first records. An error ends the call that gave
     * it, with that error. */
    enum p2i_result (*take)(void *context, const struct p2i_exchange *exchange,
                            struct p2i_error *error);
    void *context; /* of take */
};

/* Counters since the join was made. New members come at the end. */
struct p2i_join_counts {
    uint64_t records;       /* of all kinds, those that match the filter */
    uint64_t other_records; /* that belong to no exchange: raw packets, other exporters' */
    uint64_t exchanges;     /* given out */
    uint64_t lacking_request, lacking_reply;
    uint64_t early; /* given out for want of memory while a half might still come */
};

/* The settings, and what they point at, must live until the join is freed. P2I_OK: the caller frees
 * *join; P2I_INTERNAL: out of memory. *join is NULL after an error. */
enum p2i_result p2i_join_new(struct p2i_join **join, const struct p2i_join_settings *settings,
                             struct p2i_error *error);
/* Adds all records of a file, IPFIX of any exporter or JSON Lines; "-" is standard input. P2I_OK;
 * P2I_INPUT: the file cannot be opened or read; P2I_DAMAGED: it is cut, or neither IPFIX nor JSON
 * Lines: the records before that were added; P2I_INTERNAL: out of memory; or the error of `take`.
 */
enum p2i_result p2i_join_add(struct p2i_join *join, const char *path, struct p2i_error *error);
/* Gives out what is left. P2I_OK, or the error of `take`. */
enum p2i_result p2i_join_finish(struct p2i_join *join, struct p2i_error *error);
struct p2i_join_counts p2i_join_counts(const struct p2i_join *join);
void p2i_join_free(struct p2i_join *join); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
