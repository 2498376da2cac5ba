/* SPDX-License-Identifier: MIT */
/* A stream joined midway: its first message is not the exporter's first, and its templates arrive
 * only when the exporter sends them again. Pure functions on the struct. */
#ifndef P2I_IPFIX_MIDWAY_H
#define P2I_IPFIX_MIDWAY_H

#include <stdbool.h>
#include <stdint.h>

enum { P2I_MIDWAY_TEMPLATES = 64 };

/* State of one domain. Start with {0}. */
struct p2i_midway {
    bool joined;
    uint16_t count;
    uint16_t ids[P2I_MIDWAY_TEMPLATES]; /* templates that data sets use but that did not arrive */
};

/* Notes a data set whose template is not defined. True: the template may still arrive. */
bool p2i_midway_await(struct p2i_midway *midway, uint16_t id);
/* Notes that a template arrived. */
void p2i_midway_came(struct p2i_midway *midway, uint16_t id);

#endif
