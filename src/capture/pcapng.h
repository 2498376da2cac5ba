/* SPDX-License-Identifier: MIT */
/* pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, each with its own interfaces.
 */
#ifndef P2I_CAPTURE_PCAPNG_H
#define P2I_CAPTURE_PCAPNG_H

#include "capture/walk.h"

struct p2i_pcapng_interface {
    uint64_t tick_ns;   /* a tick in ns, where that is a whole number and no offset is added */
    uint64_t ticks_max; /* up to here ticks * tick_ns is a time that can be held */
    int64_t offset_s;   /* if_tsoffset */
    uint32_t snaplen;   /* 0 no limit */
    uint16_t link_type;
    uint8_t resolution; /* if_tsresol as in the file */
};

/* All zeros before the first byte. */
struct p2i_pcapng {
    bool big; /* of this section */
    bool started;
    struct p2i_pcapng_interface *interfaces; /* of this section */
    size_t interface_count, interface_capacity;
    uint64_t last_ns; /* of the last packet with a time in the file; 0 none */
};

/* `state`: a struct p2i_pcapng. */
enum p2i_walk_end p2i_pcapng_walk(void *state, struct p2i_walk *walk);
void p2i_pcapng_free(void *state); /* what it holds, not itself */

extern const struct p2i_container p2i_container_pcapng;

/* Ticks of an interface as Unix time in ns, rounded down, exact for every resolution; times that
 * cannot be held (before 1970, after 2262) are the nearest that can. */
uint64_t p2i_pcapng_time(const struct p2i_pcapng_interface *interface, uint64_t ticks);

#endif
