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

static enum p2i_xmpp_seen go_to(struct p2i_xmpp_scan *scan, enum place place)
{
    scan->place = (uint8_t)place;
    return P2I_XMPP_MORE;
}

static enum p2i_xmpp_seen begin_section(struct p2i_xmpp_scan *scan, uint8_t mark, uint8_t wanted)
{
    scan->mark = mark;
    scan->wanted = wanted;
    scan->count = 0;
    return go_to(scan, IN_SECTION);
}

/* Called at the end of an element, a comment or a section. */
static enum p2i_xmpp_seen end_one(struct p2i_xmpp_scan *scan)
{
    scan->place = IN_TEXT;
    return scan->depth == 0 ? P2I_XMPP_ENDED : P2I_XMPP_MORE;
}

static enum p2i_xmpp_seen behind_less(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (p2i_is_letter(byte) || byte == '_' || byte == ':' || byte >= 0x80) {
        return go_to(scan, IN_TAG);
    }
    switch (byte) {
    case '/':
        return go_to(scan, IN_END_TAG);
    case '!':
        return go_to(scan, BEHIND_BANG);
    case '?':
        return begin_section(scan, '?', 1);
    default:
        return P2I_XMPP_BROKEN;
    }
}

static enum p2i_xmpp_seen in_tag(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    switch (byte) {
    case '>':
        scan->depth++;
        scan->place = IN_TEXT;
        return scan->depth == 1 ? P2I_XMPP_OPENED : P2I_XMPP_MORE;
    case '/':
        return go_to(scan, BEHIND_SLASH);
    case '"':
    case '\'':
        scan->mark = byte;
        return go_to(scan, IN_VALUE);
    default:
        return byte == '<' ? P2I_XMPP_BROKEN : P2I_XMPP_MORE;
    }
}

static enum p2i_xmpp_seen in_end_tag(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (byte != '>') {
        return byte == '<' ? P2I_XMPP_BROKEN : P2I_XMPP_MORE;
    }
    scan->depth -= scan->depth > 0;
    return end_one(scan);
}

static enum p2i_xmpp_seen in_cdata_mark(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (byte != cdata_mark[scan->count]) {
        return P2I_XMPP_BROKEN;
    }
    scan->count++;
    return scan->count == sizeof cdata_mark ? begin_section(scan, ']', 2) : P2I_XMPP_MORE;
}

static enum p2i_xmpp_seen in_section(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    if (byte == '>' && scan->count >= scan->wanted) {
        return end_one(scan);
    }
    uint8_t more = scan->count < scan->wanted ? (uint8_t)(scan->count + 1) : scan->wanted;
    scan->count = byte == scan->mark ? more : 0;
    return P2I_XMPP_MORE;
}

static enum p2i_xmpp_seen take(struct p2i_xmpp_scan *scan, uint8_t byte)
{
    switch ((enum place)scan->place) {
    case IN_TEXT:
        return byte == '<' ? go_to(scan, BEHIND_LESS) : P2I_XMPP_MORE;
    case BEHIND_LESS:
        return behind_less(scan, byte);
    case IN_TAG:
        return in_tag(scan, byte);
    case BEHIND_SLASH:
        return byte == '>' ? end_one(scan) : P2I_XMPP_BROKEN;
    case IN_VALUE:
        if (byte == scan->mark) {
            return go_to(scan, IN_TAG);
        }
        return byte == '<' ? P2I_XMPP_BROKEN : P2I_XMPP_MORE;
    case IN_END_TAG:
        return in_end_tag(scan, byte);
    case BEHIND_BANG:
        scan->count = 0;
        if (byte == '[' && scan->depth > 0) {
            return go_to(scan, IN_CDATA_MARK);
        }
        return byte == '-' ? go_to(scan, BEHIND_DASH) : P2I_XMPP_BROKEN;
    case BEHIND_DASH:
        return byte == '-' ? begin_section(scan, '-', 2) : P2I_XMPP_BROKEN;
    case IN_CDATA_MARK:
        return in_cdata_mark(scan, byte);
    case IN_SECTION:
        return in_section(scan, byte);
    }
    return P2I_XMPP_BROKEN;
}

/* Number of bytes at the front of `bytes` that do not change the scan's state. */
static size_t dull(const struct p2i_xmpp_scan *scan, struct p2i_view bytes)
{
    switch ((enum place)scan->place) {
    case IN_TEXT:
        return p2i_view_find(bytes, '<');
    case IN_VALUE:
        return p2i_view_find(p2i_view_first(bytes, p2i_view_find(bytes, scan->mark)), '<');
    case IN_SECTION:
        return scan->count == 0 ? p2i_view_find(bytes, scan->mark) : 0;
    default:
        return 0;
    }
}

enum p2i_xmpp_seen p2i_xmpp_scan(struct p2i_xmpp_scan *scan, struct p2i_view bytes, size_t *used)
{
    enum p2i_xmpp_seen seen = P2I_XMPP_MORE;
    size_t at = dull(scan, bytes);
    while (at < bytes.size && seen == P2I_XMPP_MORE) {
        seen = take(scan, bytes.data[at]);
        at += seen != P2I_XMPP_BROKEN;
        if (seen == P2I_XMPP_MORE) {
            at += dull(scan, p2i_view_from(bytes, at));
        }
    }
    *used = at;
    return seen;
}
