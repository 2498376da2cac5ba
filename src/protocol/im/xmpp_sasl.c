/* SPDX-License-Identifier: MIT */
#include "protocol/im/xmpp_sasl.h"

#include "base/ascii.h"

enum p2i_sasl p2i_sasl_mechanism(struct p2i_view name)
{
    static const struct {
        const char *name;
        enum p2i_sasl mechanism;
    } known[] = {
        {"PLAIN", P2I_SASL_PLAIN},          {"X-OAUTH2", P2I_SASL_TOKEN},
        {"X-GOOGLE-TOKEN", P2I_SASL_TOKEN}, {"LOGIN", P2I_SASL_LOGIN},
        {"DIGEST-MD5", P2I_SASL_DIGEST},    {"EXTERNAL", P2I_SASL_EXTERNAL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (p2i_view_equals_nocase(name, p2i_view_of(known[i].name, strlen(known[i].name)))) {
            return known[i].mechanism;
        }
    }
    return p2i_view_starts_nocase(name, P2I_VIEW("SCRAM-")) ? P2I_SASL_SCRAM : P2I_SASL_OTHER;
}

/* authorisation NUL name NUL password (RFC 4616 section 2). */
static struct p2i_sasl_names read_plain(const struct p2i_sasl_message *message)
{
    struct p2i_sasl_names names = {0};
    struct p2i_view whole = p2i_view_of(message->bytes, message->size);
    struct p2i_view rest = p2i_view_from(whole, p2i_view_find(whole, 0) + 1);
    size_t end = p2i_view_find(rest, 0);
    if (message->whole || end < rest.size) {
        names.name = p2i_view_first(rest, end);
        names.password = p2i_view_from(rest, end + 1);
    }
    return names;
}

/* Undoes "=2C" and "=3D" (RFC 5802 section 5.1). */
static struct p2i_view unescape_scram(uint8_t *text, size_t size)
{
    size_t out = 0;
    for (size_t at = 0; at < size; at++) {
        struct p2i_view rest = p2i_view_of(text + at, size - at);
        bool is_comma = p2i_view_starts_nocase(rest, P2I_VIEW("=2c"));
        bool is_equals = p2i_view_starts_nocase(rest, P2I_VIEW("=3d"));
        at += is_comma || is_equals ? 2 : 0;
        text[out++] = is_comma ? ',' : is_equals ? '=' : rest.data[0];
    }
    return p2i_view_of(text, out);
}

/* "n,,n=user,r=nonce": the third field is the name (RFC 5802 section 7). */
static struct p2i_view read_scram(const struct p2i_sasl_message *message)
{
    struct p2i_view rest = p2i_view_of(message->bytes, message->size);
    for (int commas = 0; commas < 2; commas++) {
        rest = p2i_view_from(rest, p2i_view_find(rest, ',') + 1);
    }
    size_t end = p2i_view_find(rest, ',');
    if (!p2i_view_starts(rest, P2I_VIEW("n=")) || (end == rest.size && !message->whole)) {
        return (struct p2i_view){0};
    }
    return unescape_scram(message->bytes + (message->size - rest.size) + 2, end - 2);
}

/* Undoes the backslashes of a quoted string; `text` begins behind the opening quote. `*ended`: the
 * closing quote is present. */
static struct p2i_view unescape_quoted(uint8_t *text, size_t size, bool *ended)
{
    size_t out = 0;
    size_t at = 0;
    for (; at < size && text[at] != '"'; at++) {
        at += text[at] == '\\' && at + 1 < size;
        text[out++] = text[at];
    }
    *ended = at < size;
    return p2i_view_of(text, out);
}

/* username="name",realm="..." (RFC 2831 section 2.1.2), in any order. */
static struct p2i_view read_digest(const struct p2i_sasl_message *message)
{
    static const struct p2i_view wanted = {(const uint8_t *)"username=\"", 10};
    uint8_t *bytes = message->bytes;
    bool quoted = false;
    for (size_t at = 0; at < message->size; at++) {
        struct p2i_view rest = p2i_view_of(bytes + at, message->size - at);
        if (!quoted && p2i_view_starts_nocase(rest, wanted)) {
            bool ended;
            struct p2i_view name =
                unescape_quoted(bytes + at + wanted.size, rest.size - wanted.size, &ended);
            return ended || message->whole ? name : (struct p2i_view){0};
        }
        quoted = bytes[at] == '"' ? !quoted : quoted;
        at += quoted && bytes[at] == '\\';
    }
    return (struct p2i_view){0};
}

struct p2i_sasl_names p2i_sasl_read(enum p2i_sasl mechanism, const struct p2i_sasl_message *message)
{
    struct p2i_sasl_names names = {0};
    struct p2i_view bytes = p2i_view_of(message->bytes, message->size);
    struct p2i_view name = message->whole ? bytes : (struct p2i_view){0};
    switch (mechanism) {
    case P2I_SASL_PLAIN:
        names = read_plain(message);
        break;
    case P2I_SASL_TOKEN:
        names.name = read_plain(message).name;
        break;
    case P2I_SASL_LOGIN:
        *(message->is_second ? &names.password : &names.name) = message->is_second ? bytes : name;
        break;
    case P2I_SASL_SCRAM:
        names.name = read_scram(message);
        break;
    case P2I_SASL_UNKNOWN:
    case P2I_SASL_DIGEST:
        names.name = read_digest(message);
        break;
    case P2I_SASL_EXTERNAL:
        names.name = name;
        break;
    case P2I_SASL_OTHER:
        break;
    }
    return names;
}
