/* SPDX-License-Identifier: MIT */
#include "privacy/redact.h"

#include "base/ascii.h"
#include "pcap2ipfix/values.h"

static const uint8_t star = '*';

static void redact_password(struct p2i_view *password)
{
    if (password->size > 0) {
        *password = p2i_view_of(&star, 1);
    }
}

/* Bytes that end an authority (RFC 3986 section 3.2), or a URL in a text. */
static bool ends_authority(uint8_t byte)
{
    return byte <= ' ' || byte == '/' || byte == '?' || byte == '#' || byte == '"' || byte == '<' ||
           byte == '>' || byte == '\\';
}

/* In sip: URIs, users may have '/', '?' and ';' (RFC 3261 section 25.1). */
static bool ends_sip(uint8_t byte)
{
    return byte <= ' ' || byte == '"' || byte == '<' || byte == '>';
}

/* Where users are searched in a text. */
struct manner {
    size_t (*scheme)(struct p2i_view text); /* bytes of one at its beginning; 0: none */
    bool (*ends)(uint8_t byte);             /* the part that may have a user */
    bool last;                              /* the last '@' of that part counts, not the first */
};

/* Appends the part that may have a user, with its password replaced, and sets `*rest` to the bytes
 * behind it. Consumes every byte that it examines, so that none is examined often. */
static bool put_user(struct p2i_buffer *out, struct p2i_view *rest, const struct manner *manner)
{
    size_t size = 0;
    size_t colon = SIZE_MAX - 1;
    size_t at = 0;
    for (; size < rest->size && !manner->ends(rest->data[size]); size++) {
        if (rest->data[size] == ':' && colon == SIZE_MAX - 1) {
            colon = size;
        } else if (rest->data[size] == '@') {
            at = size;
            if (!manner->last) {
                break;
            }
        }
    }
    struct p2i_view part = p2i_view_first(*rest, size);
    *rest = p2i_view_from(*rest, size);
    if (at <= colon + 1) {
        return p2i_append(out, part);
    }
    return p2i_append(out, p2i_view_first(part, colon + 1)) &&
           p2i_append(out, p2i_view_of(&star, 1)) && p2i_append(out, p2i_view_from(part, at));
}

/* Bytes that a user may follow, when they begin the text; 0: none. With or without a scheme in
 * front (RFC 3986 section 4.2). */
static size_t url_scheme(struct p2i_view text)
{
    return p2i_view_starts(text, P2I_VIEW("//")) ? 2 : 0;
}

static size_t sip_scheme(struct p2i_view text)
{
    if (p2i_view_starts_nocase(text, P2I_VIEW("sip:"))) {
        return 4;
    }
    return p2i_view_starts_nocase(text, P2I_VIEW("sips:")) ? 5 : 0;
}

/* A `bare` text may begin with a user, without "://". */
static bool put_redacted(struct p2i_buffer *out, struct p2i_view rest, const struct manner *manner,
                         bool bare)
{
    bool done = !bare || put_user(out, &rest, manner);
    while (done && rest.size > 0) {
        size_t scheme = manner->scheme(rest);
        done = p2i_append(out, p2i_view_first(rest, scheme > 0 ? scheme : 1));
        rest = p2i_view_from(rest, scheme > 0 ? scheme : 1);
        if (done && scheme > 0) {
            done = put_user(out, &rest, manner);
        }
    }
    return done;
}

static bool redact(struct p2i_view *text, struct p2i_texts *texts, const struct manner *manner,
                   bool bare)
{
    if (p2i_view_find(*text, '@') == text->size) {
        return true;
    }
    struct p2i_buffer *out = p2i_texts_next(texts);
    if (out == NULL || !put_redacted(out, *text, manner, bare)) {
        return false;
    }
    *text = p2i_view_of(out->data, out->size);
    return true;
}

/* The last '@' counts, as it does for browsers. */
static const struct manner of_url = {url_scheme, ends_authority, true};
static const struct manner of_sip = {sip_scheme, ends_sip, false};

static bool redact_clickstream(struct p2i_clickstream *message, struct p2i_texts *texts)
{
    /* "/a:b@c" is a path; without the slash it is the authority of a CONNECT. */
    bool authority = message->path.size > 0 && message->path.data[0] != '/';
    return redact(&message->host, texts, &of_url, true) &&
           redact(&message->path, texts, &of_url, authority) &&
           redact(&message->referer, texts, &of_url, false);
}

bool p2i_redact(enum p2i_record_kind kind, union p2i_any_message *message, struct p2i_texts *texts)
{
    switch (kind) {
    case P2I_RECORD_FTP:
        redact_password(&message->ftp.password);
        return true;
    case P2I_RECORD_IM:
        redact_password(&message->im.password);
        return true;
    case P2I_RECORD_CLICKSTREAM:
        return redact_clickstream(&message->clickstream, texts);
    case P2I_RECORD_HTTP_REPLY:
        return redact(&message->http_reply.location, texts, &of_url, false);
    case P2I_RECORD_SIP:
        return redact(&message->sip.uri, texts, &of_sip, false) &&
               redact(&message->sip.from, texts, &of_sip, false) &&
               redact(&message->sip.to, texts, &of_sip, false);
    default:
        return true;
    }
}
