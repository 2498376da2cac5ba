/* SPDX-License-Identifier: MIT */
#include "session/held_segments.h"

static uint32_t end_of(const struct p2i_held_segment *held)
{
    return held->sequence + held->length;
}

void p2i_held_free(struct p2i_held_memory memory, struct p2i_held_segment *held)
{
    if (held != NULL) {
        p2i_pool_put(memory.pool, memory.account, held, sizeof *held + held->size);
    }
}

static struct p2i_held_segment *unlink_at(struct p2i_held_list *list, struct p2i_held_segment **at)
{
    struct p2i_held_segment *held = *at;
    *at = held->next;
    list->bytes -= held->size;
    list->count--;
    if (held->doubt != P2I_DOUBT_NONE) {
        list->doubtful_count--;
    }
    if (held == list->last && list->first != NULL) {
        struct p2i_held_segment *last = list->first;
        while (last->next != NULL) {
            last = last->next;
        }
        list->last = last;
    }
    return held;
}

struct p2i_held_segment *p2i_held_take(struct p2i_held_list *list)
{
    return unlink_at(list, &list->first);
}

size_t p2i_held_clear(struct p2i_held_list *list, struct p2i_held_memory memory)
{
    size_t size = list->bytes;
    while (list->first != NULL) {
        p2i_held_free(memory, p2i_held_take(list));
    }
    return size;
}

size_t p2i_held_drop_padding(struct p2i_held_list *list, struct p2i_held_memory memory,
                             uint32_t sequence)
{
    struct p2i_held_segment *held = list->first;
    if (held == NULL || held->doubt != P2I_DOUBT_PADDING || held->sequence != sequence) {
        return 0;
    }
    size_t size = held->size;
    p2i_held_free(memory, p2i_held_take(list));
    return size;
}

struct p2i_segment p2i_held_segment(const struct p2i_held_segment *held)
{
    return (struct p2i_segment){
        .sequence = held->sequence,
        .length = held->length,
        .bytes = p2i_view_of(held->bytes, held->size),
        .info = &held->info,
        .doubt = (enum p2i_doubt)held->doubt,
    };
}

struct p2i_segment p2i_segment_split(struct p2i_segment *segment, uint32_t length)
{
    struct p2i_segment front = *segment;
    front.length = length;
    front.bytes = p2i_view_first(segment->bytes, length);
    segment->sequence += length;
    segment->length -= length;
    segment->bytes = p2i_view_from(segment->bytes, front.bytes.size);
    return front;
}

/* Inserts a part that overlaps nothing before *at. False: out of memory. */
static bool insert_part(struct p2i_held_list *list, struct p2i_held_memory memory,
                        struct p2i_held_segment **at, const struct p2i_segment *part)
{
    struct p2i_held_segment *held =
        p2i_pool_get(memory.pool, memory.account, sizeof *held + part->bytes.size, NULL);
    if (held == NULL) {
        return false;
    }
    *held = (struct p2i_held_segment){
        .next = *at,
        .info = *part->info,
        .sequence = part->sequence,
        .length = part->length,
        .size = (uint32_t)part->bytes.size,
        .doubt = (uint8_t)part->doubt,
    };
    held->info.tcp_sequence = part->sequence;
    if (held->size > 0) {
        memcpy(held->bytes, part->bytes.data, held->size);
    }
    *at = held;
    if (held->next == NULL) {
        list->last = held;
    }
    list->bytes += held->size;
    list->count++;
    if (held->doubt != P2I_DOUBT_NONE) {
        list->doubtful_count++;
    }
    return true;
}

/* True when the held segment must give way to an overlapping one. */
static bool gives_way(const struct p2i_held_segment *held, const struct p2i_segment *segment)
{
    bool same_number = held->sequence == segment->sequence;
    switch ((enum p2i_doubt)held->doubt) {
    case P2I_DOUBT_NONE:
        return false;
    case P2I_DOUBT_PADDING:
        return same_number || segment->doubt == P2I_DOUBT_NONE;
    case P2I_DOUBT_PROBE:
        return (same_number && segment->length > held->length &&
                segment->doubt != P2I_DOUBT_CHECKSUM) ||
               segment->doubt == P2I_DOUBT_NONE;
    case P2I_DOUBT_CHECKSUM:
    case P2I_DOUBT_SYN:
        return segment->doubt == P2I_DOUBT_NONE;
    }
    return false;
}

/* Keeps those parts of a doubtful segment that the new one does not cover. */
static bool keep_sides(struct p2i_held_list *list, struct p2i_held_memory memory,
                       struct p2i_held_segment **at, const struct p2i_held_segment *old,
                       const struct p2i_segment *segment, size_t *kept)
{
    struct p2i_segment rest = p2i_held_segment(old);
    int32_t front = p2i_sequence_distance(segment->sequence, old->sequence);
    int32_t back = p2i_sequence_distance(end_of(old), segment->sequence + segment->length);
    if (front > 0) {
        struct p2i_segment side = p2i_segment_split(&rest, (uint32_t)front);
        if (!insert_part(list, memory, at, &side)) {
            return false;
        }
        *kept += side.bytes.size;
        at = &(*at)->next;
    }
    if (back > 0) {
        (void)p2i_segment_split(&rest, rest.length - (uint32_t)back);
        if (!insert_part(list, memory, at, &rest)) {
            return false;
        }
        *kept += rest.bytes.size;
    }
    return true;
}

/* Removes doubtful segments where a better one overlaps them. Returns the bytes dropped. */
static size_t make_way(struct p2i_held_list *list, struct p2i_held_memory memory,
                       const struct p2i_segment *segment)
{
    size_t dropped = 0;
    struct p2i_held_segment **at = &list->first;
    uint32_t end = segment->sequence + segment->length;
    while (*at != NULL && p2i_sequence_distance((*at)->sequence, end) < 0) {
        bool overlaps = p2i_sequence_distance(end_of(*at), segment->sequence) > 0;
        if (!overlaps || !gives_way(*at, segment)) {
            at = &(*at)->next;
            continue;
        }
        struct p2i_held_segment *old = unlink_at(list, at);
        size_t kept = 0;
        (void)keep_sides(list, memory, at, old, segment, &kept);
        dropped += old->size - kept;
        p2i_held_free(memory, old);
        while (*at != NULL && p2i_sequence_distance(end_of(*at), segment->sequence) <= 0) {
            at = &(*at)->next;
        }
    }
    return dropped;
}

/* True when captured bytes of the part differ from those of the held segment, which covers it. */
static bool differs(const struct p2i_held_segment *held, const struct p2i_segment *part)
{
    struct p2i_segment copy = p2i_held_segment(held);
    struct p2i_view bytes = p2i_view_from(copy.bytes, part->sequence - copy.sequence);
    size_t size = bytes.size < part->bytes.size ? bytes.size : part->bytes.size;
    return size > 0 && memcmp(bytes.data, part->bytes.data, size) != 0;
}

struct p2i_held_losses p2i_held_add(struct p2i_held_list *list, struct p2i_held_memory memory,
                                    struct p2i_segment segment)
{
    struct p2i_held_losses losses = {0};
    if (list->doubtful_count > 0) {
        losses.repeated = make_way(list, memory, &segment);
    }
    struct p2i_held_segment **at = &list->first;
    if (list->first != NULL && p2i_sequence_distance(end_of(list->last), segment.sequence) <= 0) {
        at = &list->last->next; /* the usual case */
    }
    while (segment.length > 0) {
        while (*at != NULL && p2i_sequence_distance(end_of(*at), segment.sequence) <= 0) {
            at = &(*at)->next;
        }
        uint32_t free_length = segment.length;
        if (*at != NULL) {
            int32_t room = p2i_sequence_distance((*at)->sequence, segment.sequence);
            free_length = room <= 0                         ? 0
                          : (uint32_t)room < segment.length ? (uint32_t)room
                                                            : segment.length;
        }
        if (free_length > 0) {
            struct p2i_segment part = p2i_segment_split(&segment, free_length);
            if (!insert_part(list, memory, at, &part)) {
                losses.ignored += part.bytes.size + segment.bytes.size;
                return losses;
            }
            at = &(*at)->next;
        } else {
            uint32_t covered = end_of(*at) - segment.sequence;
            struct p2i_segment part =
                p2i_segment_split(&segment, covered < segment.length ? covered : segment.length);
            losses.repeated += part.bytes.size;
            losses.differ = losses.differ || differs(*at, &part);
        }
    }
    return losses;
}
