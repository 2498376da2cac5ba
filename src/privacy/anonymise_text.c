/* SPDX-License-Identifier: MIT */
#include "privacy/anonymise_text.h"

#include <arpa/inet.h>

#include "base/ascii.h"
#include "pcap2ipfix/values.h"

enum { LITERAL_MAX = INET6_ADDRSTRLEN - 1 };

/* Bytes that can be part of a literal address. */
static bool is_literal(uint8_t byte)
{
    return p2i_hex_value(byte) >= 0 || byte == ':' || byte == '.';
}

/* Bytes that make an adjacent number part of a word. */
static bool is_word(uint8_t byte)
{
    return p2i_is_digit(byte) || p2i_is_letter(byte) || byte == '_' || byte >= 0x80;
}

/* True when `text` is four numbers up to 255, of up to three digits, with dots. */
static bool read_ipv4(struct p2i_view text, struct p2i_address *address)
{
    size_t dots = 0;
    size_t digits = 0;
    unsigned number = 0;
    *address = (struct p2i_address){0};
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '.' && digits > 0 && dots < 3) {
            dots++;
            digits = 0;
            number = 0;
            continue;
        }
        number = number * 10 + (unsigned)(byte - '0');
        if (byte == '.' || ++digits > 3 || number > 255) {
            return false;
        }
        address->bytes[dots] = (uint8_t)number;
    }
    return dots == 3 && digits > 0;
}

static bool read_ipv6(struct p2i_view text, struct p2i_address *address)
{
    char copy[LITERAL_MAX + 1];
    if (text.size > LITERAL_MAX || p2i_view_find(text, ':') == text.size) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return inet_pton(AF_INET6, copy, address->bytes) == 1;
}

static bool put_mapped(struct p2i_crypto_pan *pan, uint8_t ip_version,
                       const struct p2i_address *address, struct p2i_buffer *out)
{
    struct p2i_address mapped;
    bool six = ip_version == 6;
    return p2i_crypto_pan_map(pan, ip_version, address, &mapped) &&
           p2i_format_text(out, six ? P2I_TYPE_IPV6 : P2I_TYPE_IPV4,
                           p2i_view_of(mapped.bytes, six ? 16 : 4));
}

/* A run of digits and dots, without letters at either end. */
static bool put_run(struct p2i_crypto_pan *pan, struct p2i_view run, struct p2i_buffer *out)
{
    struct p2i_address address;
    struct p2i_view middle = run;
    while (middle.size > 0 && middle.data[0] == '.') {
        middle = p2i_view_from(middle, 1);
    }
    size_t before = run.size - middle.size;
    while (middle.size > 0 && middle.data[middle.size - 1] == '.') {
        middle.size--;
    }
    if (!read_ipv4(middle, &address)) {
        return p2i_append(out, run);
    }
    return p2i_append(out, p2i_view_first(run, before)) && put_mapped(pan, 4, &address, out) &&
           p2i_append(out, p2i_view_from(run, before + middle.size));
}

/* A run of hexadecimal digits, colons and dots in which IPv4 addresses may be. */
static bool put_parts(struct p2i_crypto_pan *pan, struct p2i_view token, bool word_before,
                      bool word_behind, struct p2i_buffer *out)
{
    bool done = true;
    for (size_t at = 0; done && at < token.size;) {
        size_t size = 0;
        while (at + size < token.size &&
               (p2i_is_digit(token.data[at + size]) || token.data[at + size] == '.')) {
            size++;
        }
        struct p2i_view run = p2i_view_first(p2i_view_from(token, at), size > 0 ? size : 1);
        size_t end = at + run.size;
        bool touches_before =
            run.data[0] != '.' && (at > 0 ? is_word(token.data[at - 1]) : word_before);
        bool touches_behind = run.data[run.size - 1] != '.' &&
                              (end < token.size ? is_word(token.data[end]) : word_behind);
        bool free_run = size > 0 && !touches_before && !touches_behind;
        done = free_run ? put_run(pan, run, out) : p2i_append(out, run);
        at = end;
    }
    return done;
}

/* Trims a dot or a single colon at the ends of the token, which belong to the text around it. */
static struct p2i_view trim(struct p2i_view token)
{
    if (token.size > 1 && token.data[0] == ':' && token.data[1] != ':') {
        token = p2i_view_from(token, 1);
    }
    while (token.size > 1 &&
           (token.data[token.size - 1] == '.' ||
            (token.data[token.size - 1] == ':' && token.data[token.size - 2] != ':'))) {
        token.size--;
    }
    return token;
}

static bool put_token(struct p2i_crypto_pan *pan, struct p2i_view token, bool word_before,
                      bool word_behind, struct p2i_buffer *out)
{
    struct p2i_address address;
    struct p2i_view inner = trim(token);
    size_t before = (size_t)(inner.data - token.data);
    bool touches =
        (before == 0 && word_before) || (before + inner.size == token.size && word_behind);
    if (touches || !read_ipv6(inner, &address)) {
        return put_parts(pan, token, word_before, word_behind, out);
    }
    return p2i_append(out, p2i_view_first(token, before)) && put_mapped(pan, 6, &address, out) &&
           p2i_append(out, p2i_view_from(token, before + inner.size));
}

/* Counts the bytes at the beginning that are, or are not, of literals. */
static size_t span(struct p2i_view text, bool of_literal)
{
    size_t size = 0;
    while (size < text.size && is_literal(text.data[size]) == of_literal) {
        size++;
    }
    return size;
}

/* "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3): the end of the tag looks like the beginning of the
 * address. Returns the bytes in front of the address, or 0. */
static size_t tag_size(struct p2i_view other, struct p2i_view behind)
{
    static const struct p2i_view letters = {(const uint8_t *)"IPv", 3};
    bool tagged = other.size >= letters.size && p2i_view_starts(behind, P2I_VIEW("6:")) &&
                  p2i_view_starts_nocase(p2i_view_from(other, other.size - letters.size), letters);
    return tagged ? 2 : 0;
}

static bool put_text(struct p2i_crypto_pan *pan, struct p2i_view rest, struct p2i_buffer *out)
{
    bool done = true;
    bool word_before = false;
    while (done && rest.size > 0) {
        struct p2i_view other = p2i_view_first(rest, span(rest, false));
        other = p2i_view_first(rest, other.size + tag_size(other, p2i_view_from(rest, other.size)));
        rest = p2i_view_from(rest, other.size);
        struct p2i_view token = p2i_view_first(rest, span(rest, true));
        rest = p2i_view_from(rest, token.size);
        word_before = other.size > 0 && is_word(other.data[other.size - 1]);
        done = p2i_append(out, other) &&
               (token.size == 0 ||
                put_token(pan, token, word_before, rest.size > 0 && is_word(rest.data[0]), out));
    }
    return done;
}

/* Most texts have no address, and a check is cheaper than a copy. The shortest are "::" and
 * "1.1.1.1". */
static bool may_have_address(struct p2i_view text)
{
    size_t dots = 0;
    size_t colons = 0;
    for (size_t i = 0; i < text.size; i++) {
        dots += text.data[i] == '.';
        colons += text.data[i] == ':';
    }
    return dots >= 3 || colons >= 2;
}

bool p2i_anonymise_text(struct p2i_crypto_pan *pan, struct p2i_view *text, struct p2i_texts *texts)
{
    if (!may_have_address(*text)) {
        return true;
    }
    struct p2i_buffer *out = p2i_texts_next(texts);
    if (out == NULL || !put_text(pan, *text, out)) {
        return false;
    }
    *text = p2i_view_of(out->data, out->size);
    return true;
}

/* The forms of reverse names (RFC 1035 section 3.5, RFC 3596 section 2.5). */
struct reverse {
    const char *suffix;
    uint8_t ip_version;
    uint8_t bits; /* of a label */
    uint8_t labels_max;
};

static const struct reverse reverses[] = {{".in-addr.arpa", 4, 8, 4}, {".ip6.arpa", 6, 4, 32}};

/* NULL: not a reverse name. */
static const struct reverse *reverse_of(struct p2i_view name)
{
    for (size_t i = 0; i < 2; i++) {
        struct p2i_view suffix = p2i_view_of(reverses[i].suffix, strlen(reverses[i].suffix));
        if (name.size > suffix.size &&
            p2i_view_equals_nocase(p2i_view_from(name, name.size - suffix.size), suffix)) {
            return &reverses[i];
        }
    }
    return NULL;
}

/* Reads the number of a label. False: not a label of this form. */
static bool read_label(struct p2i_view label, const struct reverse *reverse, unsigned *number)
{
    unsigned base = reverse->bits == 8 ? 10 : 16;
    *number = 0;
    if (label.size == 0 || label.size > (reverse->bits == 8 ? 3 : 1)) {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        int digit = p2i_hex_value(label.data[i]);
        if (digit < 0 || (unsigned)digit >= base) {
            return false;
        }
        *number = *number * base + (unsigned)digit;
    }
    return *number < 1U << reverse->bits;
}

/* Reads labels from the end of `name` into the address. Returns how many, and the bytes in front of
 * them. */
static unsigned read_labels(struct p2i_view *name, const struct reverse *reverse,
                            struct p2i_address *address)
{
    unsigned count = 0;
    *address = (struct p2i_address){0};
    while (count < reverse->labels_max && name->size > 0) {
        size_t begin = name->size;
        unsigned number;
        while (begin > 0 && name->data[begin - 1] != '.') {
            begin--;
        }
        if (!read_label(p2i_view_from(*name, begin), reverse, &number)) {
            break;
        }
        unsigned at = count * reverse->bits;
        unsigned shift = reverse->bits == 4 && count % 2 == 0 ? 4 : 0;
        address->bytes[at / 8] = (uint8_t)(address->bytes[at / 8] | number << shift);
        name->size = begin > 0 ? begin - 1 : 0;
        count++;
    }
    return count;
}

/* Writes the first `count` labels of an address in reverse order. */
static bool put_labels(const struct reverse *reverse, const struct p2i_address *address,
                       unsigned count, struct p2i_buffer *out)
{
    bool done = true;
    for (unsigned i = count; done && i > 0; i--) {
        uint8_t byte = address->bytes[(i - 1) * reverse->bits / 8];
        uint8_t nibble = i % 2 == 0 ? byte & 15 : byte >> 4;
        uint8_t digit = (uint8_t)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
        done = (i == count || p2i_append(out, P2I_VIEW("."))) &&
               (reverse->bits == 8 ? p2i_format_text(out, P2I_TYPE_UNSIGNED8, p2i_view_of(&byte, 1))
                                   : p2i_append(out, p2i_view_of(&digit, 1)));
    }
    return done;
}

bool p2i_anonymise_domain(struct p2i_crypto_pan *pan, struct p2i_view *name,
                          struct p2i_texts *texts)
{
    const struct reverse *reverse = reverse_of(*name);
    if (reverse == NULL) {
        return p2i_anonymise_text(pan, name, texts);
    }
    size_t suffix = strlen(reverse->suffix);
    struct p2i_view front = p2i_view_first(*name, name->size - suffix);
    struct p2i_address address;
    struct p2i_address mapped;
    unsigned count = read_labels(&front, reverse, &address);
    struct p2i_buffer *out = p2i_texts_next(texts);
    /* A prefix of the address gives the same prefix of the mapped address, so part of a name is
     * enough. */
    bool done = out != NULL && p2i_crypto_pan_map(pan, reverse->ip_version, &address, &mapped) &&
                p2i_append(out, front) &&
                (front.size == 0 || count == 0 || p2i_append(out, P2I_VIEW("."))) &&
                put_labels(reverse, &mapped, count, out) &&
                p2i_append(out, p2i_view_from(*name, name->size - suffix));
    if (done) {
        *name = p2i_view_of(out->data, out->size);
    }
    return done;
}
