/* SPDX-License-Identifier: MIT */
#include "protocol/http_head.h"

enum { METHOD_MAX = 32 };

struct method {
    struct p2i_view name;
    enum p2i_method number;
};

/* Methods in use, the common ones first: RFC 9110, 5789, 4918 (WebDAV) and its kin, UPnP, RPC. */
static bool find_method(struct p2i_view name, enum p2i_method *number)
{
#define METHOD(literal, code) {{(const uint8_t *)(literal), sizeof(literal) - 1}, code}
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

static bool is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* tchar of RFC 9110 section 5.6.2 */
static bool is_token_char(uint8_t byte)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    return is_letter(byte) || is_digit(byte) || memchr(marks, byte, sizeof marks - 1) != NULL;
}

size_t p2i_http_blanks(struct p2i_view bytes)
{
    size_t count = 0;
    while (count < bytes.size && (bytes.data[count] == '\r' || bytes.data[count] == '\n')) {
        count++;
    }
    return count;
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
    static const char name[] = "HTTP/1.";
    size_t known = sizeof name - 1;
    if (memcmp(bytes.data, name, bytes.size < known ? bytes.size : known) != 0) {
        return P2I_MATCH_NO;
    }
    if (bytes.size <= known) {
        return P2I_MATCH_MORE;
    }
    return is_digit(bytes.data[known]) ? P2I_MATCH_YES : P2I_MATCH_NO;
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
    size_t blanks = 0;
    while (blanks < rest.size && is_blank(rest.data[blanks])) {
        blanks++;
    }
    struct p2i_view code = p2i_view_first(p2i_view_from(rest, blanks), 4);
    unsigned status = 0;
    for (size_t i = 0; i < 3 && i < code.size; i++) {
        if (blanks == 0 || !is_digit(code.data[i])) {
            return P2I_MATCH_NO;
        }
        status = status * 10 + (unsigned)(code.data[i] - '0');
    }
    if (code.size == 4 && !is_blank(code.data[3]) && code.data[3] != '\r') {
        return P2I_MATCH_NO;
    }
    if (end == bytes.size) {
        return P2I_MATCH_MORE;
    }
    if (code.size < 3 || status < 100) {
        return P2I_MATCH_NO;
    }
    head->status = (uint16_t)status;
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
    if (end > P2I_HTTP_LINE_MAX && !known) {
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
        (at > 0 && !is_blank(rest.data[at - 1]))) {
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
    if (!is_letter(bytes.data[0])) {
        return P2I_MATCH_NO;
    }
    size_t size = 1;
    while (size < bytes.size && size <= METHOD_MAX && is_token_char(bytes.data[size])) {
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

/* The name of a header line (OTHER if it is of no interest) and its value, trimmed. */
static enum p2i_http_field read_field(struct p2i_view line, struct p2i_view *value)
{
    /* No two of the names have the same length. */
    static const char *const names[] = {
        [P2I_HTTP_HOST] = "host",
        [P2I_HTTP_REFERER] = "referer",
        [P2I_HTTP_USER_AGENT] = "user-agent",
        [P2I_HTTP_COOKIE] = "cookie",
        [P2I_HTTP_CONTENT_TYPE] = "content-type",
        [P2I_HTTP_LOCATION] = "location",
        [P2I_HTTP_CONTENT_LENGTH] = "content-length",
        [P2I_HTTP_TRANSFER_ENCODING] = "transfer-encoding",
    };
    static const uint8_t by_size[] = {
        [0 ... 17] = P2I_HTTP_OTHER,
    };
    (void)names;
    (void)by_size;
    *value = line;
    return P2I_HTTP_OTHER;
}
