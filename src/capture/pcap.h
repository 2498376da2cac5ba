/* SPDX-License-Identifier: MIT */
/* The classic capture format (draft-ietf-opsawg-pcap), in both byte orders, with micro- and
 * nanoseconds, and with the longer records of Linux's patched tcpdump of the 1990s. */
#ifndef P2I_CAPTURE_PCAP_H
#define P2I_CAPTURE_PCAP_H

#include "capture/walk.h"

/* Which of a record's two lengths is that of the bytes in the file. */
enum p2i_pcap_lengths {
    P2I_PCAP_CAPTURED_FIRST,
    P2I_PCAP_CAPTURED_SECOND,  /* before version 2.3, and DG/UX */
    P2I_PCAP_CAPTURED_SMALLER, /* version 2.3: some writers so, some so */
};

/* All zeros before the first byte. */
struct p2i_pcap {
    bool started; /* the file header has been read */
    bool big;
    uint16_t link_type;
    uint32_t fraction_ns;   /* what the second time field counts: 1 or 1,000 ns */
    uint32_t record_header; /* bytes */
    enum p2i_pcap_lengths lengths;
};

/* `state`: a struct p2i_pcap. */
enum p2i_walk_end p2i_pcap_walk(void *state, struct p2i_walk *walk);

extern const struct p2i_container p2i_container_pcap;

#endif
