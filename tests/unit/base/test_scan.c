/* SPDX-License-Identifier: MIT */
/* Scans of many bytes at a time against loops that look at one, for every length and alignment, in
 * memory that ends at a page which cannot be read or written. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/scan.h"

enum { LONGEST = 70 };

/* The `size` bytes in front of a page that no one may touch. */
static uint8_t *before_guard(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(pages != MAP_FAILED);
    cr_assert_eq(mprotect(pages + page, page, PROT_NONE), 0);
    return pages + page - size;
}

/* The same behind one. */
static uint8_t *behind_guard(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(pages != MAP_FAILED);
    cr_assert_eq(mprotect(pages, page, PROT_NONE), 0);
    return pages + page;
}

static size_t find_plain(struct p2i_view view, const char set[4])
{
    size_t at = 0;
    while (at < view.size && memchr(set, view.data[at], 4) == NULL) {
        at++;
    }
    return at;
}

static void expect_found(uint8_t *bytes, size_t size, size_t at, uint8_t byte)
{
    static const char set[4] = {'"', '<', '\xff', '\0'};
    uint8_t old = bytes[at];
    struct p2i_view view = p2i_view_of(bytes, size);
    bytes[at] = byte;
    size_t wanted = find_plain(view, set);
    size_t found = p2i_scan_find(view, set);
    bytes[at] = old;
    cr_assert_eq(found, wanted, "byte %02x at %zu of %zu: found at %zu", byte, at, size, found);
}

Test(scan, find)
{
    uint8_t *end = before_guard(0);
    uint8_t *begin = behind_guard();
    cr_expect_eq(p2i_scan_find((struct p2i_view){0}, "abcd"), 0);
    for (size_t size = 1; size <= LONGEST; size++) {
        uint8_t *places[] = {end - size, begin, begin + 1 + size % 16};
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            memset(places[i], 'x', size);
            cr_expect_eq(p2i_scan_find(p2i_view_of(places[i], size), "abab"), size);
            for (size_t at = 0; at < size; at++) {
                expect_found(places[i], size, at, '"');
                expect_found(places[i], size, at, '<');
                expect_found(places[i], size, at, 0xff);
                expect_found(places[i], size, at, 0);
                expect_found(places[i], size, at, '!');
            }
        }
    }
}

Test(scan, find_takes_the_first_of_several)
{
    cr_expect_eq(p2i_scan_find(P2I_VIEW("0123456789,1234<>6789"), "<>,\""), 10);
    cr_expect_eq(p2i_scan_find(P2I_VIEW("0123456789012345678<6789,"), "<>,\""), 19);
}

/* Copies `size` bytes of which the one at `at` is `byte`. */
static void expect_copied(uint8_t *in, uint8_t *out, size_t size, size_t at, uint8_t byte)
{
    uint8_t old = in[at];
    in[at] = byte;
    memset(out, 0, size);
    size_t copied = p2i_scan_copy_ascii(p2i_view_of(in, size), out);
    cr_assert_eq(copied, byte < 0x80 ? size : at, "%02x at %zu of %zu: %zu", byte, at, size,
                 copied);
    cr_assert_eq(memcmp(in, out, copied), 0, "%02x at %zu of %zu", byte, at, size);
    in[at] = old;
}

Test(scan, copy_ascii)
{
    uint8_t *in = before_guard(0);
    uint8_t *out = before_guard(0);
    uint8_t *begin = behind_guard();
    uint8_t *out_begin = behind_guard();
    cr_expect_eq(p2i_scan_copy_ascii((struct p2i_view){0}, out_begin), 0);
    for (size_t size = 1; size <= LONGEST; size++) {
        for (size_t i = 0; i < size; i++) {
            (in - size)[i] = begin[i] = (uint8_t)(i + 1);
        }
        for (size_t at = 0; at < size; at++) {
            expect_copied(in - size, out - size, size, at, 0x7f);
            expect_copied(in - size, out - size, size, at, 0x80);
            expect_copied(begin, out_begin, size, at, 0xff);
            expect_copied(begin, out_begin, size, at, 0);
        }
    }
}

static bool equals_plain(const uint8_t *a, const uint8_t *b, size_t size)
{
    size_t at = 0;
    while (at < size && p2i_lower(a[at]) == p2i_lower(b[at])) {
        at++;
    }
    return at == size;
}

/* All pairs of bytes, at a place of strings of this size that are else equal but for their case. */
static void expect_pairs(uint8_t *a, uint8_t *b, size_t size, size_t at)
{
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            a[at] = (uint8_t)first;
            b[at] = (uint8_t)second;
            if (p2i_scan_equals_nocase(a, b, size) != equals_plain(a, b, size)) {
                cr_assert_fail("%02x and %02x at %zu of %zu", first, second, at, size);
            }
        }
    }
    a[at] = 'q';
    b[at] = 'Q';
}

Test(scan, equals_nocase)
{
    uint8_t *a = before_guard(0);
    uint8_t *b = behind_guard();
    for (size_t size = 1; size <= 20; size++) {
        memset(a - size, 'q', size);
        memset(b, 'Q', size);
        cr_assert(p2i_scan_equals_nocase(a - size, b, size));
        for (size_t at = 0; at < size; at++) {
            expect_pairs(a - size, b, size, at);
        }
    }
}
