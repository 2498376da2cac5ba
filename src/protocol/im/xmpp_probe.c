/* SPDX-License-Identifier: MIT */
#include "protocol/im/xmpp_probe.h"

#include "base/ascii.h"

enum {
    BLANKS_MAX = 64,
    DECLARATION_MAX = 256,
    TAG_MAX = 2048,
};

bool p2i_xmpp_is_port(uint16_t port)
{
    return port == 5222 || port == 5223 || port == 5269;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct p2i_view skip_blanks(struct p2i_view bytes)
{
    size_t count = 0;
    while (count < bytes.size && is_blank(bytes.data[count])) {
        count++;
    }
    return p2i_view_from(bytes, count);
}

struct p2i_view p2i_xmpp_name(struct p2i_view part)
{
    static const bool ends_name[UINT8_MAX + 1] = {
        [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, ['>'] = true, ['/'] = true};
    struct p2i_view name = p2i_view_from(part, 1);
    size_t end = name.size > 0 && name.data[0] == '/' ? 1 : 0;
    while (end < name.size && !ends_name[name.data[end]]) {
        end++;
    }
    return p2i_view_first(name, end);
}

/* ---- tags ---- */

/* Takes the next attribute from the front of a tag's rest; false when there is none. */
static bool next_attribute(struct p2i_view *rest, struct p2i_view *name, struct p2i_view *value)
{
    *rest = skip_blanks(*rest);
    size_t equals = p2i_view_find(*rest, '=');
    *name = p2i_view_trim(p2i_view_first(*rest, equals));
    *rest = skip_blanks(p2i_view_from(*rest, equals + 1));
    if (rest->size == 0 || (rest->data[0] != '"' && rest->data[0] != '\'')) {
        return false;
    }
    uint8_t quote = rest->data[0];
    *rest = p2i_view_from(*rest, 1);
    *value = p2i_view_first(*rest, p2i_view_find(*rest, quote));
    *rest = p2i_view_from(*rest, value->size + 1);
    return true;
}

/* Size of the tag at the start of `bytes`; 0 when its end is not present. */
static size_t tag_size(struct p2i_view bytes)
{
    uint8_t quote = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t byte = bytes.data[i];
        if (quote != 0) {
            quote = byte == quote ? 0 : quote;
        } else if (byte == '"' || byte == '\'') {
            quote = byte;
        } else if (byte == '>') {
            return i + 1;
        }
    }
    return 0;
}

static bool is_one_of(struct p2i_view view, const char *const *texts)
{
    while (*texts != NULL && !p2i_view_equals(view, p2i_view_of(*texts, strlen(*texts)))) {
        texts++;
    }
    return *texts != NULL;
}

static bool is_xmpp_space(struct p2i_view space)
{
    static const char *const families[] = {"jabber:", "urn:xmpp:", "urn:ietf:params:xml:ns:xmpp-",
                                           "http://jabber.org/protocol/compress",
                                           "http://etherx.jabber.org/"};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (p2i_view_starts(space, p2i_view_of(families[i], strlen(families[i])))) {
            return true;
        }
    }
    return false;
}

/* Signs of XMPP in the attributes of a tag. */
struct signs {
    bool xmpp_space;  /* declares a namespace of XMPP */
    bool other_space; /* its own namespace is another one */
    bool iq_type;
    bool id;
    bool address; /* has an attribute that is a JID */
};

static struct signs signs_of(struct p2i_view attributes)
{
    static const char *const types[] = {"get", "set", "result", "error", NULL};
    struct signs signs = {0};
    struct p2i_view name, value;
    while (next_attribute(&attributes, &name, &value)) {
        if (p2i_view_starts(name, P2I_VIEW("xmlns"))) {
            bool is_xmpp = is_xmpp_space(value);
            signs.xmpp_space = signs.xmpp_space || is_xmpp;
            signs.other_space = signs.other_space || (name.size == 5 && !is_xmpp);
        } else if (p2i_view_equals(name, P2I_VIEW("type"))) {
            signs.iq_type = is_one_of(value, types);
        } else if (p2i_view_equals(name, P2I_VIEW("id"))) {
            signs.id = value.size > 0;
        } else if (p2i_view_equals(name, P2I_VIEW("to")) ||
                   p2i_view_equals(name, P2I_VIEW("from"))) {
            signs.address = signs.address || p2i_view_find(value, '@') < value.size;
        }
    }
    return signs;
}

/* Returns true if the whole tag is of an XMPP stream. */
static bool is_of_stream(struct p2i_view tag, bool on_port)
{
    static const char *const certain[] = {"stream:features", "stream:error", "/stream:stream",
                                          NULL};
    struct p2i_view name = p2i_xmpp_name(tag);
    if (is_one_of(name, certain)) {
        return true;
    }
    struct signs signs = signs_of(p2i_view_from(tag, 1 + name.size));
    if (signs.xmpp_space || signs.other_space) {
        return signs.xmpp_space && !signs.other_space;
    }
    if (p2i_view_equals(name, P2I_VIEW("iq"))) {
        return signs.iq_type && signs.id;
    }
    return (signs.address || on_port) && (p2i_view_equals(name, P2I_VIEW("message")) ||
                                          p2i_view_equals(name, P2I_VIEW("presence")));
}

/* ---- the probe ---- */

static enum p2i_match more_below(struct p2i_view bytes, size_t limit)
{
    return bytes.size < limit ? P2I_MATCH_MORE : P2I_MATCH_NO;
}

static bool may_begin(struct p2i_view bytes)
{
    return p2i_view_starts(bytes, P2I_VIEW("<")) &&
           (bytes.size == 1 || p2i_is_letter(bytes.data[1]) || bytes.data[1] == '/');
}

static enum p2i_match probe_tag(struct p2i_view bytes, bool on_port)
{
    if (!may_begin(bytes)) {
        return P2I_MATCH_NO;
    }
    struct p2i_view tag = p2i_view_first(bytes, TAG_MAX);
    size_t size = tag_size(tag);
    if (size == 0) {
        return more_below(bytes, TAG_MAX);
    }
    return is_of_stream(p2i_view_first(tag, size), on_port) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* "<?xml ...?>" decides nothing; the tag behind it does. */
static enum p2i_match probe_declaration(struct p2i_view bytes)
{
    size_t end = p2i_view_find(p2i_view_first(bytes, DECLARATION_MAX), '>');
    struct p2i_view rest = skip_blanks(p2i_view_from(bytes, end + 1));
    if (rest.size == 0) {
        return more_below(bytes, DECLARATION_MAX + BLANKS_MAX);
    }
    struct p2i_view name = p2i_xmpp_name(rest);
    enum p2i_match match = probe_tag(rest, false);
    bool is_head = p2i_view_equals(name, P2I_VIEW("stream:stream"));
    return match == P2I_MATCH_YES && !is_head ? P2I_MATCH_NO : match;
}

enum p2i_match p2i_xmpp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes)
{
    static const struct p2i_view declaration = {(const uint8_t *)"<?xml", 5};
    bool on_port = p2i_xmpp_is_port(ends->port[0]) || p2i_xmpp_is_port(ends->port[1]);
    struct p2i_view rest = skip_blanks(p2i_view_first(bytes, BLANKS_MAX));
    (void)direction;
    if (rest.size == 0) {
        /* Blanks keep a connection alive (RFC 6120 section 4.6.1). */
        return on_port ? more_below(bytes, BLANKS_MAX) : P2I_MATCH_NO;
    }
    rest = skip_blanks(bytes);
    if (p2i_view_starts(rest, declaration)) {
        return probe_declaration(rest);
    }
    if (rest.size > 1 && p2i_view_starts(declaration, p2i_view_first(rest, declaration.size))) {
        return P2I_MATCH_MORE;
    }
    return probe_tag(rest, on_port);
}

/* ---- resynchronisation ---- */

static enum p2i_match begins_known(struct p2i_view bytes)
{
    static const char *const names[] = {"stream:stream", "/stream:stream", "stream:features",
                                        "stream:error",  "message",        "iq",
                                        "presence",      "auth",           "response",
                                        "challenge",     "success",        "failure",
                                        "proceed",       "compressed",     NULL};
    struct p2i_view name = p2i_xmpp_name(bytes);
    if (name.size + 1 < bytes.size) {
        return is_one_of(name, names) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    for (const char *const *at = names; *at != NULL; at++) {
        if (p2i_view_starts(p2i_view_of(*at, strlen(*at)), name)) {
            return P2I_MATCH_MORE;
        }
    }
    return P2I_MATCH_NO;
}

size_t p2i_xmpp_find(struct p2i_view bytes, bool *certain)
{
    *certain = false;
    size_t at = p2i_view_find(bytes, '<');
    while (at < bytes.size) {
        enum p2i_match match = begins_known(p2i_view_from(bytes, at));
        if (match != P2I_MATCH_NO) {
            *certain = match == P2I_MATCH_YES;
            return at;
        }
        at += 1 + p2i_view_find(p2i_view_from(bytes, at + 1), '<');
    }
    return bytes.size;
}
