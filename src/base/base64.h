/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 section 4), read leniently: what is not of its alphabet is passed over. */
#ifndef P2I_BASE_BASE64_H
#define P2I_BASE_BASE64_H

#include "base/view.h"

/* What a character stands for; -1 when it is none of the alphabet. */
static inline int p2i_base64_value(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - 'a' + 26;
    }
    if (byte >= '0' && byte <= '9') {
        return byte - '0' + 52;
    }
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/* Decodes `size` characters where they are and returns how many bytes they give. */
static inline size_t p2i_base64_decode(uint8_t *text, size_t size)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t out = 0;
    for (size_t i = 0; i < size; i++) {
        int value = p2i_base64_value(text[i]);
        if (value >= 0) {
            bits = bits << 6 | (uint32_t)value;
            count += 6;
        }
        if (count >= 8) {
            count -= 8;
            text[out++] = (uint8_t)(bits >> count);
        }
    }
    return out;
}

#endif
