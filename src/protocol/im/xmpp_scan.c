/* SPDX-License-Identifier: MIT */
#include "protocol/im/xmpp_scan.h"

#include "base/ascii.h"

enum place {
    IN_TEXT = 0,
    BEHIND_LESS, /* "<" */
    IN_TAG,      /* a start tag, outside of values */
    BEHIND_SLASH,
    IN_VALUE,
    IN_END_TAG,
    BEHIND_BANG, /* "<!" */
    BEHIND_DASH, /* "<!-" */
    IN_CDATA_MARK,
    IN_SECTION, /* comment, CDATA or processing instruction: ends with `wanted` marks and '>' */
};

static const uint8_t cdata_mark[] = {'C', 'D', 'A', 'T', 'A', '['};

/* What a state sees at the front of the bytes that are left, of which there is one at least. */
struct sight {
    size_t used;
    enum p2i_xmpp_seen seen;
};

static struct sight go_to(struct p2i_xmpp_scan *scan, enum place place, size_t used)
{
    scan->place = (uint8_t)place;
    return (struct sight){used, P2I_XMPP_MORE};
}

static struct sight stay(size_t used)
{
    return (struct sight){used, P2I_XMPP_MORE};
}

/* The byte behind `used` ones can't be there. */
static struct sight broken(size_t used)
{
    return (struct sight){used, P2I_XMPP_BROKEN};
}

static struct sight begin_section(struct p2i_xmpp_scan *scan, uint8_t mark, uint8_t wanted)
{
    scan->mark = mark;
    scan->wanted = wanted;
    scan->count = 0;
    return go_to(scan, IN_SECTION, 1);
}

/* Called at the end of an element, a comment or a section. */
static struct sight end_one(struct p2i_xmpp_scan *scan, size_t used)
{
    scan->place = IN_TEXT;
    return (struct sight){used, scan->depth == 0 ? P2I_XMPP_ENDED : P2I_XMPP_MORE};
}

static bool begins_name(uint8_t byte)
{
    return p2i_is_letter(byte) || byte == '_' || byte == ':' || byte >= 0x80;
}

static struct sight in_text(struct p2i_xmpp_scan *scan, struct p2i_view bytes)
{
    size_t at = bytes.data[0] == '<' ? 0 : p2i_view_find(bytes, '<');
    if (at == bytes.size) {
        return stay(at);
    }
    bool tag = at + 1 < bytes.size && begins_name(bytes.data[at + 1]);
    return tag ? go_to(scan, IN_TAG, at + 2) : go_to(scan, BEHIND_LESS, at + 1);
}

static struct sight behind_less(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (begins_name(byte)) {
        return go_to(scan, IN_TAG, 1);
    }
    switch (byte) {
    case '/':
        return go_to(scan, IN_END_TAG, 1);
    case '!':
        return go_to(scan, BEHIND_BANG, 1);
    case '?':
        return begin_section(scan, '?', 1);
    default:
        return broken(0);
    }
}

static struct sight in_tag(struct p2i_xmpp_scan *scan, struct p2i_view bytes)
{
    static const bool is_mark[UINT8_MAX + 1] = {
        ['>'] = true, ['/'] = true, ['"'] = true, ['\''] = true, ['<'] = true};
    size_t at = 0;
    while (at < bytes.size && !is_mark[bytes.data[at]]) {
        at++;
    }
    if (at == bytes.size) {
        return stay(at);
    }
    switch (bytes.data[at]) {
    case '>':
        scan->depth++;
        scan->place = IN_TEXT;
        return (struct sight){at + 1, scan->depth == 1 ? P2I_XMPP_OPENED : P2I_XMPP_MORE};
    case '/':
        return at + 1 < bytes.size && bytes.data[at + 1] == '>' ? end_one(scan, at + 2)
                                                                : go_to(scan, BEHIND_SLASH, at + 1);
    case '<':
        return broken(at);
    default:
        scan->mark = bytes.data[at];
        return go_to(scan, IN_VALUE, at + 1);
    }
}

static struct sight in_value(struct p2i_xmpp_scan *scan, struct p2i_view bytes)
{
    struct p2i_view value = p2i_view_first(bytes, p2i_view_find(bytes, scan->mark));
    size_t at = p2i_view_find(value, '<');
    if (at < value.size) {
        return broken(at);
    }
    return at < bytes.size ? go_to(scan, IN_TAG, at + 1) : stay(at);
}

static struct sight in_end_tag(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (byte != '>') {
        return byte == '<' ? broken(0) : stay(1);
    }
    scan->depth -= scan->depth > 0;
    return end_one(scan, 1);
}

static struct sight in_cdata_mark(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (byte != cdata_mark[scan->count]) {
        return broken(0);
    }
    scan->count++;
    return scan->count == sizeof cdata_mark ? begin_section(scan, ']', 2) : stay(1);
}

static struct sight in_section(struct p2i_xmpp_scan *scan, struct p2i_view bytes)
{
    uint8_t byte = bytes.data[0];
    if (scan->count == 0 && byte != scan->mark) {
        return stay(p2i_view_find(bytes, scan->mark));
    }
    if (byte == '>' && scan->count >= scan->wanted) {
        return end_one(scan, 1);
    }
    uint8_t more = scan->count < scan->wanted ? (uint8_t)(scan->count + 1) : scan->wanted;
    scan->count = byte == scan->mark ? more : 0;
    return stay(1);
}

static struct sight take(struct p2i_xmpp_scan *scan, struct p2i_view bytes)
{
    uint8_t byte = bytes.data[0];
    switch ((enum place)scan->place) {
    case IN_TEXT:
        return in_text(scan, bytes);
    case BEHIND_LESS:
        return behind_less(scan, byte);
    case IN_TAG:
        return in_tag(scan, bytes);
    case BEHIND_SLASH:
        return byte == '>' ? end_one(scan, 1) : broken(0);
    case IN_VALUE:
        return in_value(scan, bytes);
    case IN_END_TAG:
        return in_end_tag(scan, byte);
    case BEHIND_BANG:
        scan->count = 0;
        if (byte == '[' && scan->depth > 0) {
            return go_to(scan, IN_CDATA_MARK, 1);
        }
        return byte == '-' ? go_to(scan, BEHIND_DASH, 1) : broken(0);
    case BEHIND_DASH:
        return byte == '-' ? begin_section(scan, '-', 2) : broken(0);
    case IN_CDATA_MARK:
        return in_cdata_mark(scan, byte);
    case IN_SECTION:
        return in_section(scan, bytes);
    }
    return broken(0);
}

enum p2i_xmpp_seen p2i_xmpp_scan(struct p2i_xmpp_scan *scan, struct p2i_view bytes, size_t *used)
{
    struct sight sight = {0, P2I_XMPP_MORE};
    size_t at = 0;
    while (at < bytes.size && sight.seen == P2I_XMPP_MORE) {
        sight = take(scan, p2i_view_of(bytes.data + at, bytes.size - at));
        at += sight.used;
    }
    *used = at;
    return sight.seen;
}
