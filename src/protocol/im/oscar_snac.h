/* SPDX-License-Identifier: MIT */
/* Payload of OSCAR frames: SNACs (family, subtype, flags, request id, body), TLVs (type, length,
 * value), descriptions of users, and instant messages (ICBM). Pure functions; views point into the
 * bytes given. */
#ifndef P2I_PROTOCOL_IM_OSCAR_SNAC_H
#define P2I_PROTOCOL_IM_OSCAR_SNAC_H

#include "pcap2ipfix/cursor.h"

enum { P2I_SNAC_HEAD_SIZE = 10 };

/* A family and a subtype as one number. */
enum p2i_snac_kind {
    P2I_SNAC_OWN_INFO = 0x0001000f,     /* the server sends the client its account */
    P2I_SNAC_ICBM_OUT = 0x00040006,     /* client to server */
    P2I_SNAC_ICBM_IN = 0x00040007,      /* server to client */
    P2I_SNAC_LOGIN_ERROR = 0x00170001,  /* the family's general error */
    P2I_SNAC_LOGIN = 0x00170002,        /* a name and a hash of the password */
    P2I_SNAC_LOGIN_RESULT = 0x00170003, /* of that */
};

struct p2i_snac {
    struct p2i_view body; /* without the TLVs that the flags may put in front of it */
    uint32_t kind;        /* family << 16 | subtype: enum p2i_snac_kind, or any other */
    uint16_t flags;
};

/* Reads the payload of a frame, or its first part. Returns false when it is shorter than a head.
 * A body that ends early is returned as far as it goes. */
bool p2i_snac_read(struct p2i_view payload, struct p2i_snac *snac);

/* True when the family exists and the rest of the head is plausible. */
bool p2i_snac_is_known(const struct p2i_snac *snac);

struct p2i_oscar_tlv {
    struct p2i_view value;
    uint16_t type;
    bool whole; /* false: `value` ends before its length says so */
};

/* Reads the next TLV. Returns false at the end, and behind a TLV that is not whole. */
bool p2i_oscar_tlv_next(struct p2i_cursor *at, struct p2i_oscar_tlv *tlv);

/* Finds the first TLV of a type. Returns false when there is none. */
bool p2i_oscar_tlv_find(struct p2i_view tlvs, uint16_t type, struct p2i_oscar_tlv *tlv);

/* Returns the value of the first whole TLV of a type; empty when there is none. */
struct p2i_view p2i_oscar_tlv_value(struct p2i_view tlvs, uint16_t type);

/* Returns a value of up to 4 bytes as a number; 0 for others. */
uint32_t p2i_oscar_tlv_number(struct p2i_view value);

struct p2i_oscar_user {
    struct p2i_view name; /* screen name: a number (UIN) in ICQ */
    struct p2i_view nick; /* empty: unknown */
};

/* Reads a name, warning level, count of TLVs, and TLVs. Returns false when they end early. */
bool p2i_oscar_user_read(struct p2i_cursor *at, struct p2i_oscar_user *user);

struct p2i_icbm {
    struct p2i_oscar_user peer; /* receiver of an outgoing, sender of an incoming one */
    bool is_text; /* text that a person wrote, in any character set; not an offer of a file, a
                     request for a status and so on */
};

/* Reads the body of P2I_SNAC_ICBM_OUT or, `incoming`, of P2I_SNAC_ICBM_IN. Returns false when it
 * ends early. */
bool p2i_icbm_read(struct p2i_view body, bool incoming, struct p2i_icbm *icbm);

#endif
