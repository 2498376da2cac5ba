/* SPDX-License-Identifier: MIT */
#include "protocol/im/oscar_snac.h"

/* ---- SNAC ---- */

bool p2i_snac_read(struct p2i_view payload, struct p2i_snac *snac)
{
    enum { HAS_TLVS = 0x8000 };
    struct p2i_cursor at = p2i_cursor_of(payload);
    snac->kind = p2i_be32(&at);
    snac->flags = p2i_be16(&at);
    p2i_skip(&at, 4); /* request id */
    bool has_head = !at.failed;
    if ((snac->flags & HAS_TLVS) != 0) {
        p2i_skip(&at, p2i_be16(&at));
    }
    snac->body = at.failed ? (struct p2i_view){0} : at.rest;
    return has_head;
}

bool p2i_snac_is_known(const struct p2i_snac *snac)
{
    enum {
        SUBTYPE_MAX = 0x40,
        FLAGS = 0x8001, /* TLVs precede the content; more SNACs follow */
    };
    uint32_t family = snac->kind >> 16;
    uint32_t subtype = snac->kind & 0xffff;
    bool known = (family >= 0x01 && family <= 0x18) || (family >= 0x22 && family <= 0x25);
    return known && subtype > 0 && subtype <= SUBTYPE_MAX && (snac->flags & ~FLAGS) == 0;
}

/* ---- TLVs ---- */

bool p2i_oscar_tlv_next(struct p2i_cursor *at, struct p2i_oscar_tlv *tlv)
{
    if (at->failed || at->rest.size == 0) {
        return false;
    }
    tlv->type = p2i_be16(at);
    size_t size = p2i_be16(at);
    if (at->failed) {
        return false;
    }
    tlv->value = p2i_view_first(at->rest, size);
    tlv->whole = tlv->value.size == size;
    p2i_skip(at, size);
    return true;
}

bool p2i_oscar_tlv_find(struct p2i_view tlvs, uint16_t type, struct p2i_oscar_tlv *tlv)
{
    struct p2i_cursor at = p2i_cursor_of(tlvs);
    while (p2i_oscar_tlv_next(&at, tlv)) {
        if (tlv->type == type) {
            return true;
        }
    }
    return false;
}

struct p2i_view p2i_oscar_tlv_value(struct p2i_view tlvs, uint16_t type)
{
    struct p2i_oscar_tlv tlv;
    return p2i_oscar_tlv_find(tlvs, type, &tlv) && tlv.whole ? tlv.value : (struct p2i_view){0};
}

uint32_t p2i_oscar_tlv_number(struct p2i_view value)
{
    uint32_t number = 0;
    for (size_t i = 0; i < value.size && value.size <= 4; i++) {
        number = number << 8 | value.data[i];
    }
    return number;
}

/* ---- users ---- */

static struct p2i_view take_name(struct p2i_cursor *at)
{
    return p2i_take(at, p2i_u8(at));
}

bool p2i_oscar_user_read(struct p2i_cursor *at, struct p2i_oscar_user *user)
{
    enum { NICK = 0x18 };
    struct p2i_oscar_tlv tlv;
    *user = (struct p2i_oscar_user){.name = take_name(at)};
    p2i_skip(at, 2); /* warning level */
    for (size_t count = p2i_be16(at); count > 0; count--) {
        if (!p2i_oscar_tlv_next(at, &tlv)) {
            return false;
        }
        if (tlv.type == NICK && tlv.whole) {
            user->nick = tlv.value;
        }
    }
    return !at->failed;
}

/* ---- instant messages ---- */

/* Channel 1: fragments, each with an id, a version, a length and content. The content of a text
 * fragment begins with its character set; a message may have several fragments. */
static bool is_plain_text(struct p2i_view block)
{
    enum { TEXT = 0x01, CHARSET_SIZE = 4 };
    struct p2i_cursor at = p2i_cursor_of(block);
    while (at.rest.size > 0 && !at.failed) {
        uint8_t id = p2i_u8(&at);
        p2i_skip(&at, 1);
        size_t size = p2i_be16(&at);
        if (id == TEXT && !at.failed) {
            return size >= CHARSET_SIZE;
        }
        p2i_skip(&at, size);
    }
    return false;
}

enum {
    ICQ_PLAIN = 0x01
}; /* type of an old ICQ message; other types are URL, contacts, authorization and more */

/* Channel 2: a rendezvous (type, cookie, capability, TLVs) of ICQ's server relay. Its extension
 * data are little-endian: a block with the id of a plug-in, a block without interest, and an old
 * ICQ message. */
static bool is_relayed_text(struct p2i_view block)
{
    enum { REQUEST = 0, EXTENSION_DATA = 0x2711, GUID_SIZE = 16 };
    static const uint8_t relay[GUID_SIZE] = {0x09, 0x46, 0x13, 0x49, 0x4c, 0x7f, 0x11, 0xd1,
                                             0x82, 0x22, 0x44, 0x45, 0x53, 0x54, 0x00, 0x00};
    static const uint8_t no_plugin[GUID_SIZE];
    struct p2i_cursor at = p2i_cursor_of(block);
    struct p2i_oscar_tlv data;
    uint16_t type = p2i_be16(&at);
    p2i_skip(&at, 8);
    struct p2i_view capability = p2i_take(&at, GUID_SIZE);
    if (type != REQUEST || !p2i_view_equals(capability, p2i_view_of(relay, GUID_SIZE)) ||
        !p2i_oscar_tlv_find(at.rest, EXTENSION_DATA, &data)) {
        return false;
    }
    at = p2i_cursor_of(data.value);
    struct p2i_view size = p2i_take(&at, 2);
    struct p2i_cursor head = p2i_sub(&at, size.size > 0 ? p2i_load_le16(size.data) : 0);
    p2i_skip(&head, 2); /* version */
    struct p2i_view plugin = p2i_take(&head, GUID_SIZE);
    size = p2i_take(&at, 2);
    p2i_skip(&at, size.size > 0 ? p2i_load_le16(size.data) : 0);
    return p2i_u8(&at) == ICQ_PLAIN && p2i_view_equals(plugin, p2i_view_of(no_plugin, GUID_SIZE));
}

/* Channel 4: the sender's number, type, flags, length, text. */
static bool is_old_text(struct p2i_view block)
{
    struct p2i_cursor at = p2i_cursor_of(block);
    p2i_skip(&at, 4);
    return p2i_u8(&at) == ICQ_PLAIN;
}

static bool is_text(uint16_t channel, struct p2i_view tlvs)
{
    enum { PLAIN = 1, RENDEZVOUS = 2, OLD = 4 };
    enum { MESSAGE_BLOCK = 0x02, DATA_BLOCK = 0x05 };
    struct p2i_oscar_tlv block;
    if (!p2i_oscar_tlv_find(tlvs, channel == PLAIN ? MESSAGE_BLOCK : DATA_BLOCK, &block)) {
        return false;
    }
    return (channel == PLAIN && is_plain_text(block.value)) ||
           (channel == RENDEZVOUS && is_relayed_text(block.value)) ||
           (channel == OLD && is_old_text(block.value));
}

bool p2i_icbm_read(struct p2i_view body, bool incoming, struct p2i_icbm *icbm)
{
    struct p2i_cursor at = p2i_cursor_of(body);
    *icbm = (struct p2i_icbm){0};
    p2i_skip(&at, 8); /* cookie */
    uint16_t channel = p2i_be16(&at);
    if (!incoming) {
        icbm->peer.name = take_name(&at);
    } else if (!p2i_oscar_user_read(&at, &icbm->peer)) {
        return false;
    }
    if (at.failed) {
        return false;
    }
    icbm->is_text = is_text(channel, at.rest);
    return true;
}
