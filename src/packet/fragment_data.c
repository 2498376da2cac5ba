/* SPDX-License-Identifier: MIT */
#include "packet/fragment_data.h"

#include <stdlib.h>

enum {
    UNIT = 8,
    DATA_MAX = 65535,
    WORD_BYTES = 64 * UNIT, /* of data, whose units have their bits in one word */
};

/* The words of units, and those of starts behind them. */
static uint64_t *units_of(const struct p2i_fragment_data *data)
{
    return (uint64_t *)(void *)(data->buffer + P2I_FRAGMENT_HEADROOM + data->capacity);
}

static uint64_t *starts_of(const struct p2i_fragment_data *data)
{
    return units_of(data) + data->capacity / WORD_BYTES;
}

/* Moves the bits of a buffer that has grown from `before` bytes of data, and clears the new ones.
 */
static void move_bits(struct p2i_fragment_data *data, uint32_t before)
{
    size_t bytes = before / WORD_BYTES * sizeof(uint64_t);
    size_t added = (data->capacity - before) / WORD_BYTES * sizeof(uint64_t);
    uint8_t *old = data->buffer + P2I_FRAGMENT_HEADROOM + before;
    uint8_t *units = (uint8_t *)units_of(data);
    uint8_t *starts = (uint8_t *)starts_of(data);
    memmove(starts, old + bytes, bytes);
    memmove(units, old, bytes);
    memset(starts + bytes, 0, added);
    memset(units + bytes, 0, added);
}

static size_t size_with(uint32_t capacity)
{
    return P2I_FRAGMENT_HEADROOM + (size_t)capacity + capacity / WORD_BYTES * 2 * sizeof(uint64_t);
}

size_t p2i_fragment_buffer_size(uint32_t capacity)
{
    return capacity > 0 ? size_with(capacity) : 0;
}

bool p2i_fragment_data_reserve(struct p2i_fragment_data *data, uint32_t end)
{
    uint32_t before = data->capacity;
    if (end <= before) {
        return true;
    }
    uint32_t capacity = end < 2 * before ? 2 * before : end; /* doubles, for many small fragments */
    capacity = capacity < DATA_MAX ? capacity : DATA_MAX;
    capacity = (capacity + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
    uint8_t *buffer = realloc(data->buffer, size_with(capacity));
    if (buffer == NULL) {
        return false;
    }
    data->buffer = buffer;
    data->capacity = capacity;
    move_bits(data, before);
    return true;
}

bool p2i_fragment_is_valid(const struct p2i_fragment *fragment)
{
    return fragment->length > 0 && fragment->length <= DATA_MAX &&
           fragment->offset + fragment->length <= DATA_MAX &&
           (!fragment->more || fragment->length % UNIT == 0);
}

/* Units that a fragment covers, wholly or partly: first <= unit < end. */
struct range {
    uint32_t first, end;
};

static struct range range_of(const struct p2i_fragment *fragment)
{
    return (struct range){.first = fragment->offset / UNIT,
                          .end = (fragment->offset + fragment->length + UNIT - 1) / UNIT};
}

/* The bits of word `i` that are in the range. */
static uint64_t mask_of(struct range range, uint32_t i)
{
    uint64_t mask = UINT64_MAX;
    if (i == range.first / 64) {
        mask <<= range.first % 64;
    }
    if (i == (range.end - 1) / 64) {
        mask &= UINT64_MAX >> (63 - (range.end - 1) % 64);
    }
    return mask;
}

/* Counts the units of a range, which may be empty, whose bits are set. Those behind the buffer have
 * none. */
static uint32_t count_bits(const struct p2i_fragment_data *data, const uint64_t *bits,
                           struct range range)
{
    uint32_t words = data->capacity / WORD_BYTES;
    uint32_t count = 0;
    for (uint32_t i = range.first / 64;
         range.first < range.end && i <= (range.end - 1) / 64 && i < words; i++) {
        count += (uint32_t)__builtin_popcountll(bits[i] & mask_of(range, i));
    }
    return count;
}

static bool is_set(const struct p2i_fragment_data *data, const uint64_t *bits, uint32_t unit)
{
    return unit < data->capacity / UNIT && (bits[unit / 64] >> unit % 64 & 1) != 0;
}

/* True when the fragment and the earlier ones disagree about the end of the packet. */
static bool contradicts_end(const struct p2i_fragment_data *data,
                            const struct p2i_fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->length;
    if (data->total_known) {
        return fragment->more ? end > data->total : end != data->total;
    }
    return !fragment->more && end < data->end;
}

/* True when the fragment overlaps with different bytes. Bytes cut by the snaplen are not compared.
 */
static bool differs(const struct p2i_fragment_data *data, const struct p2i_fragment *fragment)
{
    struct range range = range_of(fragment);
    uint32_t known_end = data->total_known ? data->captured_end : data->end;
    for (uint32_t unit = range.first; unit < range.end; unit++) {
        uint32_t at = unit * UNIT;
        uint32_t end = at + UNIT < known_end ? at + UNIT : known_end;
        if (end > fragment->offset + (uint32_t)fragment->data.size) {
            end = fragment->offset + (uint32_t)fragment->data.size;
        }
        if (end > at && is_set(data, units_of(data), unit) &&
            memcmp(data->buffer + P2I_FRAGMENT_HEADROOM + at,
                   fragment->data.data + (at - fragment->offset), end - at) != 0) {
            return true;
        }
    }
    return false;
}

/* True when a fragment with the same offset and length came before. */
static bool is_duplicate(const struct p2i_fragment_data *data, const struct p2i_fragment *fragment)
{
    struct range range = range_of(fragment);
    const uint64_t *units = units_of(data);
    const uint64_t *starts = starts_of(data);
    bool is_last = data->total_known && fragment->offset + fragment->length == data->total;
    return fragment->more == !is_last &&
           count_bits(data, units, range) == range.end - range.first &&
           count_bits(data, starts, range) == 1 && is_set(data, starts, range.first) &&
           (is_last || !is_set(data, units, range.end) || is_set(data, starts, range.end));
}

bool p2i_fragment_contradicts(const struct p2i_fragment_data *data,
                              const struct p2i_fragment *fragment, uint8_t ip_version)
{
    if (contradicts_end(data, fragment)) {
        return true;
    }
    if (count_bits(data, units_of(data), range_of(fragment)) == 0) {
        return false;
    }
    return differs(data, fragment) || (ip_version == 6 && !is_duplicate(data, fragment));
}

bool p2i_fragment_is_usable(const struct p2i_fragment_data *data,
                            const struct p2i_fragment *fragment)
{
    return fragment->data.size == fragment->length || (!fragment->more && !data->total_known);
}

/* Marks the units as present, with those that the snaplen cut: they are behind `captured_end` and
 * never delivered. */
static void fill(struct p2i_fragment_data *data, const struct p2i_fragment *fragment)
{
    struct range range = range_of(fragment);
    uint64_t *units = units_of(data);
    data->unit_count += range.end - range.first - count_bits(data, units, range);
    for (uint32_t i = range.first / 64; i <= (range.end - 1) / 64; i++) {
        units[i] |= mask_of(range, i);
    }
    starts_of(data)[range.first / 64] |= UINT64_C(1) << range.first % 64;
    if (fragment->data.size > 0) {
        memcpy(data->buffer + P2I_FRAGMENT_HEADROOM + fragment->offset, fragment->data.data,
               fragment->data.size);
    }
}

void p2i_fragment_place(struct p2i_fragment_data *data, const struct p2i_fragment *fragment)
{
    uint32_t end = fragment->offset + fragment->length;
    if (end > data->end) {
        data->end = end;
    }
    if (!fragment->more && !data->total_known) {
        data->total_known = true;
        data->total = end;
        data->captured_end = fragment->offset + (uint32_t)fragment->data.size;
    }
    if (fragment->offset == 0 && data->header_size == 0) {
        data->header_size = (uint8_t)fragment->header.size;
        data->protocol = fragment->protocol;
        memcpy(data->buffer + P2I_FRAGMENT_HEADROOM - fragment->header.size, fragment->header.data,
               fragment->header.size);
    }
    fill(data, fragment);
}

bool p2i_fragment_data_is_complete(const struct p2i_fragment_data *data)
{
    return data->total_known && data->unit_count >= (data->total + UNIT - 1) / UNIT;
}
