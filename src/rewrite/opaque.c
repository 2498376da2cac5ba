/* SPDX-License-Identifier: MIT */
/* Payload that no writer knows: overwritten, except for the bytes by which a protocol is
 * recognised; where these are names, by other letters. */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "protocol/recognise/recognise.h"
#include "rewrite/internal.h"
#include "rewrite/trial.h"

/* The bytes that a recogniser sees. */
struct seen {
    struct p2i_writing *writing;
    const struct p2i_stream_ends *ends;
    struct p2i_bytes bytes;
    uint64_t random;
    uint8_t id; /* by which the protocol was recognised */
    bool text;
};

/* True when the protocol is recognised. */
static bool is_same(void *context)
{
    const struct seen *seen = context;
    uint64_t note = 0;
    const struct p2i_recogniser *found = NULL;
    enum p2i_match match = p2i_recognise(&seen->ends->ends, seen->ends->direction,
                                         p2i_span_view(seen->bytes), &note, &found);
    return match == P2I_MATCH_YES && found->id == seen->id;
}

static void blank(void *context, uint8_t *data, size_t size)
{
    const struct seen *seen = context;
    if (seen->text) {
        p2i_write_letters(seen->writing, p2i_span_of(data, size));
    } else {
        p2i_write_binary(seen->writing, p2i_span_of(data, size));
    }
}

static uint8_t other(void *context, uint8_t byte)
{
    struct seen *seen = context;
    seen->random = p2i_mix(seen->random, byte);
    uint8_t random = (uint8_t)(seen->random >> 8);
    if (p2i_is_digit(byte)) {
        return (uint8_t)('0' + random % 10);
    }
    if (p2i_is_letter(byte)) {
        return (uint8_t)((byte & 0x20) | ('A' + random % 26));
    }
    return random;
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

/* RFC 3550: a protocol that is recognised by headers in succession keeps what counts. */
static void write_rtp(struct p2i_writing *writing, struct p2i_bytes span)
{
    enum { HEADER_SIZE = 12, VERSION = 2 };
    bool known = span.size > 0 && span.data[0] >> 6 == VERSION;
    p2i_write_binary(writing, p2i_span_from(span, known ? HEADER_SIZE : 0));
}

/* Overwrites what the recogniser does not need. */
static void write_recognised(struct seen *seen)
{
    enum { TRIES = 1024 };
    uint8_t *original = malloc(seen->bytes.size + 1);
    if (original == NULL) {
        seen->writing->out_of_memory = true;
        return;
    }
    memcpy(original, seen->bytes.data, seen->bytes.size);
    struct p2i_trial trial = {
        .context = seen, .is_same = is_same, .blank = blank, .other = other, .tries_left = TRIES};
    p2i_try(&trial, seen->bytes.data, original, seen->bytes.size);
    free(original);
}

void p2i_write_opaque(struct p2i_writing *writing, const struct p2i_stream_ends *ends, uint8_t id,
                      struct p2i_bytes span)
{
    if (writing->words == NULL || span.size == 0) {
        return;
    }
    if (id == P2I_ID_RTP) {
        write_rtp(writing, span);
        return;
    }
    if (ends->ends.transport == P2I_OVER_TCP) {
        size_t tls = find_tls(span);
        p2i_write_tls(writing, p2i_span_from(span, tls));
        span = p2i_span_first(span, tls);
    }
    struct seen seen = {.writing = writing,
                        .ends = ends,
                        .bytes = p2i_span_first(span, ends->first),
                        .random = p2i_substitution_number(writing->words, writing->salt),
                        .id = id,
                        .text = is_text(span)};
    if (id == P2I_ID_UNKNOWN || seen.bytes.size == 0 || !is_same(&seen)) {
        seen.bytes.size = 0;
    } else {
        write_recognised(&seen);
    }
    p2i_write_binary(writing, p2i_span_from(span, seen.bytes.size));
}
