/* SPDX-License-Identifier: MIT */
#include "record/dns_service.h"

#include "base/base64.h"

/* RFC 9460 section 14.3.2. */
enum key {
    KEY_MANDATORY,
    KEY_ALPN,
    KEY_NO_DEFAULT_ALPN,
    KEY_PORT,
    KEY_IPV4HINT,
    KEY_ECH,
    KEY_IPV6HINT,
    KEY_DOHPATH, /* RFC 9461 section 5 */
    KEY_COUNT,
};

static bool put_key(struct p2i_buffer *out, uint16_t key)
{
    static const struct p2i_view names[KEY_COUNT] = {
#define NAME(text) {(const uint8_t *)(text), sizeof(text) - 1}
        [KEY_MANDATORY] = NAME("mandatory"),
        [KEY_ALPN] = NAME("alpn"),
        [KEY_NO_DEFAULT_ALPN] = NAME("no-default-alpn"),
        [KEY_PORT] = NAME("port"),
        [KEY_IPV4HINT] = NAME("ipv4hint"),
        [KEY_ECH] = NAME("ech"),
        [KEY_IPV6HINT] = NAME("ipv6hint"),
        [KEY_DOHPATH] = NAME("dohpath"),
#undef NAME
    };
    if (key < KEY_COUNT) {
        return p2i_append(out, names[key]);
    }
    return p2i_append(out, P2I_VIEW("key")) && p2i_dns_put_number(out, key);
}

/* One or more items, each written by `put`, separated by commas. */
static bool put_list(struct p2i_buffer *out, struct p2i_cursor *value,
                     bool (*put)(struct p2i_buffer *out, struct p2i_cursor *value))
{
    bool done = put(out, value);
    while (done && !value->failed && value->rest.size > 0) {
        done = p2i_append(out, P2I_VIEW(",")) && put(out, value);
    }
    return done;
}

static bool put_one_key(struct p2i_buffer *out, struct p2i_cursor *value)
{
    return put_key(out, p2i_be16(value));
}

static bool put_ipv4(struct p2i_buffer *out, struct p2i_cursor *value)
{
    return p2i_dns_put_address(out, value, 4);
}

static bool put_ipv6(struct p2i_buffer *out, struct p2i_cursor *value)
{
    return p2i_dns_put_address(out, value, 16);
}

/* A comma or backslash within a protocol name is escaped twice: as an item of the list, then as
 * part of a character-string (RFC 9460 appendix A.1). */
static bool put_protocol(struct p2i_buffer *out, struct p2i_cursor *value)
{
    struct p2i_view name = p2i_take(value, p2i_u8(value));
    value->failed |= name.size == 0;
    bool done = true;
    for (size_t i = 0; done && i < name.size; i++) {
        bool special = name.data[i] == ',' || name.data[i] == '\\';
        done =
            (!special || p2i_append(out, P2I_VIEW("\\\\"))) && p2i_dns_put_byte(out, name.data[i]);
    }
    return done;
}

static bool put_base64(struct p2i_buffer *out, struct p2i_cursor *value)
{
    bool done = true;
    while (done && value->rest.size > 0) {
        struct p2i_view group = p2i_take(value, value->rest.size < 3 ? value->rest.size : 3);
        uint8_t text[4];
        p2i_base64_encode(group, text);
        done = p2i_append(out, p2i_view_of(text, sizeof text));
    }
    return done;
}

static bool put_value(struct p2i_buffer *out, uint16_t key, struct p2i_cursor *value)
{
    switch (key) {
    case KEY_MANDATORY:
        return put_list(out, value, put_one_key);
    case KEY_ALPN:
        return p2i_append(out, P2I_VIEW("\"")) && put_list(out, value, put_protocol) &&
               p2i_append(out, P2I_VIEW("\""));
    case KEY_PORT:
        return p2i_dns_put_number(out, p2i_be16(value));
    case KEY_IPV4HINT:
        return put_list(out, value, put_ipv4);
    case KEY_ECH:
        return put_base64(out, value);
    case KEY_IPV6HINT:
        return put_list(out, value, put_ipv6);
    default:
        return p2i_dns_put_quoted(out, p2i_take(value, value->rest.size));
    }
}

/* Only no-default-alpn and unknown keys may have no value. */
static bool put_parameter(struct p2i_buffer *out, uint16_t key, struct p2i_cursor *value)
{
    if (!p2i_append(out, P2I_VIEW(" ")) || !put_key(out, key)) {
        return false;
    }
    bool empty = value->rest.size == 0;
    if (empty || key == KEY_NO_DEFAULT_ALPN) {
        value->failed |= key == KEY_NO_DEFAULT_ALPN ? !empty : key < KEY_COUNT;
        return true;
    }
    return p2i_append(out, P2I_VIEW("=")) && put_value(out, key, value);
}

bool p2i_dns_put_parameters(struct p2i_buffer *out, struct p2i_cursor *at)
{
    bool done = true;
    for (unsigned least = 0; done && !at->failed && at->rest.size > 0;) {
        uint16_t key = p2i_be16(at);
        struct p2i_cursor value = p2i_sub(at, p2i_be16(at));
        at->failed |= key < least;
        least = key + 1U;
        done = at->failed || put_parameter(out, key, &value);
        at->failed |= value.failed || value.rest.size > 0;
    }
    return done;
}
