/* SPDX-License-Identifier: MIT */
/* The compiler turns operations on `lanes` into those of SSE2 or NEON, which every processor of
 * these architectures has, and into others elsewhere. */
#include "base/scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { LANES = 16, WORD = 8, HALF = 4 };

typedef uint8_t lanes __attribute__((vector_size(LANES)));

static lanes load(const uint8_t *at)
{
    lanes bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static uint64_t load_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint32_t load_half(const uint8_t *at)
{
    uint32_t half;
    memcpy(&half, at, sizeof half);
    return half;
}

/* The index of the first lane with its highest bit set; LANES: none. */
static unsigned first_high(lanes bytes)
{
#if defined(__SSE2__)
    unsigned bits = (unsigned)_mm_movemask_epi8((__m128i)bytes);
    return (unsigned)__builtin_ctz(bits | 1U << LANES);
#elif defined(__aarch64__) && defined(__AARCH64EL__)
    int8x16_t signs = vshrq_n_s8((int8x16_t)bytes, 7);
    uint8x8_t nibbles = vshrn_n_u16((uint16x8_t)signs, 4); /* of each lane four bits */
    uint64_t bits = vget_lane_u64((uint64x1_t)nibbles, 0);
    return bits != 0 ? (unsigned)__builtin_ctzll(bits) / 4 : LANES;
#else
    unsigned i = 0;
    while (i < LANES && bytes[i] < 0x80) {
        i++;
    }
    return i;
#endif
}

/* ---- one of a few bytes ---- */

static lanes spread(char byte)
{
    lanes bytes = {0};
    return bytes + (uint8_t)byte;
}

size_t p2i_scan_find(struct p2i_view view, const char set[4])
{
    const lanes wanted[4] = {spread(set[0]), spread(set[1]), spread(set[2]), spread(set[3])};
    size_t at = 0;
    while (view.size - at >= LANES) {
        lanes bytes = load(view.data + at);
        lanes found = (lanes)(bytes == wanted[0]) | (lanes)(bytes == wanted[1]) |
                      (lanes)(bytes == wanted[2]) | (lanes)(bytes == wanted[3]);
        unsigned first = first_high(found);
        at += first;
        if (first < LANES) {
            return at;
        }
    }
    while (at < view.size && view.data[at] != (uint8_t)set[0] && view.data[at] != (uint8_t)set[1] &&
           view.data[at] != (uint8_t)set[2] && view.data[at] != (uint8_t)set[3]) {
        at++;
    }
    return at;
}

/* ---- ASCII ---- */

#define HIGH_BITS UINT64_C(0x8080808080808080)

size_t p2i_scan_copy_ascii(struct p2i_view view, uint8_t *out)
{
    const uint8_t *in = view.data;
    size_t at = 0;
    for (; view.size - at >= LANES; at += LANES) {
        lanes bytes = load(in + at);
        unsigned ascii = first_high(bytes);
        memcpy(out + at, &bytes, sizeof bytes); /* those behind are overwritten */
        if (ascii < LANES) {
            return at + ascii;
        }
    }
    if (view.size - at >= WORD) {
        uint64_t word = load_word(in + at);
        if ((word & HIGH_BITS) == 0) {
            memcpy(out + at, &word, sizeof word);
            at += WORD;
        }
    }
    /* The last bytes, together with some before them. */
    if (view.size >= WORD && view.size - at < WORD) {
        uint64_t word = load_word(in + view.size - WORD);
        if ((word & HIGH_BITS) == 0) {
            memcpy(out + view.size - WORD, &word, sizeof word);
            return view.size;
        }
    }
    for (; at < view.size && in[at] < 0x80; at++) {
        out[at] = in[at];
    }
    return at;
}

/* ---- case ---- */

/* True when the eight bytes are equal except for the case of letters. */
static bool words_match(uint64_t a, uint64_t b)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t differs = a ^ b;
    if (differs == 0) {
        return true;
    }
    if ((differs & ~(each * 0x20)) != 0) {
        return false;
    }
    /* The highest bit of each byte of `letter` says whether it is one, of either case. */
    uint64_t lower = (a | each * 0x20) & ~HIGH_BITS;
    uint64_t from_a = lower + each * (0x80 - 'a');
    uint64_t behind_z = lower + each * (0x7f - 'z');
    uint64_t letter = (from_a ^ behind_z) & ~a & HIGH_BITS;
    return (differs & ~(letter >> 2)) == 0;
}

bool p2i_scan_equals_nocase(const uint8_t *a, const uint8_t *b, size_t size)
{
    if (size >= WORD) {
        for (size_t at = 0; at < size - WORD; at += WORD) {
            if (!words_match(load_word(a + at), load_word(b + at))) {
                return false;
            }
        }
        return words_match(load_word(a + size - WORD), load_word(b + size - WORD));
    }
    uint64_t first = 0;
    uint64_t second = 0;
    if (size >= HALF) {
        first = (uint64_t)load_half(a) << 32 | load_half(a + size - HALF);
        second = (uint64_t)load_half(b) << 32 | load_half(b + size - HALF);
    } else {
        for (size_t at = 0; at < size; at++) {
            first = first << 8 | a[at];
            second = second << 8 | b[at];
        }
    }
    return words_match(first, second);
}
