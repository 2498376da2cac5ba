/* SPDX-License-Identifier: MIT */
/* Payload that no writer knows: overwritten, except for the few bytes in front by which a protocol
 * is recognised. */
#include <stdlib.h>

#include "base/ascii.h"
#include "protocol/recognise/recognise.h"
#include "rewrite/internal.h"

enum { KEPT_MAX = 96, WORD_LEAST = 3 };

/* True when the protocol is still recognised, or still is not (`id` 0). */
static bool is_same(const struct p2i_stream_ends *ends, uint8_t id, struct p2i_bytes span)
{
    uint64_t note = 0;
    const struct p2i_recogniser *found = NULL;
    struct p2i_view bytes = p2i_view_first(p2i_span_view(span), ends->first);
    enum p2i_match match = p2i_recognise(&ends->ends, ends->direction, bytes, &note, &found);
    uint8_t seen = match == P2I_MATCH_YES ? found->id : P2I_ID_UNKNOWN;
    return seen == id;
}

/* Overwrites all but the first bytes of a copy. */
static void write_copy(struct p2i_writing *writing, struct p2i_bytes original,
                       struct p2i_bytes copy, size_t kept, bool text)
{
    memcpy(copy.data, original.data, copy.size);
    struct p2i_bytes rest = p2i_span_from(copy, kept);
    if (text) {
        p2i_write_text(writing, rest);
    } else {
        p2i_write_binary(writing, rest);
    }
}

/* Substitutes each word of the kept bytes that the recogniser does not need. */
static void write_words(struct p2i_writing *writing, const struct p2i_stream_ends *ends, uint8_t id,
                        struct p2i_bytes copy, size_t kept)
{
    uint8_t word[KEPT_MAX];
    kept = kept < copy.size ? kept : copy.size;
    for (size_t at = 0; at < kept;) {
        size_t size = 0;
        while (at + size < kept &&
               (p2i_is_letter(copy.data[at + size]) || p2i_is_digit(copy.data[at + size]))) {
            size++;
        }
        if (size >= WORD_LEAST) {
            memcpy(word, copy.data + at, size);
            p2i_write_text(writing, p2i_span_of(copy.data + at, size));
            if (!is_same(ends, id, copy)) {
                memcpy(copy.data + at, word, size);
            }
        }
        at += size > 0 ? size : 1;
    }
}

/* Bytes that are letters, digits, punctuation or white space, mostly. */
static bool is_text(struct p2i_bytes span)
{
    size_t texts = 0;
    size_t size = span.size < 256 ? span.size : 256;
    for (size_t i = 0; i < size; i++) {
        texts += p2i_is_space(span.data[i]) || (span.data[i] >= ' ' && span.data[i] < 0x7f);
    }
    return texts * 10 >= size * 9;
}

/* Where a stream that begins as something else turns to TLS (SOCKS, LDAP and others); its size:
 * nowhere. */
static size_t find_tls(struct p2i_bytes span)
{
    for (size_t at = 0; at + 11 < span.size; at++) {
        if (p2i_begins_tls_hello(p2i_span_from(span, at))) {
            return at;
        }
    }
    return span.size;
}

void p2i_write_opaque(struct p2i_writing *writing, const struct p2i_stream_ends *ends, uint8_t id,
                      struct p2i_bytes span)
{
    static const uint8_t kept[] = {0,  1,  2,  4,  6,  8,  12, 16,      20,
                                   24, 28, 32, 40, 48, 64, 80, KEPT_MAX};
    enum { STEPS = sizeof kept, RTP_HEADER = 12 };
    if (writing->words == NULL || span.size == 0) {
        return;
    }
    if (ends->ends.transport == P2I_OVER_TCP) {
        size_t tls = find_tls(span);
        p2i_write_tls(writing, p2i_span_from(span, tls));
        span = p2i_span_first(span, tls);
    }
    uint8_t *bytes = malloc(span.size + 1);
    if (bytes == NULL) {
        writing->out_of_memory = true;
        return;
    }
    struct p2i_bytes copy = p2i_span_of(bytes, span.size);
    bool recognised = id != P2I_ID_UNKNOWN && is_same(ends, id, span);
    bool done = id == P2I_ID_RTP; /* recognised by headers in succession */
    if (done) {
        write_copy(writing, span, copy, RTP_HEADER, false);
    }
    for (size_t i = 0; !done && i < (recognised ? 2 * STEPS : 1); i++) {
        bool text = i >= STEPS;
        if (!text || is_text(span)) {
            write_copy(writing, span, copy, kept[i % STEPS], text);
            done = !recognised || is_same(ends, id, copy);
            if (done && recognised) {
                write_words(writing, ends, id, copy, kept[i % STEPS]);
            }
        }
    }
    if (!done) {
        write_copy(writing, span, copy, 0, false);
    }
    memcpy(span.data, bytes, span.size);
    free(bytes);
}
