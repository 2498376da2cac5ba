/* SPDX-License-Identifier: MIT */
/* Reads the parts of a DNS message (RFC 1035 section 4): header, names, questions, records, and
 * record data, whose compressed names it expands. Pure; allocates no memory. */
#ifndef P2I_PROTOCOL_DNS_MESSAGE_H
#define P2I_PROTOCOL_DNS_MESSAGE_H

#include "pcap2ipfix/cursor.h"

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
    P2I_DNS_BAD_NAME, /* all bytes are there, but the name cannot be expanded: it is too long, or
                         its pointers lead out of the message or into a loop */
    P2I_DNS_SHORT,    /* well-formed so far, but cut */
    P2I_DNS_BAD,      /* malformed: the next entry cannot be found */
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

/* The start of questions and records; a question has nothing more. */
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

/* These read at `at`, a cursor over (the rest of) `message`, and move it behind the bytes read.
 * After BAD_NAME all of the result but the name is valid; after SHORT and BAD neither cursor nor
 * result is. `message` begins with the header and may be cut anywhere. Pointers may lead
 * anywhere behind the header, also forward. */
enum p2i_dns_status p2i_dns_read_header(struct p2i_cursor *at, struct p2i_dns_header *header);
enum p2i_dns_status p2i_dns_read_name(struct p2i_view message, struct p2i_cursor *at,
                                      struct p2i_dns_name *name);
/* Only moves the cursor; never returns BAD_NAME. */
enum p2i_dns_status p2i_dns_skip_question(struct p2i_cursor *at);
enum p2i_dns_status p2i_dns_read_question(struct p2i_view message, struct p2i_cursor *at,
                                          struct p2i_dns_question *question);
enum p2i_dns_status p2i_dns_read_record(struct p2i_view message, struct p2i_cursor *at,
                                        struct p2i_dns_record *record);

/* Writes the presentation form without the last dot (RFC 4343 section 2.1: "\." and "\\" within
 * a label, \DDD for every byte outside 0x21..0x7e); the root is empty. Returns the bytes
 * written. */
size_t p2i_dns_name_text(const struct p2i_dns_name *name, uint8_t out[P2I_DNS_TEXT_MAX]);

/* Room that the expanded data of a record of this type may need; 0: they hold no name that may
 * be compressed (or are empty), and can be used as they are. */
size_t p2i_dns_rdata_room(uint16_t rr_type, size_t rdata_size);

/* Writes `rdata` (a part of `message`) with its names expanded. `out` has the room that
 * p2i_dns_rdata_room() returned, which must not be 0. False: a name cannot be expanded, or the
 * data are cut, or expand to more than P2I_DNS_RDATA_MAX. */
bool p2i_dns_expand_rdata(struct p2i_view message, uint16_t rr_type, struct p2i_view rdata,
                          uint8_t *out, size_t *size);

#endif
