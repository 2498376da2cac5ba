/* SPDX-License-Identifier: MIT */
/* XMPP (RFC 6120): structure stays, and listed names of elements, attributes, namespaces and types.
 * Other names, values and texts are substituted, credentials of SASL inside their Base64. */
#include "base/ascii.h"
#include "rewrite/text.h"

/* Where the writer is. */
struct place {
    struct p2i_bytes element; /* name of the last tag */
    bool in_password;
    bool login;         /* the mechanism is LOGIN */
    unsigned responses; /* texts that the client has sent for it */
};

static const char elements[] =
    "stream features mechanisms mechanism starttls required optional proceed auth response "
    "challenge "
    "success failure abort compression method compress compressed bind session iq message presence "
    "body subject thread html query item error jid resource username password digest show status "
    "priority group x c delay active composing paused inactive gone ping pong feature identity "
    "storage vcard name text field value title instructions r a enabled enable resume resumed sm "
    "ver "
    "sub dialback result verify bad-request conflict feature-not-implemented forbidden "
    "internal-server-error item-not-found jid-malformed not-acceptable not-allowed not-authorized "
    "payment-required recipient-unavailable redirect registration-required remote-server-not-found "
    "remote-server-timeout resource-constraint service-unavailable subscription-required "
    "undefined-condition unexpected-request aborted account-disabled credentials-expired "
    "encryption-required incorrect-encoding invalid-authzid invalid-mechanism malformed-request "
    "mechanism-too-weak temporary-auth-failure host-unknown host-gone policy-violation "
    "system-shutdown connection-timeout not-well-formed unsupported-version xml request received "
    "limit max carbons list";
static const char attributes[] =
    "from to id type version xmlns lang mechanism code encoding standalone hash var category node "
    "name jid subscription ask stamp ver by h previd resume max xml stream db label action "
    "affiliation "
    "role";
/* Attributes whose values say what a stanza is, and those values. */
static const char attributes_kept[] =
    "type mechanism version code xml:lang encoding standalone hash subscription category";
static const char values[] =
    "get set result error chat groupchat headline normal unavailable subscribe subscribed "
    "unsubscribe "
    "unsubscribed probe cancel continue modify auth wait available submit form none to from both "
    "plain login external anonymous digest-md5 cram-md5 x-oauth2 x-google-token oauthbearer "
    "scram-sha-1 scram-sha-1-plus scram-sha-256 scram-sha-256-plus scram-sha-512 "
    "scram-sha-512-plus 1.0 1.1 utf-8 yes no sha-1 sha-256 zlib lzw en de client server conference "
    "400 401 402 403 404 405 406 407 408 409 500 501 502 503 504 510";
/* Beginnings of namespaces, and what may stay behind them. */
static const char *const families[] = {"jabber:",
                                       "urn:xmpp:",
                                       "urn:ietf:params:xml:ns:xmpp-",
                                       "http://jabber.org/protocol/",
                                       "http://jabber.org/features/",
                                       "http://etherx.jabber.org/",
                                       "http://www.w3.org/"};
static const char spaces[] =
    "client server component:accept component:connect iq:auth iq:roster iq:register iq:private "
    "iq:version iq:last iq:privacy iq:search x:data x:oob x:delay x:conference x:event sasl tls "
    "bind "
    "session stanzas streams caps disco disco#info disco#items compress muc muc#user muc#owner "
    "muc#admin chatstates xhtml-im pubsub pubsub#event si nick mood activity geoloc tune "
    "iq-auth iq-register rosterver roster amp bytestreams ibb offline delay ping time sm:2 sm:3 "
    "receipts carbons:2 carbons:1 blocking mam:0 mam:1 mam:2 csi:0 sid:0 hints forward:0 jingle:1 "
    "chat-markers:0 avatar:data avatar:metadata bookmarks:1 push:0 1999/xhtml xml/1998/namespace";

/* ---- Text ---- */

/* "&#1087;" or "&#x43f;": a character that becomes one of as many digits. Returns its size; 0: it
 * is none. */
static size_t write_number(struct p2i_writing *writing, struct p2i_bytes text)
{
    enum { DIGITS_MAX = 7 };
    bool hex = text.size > 2 && (text.data[2] == 'x' || text.data[2] == 'X');
    uint32_t base = hex ? 16 : 10;
    size_t begin = hex ? 3 : 2;
    size_t end = begin;
    uint32_t point = 0;
    while (end < text.size && end - begin < DIGITS_MAX && p2i_hex_value(text.data[end]) >= 0 &&
           (uint32_t)p2i_hex_value(text.data[end]) < base) {
        point = point * base + (uint32_t)p2i_hex_value(text.data[end++]);
    }
    if (end == begin || end >= text.size || text.data[end] != ';' || point > 0x10ffff) {
        return 0;
    }
    if (writing->words != NULL) {
        p2i_substitute_points(writing->words, &point, 1);
        for (size_t i = end; i-- > begin; point /= base) {
            text.data[i] = (uint8_t) "0123456789abcdef"[point % base];
        }
        if (point > 0) { /* it has more digits */
            memset(text.data + begin, '0', end - begin);
            text.data[end - 1] = '9';
            text.data[end - (end - begin > 1 ? 2 : 1)] = '9';
        }
    }
    return end + 1;
}

/* A reference to a character at the start of the text (XML 1.0 section 4.1), which stays. Returns
 * its size; 0: there is none. */
static size_t write_entity(struct p2i_writing *writing, struct p2i_bytes text)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (p2i_span_starts(text, p2i_view_of(entities[i], strlen(entities[i])))) {
            return strlen(entities[i]);
        }
    }
    return p2i_span_starts(text, P2I_VIEW("&#")) ? write_number(writing, text) : 0;
}

static void write_text(struct p2i_writing *writing, struct p2i_bytes text)
{
    size_t from = 0;
    size_t at = 0;
    while (at < text.size) {
        size_t size = text.data[at] == '&' ? write_entity(writing, p2i_span_from(text, at)) : 0;
        if (size > 0) {
            p2i_write_text(writing, p2i_span_of(text.data + from, at - from));
            from = at + size;
        }
        at += size > 0 ? size : 1;
    }
    p2i_write_text(writing, p2i_span_from(text, from));
}

/* ---- Tags ---- */

static bool is(struct p2i_bytes name, const char *wanted)
{
    return p2i_view_equals(p2i_span_view(name), p2i_view_of(wanted, strlen(wanted)));
}

/* A name without its prefix. */
static struct p2i_bytes local_name(struct p2i_bytes name)
{
    size_t colon = p2i_view_find(p2i_span_view(name), ':');
    return colon < name.size ? p2i_span_from(name, colon + 1) : name;
}

/* Prefix and local name by themselves. */
static void write_name(struct p2i_writing *writing, struct p2i_bytes name, const char *kept)
{
    while (name.size > 0) {
        struct p2i_bytes part = p2i_span_first(name, p2i_view_find(p2i_span_view(name), ':'));
        if (!p2i_is_listed(part, kept) && !p2i_is_listed(part, "stream xml xmlns db")) {
            p2i_write_text(writing, part);
        }
        name = p2i_span_from(name, part.size + 1);
    }
}

static void write_space(struct p2i_writing *writing, struct p2i_bytes value)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        size_t size = strlen(families[i]);
        if (p2i_span_starts(value, p2i_view_of(families[i], size))) {
            value = p2i_span_from(value, size);
            break;
        }
    }
    if (!p2i_is_listed(value, spaces)) {
        write_text(writing, value);
    }
}

static void write_attribute(struct p2i_writing *writing, struct p2i_bytes name,
                            struct p2i_bytes value, struct place *place)
{
    if (is(name, "mechanism")) {
        place->login = p2i_is_listed(value, "login");
        place->responses = 0;
    }
    if (p2i_span_starts(name, P2I_VIEW("xmlns"))) {
        write_space(writing, value);
    } else if (!p2i_is_listed(name, attributes_kept) || !p2i_is_listed(value, values)) {
        write_text(writing, value);
    }
}

static bool ends_name(uint8_t byte)
{
    return p2i_is_space(byte) || byte == '=' || byte == '"' || byte == '\'';
}

static struct p2i_bytes skip_spaces(struct p2i_bytes rest)
{
    size_t size = 0;
    while (size < rest.size && p2i_is_space(rest.data[size])) {
        size++;
    }
    return p2i_span_from(rest, size);
}

/* What follows the name in a tag. */
static void write_attributes(struct p2i_writing *writing, struct p2i_bytes rest,
                             struct place *place)
{
    struct p2i_bytes name = {0};
    while (rest.size > 0) {
        uint8_t byte = rest.data[0];
        if (p2i_is_space(byte) || byte == '=') {
            rest = p2i_span_from(rest, 1);
        } else if (byte == '"' || byte == '\'') {
            struct p2i_bytes value = p2i_span_from(rest, 1);
            value = p2i_span_first(value, p2i_view_find(p2i_span_view(value), byte));
            write_attribute(writing, name, value, place);
            rest = p2i_span_from(rest, value.size + 2);
        } else {
            size_t size = 0;
            while (size < rest.size && !ends_name(rest.data[size])) {
                size++;
            }
            name = p2i_span_first(rest, size);
            rest = skip_spaces(p2i_span_from(rest, size));
            write_name(writing, name, attributes);
        }
    }
}

/* Size of a tag, quoted values passed over; its ">" not counted. A "<" is nowhere in a tag: its end
 * is missing. */
static size_t tag_size(struct p2i_bytes span)
{
    uint8_t quote = 0;
    for (size_t i = 0; i < span.size; i++) {
        uint8_t byte = span.data[i];
        if (byte == '<' || (quote == 0 && byte == '>')) {
            return i;
        }
        if (quote == 0) {
            quote = byte == '"' || byte == '\'' ? byte : 0;
        } else if (byte == quote) {
            quote = 0;
        }
    }
    return span.size;
}

/* A tag from behind its "<" on. */
static void write_tag(struct p2i_writing *writing, struct p2i_bytes tag, struct place *place)
{
    bool ends = tag.size > 0 && tag.data[0] == '/';
    size_t begin = ends || (tag.size > 0 && tag.data[0] == '?') ? 1 : 0;
    size_t end = begin;
    while (end < tag.size && !ends_name(tag.data[end]) && tag.data[end] != '/') {
        end++;
    }
    struct p2i_bytes name = p2i_span_first(p2i_span_from(tag, begin), end - begin);
    write_attributes(writing, p2i_span_from(tag, end), place);
    if (is(local_name(name), "password")) {
        place->in_password = !ends && tag.data[tag.size - 1] != '/';
    }
    write_name(writing, name, elements);
    place->element = ends ? p2i_span_of(NULL, 0) : name;
}

/* ---- Contents ---- */

static void write_sasl(struct p2i_writing *writing, struct place *place, struct p2i_bytes text)
{
    enum { PASSWORD = 2 }; /* behind the name */
    bool client =
        is(local_name(place->element), "auth") || is(local_name(place->element), "response");
    if (place->login && client && text.size > 0 && ++place->responses == PASSWORD) {
        p2i_write_secret(writing, text);
    } else {
        p2i_write_sasl(writing, text);
    }
}

/* Text behind a tag, or a CDATA section, which has no references. */
static void write_content(struct p2i_writing *writing, struct place *place, struct p2i_bytes text,
                          bool cdata)
{
    struct p2i_bytes name = local_name(place->element);
    if (place->in_password) {
        p2i_write_secret(writing, text);
    } else if (is(name, "auth") || is(name, "response") || is(name, "challenge") ||
               is(name, "success")) {
        write_sasl(writing, place, text);
    } else if ((is(name, "mechanism") || is(name, "method")) && p2i_is_listed(text, values)) {
        return;
    } else if (cdata) {
        p2i_write_text(writing, text);
    } else {
        write_text(writing, text);
    }
}

/* Bytes in front of `end`; all of them without it. */
static struct p2i_bytes up_to(struct p2i_bytes span, const char *end)
{
    const void *found = span.size > 0 ? memmem(span.data, span.size, end, strlen(end)) : NULL;
    return found == NULL ? span
                         : p2i_span_first(span, (size_t)((const uint8_t *)found - span.data));
}

/* The markup at the start of `span`. Returns its size. */
static size_t write_markup(struct p2i_writing *writing, struct p2i_bytes span, struct place *place)
{
    static const struct p2i_view comment = {(const uint8_t *)"<!--", 4};
    static const struct p2i_view cdata = {(const uint8_t *)"<![CDATA[", 9};
    if (p2i_span_starts(span, comment)) {
        struct p2i_bytes text = up_to(p2i_span_from(span, comment.size), "-->");
        p2i_write_text(writing, text);
        return comment.size + text.size + 3;
    }
    if (p2i_span_starts(span, cdata)) {
        struct p2i_bytes text = up_to(p2i_span_from(span, cdata.size), "]]>");
        write_content(writing, place, text, true);
        return cdata.size + text.size + 3;
    }
    struct p2i_bytes tag = p2i_span_from(span, 1);
    tag = p2i_span_first(tag, tag_size(tag));
    write_tag(writing, tag, place);
    size_t size = 1 + tag.size;
    return size + (size < span.size && span.data[size] == '>');
}

void p2i_write_xmpp(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct place place = {.responses = 0};
    while (span.size > 0) {
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        size_t size = 0;
        if (span.data[0] == '<') {
            size = write_markup(writing, span, &place);
        } else {
            while (size < span.size && span.data[size] != '<' &&
                   !p2i_begins_tls(p2i_span_from(span, size))) {
                size++;
            }
            write_content(writing, &place, p2i_span_first(span, size), false);
        }
        span = p2i_span_from(span, size);
    }
}
