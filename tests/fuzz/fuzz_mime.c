/* SPDX-License-Identifier: MIT */
/* A message for the MIME reader, in segments. The first byte: bit 0 dotted, bit 1 bare line ends,
 * bit 2 a gap, the rest the size of segments, less one. A second reader that gets the message whole
 * must have the same results. */
#include "protocol/mail/address.h"
#include "protocol/mail/mime.h"
#include "protocol/mail/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct p2i_mime mime;
    size_t taken;
    bool ended;
};

static void read_all(const struct p2i_parser *parser, struct reading *reading, uint8_t mode,
                     struct p2i_view content, size_t segment)
{
    struct p2i_mime *mime = &reading->mime;
    mime->dotted = (mode & 1) != 0;
    mime->bare_lf = (mode & 2) != 0;
    while (content.size > 0 && !reading->ended) {
        struct p2i_view now = p2i_view_first(content, segment);
        reading->taken += p2i_mime_read(parser, mime, now, &reading->ended);
        content = p2i_view_from(content, now.size);
    }
}

static bool same(const struct p2i_text *a, const struct p2i_text *b)
{
    return p2i_view_equals(p2i_text_view(a), p2i_text_view(b));
}

static void compare(const struct reading *a, const struct reading *b)
{
    const struct p2i_mime *one = &a->mime;
    const struct p2i_mime *two = &b->mime;
    if (a->taken != b->taken || a->ended != b->ended || one->attachment != two->attachment ||
        !same(&one->from, &two->from) || !same(&one->to, &two->to) || !same(&one->cc, &two->cc) ||
        !same(&one->subject, &two->subject) || !same(&one->reply_to, &two->reply_to) ||
        !same(&one->hosts, &two->hosts)) {
        __builtin_trap();
    }
}

static void decode(const struct p2i_parser *parser, const struct p2i_mime *mime)
{
    struct p2i_text out = {0};
    p2i_mail_decode(parser, &out, p2i_text_view(&mime->subject), P2I_MIME_VALUE_MAX);
    p2i_mail_addresses(parser, &out, p2i_text_view(&mime->to), P2I_MIME_VALUE_MAX);
    p2i_text_free(parser, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct p2i_pool *pool; /* kept, because making one is slow */
    struct p2i_account account = {0};
    pool = pool != NULL ? pool : p2i_pool_new();
    struct p2i_parser parser = {.pool = pool, .account = &account};
    struct reading whole = {0};
    struct reading segments = {0};
    if (size == 0 || pool == NULL) {
        return 0;
    }
    uint8_t mode = data[0];
    struct p2i_view content = p2i_view_of(data + 1, size - 1);
    read_all(&parser, &whole, mode, content, SIZE_MAX);
    read_all(&parser, &segments, mode, content, 1 + (mode >> 3));
    if ((mode & 4) != 0 && !whole.ended) {
        p2i_mime_gap(&parser, &whole.mime);
        p2i_mime_gap(&parser, &segments.mime);
        read_all(&parser, &whole, mode, content, SIZE_MAX);
        read_all(&parser, &segments, mode, content, 1 + (mode >> 3));
    }
    p2i_mime_end(&parser, &whole.mime);
    p2i_mime_end(&parser, &segments.mime);
    compare(&whole, &segments);
    decode(&parser, &whole.mime);
    p2i_mime_free(&parser, &whole.mime);
    p2i_mime_free(&parser, &segments.mime);
    if (account.used != 0) {
        __builtin_trap();
    }
    return 0;
}
