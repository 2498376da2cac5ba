/* SPDX-License-Identifier: MIT */
#include "session/stray_segments.h"

#include <string.h>

struct p2i_stray_segments *p2i_strays_get(struct p2i_stray_segments **strays,
                                          struct p2i_held_memory memory)
{
    if (*strays == NULL) {
        *strays = p2i_pool_get(memory.pool, memory.account, sizeof **strays, NULL);
        if (*strays != NULL) {
            memset(*strays, 0, sizeof **strays);
        }
    }
    return *strays;
}

bool p2i_strays_are_over(const struct p2i_stray_segments *strays)
{
    return strays->held[0].count == 0 && strays->held[1].count == 0 &&
           strays->island[0].count == 0 && strays->island[1].count == 0 && !strays->has_urgent[0] &&
           !strays->has_urgent[1];
}

size_t p2i_strays_free(struct p2i_stray_segments **strays, struct p2i_held_memory memory)
{
    size_t dropped = 0;
    if (*strays == NULL) {
        return 0;
    }
    for (int direction = 0; direction < 2; direction++) {
        dropped += p2i_held_clear(&(*strays)->island[direction], memory);
        dropped += p2i_held_clear(&(*strays)->held[direction], memory);
    }
    p2i_pool_put(memory.pool, memory.account, *strays, sizeof **strays);
    *strays = NULL;
    return dropped;
}
