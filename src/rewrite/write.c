/* SPDX-License-Identifier: MIT */
/* The ways to change bytes that all writers share. */
#include <stdlib.h>

#include "base/base64.h"
#include "base/hash.h"
#include "rewrite/text.h"

void p2i_write_text(struct p2i_writing *writing, struct p2i_bytes span)
{
    if (writing->words != NULL && span.size > 0) {
        p2i_substitute_text(writing->words, span.data, span.size);
    }
}

void p2i_write_secret(struct p2i_writing *writing, struct p2i_bytes span)
{
    if (writing->redacts && span.size > 0) {
        memset(span.data, '*', span.size);
    } else {
        p2i_write_text(writing, span);
    }
}

void p2i_write_letters(struct p2i_writing *writing, struct p2i_bytes span)
{
    if (writing->words != NULL) {
        p2i_fill_letters(writing->words, writing->salt++, span.data, span.size);
    }
}

void p2i_write_binary(struct p2i_writing *writing, struct p2i_bytes span)
{
    if (writing->words != NULL) {
        p2i_fill_binary(writing->words, writing->salt++, span.data, span.size);
    }
}

void p2i_write_lines(struct p2i_writing *writing, struct p2i_bytes span)
{
    size_t at = 0;
    while (at < span.size) {
        bool begins = at == 0 || span.data[at - 1] == '\n';
        at += begins && span.data[at] == '.';
        size_t end = at;
        while (end < span.size && span.data[end] != '\n' && span.data[end] != '\r') {
            end++;
        }
        p2i_write_letters(writing, p2i_span_of(span.data + at, end - at));
        at = end + (end < span.size);
    }
}

void p2i_write_nonzero(struct p2i_writing *writing, struct p2i_bytes span)
{
    for (size_t i = 0; i < span.size; i++) {
        if (span.data[i] != 0) {
            p2i_write_binary(writing, span);
            return;
        }
    }
}

void p2i_write_token(struct p2i_writing *writing, struct p2i_bytes span)
{
    uint64_t salt = p2i_mix(0x70cef, span.size);
    for (size_t i = 0; i < span.size; i++) {
        salt = p2i_mix(salt, span.data[i]);
    }
    if (writing->words != NULL) {
        p2i_fill_binary(writing->words, salt, span.data, span.size);
    }
}

/* Of an address that is cut the prefix is changed as that of a whole one; what is too much is
 * overwritten. */
static void write_address(struct p2i_writing *writing, struct p2i_bytes span, size_t whole)
{
    uint8_t address[16] = {0};
    struct p2i_bytes prefix = p2i_span_first(span, whole);
    if (writing->words == NULL || span.size == 0) {
        return;
    }
    memcpy(address, prefix.data, prefix.size);
    if (whole == 4) {
        p2i_substitute_ipv4(writing->words, address);
    } else {
        p2i_substitute_ipv6(writing->words, address);
    }
    memcpy(prefix.data, address, prefix.size);
    p2i_write_binary(writing, p2i_span_from(span, whole));
}

void p2i_write_ipv4(struct p2i_writing *writing, struct p2i_bytes span)
{
    write_address(writing, span, 4);
}

void p2i_write_ipv6(struct p2i_writing *writing, struct p2i_bytes span)
{
    write_address(writing, span, 16);
}

void p2i_base64_over(struct p2i_bytes span, struct p2i_view bytes)
{
    size_t place = 0;
    uint8_t group[4];
    for (size_t i = 0; i < span.size; i++) {
        if (p2i_base64_value(span.data[i]) < 0) {
            continue;
        }
        if (place % 4 == 0) {
            p2i_base64_encode(p2i_view_first(p2i_view_from(bytes, place / 4 * 3), 3), group);
        }
        span.data[i] = group[place % 4] != '=' ? group[place % 4] : 'A'; /* behind the last byte */
        place++;
    }
}

/* The value of a field, which may have others behind control characters, as those of OAUTHBEARER
 * (RFC 7628 section 3.1) have. */
static void write_sasl_value(struct p2i_writing *writing, struct p2i_bytes value)
{
    static const char bearer[] = "auth=Bearer ";
    const uint8_t *found =
        value.size > 0 ? memmem(value.data, value.size, bearer, sizeof bearer - 1) : NULL;
    size_t token = found != NULL ? (size_t)(found - value.data) + sizeof bearer - 1 : value.size;
    p2i_write_text(writing, p2i_span_first(value, token));
    p2i_write_secret(writing, p2i_span_from(value, token));
}

/* Keys that stay, as "n=" of SCRAM and "username=" of DIGEST-MD5. */
static void write_sasl_fields(struct p2i_writing *writing, struct p2i_bytes text)
{
    size_t at = 0;
    while (at < text.size) {
        struct p2i_bytes field = p2i_span_from(text, at);
        field = p2i_span_first(field, p2i_view_find(p2i_span_view(field), ','));
        struct p2i_bytes key = p2i_span_first(field, p2i_view_find(p2i_span_view(field), '='));
        bool stays =
            key.size < field.size &&
            p2i_is_listed(key, "a c d e i m n p r s v y username realm nonce cnonce nc qop "
                               "digest-uri response charset algorithm rspauth authzid "
                               "maxbuf cipher");
        write_sasl_value(writing, stays ? p2i_span_from(field, key.size + 1) : field);
        at += field.size + 1;
    }
}

void p2i_write_sasl(struct p2i_writing *writing, struct p2i_bytes span)
{
    uint8_t *bytes = malloc(2 * span.size + 1);
    if (bytes == NULL) {
        writing->out_of_memory = true;
        return;
    }
    if (span.size > 0) {
        memcpy(bytes, span.data, span.size);
    }
    size_t size = p2i_base64_decode(bytes, span.size);
    uint8_t *before = bytes + span.size;
    memcpy(before, bytes, size);
    struct p2i_bytes text = p2i_span_of(bytes, size);
    size_t first = p2i_view_find(p2i_span_view(text), 0);
    size_t second = first + 1 + p2i_view_find(p2i_view_from(p2i_span_view(text), first + 1), 0);
    if (first == size) {
        write_sasl_fields(writing, text);
    } else {
        p2i_write_text(writing, p2i_span_first(text, first));
        p2i_write_text(writing, p2i_span_first(p2i_span_from(text, first + 1), second - first - 1));
        p2i_write_secret(writing, p2i_span_from(text, second + 1));
    }
    if (writing->words != NULL || memcmp(before, bytes, size) != 0) {
        p2i_base64_over(span, p2i_view_of(bytes, size));
    }
    free(bytes);
}
