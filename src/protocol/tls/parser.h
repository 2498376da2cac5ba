/* SPDX-License-Identifier: MIT */
/* The TLS parser from inside, shared by its own files. Two layers: records.c separates records
 * and handshake messages, however they are cut and joined, and assembles the few that matter,
 * hellos and the leaf certificate; messages.c pairs these into records of ours, and knows when
 * nothing more can be read. */
#ifndef P2I_PROTOCOL_TLS_PARSER_H
#define P2I_PROTOCOL_TLS_PARSER_H

#include "protocol/tls/pairing.h"
#include "protocol/tls/probe.h"

enum {
    P2I_TLS_LEAF_HEADER = P2I_TLS_MESSAGE_HEADER + 6
}; /* with the lengths of the list and of its first certificate */

enum p2i_tls_role { P2I_TLS_ROLE_UNKNOWN, P2I_TLS_CLIENT, P2I_TLS_SERVER };

/* Is the place of records known? */
enum p2i_tls_place {
    P2I_TLS_IN_STEP,
    P2I_TLS_BEHIND_LOSS, /* no, but one may begin at the next byte */
    P2I_TLS_SEARCHING,   /* no: searching for a hello */
};

/* One direction. */
struct p2i_tls_half {
    struct p2i_packet_info info; /* of the handshake message being read */
    uint8_t *gathered; /* its first bytes; from the pool; NULL while they are in the segment */
    size_t gathered_capacity;
    uint32_t gathered_size;
    uint32_t wanted;       /* bytes of the message that are needed together; 0: it is skipped */
    uint32_t message_left; /* bytes of the message not seen yet */
    uint32_t record_size;  /* of a handshake record */
    uint32_t record_left;  /* bytes of it not seen yet */
    uint32_t searched;     /* bytes searched behind losses */
    uint16_t message;      /* enum p2i_tls_message_type */
    uint8_t header[P2I_TLS_LEAF_HEADER];
    uint8_t header_size;
    uint8_t place;   /* enum p2i_tls_place */
    uint8_t role;    /* enum p2i_tls_role */
    uint8_t hellos;  /* ClientHellos seen, or ServerHellos (at most one) */
    bool in_message; /* its header has been read */
    bool ciphered;   /* ChangeCipherSpec has been seen */
    bool lossy;      /* bytes have been lost */
    bool done;       /* nothing more can be read in this direction */
};

struct p2i_tls {
    struct p2i_tls_half half[2];
    struct p2i_tls_pairing pairing;
    uint8_t retries; /* HelloRetryRequests: each asks for one more ClientHello */
    bool early_data; /* the client may send data before its second hello */
    bool ssl2;       /* the client's hello had the SSL 2.0 form */
};

/* The arguments of one call. */
struct p2i_tls_work {
    struct p2i_parser *parser;
    struct p2i_tls *tls;
    struct p2i_tls_half *half;
    struct p2i_tls_half *peer;
    const struct p2i_stream_segment *segment;
};

/* ---- messages.c ---- */

/* Takes a message that matters, whole or as far as it was captured. */
void p2i_tls_message(const struct p2i_tls_work *work, struct p2i_view body,
                     enum p2i_completeness completeness);

/* Takes a HelloRetryRequest. */
void p2i_tls_retry(const struct p2i_tls_work *work);

/* Takes the header of a record that is no handshake. `payload`: the two bytes of an alert in the
 * clear; empty for encrypted alerts and all other records. */
void p2i_tls_other_record(const struct p2i_tls_work *work, uint8_t type, struct p2i_view payload);

/* The server shows nothing more: its certificate has this name; empty: there is none. */
void p2i_tls_server_done(const struct p2i_tls_work *work, struct p2i_view certificate_name);

/* No hello can follow in this direction. */
void p2i_tls_past_hellos(const struct p2i_tls_work *work);

/* Nothing more can be read in this direction. */
void p2i_tls_give_up(const struct p2i_tls_work *work);

/* ---- records.c ---- */

/* Takes bytes of the segment from `at` on. Returns their number: more than the segment has where
 * a record or message is skipped; 0: too few bytes. */
uint64_t p2i_tls_take(const struct p2i_tls_work *work, uint64_t at);

/* `missing` bytes are lost (0: an unknown number). Ends the message being read; its bytes so far
 * count. False: the start of the next record is not known any more. */
bool p2i_tls_lose(const struct p2i_tls_work *work, uint64_t missing);

/* Gives the memory of a message back. */
void p2i_tls_forget_message(struct p2i_parser *parser, struct p2i_tls_half *half);

#endif
