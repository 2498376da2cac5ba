/* SPDX-License-Identifier: MIT */
/* pcapng (draft-ietf-opsawg-pcapng): a file has sections, each with its byte order and interfaces.
 */
#ifndef P2I_CAPTURE_PCAPNG_H
#define P2I_CAPTURE_PCAPNG_H

#include "capture/walk.h"

struct p2i_pcapng_interface {
    uint64_t tick_ns;   /* ns per tick, if that is a whole number and there is no offset; else 0 */
    uint64_t ticks_max; /* largest tick count for which ticks * tick_ns is valid */
    int64_t offset_s;   /* if_tsoffset */
    uint32_t snaplen;   /* 0: no limit */
    uint16_t link_type;
    uint8_t resolution; /* if_tsresol */
};

/* Start zeroed. */
struct p2i_pcapng {
    bool big; /* big-endian section */
    bool started;
    struct p2i_pcapng_interface *interfaces; /* of the current section */
    size_t interface_count, interface_capacity;
    uint64_t last_ns; /* time of the last packet that has one; 0: none */
};

/* `state`: a struct p2i_pcapng. */
enum p2i_walk_end p2i_pcapng_walk(void *state, struct p2i_walk *walk);
void p2i_pcapng_free(void *state); /* frees its members, not itself */

extern const struct p2i_container p2i_container_pcapng;

/* Converts ticks of an interface to Unix time in ns, rounded down; exact for every resolution.
 * Times before 1970 or after 2262 become the nearest valid time. */
uint64_t p2i_pcapng_time(const struct p2i_pcapng_interface *interface, uint64_t ticks);
/* The reverse: the least ticks that are not before the time; 0 if it is before the offset. */
uint64_t p2i_pcapng_ticks(const struct p2i_pcapng_interface *interface, uint64_t time_ns);

#endif
