/* SPDX-License-Identifier: MIT */
#include "compare/sessions.h"

static enum p2i_result add(struct p2i_session_pairs *pairs, uint32_t side, uint64_t own,
                           uint64_t other, struct p2i_error *error)
{
    struct p2i_sort_key key = {.time_s = side, .session_id = own};
    return p2i_sorter_add(pairs->sorter, &key, side, p2i_view_of(&other, sizeof other), error);
}

enum p2i_result p2i_session_pairs_add(struct p2i_session_pairs *pairs, uint64_t a, uint64_t b,
                                      struct p2i_error *error)
{
    enum p2i_result result = add(pairs, 0, a, b, error);
    return result == P2I_OK ? add(pairs, 1, b, a, error) : result;
}

enum p2i_result p2i_session_pairs_count(struct p2i_session_pairs *pairs, struct p2i_error *error)
{
    struct p2i_sorted sorted;
    struct p2i_sort_key last = {.time_s = UINT64_MAX};
    uint64_t other = 0;
    bool split = false;
    enum p2i_result result;
    while ((result = p2i_sorter_next(pairs->sorter, &sorted, error)) == P2I_OK) {
        uint64_t now;
        memcpy(&now, sorted.bytes.data, sizeof now);
        if (sorted.key.time_s != last.time_s || sorted.key.session_id != last.session_id) {
            last = sorted.key;
            other = now;
            split = false;
        } else if (now != other && !split) {
            split = true;
            pairs->split[sorted.tag]++;
        }
    }
    return result == P2I_END ? P2I_OK : result;
}
