/* SPDX-License-Identifier: MIT */
/* The classic pcap format (draft-ietf-opsawg-pcap): both byte orders, microseconds and nanoseconds,
 * and the longer records of Linux's patched tcpdump of the 1990s. */
#ifndef P2I_CAPTURE_PCAP_H
#define P2I_CAPTURE_PCAP_H

#include "capture/walk.h"

/* Which of a record's two lengths is the captured length. */
enum p2i_pcap_lengths {
    P2I_PCAP_CAPTURED_FIRST,
    P2I_PCAP_CAPTURED_SECOND,  /* before version 2.3, and DG/UX */
    P2I_PCAP_CAPTURED_SMALLER, /* version 2.3: writers differ */
};

/* Start zeroed. */
struct p2i_pcap {
    bool started; /* the file header was read */
    bool big;
    uint16_t link_type;
    uint32_t fraction_ns;   /* unit of the second time field: 1 or 1,000 ns */
    uint32_t record_header; /* size in bytes */
    enum p2i_pcap_lengths lengths;
};

/* `state`: a struct p2i_pcap. */
enum p2i_walk_end p2i_pcap_walk(void *state, struct p2i_walk *walk);

extern const struct p2i_container p2i_container_pcap;

#endif
