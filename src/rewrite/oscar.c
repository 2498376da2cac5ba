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

/* Values that a login or a user has: names; a number stays, everything else is overwritten. Returns
 * the bytes behind `count` TLVs. */
static struct p2i_bytes write_tlvs(struct p2i_writing *writing, struct p2i_bytes span, size_t count,
                                   const struct meaning *meaning)
{
    while (span.size >= 4 && count-- > 0) {
        uint16_t type = p2i_load_be16(span.data);
        struct p2i_bytes value =
            p2i_span_first(p2i_span_from(span, 4), p2i_load_be16(span.data + 2));
        if (type == meaning->name) {
            p2i_write_text(writing, value);
        } else if (type == meaning->password) {
            write_password(writing, value);
        } else if (type != meaning->number) {
            p2i_write_binary(writing, value);
        }
        span = p2i_span_from(span, 4 + value.size);
    }
    return span;
}

static const struct meaning of_login = {.name = 0x01, .password = 0x02, .number = 0x08};
static const struct meaning of_user = {.name = 0x18, .password = 0, .number = 0};

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

/* Type, cookie, capability, TLVs. Of a message that a server relays, the heads of the old message
 * in it stay; offers of files and the like are overwritten. */
static void write_rendezvous(struct p2i_writing *writing, struct p2i_bytes block)
{
    enum { CAPABILITY = 10, HEAD = 26, EXTENSION_DATA = 0x2711, HEADS = 27 + 16 + 8 };
    static const uint8_t relay[] = {0x09, 0x46, 0x13, 0x49};
    bool relayed = block.size >= HEAD && memcmp(block.data + CAPABILITY, relay, sizeof relay) == 0;
    struct p2i_bytes rest = p2i_span_from(block, HEAD);
    while (rest.size >= 4) {
        struct p2i_bytes value =
            p2i_span_first(p2i_span_from(rest, 4), p2i_load_be16(rest.data + 2));
        bool heads = relayed && p2i_load_be16(rest.data) == EXTENSION_DATA;
        p2i_write_letters(writing, p2i_span_from(value, heads ? HEADS : 0));
        rest = p2i_span_from(rest, 4 + value.size);
    }
}

/* The block of a message keeps the bytes by which it is seen to be a text: fragments with id,
 * version, length and charset, or the head of an old message. */
static void write_block(struct p2i_writing *writing, uint16_t channel, struct p2i_bytes block)
{
    enum { PLAIN = 1, OLD = 4, CHARSET_SIZE = 4, OLD_HEAD = 8 };
    if (channel == OLD) {
        struct p2i_bytes number = p2i_span_first(block, 4);
        p2i_write_binary(writing, number);
        p2i_write_binary(writing, p2i_span_from(block, OLD_HEAD));
        return;
    }
    while (channel == PLAIN && block.size >= 4) {
        struct p2i_bytes content =
            p2i_span_first(p2i_span_from(block, 4), p2i_load_be16(block.data + 2));
        bool text = block.data[0] == 1;
        p2i_write_letters(writing, p2i_span_from(content, text ? CHARSET_SIZE : 0));
        block = p2i_span_from(block, 4 + content.size);
    }
    if (channel != PLAIN) {
        write_rendezvous(writing, block);
    }
}

static void write_message(struct p2i_writing *writing, struct p2i_bytes body, bool incoming)
{
    enum { COOKIE = 8, MESSAGE_BLOCK = 0x02, DATA_BLOCK = 0x05 };
    uint16_t channel = body.size >= COOKIE + 2 ? p2i_load_be16(body.data + COOKIE) : 0;
    struct p2i_bytes rest = p2i_span_from(body, COOKIE + 2);
    rest = incoming ? write_user(writing, rest) : write_name(writing, rest);
    while (rest.size >= 4) {
        uint16_t type = p2i_load_be16(rest.data);
        struct p2i_bytes value =
            p2i_span_first(p2i_span_from(rest, 4), p2i_load_be16(rest.data + 2));
        if (type == MESSAGE_BLOCK || type == DATA_BLOCK) {
            write_block(writing, channel, value);
        } else {
            p2i_write_binary(writing, value);
        }
        rest = p2i_span_from(rest, 4 + value.size);
    }
}

static void write_snac(struct p2i_writing *writing, struct p2i_bytes payload)
{
    struct p2i_snac snac;
    if (!p2i_snac_read(p2i_span_view(payload), &snac)) {
        return;
    }
    struct p2i_bytes body = p2i_span_from(payload, payload.size - snac.body.size);
    struct p2i_bytes front = p2i_span_first(payload, payload.size - snac.body.size);
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
        (void)write_tlvs(writing, body, SIZE_MAX, &of_login);
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
    enum { VERSION_SIZE = 4 };
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
            (void)write_tlvs(writing, p2i_span_from(payload, VERSION_SIZE), SIZE_MAX, &of_login);
        } else if (flap.channel == P2I_FLAP_SIGN_OFF) {
            (void)write_tlvs(writing, payload, SIZE_MAX, &of_login);
        } else {
            p2i_write_binary(writing, payload);
        }
        span = p2i_span_from(span, P2I_FLAP_HEAD_SIZE + payload.size);
    }
}
