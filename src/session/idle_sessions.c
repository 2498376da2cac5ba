/* SPDX-License-Identifier: MIT */
#include "session/idle_sessions.h"

#include <string.h>

static void sort_few(struct p2i_idle_session *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct p2i_idle_session one = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1].last_number > one.last_number; at--) {
            list[at] = list[at - 1];
        }
        list[at] = one;
    }
}

static void sort_by_digit(const struct p2i_idle_session *from, struct p2i_idle_session *to,
                          size_t count, uint64_t least, unsigned shift)
{
    size_t begin[257] = {0};
    for (size_t i = 0; i < count; i++) {
        begin[((from[i].last_number - least) >> shift & 255) + 1]++;
    }
    for (size_t digit = 1; digit < 256; digit++) {
        begin[digit] += begin[digit - 1];
    }
    for (size_t i = 0; i < count; i++) {
        to[begin[(from[i].last_number - least) >> shift & 255]++] = from[i];
    }
}

/* Radix sort from the lowest digit. Packet numbers are close together, so few digits are needed. */
void p2i_idle_sessions_sort(struct p2i_idle_session *list, struct p2i_idle_session *spare,
                            size_t count)
{
    enum { FEW = 48, DIGIT_BITS = 8 };
    if (count <= FEW) {
        sort_few(list, count);
        return;
    }
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    for (size_t i = 0; i < count; i++) {
        least = list[i].last_number < least ? list[i].last_number : least;
        most = list[i].last_number > most ? list[i].last_number : most;
    }
    struct p2i_idle_session *from = list;
    struct p2i_idle_session *to = spare;
    for (unsigned shift = 0; shift < 64 && (most - least) >> shift != 0; shift += DIGIT_BITS) {
        sort_by_digit(from, to, count, least, shift);
        struct p2i_idle_session *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != list) {
        memcpy(list, from, count * sizeof *list);
    }
}
