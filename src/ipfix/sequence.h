/* SPDX-License-Identifier: MIT */
/* Sequence numbers of the messages of a domain (RFC 7011 section 3.1): each is the number of data
 * records that were sent before it. Pure. */
#ifndef P2I_IPFIX_SEQUENCE_H
#define P2I_IPFIX_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Start with {0}. */
struct p2i_sequence {
    uint32_t next;    /* that is due */
    uint32_t missing; /* records that may still come, behind others */
    bool begun;
    bool unknown; /* records were skipped: the next message says where it stands */
    bool late;    /* the message that is being read is one of those that were missing */
};

enum p2i_sequence_finding {
    P2I_SEQUENCE_DUE,
    P2I_SEQUENCE_MIDWAY,  /* the first message, and it is not the exporter's first */
    P2I_SEQUENCE_MISSING, /* records before it are missing */
    P2I_SEQUENCE_BACK,    /* it is late, or comes again, or the exporter counts again */
};

/* A message has come with this number; for P2I_SEQUENCE_MISSING tells in *missing how many records
 * are. */
enum p2i_sequence_finding p2i_sequence_begin(struct p2i_sequence *sequence, uint32_t number,
                                             uint32_t *missing);
/* It has so many records, or more where some could not be told apart (`skipped`). Returns how many
 * of them had been called missing. */
uint32_t p2i_sequence_end(struct p2i_sequence *sequence, uint32_t number, uint32_t records,
                          bool skipped);

#endif
