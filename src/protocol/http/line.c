/* SPDX-License-Identifier: MIT */
/* First lines of messages: where one is expected, where one is searched for, and cut ones. */
#include "base/ascii.h"
#include "protocol/http/head.h"
#include "protocol/http/headers.h"

enum {
    METHOD_MAX = 32,        /* bytes of any method */
    METHOD_IN_USE_MAX = 15, /* bytes of the methods in use */
};

struct method {
    struct p2i_view name;
    enum p2i_method number;
};

#define METHOD(literal, code)                                                                      \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, code                                    \
    }
#define OTHER(literal) METHOD(literal, P2I_METHOD_OTHER)
/* Methods in use, by size: RFC 9110, 5789, 4918 (WebDAV) and relatives, UPnP, RPC. */
static const struct method methods[] = {
    METHOD("GET", P2I_METHOD_GET),
    METHOD("PUT", P2I_METHOD_PUT),
    OTHER("ACL"),
    METHOD("POST", P2I_METHOD_POST),
    METHOD("HEAD", P2I_METHOD_HEAD),
    OTHER("COPY"),
    OTHER("MOVE"),
    OTHER("LOCK"),
    OTHER("BIND"),
    OTHER("LINK"),
    OTHER("POLL"),
    METHOD("TRACE", P2I_METHOD_TRACE),
    METHOD("PATCH", P2I_METHOD_PATCH),
    OTHER("MKCOL"),
    OTHER("MERGE"),
    OTHER("PURGE"),
    OTHER("QUERY"),
    METHOD("DELETE", P2I_METHOD_DELETE),
    OTHER("REPORT"),
    OTHER("SEARCH"),
    OTHER("UNLOCK"),
    OTHER("UNBIND"),
    OTHER("UNLINK"),
    OTHER("NOTIFY"),
    OTHER("SOURCE"),
    METHOD("OPTIONS", P2I_METHOD_OPTIONS),
    METHOD("CONNECT", P2I_METHOD_CONNECT),
    OTHER("CHECKIN"),
    OTHER("PROPFIND"),
    OTHER("CHECKOUT"),
    OTHER("M-SEARCH"),
    OTHER("CCM_POST"),
    OTHER("PROPPATCH"),
    OTHER("SUBSCRIBE"),
    OTHER("BITS_POST"),
    OTHER("MKCALENDAR"),
    OTHER("UNSUBSCRIBE"),
    OTHER("RPC_IN_DATA"),
    OTHER("RDG_IN_DATA"),
    OTHER("RPC_OUT_DATA"),
    OTHER("RDG_OUT_DATA"),
    OTHER("VERSION-CONTROL"),
};
#undef OTHER
#undef METHOD
/* Index of the first method of each size, and of the one behind the last. */
static const uint8_t first_of_size[METHOD_IN_USE_MAX + 2] = {0,  0,  0,  0,  3,  11, 17, 25, 28,
                                                             32, 35, 36, 39, 41, 41, 41, 42};

static bool find_method(struct p2i_view name, enum p2i_method *number)
{
    *number = P2I_METHOD_OTHER;
    if (name.size > METHOD_IN_USE_MAX) {
        return false;
    }
    for (size_t i = first_of_size[name.size]; i < first_of_size[name.size + 1]; i++) {
        if (p2i_view_equals(methods[i].name, name)) {
            *number = methods[i].number;
            return true;
        }
    }
    return false;
}

bool p2i_http_is_method(struct p2i_view name)
{
    enum p2i_method number;
    return find_method(name, &number);
}

/* "HTTP/1." and a digit at the start; NO as soon as a byte differs. */
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

static void begin_headers(struct p2i_http_head *head, size_t line_end)
{
    head->line = head->scanned = head->headers = (uint32_t)(line_end + 1);
    head->last_field = P2I_HTTP_OTHER;
    head->started = true;
}

/* status-line (RFC 9112 section 4); the reason and the space before it may be missing. */
static enum p2i_match start_reply(struct p2i_http_head *head, struct p2i_view bytes)
{
    size_t end = p2i_http_line_end(head, bytes);
    struct p2i_view rest = p2i_view_from(p2i_view_first(bytes, end), VERSION_SIZE);
    enum p2i_match match = p2i_match_status(rest, end < bytes.size, &head->status);
    if (match != P2I_MATCH_YES) {
        return match;
    }
    head->known = true;
    begin_headers(head, end);
    return P2I_MATCH_YES;
}

/* request-line (RFC 9112 section 3). Some clients put spaces into the target, so the last word
 * is the version. */
static enum p2i_match start_request(struct p2i_http_head *head, struct p2i_view bytes,
                                    size_t method_size)
{
    enum p2i_method method;
    bool known = find_method(p2i_view_first(bytes, method_size), &method);
    size_t end = p2i_http_line_end(head, bytes);
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
    head->target = p2i_http_span_of(bytes, p2i_view_trim(p2i_view_first(rest, at)));
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

/* Judges a complete status line. Inside a line it counts only if a header follows. */
static enum p2i_match judge_status(struct p2i_http_head *head, struct p2i_view bytes,
                                   bool line_start)
{
    struct p2i_view line = p2i_view_first(bytes, P2I_LINE_MAX);
    enum p2i_match match = p2i_http_start(head, line);
    if (match == P2I_MATCH_MORE && line.size == P2I_LINE_MAX) {
        return P2I_MATCH_NO;
    }
    return match == P2I_MATCH_YES && !line_start
               ? p2i_match_header(p2i_view_from(bytes, head->line))
               : match;
}

/* Start of the longest method in use that ends at `end`; `end` if there is none. */
static size_t method_before(struct p2i_view bytes, size_t from, size_t end)
{
    enum p2i_method method;
    size_t at = end - from > METHOD_IN_USE_MAX ? end - METHOD_IN_USE_MAX : from;
    while (at < end && !find_method(p2i_view_of(bytes.data + at, end - at), &method)) {
        at++;
    }
    return at;
}

/* Start of the first method in use, with a blank behind it, that begins at `from` or later and ends
 * before `end`; `end` if there is none. */
static size_t find_request(struct p2i_view bytes, size_t line, size_t from, size_t end)
{
    size_t word = line; /* where the last run of token characters begins */
    for (size_t at = line; at < end; at++) {
        if (p2i_is_blank(bytes.data[at])) {
            size_t begin = method_before(bytes, word, at);
            if (begin < at && begin >= from) {
                return begin;
            }
        }
        if (!p2i_is_token_char(bytes.data[at])) {
            word = at + 1;
        }
    }
    return end;
}

/* Judges the request line with the version at `hit`, in a line that begins at `line`. Inside that
 * line it counts only if a header follows, which is asked first: the line may be searched again for
 * every new byte. */
static enum p2i_match judge_request(struct p2i_view bytes, size_t line, size_t hit, bool line_start,
                                    size_t *begin)
{
    enum p2i_match match = p2i_match_line_end(p2i_view_from(bytes, hit + VERSION_SIZE));
    if (match != P2I_MATCH_YES) {
        return match;
    }
    size_t end = hit + p2i_view_find(p2i_view_from(bytes, hit), '\n');
    size_t from = end >= P2I_LINE_MAX ? end - P2I_LINE_MAX + 1 : 0;
    size_t word = line;
    while (p2i_is_token_char(bytes.data[word])) {
        word++; /* the hit ends with none */
    }
    *begin = line;
    if (line_start && line >= from && word < hit && p2i_is_blank(bytes.data[word]) &&
        method_before(bytes, line, word) == line && word > line) {
        return P2I_MATCH_YES;
    }
    match = p2i_match_header(p2i_view_from(bytes, end + 1));
    if (match != P2I_MATCH_YES) {
        return match;
    }
    *begin = find_request(bytes, line, from, hit);
    return *begin < hit ? P2I_MATCH_YES : P2I_MATCH_NO;
}

enum p2i_match p2i_http_judge(struct p2i_view bytes, size_t hit, bool line_start, uint16_t *status,
                              size_t *begin)
{
    size_t line = p2i_line_before(bytes, hit);
    bool clean = line > 0 ? bytes.data[line - 1] == '\n' : line_start;
    *begin = hit;
    struct p2i_http_head head = {0};
    enum p2i_match match = judge_status(&head, p2i_view_from(bytes, hit), clean && hit == line);
    *status = match == P2I_MATCH_YES ? head.status : 0;
    if (match != P2I_MATCH_NO || hit == line || !p2i_is_blank(bytes.data[hit - 1])) {
        return match;
    }
    return judge_request(bytes, line, hit, clean, begin);
}

/* True when one is a prefix of the other, ignoring case. */
static bool agree(struct p2i_view text, struct p2i_view name)
{
    return text.size > 0 &&
           p2i_view_equals_nocase(p2i_view_first(text, name.size), p2i_view_first(name, text.size));
}

bool p2i_http_is_target(enum p2i_method method, struct p2i_view rest)
{
    struct p2i_view target = p2i_view_trim(rest);
    uint8_t first = target.size > 0 ? target.data[0] : 0;
    if (method == P2I_METHOD_CONNECT) {
        return p2i_is_letter(first) || p2i_is_digit(first) || first == '[';
    }
    if (first == '*') { /* RTSP has it too */
        return target.size > 1 && p2i_is_blank(target.data[1]) &&
               agree(p2i_view_trim(p2i_view_from(target, 1)), P2I_VIEW("HTTP/1."));
    }
    return first == '/' || agree(target, P2I_VIEW("http://")) ||
           agree(target, P2I_VIEW("https://"));
}

/* True for the version of another protocol: "RTSP/1.0", "HTTP/2", "ICE/1.". */
static bool is_version_of_others(struct p2i_view word)
{
    size_t size = 0;
    while (size < word.size && word.data[size] >= 'A' && word.data[size] <= 'Z') {
        size++;
    }
    return size > 0 && size + 1 < word.size && word.data[size] == '/' &&
           p2i_is_digit(word.data[size + 1]);
}

static bool start_request_cut(struct p2i_http_head *head, struct p2i_view bytes, size_t method_size)
{
    enum p2i_method method;
    struct p2i_view rest = p2i_view_from(bytes, method_size);
    if (!find_method(p2i_view_first(bytes, method_size), &method) ||
        !p2i_http_is_target(method, rest)) {
        return false;
    }
    uint8_t last = bytes.data[bytes.size - 1];
    struct p2i_view target = p2i_view_trim(rest);
    size_t at = target.size; /* of the last word */
    while (at > 0 && !p2i_is_blank(target.data[at - 1])) {
        at--;
    }
    struct p2i_view word = p2i_view_from(target, at);
    bool version = at > 0 && word.size <= VERSION_SIZE && match_version(word) != P2I_MATCH_NO;
    if ((at > 0 && !version && is_version_of_others(word)) || (last == '\r' && !version)) {
        return false;
    }
    head->target_cut = !version && !p2i_is_blank(last);
    head->method = (uint8_t)method;
    head->target =
        p2i_http_span_of(bytes, version ? p2i_view_trim(p2i_view_first(target, at)) : target);
    return true;
}

bool p2i_http_start_cut(struct p2i_http_head *head, struct p2i_view bytes)
{
    size_t size = 0;
    while (size < bytes.size && size <= METHOD_MAX && p2i_is_token_char(bytes.data[size])) {
        size++;
    }
    if (size == bytes.size) {
        return false;
    }
    bool good;
    if (p2i_is_blank(bytes.data[size])) {
        good = start_request_cut(head, bytes, size);
    } else {
        good = match_version(bytes) == P2I_MATCH_YES &&
               p2i_match_status(p2i_view_from(bytes, VERSION_SIZE), true, &head->status) ==
                   P2I_MATCH_YES;
    }
    if (good) {
        head->known = true;
        begin_headers(head, bytes.size - 1);
    }
    return good;
}
