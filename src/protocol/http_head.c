/* SPDX-License-Identifier: MIT */
#include "protocol/http_head.h"

#include "protocol/headers.h"

enum {
    METHOD_MAX = 32,        /* of any */
    METHOD_IN_USE_MAX = 15, /* of those below */
};

struct method {
    struct p2i_view name;
    enum p2i_method number;
};

/* Methods in use, the common ones first: RFC 9110, 5789, 4918 (WebDAV) and its kin, UPnP, RPC. */
static bool find_method(struct p2i_view name, enum p2i_method *number)
{
#define METHOD(literal, code)                                                                      \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, code                                    \
    }
#define OTHER(literal) METHOD(literal, P2I_METHOD_OTHER)
    static const struct method methods[] = {
        METHOD("GET", P2I_METHOD_GET),
        METHOD("POST", P2I_METHOD_POST),
        METHOD("HEAD", P2I_METHOD_HEAD),
        METHOD("PUT", P2I_METHOD_PUT),
        METHOD("DELETE", P2I_METHOD_DELETE),
        METHOD("OPTIONS", P2I_METHOD_OPTIONS),
        METHOD("CONNECT", P2I_METHOD_CONNECT),
        METHOD("TRACE", P2I_METHOD_TRACE),
        METHOD("PATCH", P2I_METHOD_PATCH),
        OTHER("PROPFIND"),
        OTHER("PROPPATCH"),
        OTHER("REPORT"),
        OTHER("SEARCH"),
        OTHER("MKCOL"),
        OTHER("MKCALENDAR"),
        OTHER("COPY"),
        OTHER("MOVE"),
        OTHER("LOCK"),
        OTHER("UNLOCK"),
        OTHER("ACL"),
        OTHER("MERGE"),
        OTHER("CHECKIN"),
        OTHER("CHECKOUT"),
        OTHER("VERSION-CONTROL"),
        OTHER("BIND"),
        OTHER("UNBIND"),
        OTHER("LINK"),
        OTHER("UNLINK"),
        OTHER("PURGE"),
        OTHER("QUERY"),
        OTHER("SUBSCRIBE"),
        OTHER("UNSUBSCRIBE"),
        OTHER("NOTIFY"),
        OTHER("POLL"),
        OTHER("M-SEARCH"),
        OTHER("RPC_IN_DATA"),
        OTHER("RPC_OUT_DATA"),
        OTHER("RDG_IN_DATA"),
        OTHER("RDG_OUT_DATA"),
        OTHER("BITS_POST"),
        OTHER("CCM_POST"),
        OTHER("SOURCE"),
    };
#undef OTHER
#undef METHOD
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (p2i_view_equals(methods[i].name, name)) {
            *number = methods[i].number;
            return true;
        }
    }
    *number = P2I_METHOD_OTHER;
    return false;
}

static struct p2i_view part(struct p2i_view bytes, struct p2i_http_span span)
{
    return p2i_view_first(p2i_view_from(bytes, span.at), span.size);
}

static struct p2i_http_span span_of(struct p2i_view whole, struct p2i_view inner)
{
    if (inner.size == 0) {
        return (struct p2i_http_span){0};
    }
    return (struct p2i_http_span){(uint32_t)(inner.data - whole.data), (uint32_t)inner.size};
}

/* "HTTP/1." DIGIT at the start; NO as soon as a byte differs. */
static enum p2i_match match_version(struct p2i_view bytes)
{
    const struct p2i_view name = P2I_VIEW("HTTP/1.");
    if (!p2i_view_equals(p2i_view_first(bytes, name.size), p2i_view_first(name, bytes.size))) {
        return P2I_MATCH_NO;
    }
    if (bytes.size <= name.size) {
        return P2I_MATCH_MORE;
    }
    return p2i_is_digit(bytes.data[name.size]) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

enum { VERSION_SIZE = sizeof "HTTP/1.1" - 1 };

/* The end of the first line; its size when it is not there. Bytes seen before are not looked at
 * again. */
static size_t find_line_end(struct p2i_http_head *head, struct p2i_view bytes)
{
    size_t end = head->scanned + p2i_view_find(p2i_view_from(bytes, head->scanned), '\n');
    head->scanned = (uint32_t)end;
    return end;
}

static void begin_headers(struct p2i_http_head *head, size_t line_end)
{
    head->line = head->scanned = head->headers = (uint32_t)(line_end + 1);
    head->last_field = P2I_HTTP_OTHER;
    head->started = true;
}

/* status-line (RFC 9112 section 4); the reason and the space before it may be missing. */
static enum p2i_match start_reply(struct p2i_http_head *head, struct p2i_view bytes)
{
    size_t end = find_line_end(head, bytes);
    struct p2i_view rest = p2i_view_from(p2i_view_first(bytes, end), VERSION_SIZE);
    enum p2i_match match = p2i_match_status(rest, end < bytes.size, &head->status);
    if (match != P2I_MATCH_YES) {
        return match;
    }
    head->known = true;
    begin_headers(head, end);
    return P2I_MATCH_YES;
}

/* request-line (RFC 9112 section 3). Clients that put spaces into the target exist; the version is
 * what stands last. */
static enum p2i_match start_request(struct p2i_http_head *head, struct p2i_view bytes,
                                    size_t method_size)
{
    enum p2i_method method;
    bool known = find_method(p2i_view_first(bytes, method_size), &method);
    size_t end = find_line_end(head, bytes);
    if (end > P2I_LINE_MAX && !known) {
        return P2I_MATCH_NO;
    }
    if (end == bytes.size) {
        return P2I_MATCH_MORE;
    }
    struct p2i_view rest = p2i_view_trim(p2i_view_from(p2i_view_first(bytes, end), method_size));
    if (rest.size < VERSION_SIZE) {
        return P2I_MATCH_NO;
    }
    size_t at = rest.size - VERSION_SIZE;
    if (match_version(p2i_view_from(rest, at)) != P2I_MATCH_YES ||
        (at > 0 && !p2i_is_blank(rest.data[at - 1]))) {
        return P2I_MATCH_NO;
    }
    head->method = (uint8_t)method;
    head->known = known;
    head->target = span_of(bytes, p2i_view_trim(p2i_view_first(rest, at)));
    begin_headers(head, end);
    return P2I_MATCH_YES;
}

enum p2i_match p2i_http_start(struct p2i_http_head *head, struct p2i_view bytes)
{
    if (bytes.size == 0) {
        return P2I_MATCH_MORE;
    }
    if (!p2i_is_letter(bytes.data[0])) {
        return P2I_MATCH_NO;
    }
    size_t size = 1;
    while (size < bytes.size && size <= METHOD_MAX && p2i_is_token_char(bytes.data[size])) {
        size++;
    }
    if (size > METHOD_MAX) {
        return P2I_MATCH_NO;
    }
    if (size == bytes.size) {
        return P2I_MATCH_MORE;
    }
    if (bytes.data[size] == ' ' || bytes.data[size] == '\t') {
        return start_request(head, bytes, size);
    }
    enum p2i_match match = match_version(bytes);
    return match == P2I_MATCH_YES ? start_reply(head, bytes) : match;
}

size_t p2i_http_find_version(struct p2i_view bytes, size_t from)
{
    for (;;) {
        struct p2i_view rest = p2i_view_from(bytes, from);
        size_t at = p2i_view_find(rest, 'H');
        if (at >= rest.size || match_version(p2i_view_from(rest, at)) != P2I_MATCH_NO) {
            return from < bytes.size ? from + at : bytes.size;
        }
        from += at + 1;
    }
}

/* A first line in full with a method in use, or a status line. Inside a line it is one only if a
 * header follows. */
static enum p2i_match judge_line(struct p2i_http_head *head, struct p2i_view bytes, bool line_start)
{
    *head = (struct p2i_http_head){0};
    struct p2i_view line = p2i_view_first(bytes, P2I_LINE_MAX);
    enum p2i_match match = p2i_http_start(head, line);
    if (match == P2I_MATCH_MORE && line.size == P2I_LINE_MAX) {
        return P2I_MATCH_NO;
    }
    if (match == P2I_MATCH_YES && !head->known) {
        return P2I_MATCH_NO;
    }
    if (match == P2I_MATCH_YES && !line_start) {
        return p2i_match_header(p2i_view_from(bytes, head->line));
    }
    return match;
}

/* Where a method in use ends at `end`, the longest there is; `end` when none does. */
static size_t method_before(struct p2i_view bytes, size_t from, size_t end)
{
    enum p2i_method method;
    size_t at = end - from > METHOD_IN_USE_MAX ? end - METHOD_IN_USE_MAX : from;
    while (at < end && !find_method(p2i_view_of(bytes.data + at, end - at), &method)) {
        at++;
    }
    return at;
}

/* The request line whose version is at `hit`, in a line that begins at `line`. */
static enum p2i_match judge_request(struct p2i_http_head *head, struct p2i_view bytes, size_t line,
                                    size_t hit, bool line_start, size_t *begin)
{
    enum p2i_match match = p2i_match_line_end(p2i_view_from(bytes, hit + VERSION_SIZE));
    if (match != P2I_MATCH_YES) {
        return match;
    }
    size_t word = line; /* where the last run of token characters begins */
    for (size_t at = line; at < hit; at++) {
        if (p2i_is_blank(bytes.data[at])) {
            *begin = method_before(bytes, word, at);
            match = *begin < at ? judge_line(head, p2i_view_from(bytes, *begin),
                                             line_start && *begin == line)
                                : P2I_MATCH_NO;
            if (match != P2I_MATCH_NO) {
                return match;
            }
        }
        if (!p2i_is_token_char(bytes.data[at])) {
            word = at + 1;
        }
    }
    return P2I_MATCH_NO;
}

enum p2i_match p2i_http_judge(struct p2i_view bytes, size_t hit, bool line_start,
                              struct p2i_http_head *head, size_t *begin)
{
    size_t line = p2i_line_before(bytes, hit);
    bool clean = line > 0 ? bytes.data[line - 1] == '\n' : line_start;
    *begin = hit;
    enum p2i_match match = judge_line(head, p2i_view_from(bytes, hit), clean && hit == line);
    if (match != P2I_MATCH_NO || hit == line || !p2i_is_blank(bytes.data[hit - 1])) {
        return match;
    }
    return judge_request(head, bytes, line, hit, clean, begin);
}

/* Which of the wanted names this may be: but for two, none has the length of another. */
static enum p2i_http_field field_like(struct p2i_view name)
{
    switch (name.size) {
    case 4:
        return P2I_HTTP_HOST;
    case 6:
        return P2I_HTTP_COOKIE;
    case 7:
        return p2i_lower(name.data[0]) == 'u' ? P2I_HTTP_UPGRADE : P2I_HTTP_REFERER;
    case 8:
        return P2I_HTTP_LOCATION;
    case 10:
        return P2I_HTTP_USER_AGENT;
    case 12:
        return P2I_HTTP_CONTENT_TYPE;
    case 14:
        return P2I_HTTP_CONTENT_LENGTH;
    case 17:
        return P2I_HTTP_TRANSFER_ENCODING;
    default:
        return P2I_HTTP_OTHER;
    }
}

/* The name of a header line, P2I_HTTP_OTHER if it is of no interest, and its value, trimmed. */
static enum p2i_http_field read_field(struct p2i_view line, struct p2i_view *value)
{
    static const struct p2i_view names[] = {
        [P2I_HTTP_HOST] = {(const uint8_t *)"host", 4},
        [P2I_HTTP_REFERER] = {(const uint8_t *)"referer", 7},
        [P2I_HTTP_USER_AGENT] = {(const uint8_t *)"user-agent", 10},
        [P2I_HTTP_COOKIE] = {(const uint8_t *)"cookie", 6},
        [P2I_HTTP_CONTENT_TYPE] = {(const uint8_t *)"content-type", 12},
        [P2I_HTTP_LOCATION] = {(const uint8_t *)"location", 8},
        [P2I_HTTP_CONTENT_LENGTH] = {(const uint8_t *)"content-length", 14},
        [P2I_HTTP_TRANSFER_ENCODING] = {(const uint8_t *)"transfer-encoding", 17},
        [P2I_HTTP_UPGRADE] = {(const uint8_t *)"upgrade", 7},
    };
    while (line.size > 0 && p2i_is_blank(line.data[0])) {
        line = p2i_view_from(line, 1);
    }
    size_t colon = p2i_view_find(line, ':');
    if (colon == line.size) {
        return P2I_HTTP_OTHER;
    }
    struct p2i_view name = p2i_view_trim(p2i_view_first(line, colon));
    enum p2i_http_field field = field_like(name);
    if (field == P2I_HTTP_OTHER || !p2i_view_equals_nocase(name, names[field])) {
        return P2I_HTTP_OTHER;
    }
    *value = p2i_view_trim(p2i_view_from(line, colon + 1));
    return field;
}

/* The first of several lengths counts, as one that a server and a proxy took differently says
 * nothing better (RFC 9112 section 6.3 calls it an error). What is no number is no length. */
static void take_length(struct p2i_http_head *head, struct p2i_view value)
{
    struct p2i_view text = p2i_view_trim(p2i_view_first(value, p2i_view_find(value, ',')));
    if (head->has_length || text.size == 0) {
        return;
    }
    head->has_length = p2i_read_decimal(text, &head->content_length);
}

/* The last coding decides (RFC 9112 section 6.3). */
static void take_coding(struct p2i_http_head *head, struct p2i_view value)
{
    struct p2i_view last = value;
    while (last.size > 0 &&
           (last.data[last.size - 1] == ',' || p2i_is_blank(last.data[last.size - 1]))) {
        last.size--;
    }
    for (size_t comma = 0; (comma = p2i_view_find(last, ',')) < last.size;) {
        last = p2i_view_from(last, comma + 1);
    }
    last = p2i_view_trim(last);
    if (last.size == 0 || p2i_view_equals_nocase(last, P2I_VIEW("identity"))) {
        return;
    }
    head->coded = true;
    head->chunked = p2i_view_equals_nocase(last, P2I_VIEW("chunked"));
}

static void take_framing(struct p2i_http_head *head, enum p2i_http_field field,
                         struct p2i_view value)
{
    if (field == P2I_HTTP_CONTENT_LENGTH) {
        take_length(head, value);
    } else if (field == P2I_HTTP_TRANSFER_ENCODING) {
        take_coding(head, value);
    } else if (field == P2I_HTTP_UPGRADE) {
        head->websocket = p2i_view_equals_nocase(value, P2I_VIEW("websocket"));
    }
}

/* A line that goes on with the header before it (obs-fold, RFC 9112 section 5.2). */
static void take_folded(struct p2i_http_head *head, struct p2i_view bytes, struct p2i_view line)
{
    struct p2i_view more = p2i_view_trim(line);
    if (head->last_field >= P2I_HTTP_KEPT) {
        take_framing(head, (enum p2i_http_field)head->last_field, more);
    } else if (more.size > 0) {
        struct p2i_http_span *span = &head->field[head->last_field];
        if (span->size == 0) {
            *span = span_of(bytes, more);
        } else {
            head->rough |= (uint8_t)(1u << head->last_field);
        }
    }
}

static void take_line(struct p2i_http_head *head, struct p2i_view bytes, struct p2i_view line)
{
    if (p2i_is_blank(line.data[0]) && head->line != head->headers) {
        take_folded(head, bytes, line);
        return;
    }
    struct p2i_view value;
    enum p2i_http_field field = read_field(line, &value);
    head->last_field = (uint8_t)field;
    if (field >= P2I_HTTP_KEPT) {
        take_framing(head, field, value);
    } else if (head->field[field].size == 0) {
        head->field[field] = span_of(bytes, value);
    } else {
        head->rough |= (uint8_t)(1u << field);
    }
}

bool p2i_http_headers(struct p2i_http_head *head, struct p2i_view bytes)
{
    for (;;) {
        size_t end = find_line_end(head, bytes);
        if (end >= bytes.size) {
            return false;
        }
        struct p2i_view line = p2i_view_from(p2i_view_first(bytes, end), head->line);
        bool ended = p2i_line_ends_head(line);
        if (!ended) {
            take_line(head, bytes, line);
        }
        head->line = head->scanned = (uint32_t)(end + 1);
        if (ended) {
            return true;
        }
    }
}

void p2i_http_framing(struct p2i_http_head *head, struct p2i_view line)
{
    struct p2i_view value;
    enum p2i_http_field field = read_field(line, &value);
    take_framing(head, field, value);
}

static void append(uint8_t **end, struct p2i_view text)
{
    if (text.size > 0) {
        memcpy(*end, text.data, text.size);
        *end += text.size;
    }
}

/* All values of a header behind one another. What is put between them is never longer than what
 * stood there: a line end and a blank, or a line end, a name and a colon. */
static struct p2i_view gather(struct p2i_view lines, enum p2i_http_field wanted, uint8_t **scratch)
{
    uint8_t *const begin = *scratch;
    struct p2i_view between = wanted == P2I_HTTP_COOKIE ? P2I_VIEW("; ") : P2I_VIEW(", ");
    enum p2i_http_field field = P2I_HTTP_OTHER;
    bool first = true;
    bool begun = false; /* there is something of this value */
    while (lines.size > 0) {
        struct p2i_view line = p2i_view_first(lines, p2i_view_find(lines, '\n'));
        lines = p2i_view_from(lines, line.size + 1);
        bool folded = !first && line.size > 0 && p2i_is_blank(line.data[0]);
        struct p2i_view value = p2i_view_trim(line);
        if (!folded) {
            field = read_field(line, &value);
            begun = false;
        }
        first = false;
        if (field == wanted && value.size > 0) {
            if (*scratch > begin) {
                append(scratch, begun ? P2I_VIEW(" ") : between);
            }
            append(scratch, value);
            begun = true;
        }
    }
    return p2i_view_of(begin, (size_t)(*scratch - begin));
}

struct p2i_view p2i_http_value(const struct p2i_http_head *head, struct p2i_view bytes,
                               enum p2i_http_field field, uint8_t **scratch)
{
    if ((head->rough >> field & 1u) == 0 || scratch == NULL) {
        return part(bytes, head->field[field]);
    }
    return gather(p2i_view_from(p2i_view_first(bytes, head->line), head->headers), field, scratch);
}

struct p2i_view p2i_http_target(const struct p2i_http_head *head, struct p2i_view bytes)
{
    return part(bytes, head->target);
}

/* The scheme of an absolute target ("http" of "http://a/b"); empty for every other form. */
static struct p2i_view scheme_of(struct p2i_view target)
{
    size_t size = 0;
    while (size < target.size &&
           (p2i_is_letter(target.data[size]) || p2i_is_digit(target.data[size]))) {
        size++;
    }
    if (!p2i_view_starts(p2i_view_from(target, size), P2I_VIEW("://"))) {
        size = 0;
    }
    return p2i_view_first(target, size);
}

/* host and port of an absolute target, without the user (RFC 3986 section 3.2). */
static struct p2i_view authority_of(struct p2i_view target, size_t scheme_size)
{
    struct p2i_view rest = p2i_view_from(target, scheme_size + 3);
    size_t size = 0;
    while (size < rest.size && rest.data[size] != '/' && rest.data[size] != '?' &&
           rest.data[size] != '#') {
        size++;
    }
    struct p2i_view authority = p2i_view_first(rest, size);
    for (size_t at = 0; (at = p2i_view_find(authority, '@')) < authority.size;) {
        authority = p2i_view_from(authority, at + 1);
    }
    return authority;
}

/* Without ":" and `port`, or a ":" with nothing behind it. A bare IPv6 address is left alone. */
static struct p2i_view without_port(struct p2i_view host, uint32_t port)
{
    size_t digits = 0;
    uint32_t number = 0;
    uint32_t weight = 1;
    while (digits < host.size && digits < 5 && p2i_is_digit(host.data[host.size - 1 - digits])) {
        number += weight * (uint32_t)(host.data[host.size - 1 - digits] - '0');
        weight *= 10;
        digits++;
    }
    if (digits == host.size || host.data[host.size - 1 - digits] != ':' ||
        (digits > 0 && number != port)) {
        return host;
    }
    struct p2i_view name = p2i_view_first(host, host.size - 1 - digits);
    bool bracketed = name.size > 0 && name.data[name.size - 1] == ']';
    return bracketed || p2i_view_find(name, ':') == name.size ? name : host;
}

struct p2i_view p2i_http_host(enum p2i_method method, struct p2i_view target, struct p2i_view host)
{
    struct p2i_view scheme = scheme_of(target);
    if (host.size == 0 && method == P2I_METHOD_CONNECT) {
        host = target;
    } else if (host.size == 0 && scheme.size > 0) {
        host = authority_of(target, scheme.size);
    }
    bool secure = method == P2I_METHOD_CONNECT || p2i_view_equals_nocase(scheme, P2I_VIEW("https"));
    bool plain = scheme.size == 0 || p2i_view_equals_nocase(scheme, P2I_VIEW("http"));
    if (!secure && !plain) {
        return host;
    }
    return without_port(host, secure ? 443 : 80);
}
