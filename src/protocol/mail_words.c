/* SPDX-License-Identifier: MIT */
#include "protocol/mail_words.h"

#include <errno.h>
#include <iconv.h>

#include "base/base64.h"

enum {
    CHARSET_MAX = 40,
    CHARSETS_MAX = 16, /* changes of charset in one value; looking one up takes long */
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
    struct p2i_view charset; /* empty: there is none */
    struct p2i_text bytes;   /* decoded, in that charset */
    size_t begin, end;       /* in the value */
};

struct decoding {
    const struct p2i_parser *parser;
    struct p2i_text *out;
    struct p2i_view value;
    size_t limit;
    struct run run;
    unsigned charsets; /* looked up so far */
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* What "=?charset*language?B?text?=" at `at` holds; false when it is not one. */
static bool read_word(struct p2i_view value, size_t at, struct word *word)
{
    struct p2i_view rest = p2i_view_from(value, at);
    if (!p2i_view_starts(rest, P2I_VIEW("=?"))) {
        return false;
    }
    struct p2i_view name = p2i_view_from(rest, 2);
    name = p2i_view_first(name, p2i_view_find(p2i_view_first(name, CHARSET_MAX * 2), '?'));
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
    return word->charset.size > 0 && word->charset.size <= CHARSET_MAX;
}

/* ---- the two encodings ---- */

static void add_base64(struct decoding *d, struct p2i_view text)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.size; i++) {
        int value = p2i_base64_value(text.data[i]);
        if (value < 0) {
            continue;
        }
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            uint8_t byte = (uint8_t)(bits >> count);
            p2i_text_add(d->parser, &d->run.bytes, p2i_view_of(&byte, 1), d->limit);
        }
    }
}

static int hex_value(uint8_t byte)
{
    byte = p2i_lower(byte);
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void add_quoted(struct decoding *d, struct p2i_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '_') {
            byte = ' ';
        } else if (byte == '=' && text.size - i > 2 && hex_value(text.data[i + 1]) >= 0 &&
                   hex_value(text.data[i + 2]) >= 0) {
            byte = (uint8_t)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2]));
            i += 2;
        }
        p2i_text_add(d->parser, &d->run.bytes, p2i_view_of(&byte, 1), d->limit);
    }
}

/* ---- charsets ---- */

/* What a name stands for in practice: mail says the smaller set and uses the larger one. */
static struct p2i_view larger_charset(struct p2i_view name)
{
    static const char *const pairs[][2] = {
        {"gb2312", "GB18030"},          {"gbk", "GB18030"},     {"x-gbk", "GB18030"},
        {"shift_jis", "CP932"},         {"shift-jis", "CP932"}, {"x-sjis", "CP932"},
        {"ks_c_5601-1987", "CP949"},    {"euc-kr", "CP949"},    {"iso-8859-8-i", "ISO-8859-8"},
        {"unicode-1-1-utf-7", "UTF-7"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (p2i_view_equals_nocase(name, p2i_view_of(pairs[i][0], strlen(pairs[i][0])))) {
            return p2i_view_of(pairs[i][1], strlen(pairs[i][1]));
        }
    }
    return name;
}

/* Names of charsets are letters, digits and a few signs; what else could be in one has a meaning of
 * its own to iconv. INTERNAL is its own memory layout. */
static bool open_charset(struct p2i_view charset, iconv_t *opened)
{
    char name[CHARSET_MAX + 1];
    struct p2i_view known = larger_charset(charset);
    for (size_t i = 0; i < known.size; i++) {
        uint8_t byte = known.data[i];
        uint8_t letter = p2i_lower(byte);
        bool well = (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') ||
                    byte == '-' || byte == '_' || byte == '.' || byte == ':' || byte == '+';
        if (!well) {
            return false;
        }
        name[i] = (char)byte;
    }
    name[known.size] = '\0';
    if (p2i_view_equals_nocase(known, P2I_VIEW("INTERNAL"))) {
        return false;
    }
    *opened = iconv_open("UTF-8", name);
    return (intptr_t)*opened != -1;
}

static void convert(struct decoding *d, iconv_t charset)
{
    char *in = (char *)d->run.bytes.data;
    size_t left = d->run.bytes.size;
    while (left > 0 && d->out->size < d->limit) {
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
        }
    }
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
    iconv_t opened;
    if (d->charsets++ >= CHARSETS_MAX || !open_charset(charset, &opened)) {
        struct p2i_view sent = p2i_view_first(d->value, d->run.end);
        p2i_text_add(d->parser, d->out, p2i_view_from(sent, d->run.begin), d->limit);
        return;
    }
    convert(d, opened);
    iconv_close(opened);
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

void p2i_mail_decode(const struct p2i_parser *parser, struct p2i_text *out, struct p2i_view value,
                     size_t limit)
{
    struct decoding d = {.parser = parser, .out = out, .value = value, .limit = limit};
    size_t at = 0;
    while (at < value.size) {
        size_t blanks = at;
        while (blanks < value.size && is_blank(value.data[blanks])) {
            blanks++;
        }
        /* Blanks between two words only separate them (RFC 2047 section 6.2). */
        struct word word;
        size_t from = d.run.charset.size > 0 ? blanks : at;
        if (read_word(value, from, &word)) {
            add_word(&d, &word, from);
            at = from + word.size;
            continue;
        }
        add_run(&d);
        struct p2i_view rest = p2i_view_from(value, at);
        size_t plain = 1 + p2i_view_find(p2i_view_from(rest, 1), '=');
        p2i_text_add(parser, out, p2i_view_first(rest, plain), limit);
        at += plain;
    }
    add_run(&d);
    p2i_text_free(parser, &d.run.bytes);
}
