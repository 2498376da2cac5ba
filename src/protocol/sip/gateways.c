/* SPDX-License-Identifier: MIT */
#include "protocol/sip/gateways.h"

#include "base/ascii.h"
#include "base/scan.h"
#include "protocol/http/headers.h"
#include "protocol/sip/head.h"

/* RFC 3261 section 20.22: a message begins with 70 hops at most. */
enum { HOSTS_MAX = 128 };

struct hosts {
    struct p2i_view host[HOSTS_MAX];
    size_t count;
};

static void add(struct hosts *hosts, struct p2i_view host)
{
    bool wanted = host.size > 0 && hosts->count < HOSTS_MAX;
    for (size_t i = 0; wanted && i < hosts->count; i++) {
        wanted = !p2i_view_equals_nocase(hosts->host[i], host);
    }
    if (wanted) {
        hosts->host[hosts->count++] = host;
    }
}

/* Takes the next comma-separated entry off `rest`; commas in quotes and in angle brackets do not
 * separate. */
static struct p2i_view next_entry(struct p2i_view *rest)
{
    bool quoted = false;
    bool angled = false;
    size_t at = 0;
    for (;; at++) {
        at += p2i_scan_find(p2i_view_from(*rest, at), quoted ? "\"\\\"\\" : "\"<>,");
        if (at >= rest->size) {
            break;
        }
        uint8_t byte = rest->data[at];
        if (quoted && byte == '\\') {
            at++;
        } else if (byte == '"') {
            quoted = !quoted;
        } else if (!quoted && (byte == '<' || byte == '>')) {
            angled = byte == '<';
        } else if (byte == ',' && !quoted && !angled) {
            break;
        }
    }
    struct p2i_view entry = p2i_view_trim(p2i_view_first(*rest, at));
    *rest = p2i_view_from(*rest, at + 1);
    return entry;
}

/* Returns the host at the start of `text` (RFC 3261 section 25.1: hostport). */
static struct p2i_view host_at(struct p2i_view text)
{
    static const char ends[] = ": \t\r\n;,/?<>\"@]";
    /* Behind a bracket colons end nothing. */
    size_t bracket = text.size > 0 && text.data[0] == '[' ? 1 : 0;
    struct p2i_view host = p2i_view_from(text, bracket);
    size_t size = 0;
    while (size < host.size &&
           memchr(ends + bracket, host.data[size], sizeof ends - 1 - bracket) == NULL) {
        size++;
    }
    bool closed = size < host.size && host.data[size] == ']';
    return p2i_view_first(host, bracket == 0 || closed ? size : 0);
}

/* Returns the bytes behind the first `byte`. */
static struct p2i_view behind(struct p2i_view text, uint8_t byte)
{
    return p2i_view_from(text, p2i_view_find(text, byte) + 1);
}

/* sent-protocol LWS sent-by; there may be blanks around the slashes of the protocol. */
static struct p2i_view via_host(struct p2i_view entry)
{
    struct p2i_view transport = p2i_view_trim(behind(behind(entry, '/'), '/'));
    size_t size = 0;
    while (size < transport.size && p2i_is_token_char(transport.data[size])) {
        size++;
    }
    return host_at(p2i_view_trim(p2i_view_from(transport, size)));
}

/* Returns the host of a SIP URI, which may have a name in front and be in angle brackets. */
static struct p2i_view route_host(struct p2i_view entry)
{
    struct p2i_view uri = entry;
    if (uri.size > 0 && uri.data[0] == '"') {
        size_t at = 1;
        while (at < uri.size && uri.data[at] != '"') {
            at += uri.data[at] == '\\' ? 2 : 1;
        }
        uri = p2i_view_from(uri, at);
    }
    if (p2i_view_find(uri, '<') < uri.size) {
        uri = behind(uri, '<');
    }
    uri = p2i_view_trim(p2i_view_first(uri, p2i_view_find(uri, '>')));
    if (!p2i_view_starts_nocase(uri, P2I_VIEW("sip:")) &&
        !p2i_view_starts_nocase(uri, P2I_VIEW("sips:"))) {
        return (struct p2i_view){0};
    }
    uri = behind(uri, ':');
    return host_at(p2i_view_find(uri, '@') < uri.size ? behind(uri, '@') : uri);
}

static void add_headers(struct hosts *hosts, struct p2i_view lines, enum p2i_sip_field field)
{
    struct p2i_header header;
    while (p2i_next_header(&lines, &header)) {
        if (p2i_sip_field_of(header.name) != field) {
            continue;
        }
        while (header.value.size > 0) {
            struct p2i_view entry = next_entry(&header.value);
            add(hosts, field == P2I_SIP_VIA ? via_host(entry) : route_host(entry));
        }
    }
}

/* Reads the connection-address of c= or the unicast-address of o= (RFC 8866 sections 5.2 and
 * 5.7): the last word, behind "IP4" or "IP6". A multicast address may have its TTL and count behind
 * a slash. */
static struct p2i_view sdp_host(struct p2i_view line)
{
    if (!p2i_view_starts(line, P2I_VIEW("c=")) && !p2i_view_starts(line, P2I_VIEW("o="))) {
        return (struct p2i_view){0};
    }
    line = p2i_view_trim(line);
    size_t at = line.size;
    while (at > 0 && !p2i_is_blank(line.data[at - 1])) {
        at--;
    }
    struct p2i_view before = p2i_view_trim(p2i_view_first(line, at));
    struct p2i_view type = p2i_view_from(before, before.size > 4 ? before.size - 4 : 0);
    if (!p2i_view_equals_nocase(type, P2I_VIEW(" IP4")) &&
        !p2i_view_equals_nocase(type, P2I_VIEW(" IP6"))) {
        return (struct p2i_view){0};
    }
    struct p2i_view address = p2i_view_from(line, at);
    size_t size = p2i_view_find(address, '/');
    size_t comma = p2i_view_find(address, ',');
    address = p2i_view_first(address, size < comma ? size : comma);
    if (address.size > 2 && address.data[0] == '[' && address.data[address.size - 1] == ']') {
        /* As in a URI; SDP has no brackets, but some write them. */
        address = p2i_view_of(address.data + 1, address.size - 2);
    }
    return address;
}

static bool is_type(struct p2i_view content_type, struct p2i_view type)
{
    if (!p2i_view_starts_nocase(content_type, type)) {
        return false;
    }
    struct p2i_view rest = p2i_view_from(content_type, type.size);
    return rest.size == 0 || !p2i_is_token_char(rest.data[0]);
}

static bool is_sdp(struct p2i_view content_type)
{
    return is_type(content_type, P2I_VIEW("application/sdp"));
}

bool p2i_sip_may_hold_sdp(struct p2i_view content_type)
{
    return is_sdp(content_type) || p2i_view_starts_nocase(content_type, P2I_VIEW("multipart/"));
}

/* Reads the parts of a multipart body (RFC 2046 section 5.1). Any line that begins with two
 * hyphens ends a part, because no line of SDP begins so. */
struct parts {
    bool plain; /* the body is no multipart */
    bool in_head;
    bool in_sdp;
};

/* True when `line` is one of SDP. */
static bool line_is_sdp(struct parts *parts, struct p2i_view line)
{
    if (parts->plain) {
        return true;
    }
    if (p2i_view_starts(line, P2I_VIEW("--"))) {
        parts->in_head = true;
        parts->in_sdp = false;
        return false;
    }
    if (!parts->in_head) {
        return parts->in_sdp;
    }
    size_t colon = p2i_view_find(line, ':');
    if (p2i_line_ends_head(line)) {
        parts->in_head = false;
    } else if (p2i_sip_field_of(p2i_view_trim(p2i_view_first(line, colon))) ==
               P2I_SIP_CONTENT_TYPE) {
        parts->in_sdp = is_sdp(p2i_view_trim(p2i_view_from(line, colon + 1)));
    }
    return false;
}

static void add_sdp(struct hosts *hosts, bool plain, struct p2i_view body, bool whole)
{
    struct parts parts = {.plain = plain};
    while (body.size > 0) {
        size_t end = p2i_view_find(body, '\n');
        if (end == body.size && !whole) {
            return;
        }
        struct p2i_view line = p2i_view_first(body, end);
        body = p2i_view_from(body, end + 1);
        if (line_is_sdp(&parts, line)) {
            add(hosts, sdp_host(line));
        }
    }
}

static struct p2i_view join(const struct hosts *hosts, uint8_t **scratch)
{
    uint8_t *const begin = *scratch;
    for (size_t i = 0; i < hosts->count; i++) {
        if (i > 0) {
            *(*scratch)++ = ',';
        }
        memcpy(*scratch, hosts->host[i].data, hosts->host[i].size);
        *scratch += hosts->host[i].size;
    }
    return p2i_view_of(begin, (size_t)(*scratch - begin));
}

struct p2i_view p2i_sip_gateways(struct p2i_view lines, struct p2i_view content_type,
                                 struct p2i_view body, bool whole, uint8_t **scratch)
{
    struct hosts hosts;
    hosts.count = 0;
    add_headers(&hosts, lines, P2I_SIP_VIA);
    add_headers(&hosts, lines, P2I_SIP_ROUTE);
    if (p2i_sip_may_hold_sdp(content_type)) {
        add_sdp(&hosts, is_sdp(content_type), body, whole);
    }
    return join(&hosts, scratch);
}
