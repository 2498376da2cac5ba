/* SPDX-License-Identifier: MIT */
/* The parts of a DNS message (RFC 1035 section 4): header, names, questions, records, and record
 * data with its compressed names written out. Reads bytes only; no state, no memory of its own. */
#ifndef P2I_PROTOCOL_DNS_MESSAGE_H
#define P2I_PROTOCOL_DNS_MESSAGE_H

#include "base/cursor.h"

enum {
    P2I_DNS_HEADER_SIZE = 12,
    P2I_DNS_QUESTION_MIN = 5, /* root, type, class */
    P2I_DNS_RECORD_MIN = 11,  /* root, type, class, TTL, length */
    P2I_DNS_NAME_MAX = 255,   /* bytes of a name on the wire, its last zero included */
    P2I_DNS_TEXT_MAX = 4 * P2I_DNS_NAME_MAX,
    P2I_DNS_JUMPS_MAX = 32, /* compression pointers followed for one name */
    P2I_DNS_RDATA_MAX = 65535,
};

enum p2i_dns_section {
    P2I_DNS_QUESTION = 0,
    P2I_DNS_ANSWER = 1,
    P2I_DNS_AUTHORITY = 2,
    P2I_DNS_ADDITIONAL = 3,
};

enum p2i_dns_status {
    P2I_DNS_OK,
    P2I_DNS_BAD_NAME, /* all is there, but the name cannot be written out: it is too long, or its
                         pointers lead out of the bytes or round and round */
    P2I_DNS_SHORT,    /* well-formed as far as the bytes go */
    P2I_DNS_BAD,      /* what follows cannot be found */
};

struct p2i_dns_header {
    uint16_t id;
    uint16_t flags;
    uint16_t count[4]; /* by enum p2i_dns_section */
};

/* Uncompressed, on the wire: length, label, ..., 0. */
struct p2i_dns_name {
    size_t size;
    uint8_t wire[P2I_DNS_NAME_MAX];
};

/* What questions and records begin with; all there is of a question. */
struct p2i_dns_question {
    struct p2i_dns_name name;
    uint16_t rr_type;
    uint16_t rr_class;
};

struct p2i_dns_record {
    struct p2i_dns_question owner;
    uint32_t ttl;
    struct p2i_view rdata; /* part of the message: its names may be compressed */
};

/* These read at `at`, which is a cursor over (the rest of) `message` and moves behind what was
 * read. After BAD_NAME all of the result but the name is right; after SHORT and BAD neither the
 * cursor nor the result is of use. `message` begins with the header and may be cut anywhere.
 * Pointers may lead anywhere behind the header, also forward. */
enum p2i_dns_status p2i_dns_read_header(struct p2i_cursor *at, struct p2i_dns_header *header);
enum p2i_dns_status p2i_dns_read_name(struct p2i_view message, struct p2i_cursor *at,
                                      struct p2i_dns_name *name);
/* Only moves the cursor; no name is bad. */
enum p2i_dns_status p2i_dns_skip_question(struct p2i_cursor *at);
enum p2i_dns_status p2i_dns_read_question(struct p2i_view message, struct p2i_cursor *at,
                                          struct p2i_dns_question *question);
enum p2i_dns_status p2i_dns_read_record(struct p2i_view message, struct p2i_cursor *at,
                                        struct p2i_dns_record *record);

/* Presentation form without the last dot (RFC 4343 section 2.1: "\." and "\\" within a label, \DDD
 * for every byte outside 0x21..0x7e); the root is empty. Returns the bytes written. */
size_t p2i_dns_name_text(const struct p2i_dns_name *name, uint8_t out[P2I_DNS_TEXT_MAX]);

/* Room that the expanded data of a record of this type may need; 0 when they hold no name that may
 * be compressed (so also when they are empty), and are good as they are. */
size_t p2i_dns_rdata_room(uint16_t rr_type, size_t rdata_size);

/* Writes `rdata` (a part of `message`) with its names uncompressed. `out` has the room, over 0,
 * that p2i_dns_rdata_room() told. False when a name cannot be written out, or the data are cut
 * short, or expand to more than P2I_DNS_RDATA_MAX. */
bool p2i_dns_expand_rdata(struct p2i_view message, uint16_t rr_type, struct p2i_view rdata,
                          uint8_t *out, size_t *size);

#endif
