/* SPDX-License-Identifier: MIT */
/* A stream that is joined midway: its first message is not the exporter's first, and templates come
 * when the exporter sends them again. Pure. */
#ifndef P2I_IPFIX_MIDWAY_H
#define P2I_IPFIX_MIDWAY_H

#include <stdbool.h>
#include <stdint.h>

enum { P2I_MIDWAY_TEMPLATES = 64 };

/* Of a domain. Start with {0}. */
struct p2i_midway {
    bool joined;
    uint16_t count;
    uint16_t ids[P2I_MIDWAY_TEMPLATES]; /* of templates that are used and have not come yet */
};

/* A data set is described by a template that is not defined: whether it may still come. */
bool p2i_midway_await(struct p2i_midway *midway, uint16_t id);
/* A template has come. */
void p2i_midway_came(struct p2i_midway *midway, uint16_t id);

#endif
