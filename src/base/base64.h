/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 section 4). Decoding is lenient: characters outside of the alphabet, padding
 * among them, are skipped, and bits that fill no byte at the end are dropped. */
#ifndef P2I_BASE_BASE64_H
#define P2I_BASE_BASE64_H

#include "base/ascii.h"

/* A decoder fed character by character; starts zeroed. */
struct p2i_base64 {
    uint32_t bits;
    unsigned count; /* of `bits` that are in no byte yet */
};

/* Value of a character of the alphabet; -1 for any other. */
static inline int p2i_base64_value(uint8_t byte)
{
    if (p2i_is_letter(byte)) {
        return byte < 'a' ? byte - 'A' : byte - 'a' + 26;
    }
    if (p2i_is_digit(byte)) {
        return byte - '0' + 52;
    }
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/* Takes a character. Returns true when it completes a byte, which is then in `*byte`. */
static inline bool p2i_base64_take(struct p2i_base64 *decoder, uint8_t character, uint8_t *byte)
{
    int value = p2i_base64_value(character);
    if (value < 0) {
        return false;
    }
    decoder->bits = decoder->bits << 6 | (uint32_t)value;
    decoder->count += 6;
    if (decoder->count < 8) {
        return false;
    }
    decoder->count -= 8;
    *byte = (uint8_t)(decoder->bits >> decoder->count);
    return true;
}

/* Decodes `size` characters in place and returns the number of bytes. */
static inline size_t p2i_base64_decode(uint8_t *text, size_t size)
{
    struct p2i_base64 decoder = {0};
    size_t out = 0;
    for (size_t i = 0; i < size; i++) {
        out += p2i_base64_take(&decoder, text[i], text + out);
    }
    return out;
}

/* Encodes up to three bytes as four characters, with padding. */
static inline void p2i_base64_encode(struct p2i_view group, uint8_t text[4])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; i++) {
        bits = bits << 8 | (i < group.size ? group.data[i] : 0);
    }
    for (size_t i = 0; i < 4; i++) {
        text[i] = (uint8_t)(i <= group.size ? alphabet[bits >> (18 - 6 * i) & 63] : '=');
    }
}

#endif
