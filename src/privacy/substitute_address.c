/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "privacy/substitute_internal.h"

/* The state behind a prefix of an address: everything that precedes a place, and the place. */
static uint64_t state_of(struct p2i_substitution *substitution, unsigned kind, const uint8_t *bytes,
                         size_t size)
{
    uint64_t state = kind;
    for (size_t i = 0; i < size; i++) {
        state = p2i_mix(state, (uint64_t)i << 8 | bytes[i]);
    }
    return p2i_substitution_number(substitution, state);
}

/* A permutation of 0 .. count - 1 without a fixed point (Sattolo's algorithm), at `value`. */
static unsigned permute(uint64_t state, unsigned count, unsigned value)
{
    uint8_t list[256] = {0};
    for (unsigned i = 0; i < count; i++) {
        list[i] = (uint8_t)i;
    }
    for (unsigned i = count - 1; i > 0; i--) {
        state = p2i_mix(state, i);
        unsigned other = (unsigned)(state % i);
        uint8_t swapped = list[i];
        list[i] = list[other];
        list[other] = swapped;
    }
    return list[value];
}

void p2i_substitute_ipv4(struct p2i_substitution *substitution, uint8_t *address)
{
    uint8_t original[4];
    memcpy(original, address, sizeof original);
    for (size_t i = 0; i < sizeof original; i++) {
        unsigned first = original[i] < 10 ? 0 : original[i] < 100 ? 10 : 100;
        unsigned count = first == 0 ? 10 : first == 10 ? 90 : 156;
        uint64_t state = state_of(substitution, 4 + first, original, i);
        address[i] = (uint8_t)(first + permute(state, count, original[i] - first));
    }
}

static unsigned nibble_at(const uint8_t *address, unsigned i)
{
    return i % 2 == 0 ? address[i / 2] >> 4 : address[i / 2] & 15;
}

/* RFC 4291 section 2.5.5.2. */
static bool is_mapped_ipv4(const uint8_t *address)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(address, prefix, sizeof prefix) == 0;
}

/* Leading zeros of a group stay, as they are not written. */
static void substitute_groups(struct p2i_substitution *substitution, uint8_t *address,
                              unsigned begin)
{
    uint8_t digits[32];
    for (unsigned i = 0; i < sizeof digits; i++) {
        digits[i] = (uint8_t)nibble_at(address, i);
    }
    bool leading = true;
    for (unsigned i = 0; i < sizeof digits; i++) {
        leading = (leading || i % 4 == 0) && digits[i] == 0;
        unsigned first = 0;
        for (unsigned j = i / 4 * 4; first == 0 && j < i; j++) {
            first = digits[j] != 0; /* a digit of the group precedes this one */
        }
        if (leading || i < begin) {
            continue;
        }
        uint64_t state = state_of(substitution, 6 + first, digits, i);
        unsigned digit =
            first ? permute(state, 16, digits[i]) : 1 + permute(state, 15, digits[i] - 1U);
        address[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 | (address[i / 2] & 15U)
                                              : (address[i / 2] & 0xf0U) | digit);
    }
}

void p2i_substitute_ipv6(struct p2i_substitution *substitution, uint8_t *address)
{
    static const uint8_t teredo[4] = {0x20, 0x01, 0, 0};
    if (is_mapped_ipv4(address)) {
        p2i_substitute_ipv4(substitution, address + 12);
        return;
    }
    substitute_groups(substitution, address,
                      memcmp(address, teredo, sizeof teredo) == 0 ? 2 * sizeof teredo : 0);
}

void p2i_substitute_mac(struct p2i_substitution *substitution, uint8_t *address)
{
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t none[6] = {0};
    static const uint8_t bridges[3] = {0x01, 0x80, 0xc2};
    if (memcmp(address, broadcast, 6) == 0 || memcmp(address, none, 6) == 0 ||
        memcmp(address, bridges, 3) == 0) {
        return;
    }
    uint64_t number =
        p2i_substitution_number(substitution, state_of(substitution, 0x3ac, address, 6));
    uint8_t kept = address[0] & 0x81;
    for (size_t i = 0; i < 6; i++, number >>= 8) {
        address[i] = (uint8_t)number;
    }
    address[0] = (uint8_t)((address[0] & 0x7e) | kept);
}

/* ---- Literal addresses in texts ---- */

static bool is_digit(uint32_t point)
{
    return point >= '0' && point <= '9';
}

static int hex_of(uint32_t point)
{
    return point < 0x80 ? p2i_hex_value((uint8_t)point) : -1;
}

/* Writes a number over `size` digits, with zeros in front. */
static void put_digits(uint32_t *points, size_t size, unsigned number, unsigned base, bool upper)
{
    for (size_t i = size; i-- > 0; number /= base) {
        unsigned digit = number % base;
        points[i] = digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10;
    }
}

/* Reads up to three digits from `at` on. Returns how many; 0: none, or more than 255. */
static size_t read_octet(const uint32_t *points, size_t count, size_t at, uint8_t *octet)
{
    unsigned number = 0;
    size_t size = 0;
    while (at + size < count && size < 4 && is_digit(points[at + size])) {
        number = number * 10 + (points[at + size] - '0');
        size++;
    }
    *octet = (uint8_t)number;
    return size > 3 || number > 255 ? 0 : size;
}

static bool is_word_at(const uint32_t *points, size_t count, size_t at)
{
    return at < count && (p2i_is_word_point(points[at]) || points[at] == '_');
}

/* Four decimals with dots that touch no other word. */
static size_t substitute_ipv4_text(struct p2i_substitution *substitution, uint32_t *points,
                                   size_t count, size_t at)
{
    uint8_t address[4];
    size_t sizes[4];
    size_t end = at;
    for (size_t i = 0; i < 4; i++) {
        end += i > 0 && end < count && points[end] == '.';
        sizes[i] = read_octet(points, count, end, &address[i]);
        if (sizes[i] == 0 || (i > 0 && points[end - 1] != '.')) {
            return at;
        }
        end += sizes[i];
    }
    bool dotted = end + 1 < count && points[end] == '.' && is_digit(points[end + 1]);
    if (is_word_at(points, count, end) || dotted) {
        return at;
    }
    p2i_substitute_ipv4(substitution, address);
    size_t place = at;
    for (size_t i = 0; i < 4; i++) {
        put_digits(points + place, sizes[i], address[i], 10, false);
        place += sizes[i] + 1;
    }
    return end;
}

/* Writes the groups of an address over the digits of a literal in [at, end). */
static void put_groups(uint32_t *points, size_t at, size_t end, const uint8_t *address)
{
    size_t colons = 0;
    for (size_t i = at; i < end; i++) {
        colons += points[i] == ':';
    }
    size_t group = 0;
    size_t seen = 0;
    for (size_t i = at; i < end;) {
        if (points[i] == ':') {
            seen++;
            if (i + 1 < end && points[i + 1] == ':') { /* the groups behind it count from the end */
                size_t behind = colons - seen - 1;
                group = i + 2 < end ? 7 - behind : 8;
                seen++;
                i++;
            }
            i++;
            continue;
        }
        size_t size = 0;
        bool upper = false;
        for (; i + size < end && points[i + size] != ':'; size++) {
            upper |= points[i + size] >= 'A' && points[i + size] <= 'F';
        }
        if (group < 8) {
            put_digits(points + i, size, (unsigned)address[2 * group] << 8 | address[2 * group + 1],
                       16, upper);
        }
        group++;
        i += size;
    }
}

/* The forms of RFC 4291 section 2.2 without decimals; those are words and an IPv4 address. */
static size_t substitute_ipv6_text(struct p2i_substitution *substitution, uint32_t *points,
                                   size_t count, size_t at)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t address[16];
    size_t end = at;
    size_t colons = 0;
    while (end < count && end - at < sizeof text - 1 &&
           (hex_of(points[end]) >= 0 || points[end] == ':')) {
        colons += points[end] == ':';
        text[end - at] = (char)points[end];
        end++;
    }
    if (colons > 2 && end - at > 2 && points[end - 1] == ':' && points[end - 2] != ':') {
        end--; /* a colon behind the address */
    }
    text[end - at] = '\0';
    bool whole = end == count || (!is_word_at(points, count, end) && points[end] != '.') ||
                 (points[end] == '.' && !is_word_at(points, count, end + 1));
    if (colons < 2 || !whole || inet_pton(AF_INET6, text, address) != 1) {
        return at;
    }
    p2i_substitute_ipv6(substitution, address);
    put_groups(points, at, end, address);
    return end;
}

/* ---- Reverse names ---- */

/* True when `name` stands at `at`, in any case. */
static bool stands(const uint32_t *points, size_t count, size_t at, const char *name)
{
    for (; *name != '\0'; name++, at++) {
        if (at >= count || points[at] >= 0x80 || p2i_lower((uint8_t)points[at]) != (uint8_t)*name) {
            return false;
        }
    }
    return !is_word_at(points, count, at);
}

/* Labels of numbers in front of in-addr.arpa: the last one is the first octet, and fewer than four
 * are a prefix. */
static size_t substitute_reverse4(struct p2i_substitution *substitution, uint32_t *points,
                                  size_t count, size_t at)
{
    static const char suffix[] = "in-addr.arpa";
    uint8_t octets[4];
    size_t places[4];
    size_t sizes[4];
    size_t labels = 0;
    size_t end = at;
    while (labels < 4) {
        size_t size = read_octet(points, count, end, &octets[labels]);
        if (size == 0 || end + size >= count || points[end + size] != '.') {
            break;
        }
        places[labels] = end;
        sizes[labels++] = size;
        end += size + 1;
    }
    if (labels == 0 || !stands(points, count, end, suffix)) {
        return at;
    }
    uint8_t address[4] = {0};
    for (size_t i = 0; i < labels; i++) {
        address[labels - 1 - i] = octets[i];
    }
    p2i_substitute_ipv4(substitution, address);
    for (size_t i = 0; i < labels; i++) {
        put_digits(points + places[i], sizes[i], address[labels - 1 - i], 10, false);
    }
    return end + sizeof suffix - 1;
}

static size_t substitute_reverse6(struct p2i_substitution *substitution, uint32_t *points,
                                  size_t count, size_t at)
{
    static const char suffix[] = "ip6.arpa";
    size_t labels = 0;
    while (labels < 32 && at + 2 * labels + 1 < count && hex_of(points[at + 2 * labels]) >= 0 &&
           points[at + 2 * labels + 1] == '.') {
        labels++;
    }
    size_t end = at + 2 * labels;
    if (labels == 0 || !stands(points, count, end, suffix)) {
        return at;
    }
    uint8_t address[16] = {0};
    for (size_t i = 0; i < labels; i++) {
        unsigned digit = (unsigned)hex_of(points[end - 2 - 2 * i]);
        address[i / 2] = (uint8_t)(address[i / 2] | digit << (i % 2 == 0 ? 4 : 0));
    }
    p2i_substitute_ipv6(substitution, address);
    for (size_t i = 0; i < labels; i++) {
        uint32_t *point = &points[end - 2 - 2 * i];
        put_digits(point, 1, nibble_at(address, (unsigned)i), 16, *point >= 'A' && *point <= 'F');
    }
    return end + sizeof suffix - 1;
}

size_t p2i_substitute_literal(struct p2i_substitution *substitution, uint32_t *points, size_t count,
                              size_t at)
{
    bool in_word = at > 0 && (p2i_is_word_point(points[at - 1]) || points[at - 1] == '_');
    bool digit = is_digit(points[at]);
    if (in_word || (!digit && hex_of(points[at]) < 0 && points[at] != ':')) {
        return at;
    }
    size_t end = at;
    bool dotted = at > 1 && points[at - 1] == '.' && is_digit(points[at - 2]);
    if (hex_of(points[at]) >= 0) {
        end = substitute_reverse6(substitution, points, count, at);
    }
    if (end == at && digit) {
        end = substitute_reverse4(substitution, points, count, at);
    }
    if (end == at && digit && !dotted) {
        end = substitute_ipv4_text(substitution, points, count, at);
    }
    bool behind_colon = at > 0 && points[at - 1] == ':' && points[at] == ':';
    return end == at && !behind_colon ? substitute_ipv6_text(substitution, points, count, at) : end;
}
