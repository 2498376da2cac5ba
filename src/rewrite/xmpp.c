/* SPDX-License-Identifier: MIT */
/* XMPP (RFC 6120): names of elements and attributes stay, and values that say what a stanza is.
 * Other values and texts are substituted, credentials of SASL inside their Base64. */
#include "base/ascii.h"
#include "rewrite/text.h"

static bool is_one_of(struct p2i_bytes word, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (p2i_view_equals(p2i_span_view(word), p2i_view_of(*names, strlen(*names)))) {
            return true;
        }
    }
    return false;
}

/* Names without their prefix. */
static struct p2i_bytes local_name(struct p2i_bytes name)
{
    size_t colon = p2i_view_find(p2i_span_view(name), ':');
    return colon < name.size ? p2i_span_from(name, colon + 1) : name;
}

/* Text between entities, which stay (XML 1.0 section 4.1). */
static void write_text(struct p2i_writing *writing, struct p2i_bytes text)
{
    size_t from = 0;
    for (size_t at = 0; at < text.size; at++) {
        size_t end = at + 1;
        while (text.data[at] == '&' && end < text.size && end - at < 10 && text.data[end] != ';' &&
               text.data[end] != '&' && !p2i_is_space(text.data[end])) {
            end++;
        }
        bool number = text.data[at] == '&' && at + 1 < text.size && text.data[at + 1] == '#';
        if (text.data[at] == '&' && !number && end < text.size && text.data[end] == ';') {
            p2i_write_text(writing, p2i_span_of(text.data + from, at - from));
            from = end + 1;
            at = end;
        }
    }
    p2i_write_text(writing, p2i_span_from(text, from));
}

static void write_attribute(struct p2i_writing *writing, struct p2i_bytes name,
                            struct p2i_bytes value)
{
    static const char *const kept[] = {"type",     "mechanism", "version",    "code",
                                       "xml:lang", "encoding",  "standalone", "hash",
                                       "var",      "category",  NULL};
    if (p2i_span_starts(name, P2I_VIEW("xmlns")) || is_one_of(name, kept)) {
        return;
    }
    write_text(writing, value);
}

/* A tag from behind its "<" on. */
static void write_tag(struct p2i_writing *writing, struct p2i_bytes tag)
{
    size_t at = 0;
    while (at < tag.size) {
        while (at < tag.size && tag.data[at] != '=') {
            at++;
        }
        size_t end = at;
        while (end > 0 && p2i_is_space(tag.data[end - 1])) {
            end--;
        }
        size_t begin = end;
        while (begin > 0 && !p2i_is_space(tag.data[begin - 1])) {
            begin--;
        }
        at++;
        while (at < tag.size && p2i_is_space(tag.data[at])) {
            at++;
        }
        if (at >= tag.size || (tag.data[at] != '"' && tag.data[at] != '\'')) {
            continue;
        }
        uint8_t quote = tag.data[at++];
        struct p2i_bytes value = p2i_span_from(tag, at);
        value = p2i_span_first(value, p2i_view_find(p2i_span_view(value), quote));
        write_attribute(writing, p2i_span_of(tag.data + begin, end - begin), value);
        at += value.size + 1;
    }
}

/* Size of a tag, quoted values passed over; its ">" not counted. */
static size_t tag_size(struct p2i_bytes span)
{
    uint8_t quote = 0;
    for (size_t i = 0; i < span.size; i++) {
        if (quote != 0) {
            quote = span.data[i] == quote ? 0 : quote;
        } else if (span.data[i] == '"' || span.data[i] == '\'') {
            quote = span.data[i];
        } else if (span.data[i] == '>') {
            return i;
        }
    }
    return span.size;
}

/* Text behind the start tag of an element. */
static void write_content(struct p2i_writing *writing, struct p2i_bytes element,
                          struct p2i_bytes text)
{
    static const char *const sasl[] = {"auth", "response", "challenge", "success", NULL};
    static const char *const kept[] = {"mechanism", "method", NULL};
    struct p2i_bytes name = local_name(element);
    if (is_one_of(name, sasl)) {
        p2i_write_sasl(writing, text);
    } else if (p2i_view_equals(p2i_span_view(name), P2I_VIEW("password"))) {
        p2i_write_secret(writing, text);
    } else if (!is_one_of(name, kept)) {
        write_text(writing, text);
    }
}

void p2i_write_xmpp(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_bytes element = {0};
    while (span.size > 0) {
        if (p2i_begins_tls(span)) {
            p2i_write_tls(writing, span);
            return;
        }
        if (span.data[0] != '<') {
            size_t size = 0;
            while (size < span.size && span.data[size] != '<' &&
                   !p2i_begins_tls(p2i_span_from(span, size))) {
                size++;
            }
            write_content(writing, element, p2i_span_first(span, size));
            span = p2i_span_from(span, size);
            continue;
        }
        struct p2i_bytes tag = p2i_span_from(span, 1);
        tag = p2i_span_first(tag, tag_size(tag));
        size_t name = 0;
        while (name < tag.size && !p2i_is_space(tag.data[name]) && tag.data[name] != '/') {
            name++;
        }
        element = p2i_span_first(tag, name);
        write_tag(writing, tag);
        span = p2i_span_from(span, tag.size + 2);
    }
}
