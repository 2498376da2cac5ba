/* SPDX-License-Identifier: MIT */
/* OSCAR (protocol/im/oscar.c): names are substituted, passwords too, texts and what is not
 * understood are overwritten. */
#include "base/ascii.h"
#include "pcap2ipfix/cursor.h"
#include "protocol/im/oscar_flap.h"
#include "protocol/im/oscar_snac.h"
#include "rewrite/internal.h"

/* The password of a sign-on, which is XORed with a constant unless it is printable. */
static void write_password(struct p2i_writing *writing, struct p2i_bytes value)
{
    static const uint8_t roast[16] = {0xf3, 0x26, 0x81, 0xc4, 0x39, 0x86, 0xdb, 0x92,
                                      0x71, 0xa3, 0xb9, 0xe6, 0x53, 0x7a, 0x95, 0x7c};
    bool printable = true;
    for (size_t i = 0; i < value.size; i++) {
        printable = printable && value.data[i] >= 0x20 && value.data[i] <= 0x7e;
    }
    for (size_t i = 0; !printable && i < value.size; i++) {
        value.data[i] ^= roast[i % sizeof roast];
    }
    p2i_write_secret(writing, value);
    for (size_t i = 0; !printable && i < value.size; i++) {
        value.data[i] ^= roast[i % sizeof roast];
    }
}

/* What a type of TLV means where it stands. */
struct meaning {
    uint16_t name, password, number;
};

/* The next TLV (type, length, value), as far as it is there; types are small but for one. False:
 * there is none. */
static bool take_tlv(struct p2i_bytes *span, uint16_t *type, struct p2i_bytes *value)
{
    enum { HEAD = 4, EXTENSION_DATA = 0x2711 };
    if (span->size < HEAD) {
        return false;
    }
    *type = p2i_load_be16(span->data);
    *value = p2i_span_first(p2i_span_from(*span, HEAD), p2i_load_be16(span->data + 2));
    if (*type > UINT8_MAX && *type != EXTENSION_DATA) {
        return false;
    }
    *span = p2i_span_from(*span, HEAD + value->size);
    return true;
}

/* Values that a login or a user has: names; a number stays, everything else is overwritten. Returns
 * the bytes behind `count` TLVs. */
static struct p2i_bytes write_tlvs(struct p2i_writing *writing, struct p2i_bytes span, size_t count,
                                   const struct meaning *meaning)
{
    enum { NUMBER_MAX = 4 };
    uint16_t type;
    struct p2i_bytes value;
    while (count > 0 && take_tlv(&span, &type, &value)) {
        if (type == meaning->name) {
            p2i_write_text(writing, value);
        } else if (type == meaning->password) {
            write_password(writing, value);
        } else if (type != meaning->number || value.size > NUMBER_MAX) {
            p2i_write_binary(writing, value);
        }
        count--;
    }
    return span;
}

static const struct meaning of_login = {.name = 0x01, .password = 0x02, .number = 0x08};
static const struct meaning of_user = {.name = 0x18, .password = 0x02, .number = 0x0a};

static void write_login(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_binary(writing, write_tlvs(writing, span, SIZE_MAX, &of_login));
}

/* Behind a version, which is 1. */
static void write_sign_on(struct p2i_writing *writing, struct p2i_bytes span)
{
    static const uint8_t version[4] = {0, 0, 0, 1};
    bool known = p2i_view_starts(p2i_span_view(span), p2i_view_of(version, sizeof version));
    p2i_write_binary(writing, p2i_span_first(span, known ? 0 : sizeof version));
    write_login(writing, p2i_span_from(span, sizeof version));
}

/* A name with its length in front. Returns the bytes behind it. */
static struct p2i_bytes write_name(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_bytes name =
        span.size > 0 ? p2i_span_first(p2i_span_from(span, 1), span.data[0]) : span;
    p2i_write_text(writing, name);
    return p2i_span_from(span, 1 + name.size);
}

/* Name, warning level, and TLVs. Returns the bytes behind them. */
static struct p2i_bytes write_user(struct p2i_writing *writing, struct p2i_bytes span)
{
    span = write_name(writing, span);
    size_t count = span.size >= 4 ? p2i_load_be16(span.data + 2) : 0;
    return write_tlvs(writing, p2i_span_from(span, 4), count, &of_user);
}

/* Of a message that a server relays stay the sizes and the id of the plug-in, which is zero for a
 * text, and the type of the old message in it. */
static void write_relayed(struct p2i_writing *writing, struct p2i_bytes data)
{
    enum { SIZE = 2, VERSION = 2, GUID = 16 };
    struct p2i_bytes first = p2i_span_from(data, SIZE);
    first = p2i_span_first(first, data.size >= SIZE ? p2i_load_le16(data.data) : 0);
    struct p2i_bytes rest = p2i_span_from(data, SIZE + first.size);
    struct p2i_bytes second = p2i_span_from(rest, SIZE);
    second = p2i_span_first(second, rest.size >= SIZE ? p2i_load_le16(rest.data) : 0);
    p2i_write_nonzero(writing, p2i_span_first(p2i_span_from(first, VERSION), GUID));
    p2i_write_binary(writing, p2i_span_from(first, VERSION + GUID));
    p2i_write_binary(writing, second);
    p2i_write_letters(writing, p2i_span_from(rest, SIZE + second.size + 1));
}

/* Type, cookie, capability, TLVs: offers of files and the like are overwritten. */
static void write_rendezvous(struct p2i_writing *writing, struct p2i_bytes block)
{
    enum { COOKIE_AT = 2, CAPABILITY_AT = 10, HEAD = 26, EXTENSION_DATA = 0x2711 };
    static const uint8_t relay[HEAD - CAPABILITY_AT] = {0x09, 0x46, 0x13, 0x49, 0x4c, 0x7f,
                                                        0x11, 0xd1, 0x82, 0x22, 0x44, 0x45,
                                                        0x53, 0x54, 0x00, 0x00};
    struct p2i_bytes head = p2i_span_first(block, HEAD);
    struct p2i_bytes capability = p2i_span_from(head, CAPABILITY_AT);
    bool relayed = p2i_view_equals(p2i_span_view(capability), p2i_view_of(relay, sizeof relay));
    p2i_write_token(writing, p2i_span_from(p2i_span_first(head, CAPABILITY_AT), COOKIE_AT));
    if (!relayed) {
        p2i_write_token(writing, capability);
    }
    struct p2i_bytes rest = p2i_span_from(block, HEAD);
    uint16_t type;
    struct p2i_bytes value;
    while (take_tlv(&rest, &type, &value)) {
        if (relayed && type == EXTENSION_DATA) {
            write_relayed(writing, value);
        } else {
            p2i_write_letters(writing, value);
        }
    }
    p2i_write_binary(writing, rest);
}

/* The block of a message keeps the bytes by which it is seen to be a text: fragments with id,
 * version, length and charset, or the head of an old message. */
static void write_block(struct p2i_writing *writing, uint16_t channel, struct p2i_bytes block)
{
    enum { PLAIN = 1, OLD = 4, HEAD = 4, CHARSET_SIZE = 4, NUMBER = 4, TYPE = 5, OLD_HEAD = 8 };
    if (channel == OLD) {
        p2i_write_binary(writing, p2i_span_first(block, NUMBER));
        p2i_write_binary(writing, p2i_span_from(p2i_span_first(block, OLD_HEAD), TYPE));
        p2i_write_binary(writing, p2i_span_from(block, OLD_HEAD));
        return;
    }
    if (channel != PLAIN) {
        write_rendezvous(writing, block);
        return;
    }
    while (block.size >= HEAD && block.data[0] < ' ' && block.data[1] < ' ') {
        struct p2i_bytes content =
            p2i_span_first(p2i_span_from(block, HEAD), p2i_load_be16(block.data + 2));
        bool text = block.data[0] == 1 && content.size >= 2 && content.data[0] == 0;
        p2i_write_letters(writing, p2i_span_from(content, text ? CHARSET_SIZE : 0));
        block = p2i_span_from(block, HEAD + content.size);
    }
    p2i_write_binary(writing, block);
}

static void write_message(struct p2i_writing *writing, struct p2i_bytes body, bool incoming)
{
    enum { COOKIE = 8, MESSAGE_BLOCK = 0x02, DATA_BLOCK = 0x05 };
    uint16_t channel = body.size >= COOKIE + 2 ? p2i_load_be16(body.data + COOKIE) : 0;
    struct p2i_bytes rest = p2i_span_from(body, COOKIE + 2);
    p2i_write_token(writing, p2i_span_first(body, COOKIE));
    rest = incoming ? write_user(writing, rest) : write_name(writing, rest);
    uint16_t type;
    struct p2i_bytes value;
    while (take_tlv(&rest, &type, &value)) {
        if (type == MESSAGE_BLOCK || type == DATA_BLOCK) {
            write_block(writing, channel, value);
        } else {
            p2i_write_binary(writing, value);
        }
    }
    p2i_write_binary(writing, rest);
}

static void write_snac(struct p2i_writing *writing, struct p2i_bytes payload)
{
    enum { REQUEST_AT = 6 };
    struct p2i_snac snac;
    if (!p2i_snac_read(p2i_span_view(payload), &snac) || !p2i_snac_is_known(&snac)) {
        p2i_write_binary(writing, payload);
        return;
    }
    struct p2i_bytes body = p2i_span_from(payload, payload.size - snac.body.size);
    struct p2i_bytes front = p2i_span_first(payload, payload.size - snac.body.size);
    p2i_write_token(writing, p2i_span_from(p2i_span_first(front, P2I_SNAC_HEAD_SIZE), REQUEST_AT));
    p2i_write_binary(writing, p2i_span_from(front, P2I_SNAC_HEAD_SIZE + 2));
    switch (snac.kind) {
    case P2I_SNAC_ICBM_OUT:
    case P2I_SNAC_ICBM_IN:
        write_message(writing, body, snac.kind == P2I_SNAC_ICBM_IN);
        break;
    case P2I_SNAC_OWN_INFO:
        p2i_write_binary(writing, write_user(writing, body));
        break;
    case P2I_SNAC_LOGIN:
    case P2I_SNAC_LOGIN_RESULT:
        write_login(writing, body);
        break;
    case P2I_SNAC_LOGIN_ERROR:
        p2i_write_binary(writing, p2i_span_from(body, 2));
        break;
    default:
        p2i_write_binary(writing, body);
        break;
    }
}

void p2i_write_oscar(struct p2i_writing *writing, struct p2i_bytes span)
{
    while (span.size > 0) {
        struct p2i_flap flap;
        if (!p2i_flap_read(p2i_span_view(span), &flap)) {
            size_t next = p2i_view_find(p2i_view_from(p2i_span_view(span), 1), '*') + 1;
            p2i_write_binary(writing, p2i_span_first(span, next));
            span = p2i_span_from(span, next);
            continue;
        }
        struct p2i_bytes payload =
            p2i_span_first(p2i_span_from(span, P2I_FLAP_HEAD_SIZE), flap.length);
        if (flap.channel == P2I_FLAP_SNAC) {
            write_snac(writing, payload);
        } else if (flap.channel == P2I_FLAP_SIGN_ON) {
            write_sign_on(writing, payload);
        } else if (flap.channel == P2I_FLAP_SIGN_OFF) {
            write_login(writing, payload);
        } else {
            p2i_write_binary(writing, payload);
        }
        span = p2i_span_from(span, P2I_FLAP_HEAD_SIZE + payload.size);
    }
}
