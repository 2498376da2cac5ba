/* SPDX-License-Identifier: MIT */
/* Reports breaches of the protocol, each with its offset in the file. One thread. */
#ifndef P2I_IPFIX_DEFECTS_H
#define P2I_IPFIX_DEFECTS_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/reader.h"

struct p2i_defects {
    p2i_reader_defect *report; /* NULL: defects are only counted */
    p2i_reader_defect *note;   /* for findings that are not defects; NULL: they are dropped */
    void *context;
    uint64_t count;
    const uint8_t *message;  /* first byte of the current message, borrowed */
    uint64_t message_offset; /* its offset in the file */
};

/* The offset in the file of a byte of the current message. */
uint64_t p2i_defects_offset(const struct p2i_defects *defects, const uint8_t *where);

/* Counts and reports a defect. `where` points into the current message, or at its end. */
void p2i_defect(struct p2i_defects *defects, const uint8_t *where, const char *format, ...)
    P2I_PRINTF(3, 4);
/* Reports a finding that is not a defect; does not count it. */
void p2i_defect_note(const struct p2i_defects *defects, const uint8_t *where, const char *format,
                     ...) P2I_PRINTF(3, 4);
/* Counts and reports a defect at any offset of the file. */
void p2i_defect_at(struct p2i_defects *defects, uint64_t offset, const char *format, ...)
    P2I_PRINTF(3, 4);

#endif
