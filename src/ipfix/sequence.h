/* SPDX-License-Identifier: MIT */
/* Checks the sequence numbers of a domain (RFC 7011 section 3.1): the number of a message counts
 * the data records sent before it. Pure functions on the struct. */
#ifndef P2I_IPFIX_SEQUENCE_H
#define P2I_IPFIX_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Start with {0}. */
struct p2i_sequence {
    uint32_t next;    /* expected number */
    uint32_t missing; /* records that may still arrive out of order */
    bool begun;
    bool unknown; /* records were skipped: the next message sets the number */
    bool late;    /* the current message is one that was missing */
};

enum p2i_sequence_finding {
    P2I_SEQUENCE_DUE,     /* the expected number */
    P2I_SEQUENCE_MIDWAY,  /* the first message here, but not the exporter's first */
    P2I_SEQUENCE_MISSING, /* records before it are missing */
    P2I_SEQUENCE_BACK,    /* late, a duplicate, or the exporter restarted its count */
};

/* Begins a message with this number. For P2I_SEQUENCE_MISSING sets *missing to the number of
 * missing records. */
enum p2i_sequence_finding p2i_sequence_begin(struct p2i_sequence *sequence, uint32_t number,
                                             uint32_t *missing);
/* Ends the message, which had so many records; `skipped`: perhaps more, which could not be
 * separated. Returns how many of them had been reported as missing. */
uint32_t p2i_sequence_end(struct p2i_sequence *sequence, uint32_t number, uint32_t records,
                          bool skipped);

#endif
