/* SPDX-License-Identifier: MIT */
#include "protocol/sip/head.h"

#include "base/ascii.h"
#include "protocol/http/headers.h"

#define VERSION P2I_VIEW("SIP/2.0")
enum {
    VERSION_SIZE = sizeof "SIP/2.0" - 1,
    METHOD_MAX = 128,
    METHOD_IN_USE_MAX = 9, /* of those below */
};

/* RFC 3261, 3262 (PRACK), 3311 (UPDATE), 3428 (MESSAGE), 3515 (REFER), 3903 (PUBLISH), 6086 (INFO),
 * 6665 (SUBSCRIBE, NOTIFY), and two of one vendor. */
bool p2i_sip_is_method(struct p2i_view name)
{
    static const struct p2i_view methods[] = {
        {(const uint8_t *)"INVITE", 6},    {(const uint8_t *)"ACK", 3},
        {(const uint8_t *)"BYE", 3},       {(const uint8_t *)"CANCEL", 6},
        {(const uint8_t *)"OPTIONS", 7},   {(const uint8_t *)"REGISTER", 8},
        {(const uint8_t *)"SUBSCRIBE", 9}, {(const uint8_t *)"NOTIFY", 6},
        {(const uint8_t *)"MESSAGE", 7},   {(const uint8_t *)"INFO", 4},
        {(const uint8_t *)"PRACK", 5},     {(const uint8_t *)"UPDATE", 6},
        {(const uint8_t *)"REFER", 5},     {(const uint8_t *)"PUBLISH", 7},
        {(const uint8_t *)"SERVICE", 7},   {(const uint8_t *)"BENOTIFY", 8},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (p2i_view_equals(methods[i], name)) {
            return true;
        }
    }
    return false;
}

/* The version in either case (RFC 3261 section 7.1); NO as soon as a byte differs. */
static enum p2i_match match_version(struct p2i_view bytes)
{
    struct p2i_view begun = p2i_view_first(bytes, VERSION_SIZE);
    if (!p2i_view_equals_nocase(begun, p2i_view_first(VERSION, begun.size))) {
        return P2I_MATCH_NO;
    }
    return begun.size < VERSION_SIZE ? P2I_MATCH_MORE : P2I_MATCH_YES;
}

/* Status-Line (RFC 3261 section 7.2) */
static enum p2i_match start_response(struct p2i_view bytes, struct p2i_sip_start *start)
{
    size_t end = p2i_view_find(bytes, '\n');
    struct p2i_view rest = p2i_view_from(p2i_view_first(bytes, end), VERSION_SIZE);
    *start = (struct p2i_sip_start){.size = end + 1};
    return p2i_match_status(rest, end < bytes.size, &start->status);
}

static bool begins_sip_uri(struct p2i_view uri)
{
    return p2i_view_starts_nocase(uri, P2I_VIEW("sip:")) ||
           p2i_view_starts_nocase(uri, P2I_VIEW("sips:"));
}

/* Request-Line (RFC 3261 section 7.1). URIs may have spaces, so the version is the last word. */
static enum p2i_match start_request(struct p2i_view bytes, size_t method_size,
                                    struct p2i_sip_start *start)
{
    size_t end = p2i_view_find(bytes, '\n');
    struct p2i_view rest = p2i_view_trim(p2i_view_from(p2i_view_first(bytes, end), method_size));
    /* No URI begins like this, but request targets of HTTP do. */
    if (rest.size > 0 && rest.data[0] == '/') {
        return P2I_MATCH_NO;
    }
    if (end > P2I_LINE_MAX && !begins_sip_uri(rest)) {
        return P2I_MATCH_NO;
    }
    if (end == bytes.size) {
        return P2I_MATCH_MORE;
    }
    if (rest.size <= VERSION_SIZE) {
        return P2I_MATCH_NO;
    }
    size_t at = rest.size - VERSION_SIZE;
    if (match_version(p2i_view_from(rest, at)) != P2I_MATCH_YES ||
        !p2i_is_blank(rest.data[at - 1])) {
        return P2I_MATCH_NO;
    }
    *start = (struct p2i_sip_start){
        .method = p2i_view_first(bytes, method_size),
        .uri = p2i_view_trim(p2i_view_first(rest, at)),
        .size = end + 1,
    };
    return P2I_MATCH_YES;
}

enum p2i_match p2i_sip_start(struct p2i_view bytes, struct p2i_sip_start *start)
{
    size_t size = 0;
    while (size < bytes.size && size <= METHOD_MAX && p2i_is_token_char(bytes.data[size])) {
        size++;
    }
    if (size > METHOD_MAX) {
        return P2I_MATCH_NO;
    }
    if (size == bytes.size) {
        return P2I_MATCH_MORE;
    }
    if (size > 0 && p2i_is_blank(bytes.data[size])) {
        return start_request(bytes, size, start);
    }
    enum p2i_match match = match_version(bytes);
    return match == P2I_MATCH_YES ? start_response(bytes, start) : match;
}

size_t p2i_sip_find_version(struct p2i_view bytes, size_t from)
{
    while (from < bytes.size) {
        struct p2i_view rest = p2i_view_from(bytes, from);
        size_t at = p2i_view_find(rest, 'S');
        struct p2i_view begun = p2i_view_first(p2i_view_from(rest, at), VERSION_SIZE);
        if (at == rest.size || p2i_view_equals(begun, p2i_view_first(VERSION, begun.size))) {
            return from + at;
        }
        from += at + 1;
    }
    return bytes.size;
}

/* A first line in full, behind which a header follows. */
static enum p2i_match judge_line(struct p2i_view bytes)
{
    struct p2i_sip_start start;
    struct p2i_view line = p2i_view_first(bytes, P2I_LINE_MAX);
    enum p2i_match match = p2i_sip_start(line, &start);
    if (match == P2I_MATCH_MORE && line.size == P2I_LINE_MAX) {
        return P2I_MATCH_NO;
    }
    return match == P2I_MATCH_YES ? p2i_match_header(p2i_view_from(bytes, start.size)) : match;
}

/* Returns the start of the longest method in use that ends at `end`; `end` if there is none. */
static size_t method_before(struct p2i_view bytes, size_t from, size_t end)
{
    size_t at = end - from > METHOD_IN_USE_MAX ? end - METHOD_IN_USE_MAX : from;
    while (at < end && !p2i_sip_is_method(p2i_view_of(bytes.data + at, end - at))) {
        at++;
    }
    return at;
}

/* True when the line is, up to the version, words with single blanks between them. An unknown
 * method needs this form. */
static bool is_plain(struct p2i_view line)
{
    size_t words = 0;
    for (size_t at = 0; at < line.size; at++) {
        words += !p2i_is_blank(line.data[at]) && (at == 0 || p2i_is_blank(line.data[at - 1]));
    }
    return words == 2;
}

/* Reads the request line whose version is at `hit`, in a line that begins at `line`. */
static enum p2i_match judge_request(struct p2i_view bytes, size_t line, size_t hit, bool line_start,
                                    size_t *begin)
{
    enum p2i_match match = p2i_match_line_end(p2i_view_from(bytes, hit + VERSION_SIZE));
    if (match != P2I_MATCH_YES) {
        return match;
    }
    /* Asked first: the line may be searched again for every new byte. */
    size_t end = hit + p2i_view_find(p2i_view_from(bytes, hit), '\n');
    match = p2i_match_header(p2i_view_from(bytes, end + 1));
    if (match != P2I_MATCH_YES) {
        return match;
    }
    size_t word = line; /* start of the last run of token characters */
    for (size_t at = line; at < hit; at++) {
        if (p2i_is_blank(bytes.data[at])) {
            *begin = method_before(bytes, word, at);
            match = *begin < at ? judge_line(p2i_view_from(bytes, *begin)) : P2I_MATCH_NO;
            if (match != P2I_MATCH_NO) {
                return match;
            }
        }
        if (!p2i_is_token_char(bytes.data[at])) {
            word = at + 1;
        }
    }
    *begin = line;
    bool plain = line_start && is_plain(p2i_view_from(p2i_view_first(bytes, hit), line));
    return plain ? judge_line(p2i_view_from(bytes, line)) : P2I_MATCH_NO;
}

enum p2i_match p2i_sip_judge(struct p2i_view bytes, size_t hit, bool line_start, size_t *begin)
{
    size_t line = p2i_line_before(bytes, hit);
    *begin = hit;
    enum p2i_match match = judge_line(p2i_view_from(bytes, hit));
    if (match != P2I_MATCH_NO || hit == line || !p2i_is_blank(bytes.data[hit - 1])) {
        return match;
    }
    bool clean = line > 0 ? bytes.data[line - 1] == '\n' : line_start;
    return judge_request(bytes, line, hit, clean, begin);
}

enum p2i_sip_field p2i_sip_field_of(struct p2i_view name)
{
#define NAME(text, field)                                                                          \
    {                                                                                              \
        {(const uint8_t *)(text), sizeof(text) - 1}, field                                         \
    }
    /* Compact forms: RFC 3261 section 7.3.3. */
    static const struct {
        struct p2i_view name;
        enum p2i_sip_field field;
    } names[] = {
        NAME("Via", P2I_SIP_VIA),
        NAME("v", P2I_SIP_VIA),
        NAME("Route", P2I_SIP_ROUTE),
        NAME("Record-Route", P2I_SIP_ROUTE),
        NAME("From", P2I_SIP_FROM),
        NAME("f", P2I_SIP_FROM),
        NAME("To", P2I_SIP_TO),
        NAME("t", P2I_SIP_TO),
        NAME("Call-ID", P2I_SIP_CALL_ID),
        NAME("i", P2I_SIP_CALL_ID),
        NAME("CSeq", P2I_SIP_CSEQ),
        NAME("User-Agent", P2I_SIP_USER_AGENT),
        NAME("Server", P2I_SIP_SERVER),
        NAME("Content-Type", P2I_SIP_CONTENT_TYPE),
        NAME("c", P2I_SIP_CONTENT_TYPE),
        NAME("Content-Length", P2I_SIP_CONTENT_LENGTH),
        NAME("l", P2I_SIP_CONTENT_LENGTH),
    };
#undef NAME
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (p2i_view_equals_nocase(names[i].name, name)) {
            return names[i].field;
        }
    }
    return P2I_SIP_OTHER;
}

static void add_header(struct p2i_sip_head *head, enum p2i_sip_field field, struct p2i_view value)
{
    head->any = true;
    if (head->value[field].size == 0) {
        head->value[field] = value;
    }
}

static void read_headers(struct p2i_view lines, struct p2i_sip_head *head)
{
    struct p2i_header header;
    *head = (struct p2i_sip_head){0};
    while (p2i_next_header(&lines, &header)) {
        add_header(head, p2i_sip_field_of(header.name), header.value);
    }
}

static void read_length(struct p2i_sip_head *head)
{
    head->has_length = p2i_read_decimal(head->value[P2I_SIP_CONTENT_LENGTH], &head->content_length);
}

void p2i_sip_read_head(struct p2i_view lines, struct p2i_sip_head *head)
{
    read_headers(lines, head);
    read_length(head);
}

/* Returns the start of the last header of `lines`. It may go on behind them: the next line is
 * missing. */
static size_t last_header(struct p2i_view lines)
{
    size_t at = lines.size;
    do {
        const uint8_t *end = at > 1 ? memrchr(lines.data, '\n', at - 1) : NULL;
        at = end != NULL ? (size_t)(end - lines.data) + 1 : 0;
    } while (at > 0 && p2i_is_blank(lines.data[at]));
    return at;
}

static bool is_text(enum p2i_sip_field field)
{
    return field == P2I_SIP_CALL_ID || field == P2I_SIP_USER_AGENT || field == P2I_SIP_SERVER ||
           field == P2I_SIP_CONTENT_TYPE;
}

void p2i_sip_read_open_head(struct p2i_view lines, bool cut, struct p2i_sip_head *head)
{
    size_t begin = last_header(lines);
    struct p2i_view last = p2i_view_from(lines, begin);
    size_t colon = p2i_view_find(p2i_view_first(last, p2i_view_find(last, '\n')), ':');
    enum p2i_sip_field field = p2i_sip_field_of(p2i_view_trim(p2i_view_first(last, colon)));
    read_headers(p2i_view_first(lines, begin), head);
    bool wanted = cut ? is_text(field) : field != P2I_SIP_OTHER;
    if (colon < last.size && last.data[colon] == ':' && wanted) {
        add_header(head, field, p2i_view_trim(p2i_view_from(last, colon + 1)));
    }
    read_length(head);
}

struct p2i_view p2i_sip_cseq_method(struct p2i_view cseq)
{
    size_t at = cseq.size;
    while (at > 0 && !p2i_is_blank(cseq.data[at - 1]) && cseq.data[at - 1] != '\n') {
        at--;
    }
    return p2i_view_from(cseq, at);
}
