/* SPDX-License-Identifier: MIT */
#include "ipfix/midway.h"

static uint16_t place_of(const struct p2i_midway *midway, uint16_t id)
{
    uint16_t place = 0;
    while (place < midway->count && midway->ids[place] != id) {
        place++;
    }
    return place;
}

bool p2i_midway_await(struct p2i_midway *midway, uint16_t id)
{
    uint16_t place = place_of(midway, id);
    if (!midway->joined || place == P2I_MIDWAY_TEMPLATES) {
        return false;
    }
    if (place == midway->count) {
        midway->ids[midway->count++] = id;
    }
    return true;
}

void p2i_midway_came(struct p2i_midway *midway, uint16_t id)
{
    uint16_t place = place_of(midway, id);
    if (place < midway->count) {
        midway->ids[place] = midway->ids[--midway->count];
    }
}
