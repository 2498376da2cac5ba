/* SPDX-License-Identifier: MIT */
#include "protocol/mail/words.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "protocol/mail/charsets.h"

enum {
    /* Most changes of charset in one value; a lookup of an unknown charset is slow. */
    CHARSETS_MAX = 16,
    /* Most bad bytes in adjacent words of one charset; with more the charset is wrong. */
    BAD_BYTES_MAX = 32,
    CHUNK_BYTES = 256,
};

/* One encoded word. */
struct word {
    struct p2i_view charset;
    struct p2i_view text;
    bool base64;
    size_t size; /* from "=?" to "?=" */
};

/* Adjacent words of one charset. */
struct run {
    struct p2i_view charset; /* empty: no run */
    struct p2i_text bytes;   /* decoded, in that charset */
    size_t begin, end;       /* offsets in the value */
};

struct decoding {
    const struct p2i_parser *parser;
    struct p2i_text *out;
    struct p2i_view value;
    size_t limit;
    struct run run;
    unsigned charsets; /* number of lookups so far */
};

/* Reads "=?charset*language?B?text?=" at `at`; false when it is not an encoded word. */
static bool read_word(struct p2i_view value, size_t at, struct word *word)
{
    struct p2i_view rest = p2i_view_from(value, at);
    if (!p2i_view_starts(rest, P2I_VIEW("=?"))) {
        return false;
    }
    struct p2i_view name = p2i_view_from(rest, 2);
    name = p2i_view_first(name, p2i_view_find(p2i_view_first(name, P2I_CHARSET_MAX * 2), '?'));
    struct p2i_view behind = p2i_view_from(rest, 2 + name.size);
    if (behind.size < 3 || behind.data[0] != '?' || behind.data[2] != '?') {
        return false;
    }
    uint8_t encoding = p2i_lower(behind.data[1]);
    struct p2i_view text = p2i_view_from(behind, 3);
    text = p2i_view_first(text, p2i_view_find(text, '?'));
    if (!p2i_view_starts(p2i_view_from(behind, 3 + text.size), P2I_VIEW("?=")) ||
        (encoding != 'b' && encoding != 'q')) {
        return false;
    }
    word->charset = p2i_view_first(name, p2i_view_find(name, '*'));
    word->text = text;
    word->base64 = encoding == 'b';
    word->size = 2 + name.size + 3 + text.size + 2;
    return word->charset.size > 0 && word->charset.size <= P2I_CHARSET_MAX;
}

/* ---- the two encodings ---- */

/* Decoded bytes that are not yet in the run. */
struct chunk {
    uint8_t bytes[CHUNK_BYTES];
    size_t size;
};

static void flush_chunk(struct decoding *d, struct chunk *chunk)
{
    p2i_text_add(d->parser, &d->run.bytes, p2i_view_of(chunk->bytes, chunk->size), d->limit);
    chunk->size = 0;
}

static void add_byte(struct decoding *d, struct chunk *chunk, uint8_t byte)
{
    if (chunk->size == sizeof chunk->bytes) {
        flush_chunk(d, chunk);
    }
    chunk->bytes[chunk->size++] = byte;
}

static void add_base64(struct decoding *d, struct p2i_view text)
{
    struct chunk chunk;
    struct p2i_base64 decoder = {0};
    uint8_t byte;
    chunk.size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (p2i_base64_take(&decoder, text.data[i], &byte)) {
            add_byte(d, &chunk, byte);
        }
    }
    flush_chunk(d, &chunk);
}

static void add_quoted(struct decoding *d, struct p2i_view text)
{
    struct chunk chunk;
    chunk.size = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '_') {
            byte = ' ';
        } else if (byte == '=' && text.size - i > 2) {
            int high = p2i_hex_value(text.data[i + 1]);
            int low = p2i_hex_value(text.data[i + 2]);
            bool is_byte = high >= 0 && low >= 0;
            byte = is_byte ? (uint8_t)(high * 16 + low) : byte;
            i += is_byte ? 2 : 0;
        }
        add_byte(d, &chunk, byte);
    }
    flush_chunk(d, &chunk);
}

/* ---- charsets ---- */

static void convert(struct decoding *d, iconv_t charset)
{
    char *in = (char *)d->run.bytes.data;
    size_t left = d->run.bytes.size;
    unsigned bad = 0;
    while (left > 0 && bad < BAD_BYTES_MAX && d->out->size < d->limit) {
        char buffer[512];
        char *at = buffer;
        size_t room = sizeof buffer;
        size_t result = iconv(charset, &in, &left, &at, &room);
        int why = result == (size_t)-1 ? errno : 0;
        p2i_text_add(d->parser, d->out, p2i_view_of(buffer, sizeof buffer - room), d->limit);
        if (left > 0 && why != E2BIG) {
            p2i_text_add(d->parser, d->out, p2i_view_of(in, 1), d->limit);
            in++;
            left--;
            bad++;
        }
    }
    /* Flushes the converter: some charsets hold the last letter back, because an accent may
     * follow. */
    char last[16];
    char *at = last;
    size_t room = sizeof last;
    (void)iconv(charset, NULL, NULL, &at, &room);
    p2i_text_add(d->parser, d->out, p2i_view_of(last, sizeof last - room), d->limit);
    p2i_text_add(d->parser, d->out, p2i_view_of(in, left), d->limit);
}

static void add_run(struct decoding *d)
{
    struct p2i_view charset = d->run.charset;
    d->run.charset = (struct p2i_view){0};
    if (charset.size == 0) {
        return;
    }
    if (p2i_view_equals_nocase(charset, P2I_VIEW("utf-8")) ||
        p2i_view_equals_nocase(charset, P2I_VIEW("us-ascii"))) {
        p2i_text_add(d->parser, d->out, p2i_text_view(&d->run.bytes), d->limit);
        return;
    }
    struct p2i_charset opened;
    errno = 0;
    if (d->charsets++ >= CHARSETS_MAX || !p2i_charset_open(d->parser->shared, charset, &opened)) {
        struct p2i_view sent = p2i_view_first(d->value, d->run.end);
        p2i_text_add(d->parser, d->out, p2i_view_from(sent, d->run.begin), d->limit);
        if (errno == ENOMEM) {
            p2i_pool_note_refusal(d->parser->pool);
        }
        return;
    }
    convert(d, opened.to_utf8);
    p2i_charset_close(&opened);
}

static void add_word(struct decoding *d, const struct word *word, size_t at)
{
    if (!p2i_view_equals_nocase(word->charset, d->run.charset)) {
        add_run(d);
        d->run.charset = word->charset;
        d->run.bytes.size = 0;
        d->run.begin = at;
    }
    d->run.end = at + word->size;
    if (word->base64) {
        add_base64(d, word->text);
    } else {
        add_quoted(d, word->text);
    }
}

/* Offset of the first "=?" from `from` on; the size of the value when there is none. */
static size_t find_word(struct p2i_view value, size_t from)
{
    struct p2i_view rest = p2i_view_from(value, from);
    const uint8_t *found = rest.size > 0 ? memmem(rest.data, rest.size, "=?", 2) : NULL;
    return found != NULL ? (size_t)(found - value.data) : value.size;
}

/* Adds the text between words, or text that only looks like a word. */
static void add_plain(struct decoding *d, size_t begin, size_t end)
{
    struct p2i_view plain = p2i_view_from(p2i_view_first(d->value, end), begin);
    if (plain.size > 0) {
        add_run(d);
        p2i_text_add(d->parser, d->out, plain, d->limit);
    }
}

void p2i_mail_decode(const struct p2i_parser *parser, struct p2i_text *out, struct p2i_view value,
                     size_t limit)
{
    struct decoding d = {.parser = parser, .out = out, .value = value, .limit = limit};
    size_t done = 0;
    size_t at = find_word(value, 0);
    while (at < value.size) {
        struct word word;
        if (!read_word(value, at, &word)) {
            at = find_word(value, at + 1);
            continue;
        }
        /* Blanks between two words only separate them (RFC 2047 section 6.2). */
        struct p2i_view between = p2i_view_from(p2i_view_first(value, at), done);
        if (d.run.charset.size == 0 || p2i_view_trim(between).size > 0) {
            add_plain(&d, done, at);
        }
        add_word(&d, &word, at);
        done = at + word.size;
        at = find_word(value, done);
    }
    add_plain(&d, done, value.size);
    add_run(&d);
    p2i_text_free(parser, &d.run.bytes);
}

/* ---- cut values ---- */

/* Returns true if the value ends in the text of the word at `at`; sets `*end` to the end of the
 * bytes that can be decoded. */
static bool is_cut_word(struct p2i_view value, size_t at, size_t *end)
{
    struct p2i_view name = p2i_view_from(value, at + 2);
    name = p2i_view_first(name, p2i_view_find(name, '?'));
    struct p2i_view behind = p2i_view_from(value, at + 2 + name.size);
    if (name.size == 0 || behind.size < 3 || behind.data[2] != '?') {
        return false;
    }
    uint8_t encoding = p2i_lower(behind.data[1]);
    struct p2i_view text = p2i_view_from(behind, 3);
    size_t size = p2i_view_find(text, '?');
    if (size + 1 < text.size || (encoding != 'b' && encoding != 'q')) {
        return false;
    }
    text = p2i_view_first(text, size);
    if (encoding == 'q') {
        struct p2i_view last = p2i_view_from(text, text.size > 2 ? text.size - 2 : 0);
        text.size -= last.size - p2i_view_find(last, '='); /* a cut "=C3" */
    }
    *end = at + 2 + name.size + 3 + text.size;
    return true;
}

/* Removes an incomplete UTF-8 character from the end of `out`. */
static void drop_half_character(struct p2i_text *out)
{
    struct p2i_view text = p2i_text_view(out);
    for (size_t size = 1; size <= 3 && size <= text.size; size++) {
        uint8_t byte = text.data[text.size - size];
        size_t whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        if (whole > size) {
            out->size -= (uint32_t)size;
        }
        if (byte < 0x80 || byte >= 0xc0) {
            return;
        }
    }
}

void p2i_mail_decode_cut(const struct p2i_parser *parser, struct p2i_text *out,
                         struct p2i_view value, size_t limit)
{
    struct p2i_text closed = {0};
    struct word word;
    size_t end = 0;
    size_t at = find_word(value, 0);
    while (at < value.size && end == 0) {
        bool whole = read_word(value, at, &word);
        if (whole || !is_cut_word(value, at, &end)) {
            at = find_word(value, at + (whole ? word.size : 1));
        }
    }
    if (end > 0) {
        p2i_text_add(parser, &closed, p2i_view_first(value, end), SIZE_MAX);
        p2i_text_add(parser, &closed, P2I_VIEW("?="), SIZE_MAX);
        value = p2i_text_view(&closed);
    }
    p2i_mail_decode(parser, out, value, limit);
    p2i_text_free(parser, &closed);
    drop_half_character(out);
}
