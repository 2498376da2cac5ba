/* SPDX-License-Identifier: MIT */
/* Telling breaches of the protocol with their place in the file. */
#ifndef P2I_IPFIX_DEFECTS_H
#define P2I_IPFIX_DEFECTS_H

#include "base/error.h"
#include "pcap2ipfix/reader.h"

struct p2i_defects {
    p2i_reader_defect *report; /* may be NULL: they are counted only */
    p2i_reader_defect *note;   /* of what is worth a word, but no defect; may be NULL */
    void *context;
    uint64_t count;
    const uint8_t *message;  /* first byte of the current message */
    uint64_t message_offset; /* and where it is in the file */
};

/* Where a byte of the current message is in the file. */
uint64_t p2i_defects_offset(const struct p2i_defects *defects, const uint8_t *where);

/* `where` points into the current message (or at its end). */
void p2i_defect(struct p2i_defects *defects, const uint8_t *where, const char *format, ...)
    P2I_PRINTF(3, 4);
/* No defect: it is told, and not counted. */
void p2i_defect_note(const struct p2i_defects *defects, const uint8_t *where, const char *format,
                     ...) P2I_PRINTF(3, 4);
/* A defect anywhere in the file. */
void p2i_defect_at(struct p2i_defects *defects, uint64_t offset, const char *format, ...)
    P2I_PRINTF(3, 4);

#endif
