/* SPDX-License-Identifier: MIT */
/* Encoded words (RFC 2047): decoded, substituted, and encoded again over the same characters.
 * Adjacent words are one text, as writers cut them anywhere. */
#include <iconv.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "pcap2ipfix/cursor.h"
#include "rewrite/text.h"

enum { WORDS_MAX = 128, CHARSET_MAX = 40, LANGUAGE_MAX = 4 };

const char p2i_charsets[] =
    "utf-8 utf8 us-ascii ascii latin1 iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 "
    "iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 "
    "iso-8859-14 iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1252 windows-1253 "
    "windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 windows-874 cp1250 cp1251 "
    "cp1252 cp437 cp850 cp852 cp866 cp932 koi8-r koi8-u gb2312 gb_2312-80 gbk gb18030 hz-gb-2312 "
    "big5 euc-jp euc-kr ks_c_5601-1987 shift_jis shift-jis sjis iso-2022-jp iso-2022-kr tis-620 "
    "viscii macintosh utf-16 utf-7";

struct word {
    struct p2i_view charset;
    struct p2i_bytes text; /* encoded */
    size_t size;           /* of the whole word */
    size_t decoded;        /* bytes */
    bool base64;
};

/* Reads the word at the start of `span`. False: there is none. */
static bool read_word(struct p2i_bytes span, struct word *word)
{
    struct p2i_view rest = p2i_span_view(span);
    if (!p2i_view_starts(rest, P2I_VIEW("=?"))) {
        return false;
    }
    struct p2i_view charset = p2i_view_from(rest, 2);
    size_t end = p2i_view_find(charset, '?');
    if (end == 0 || end > CHARSET_MAX || charset.size < end + 3 || charset.data[end + 2] != '?') {
        return false;
    }
    uint8_t encoding = p2i_lower(charset.data[end + 1]);
    size_t begin = 2 + end + 3;
    size_t at = begin;
    while (at < span.size && span.data[at] != '?' && !p2i_is_space(span.data[at])) {
        at++;
    }
    if ((encoding != 'b' && encoding != 'q') || at + 1 >= span.size || span.data[at] != '?' ||
        span.data[at + 1] != '=') {
        return false;
    }
    charset = p2i_view_first(charset, end);
    size_t star = p2i_view_find(charset, '*'); /* a language follows (RFC 2231 section 5) */
    struct p2i_bytes name = p2i_span_of(span.data + 2, star);
    if (!p2i_is_listed(name, p2i_charsets) || charset.size - star > LANGUAGE_MAX) {
        return false;
    }
    *word = (struct word){.charset = p2i_view_first(charset, star),
                          .text = p2i_span_of(span.data + begin, at - begin),
                          .size = at + 2,
                          .base64 = encoding == 'b'};
    return true;
}

/* True for "=" and two hexadecimal digits. */
static bool is_escape(struct p2i_bytes text, size_t at)
{
    return at + 2 < text.size && text.data[at] == '=' && p2i_hex_value(text.data[at + 1]) >= 0 &&
           p2i_hex_value(text.data[at + 2]) >= 0;
}

static size_t decode(const struct word *word, uint8_t *out)
{
    struct p2i_bytes text = word->text;
    if (word->base64) {
        memcpy(out, text.data, text.size);
        return p2i_base64_decode(out, text.size);
    }
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (is_escape(text, i)) {
            out[size++] =
                (uint8_t)(p2i_hex_value(text.data[i + 1]) * 16 + p2i_hex_value(text.data[i + 2]));
            i += 2;
        } else {
            out[size++] = text.data[i] == '_' ? ' ' : text.data[i];
        }
    }
    return size;
}

static void encode(const struct word *word, const uint8_t *bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    struct p2i_bytes text = word->text;
    if (word->base64) {
        p2i_base64_over(text, p2i_view_of(bytes, word->decoded));
        return;
    }
    for (size_t i = 0; i < text.size; i++, bytes++) {
        if (is_escape(text, i)) {
            text.data[i + 1] = (uint8_t)digits[*bytes >> 4];
            text.data[i + 2] = (uint8_t)digits[*bytes & 15];
            i += 2;
        } else if (*bytes != ' ') {
            text.data[i] = *bytes;
        }
    }
}

/* One character by iconv. Returns the size of the result; 0: it has none. */
static size_t convert(iconv_t converter, void *in, size_t in_size, void *out, size_t out_size)
{
    char *from = in;
    char *to = out;
    size_t left = out_size;
    size_t result = iconv(converter, &from, &in_size, &to, &left);
    (void)iconv(converter, NULL, NULL, NULL, NULL);
    return result == (size_t)-1 ? 0 : out_size - left;
}

/* Bytes of a charset with one byte for a character. False: it is another one, or unknown. */
static bool substitute_bytes(struct p2i_writing *writing, const char *charset,
                             struct p2i_bytes bytes, uint32_t *points)
{
    iconv_t to = iconv_open("UTF-32BE", charset);
    iconv_t from = iconv_open(charset, "UTF-32BE");
    bool done = to != (iconv_t)-1 && from != (iconv_t)-1; /* NOLINT: as iconv_open(3) says */
    for (size_t i = 0; done && i < bytes.size; i++) {
        uint8_t point[4];
        done = convert(to, bytes.data + i, 1, point, sizeof point) == sizeof point;
        points[i] = done ? p2i_load_be32(point) : 0;
    }
    if (done) {
        p2i_substitute_points(writing->words, points, bytes.size);
    }
    for (size_t i = 0; done && i < bytes.size; i++) {
        uint8_t point[4] = {0, (uint8_t)(points[i] >> 16), (uint8_t)(points[i] >> 8),
                            (uint8_t)points[i]};
        uint8_t byte[8];
        bytes.data[i] = convert(from, point, sizeof point, byte, sizeof byte) == 1 ? byte[0] : 'x';
    }
    if (to != (iconv_t)-1) { /* NOLINT */
        (void)iconv_close(to);
    }
    if (from != (iconv_t)-1) { /* NOLINT */
        (void)iconv_close(from);
    }
    return done;
}

/* The decoded bytes of adjacent words in one charset. What cannot be substituted becomes letters.
 */
static void substitute(struct p2i_writing *writing, struct p2i_view charset, struct p2i_bytes bytes)
{
    char name[CHARSET_MAX + 1] = {0};
    uint32_t *points;
    if (writing->words == NULL || bytes.size == 0) {
        return;
    }
    if (p2i_view_equals_nocase(charset, P2I_VIEW("utf-8")) ||
        p2i_view_equals_nocase(charset, P2I_VIEW("us-ascii"))) {
        p2i_write_text(writing, bytes);
        return;
    }
    memcpy(name, charset.data, charset.size);
    points = calloc(bytes.size, sizeof *points);
    if (points == NULL) {
        writing->out_of_memory = true;
    } else if (!substitute_bytes(writing, name, bytes, points)) {
        p2i_write_letters(writing, bytes);
    }
    free(points);
}

static void write_group(struct p2i_writing *writing, struct word *words, size_t count)
{
    size_t most = 1;
    for (size_t i = 0; i < count; i++) {
        most += words[i].text.size;
    }
    uint8_t *bytes = malloc(most);
    if (bytes == NULL) {
        writing->out_of_memory = true;
        return;
    }
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        words[i].decoded = decode(&words[i], bytes + size);
        size += words[i].decoded;
    }
    substitute(writing, words[0].charset, p2i_span_of(bytes, size));
    size = 0;
    for (size_t i = 0; i < count; i++) {
        encode(&words[i], bytes + size);
        size += words[i].decoded;
    }
    free(bytes);
}

/* Rewrites the words at the start of `span`. Returns their size; 0: there are none. */
static size_t write_words(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct word words[WORDS_MAX];
    size_t count = 0;
    size_t size = 0;
    size_t at = 0;
    while (count < WORDS_MAX && read_word(p2i_span_from(span, at), &words[count]) &&
           p2i_view_equals_nocase(words[count].charset, words[0].charset)) {
        at += words[count].size;
        size = at;
        count++;
        while (at < span.size && p2i_is_space(span.data[at])) {
            at++;
        }
    }
    if (count > 0 && writing->words != NULL) {
        write_group(writing, words, count);
    }
    return size;
}

void p2i_write_encoded(struct p2i_writing *writing, struct p2i_bytes span)
{
    size_t from = 0;
    size_t at = 0;
    while (at < span.size) {
        struct word word;
        if (!read_word(p2i_span_from(span, at), &word)) {
            at++;
            continue;
        }
        p2i_write_text(writing, p2i_span_of(span.data + from, at - from));
        at += write_words(writing, p2i_span_from(span, at));
        from = at;
    }
    p2i_write_text(writing, p2i_span_from(span, from));
}
