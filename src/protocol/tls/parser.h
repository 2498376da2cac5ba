/* SPDX-License-Identifier: MIT */
/* The TLS parser from inside, for its own files alone. Two layers: tls_records.c takes records and
 * handshake messages apart, whatever way they are cut and joined, and puts together the few
 * messages that matter, hellos and the leaf certificate; tls_messages.c pairs what they say into
 * records, and knows when there is nothing more to see. */
#ifndef P2I_PROTOCOL_TLS_PARSER_H
#define P2I_PROTOCOL_TLS_PARSER_H

#include "protocol/tls/pairing.h"
#include "protocol/tls/probe.h"

enum {
    P2I_TLS_LEAF_HEADER = P2I_TLS_MESSAGE_HEADER + 6
}; /* and the lengths of the list and of its
      first certificate */

enum p2i_tls_role { P2I_TLS_ROLE_UNKNOWN, P2I_TLS_CLIENT, P2I_TLS_SERVER };

/* Is it known where records begin? */
enum p2i_tls_place {
    P2I_TLS_IN_STEP,
    P2I_TLS_BEHIND_LOSS, /* no, but one may begin here */
    P2I_TLS_SEARCHING,   /* no: a hello is looked for */
};

/* One direction. */
struct p2i_tls_half {
    struct p2i_packet_info info; /* of the handshake message being read */
    uint8_t *gathered; /* its first bytes, from the pool; NULL while they are in the view */
    size_t gathered_capacity;
    uint32_t gathered_size;
    uint32_t wanted;       /* bytes of the message to be had together; 0: it is skipped */
    uint32_t message_left; /* bytes of the message not seen yet */
    uint32_t record_size;  /* of a handshake record */
    uint32_t record_left;  /* bytes of it not seen yet */
    uint32_t searched;     /* bytes looked through behind losses */
    uint16_t message;      /* enum p2i_tls_message_type */
    uint8_t header[P2I_TLS_LEAF_HEADER];
    uint8_t header_size;
    uint8_t place;   /* enum p2i_tls_place */
    uint8_t role;    /* enum p2i_tls_role */
    uint8_t hellos;  /* ClientHellos seen, or ServerHellos (of those there is one) */
    bool in_message; /* its header has been read */
    bool ciphered;   /* ChangeCipherSpec has been seen */
    bool lossy;      /* bytes have been lost */
    bool done;       /* nothing more to be had in this direction */
};

struct p2i_tls {
    struct p2i_tls_half half[2];
    struct p2i_tls_pairing pairing;
    uint8_t retries; /* HelloRetryRequests: each calls for one more ClientHello */
    bool early_data; /* the client may send data before its second hello */
    bool ssl2;       /* the client's hello had the SSL 2.0 form */
};

/* What a call is about. */
struct p2i_tls_work {
    struct p2i_parser *parser;
    struct p2i_tls *tls;
    struct p2i_tls_half *half;
    struct p2i_tls_half *peer;
    const struct p2i_stream_segment *segment;
};

/* ---- tls_messages.c ---- */

/* A message that matters is here, or what there is of it. */
void p2i_tls_message(const struct p2i_tls_work *work, struct p2i_view body,
                     enum p2i_completeness completeness);

/* A HelloRetryRequest. */
void p2i_tls_retry(const struct p2i_tls_work *work);

/* The header of a record that is no handshake; of an alert its two bytes are in `payload`, of one
 * that is encrypted, and of other records, it is empty. */
void p2i_tls_other_record(const struct p2i_tls_work *work, uint8_t type, struct p2i_view payload);

/* The server has shown all it will: its certificate, or (empty name) that there is none. */
void p2i_tls_server_done(const struct p2i_tls_work *work, struct p2i_view certificate_name);

/* This direction is past its hellos. */
void p2i_tls_past_hellos(const struct p2i_tls_work *work);

/* Nothing of this direction can be read any more. */
void p2i_tls_give_up(const struct p2i_tls_work *work);

/* ---- tls_records.c ---- */

/* Takes bytes of the segment from `at` on. Returns how many: more than there are where a record or
 * a message is skipped, 0 when there are too few. */
uint64_t p2i_tls_take(const struct p2i_tls_work *work, uint64_t at);

/* `missing` bytes are lost (0: it is not known how many). The message being read ends here: what is
 * there of it counts. False: where the next record begins is not known any more. */
bool p2i_tls_lose(const struct p2i_tls_work *work, uint64_t missing);

/* Gives the memory of a message back. */
void p2i_tls_forget_message(struct p2i_parser *parser, struct p2i_tls_half *half);

#endif
