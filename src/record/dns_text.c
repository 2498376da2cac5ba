/* SPDX-License-Identifier: MIT */
#include "record/dns_text.h"

#include "base/put.h"

enum { NAME_MAX_SIZE = 255, LABEL_MAX = 63, ESCAPE_MAX = 4 };

bool p2i_dns_put_number(struct p2i_buffer *out, uint32_t number)
{
    uint8_t bytes[4];
    (void)p2i_put32(bytes, number);
    return p2i_format_text(out, P2I_TYPE_UNSIGNED32, p2i_view_of(bytes, sizeof bytes));
}

bool p2i_dns_put_hex(struct p2i_buffer *out, struct p2i_view bytes)
{
    return p2i_format_text(out, P2I_TYPE_OCTETS, bytes);
}

bool p2i_dns_put_address(struct p2i_buffer *out, struct p2i_cursor *at, size_t size)
{
    struct p2i_view address = p2i_take(at, size);
    return at->failed || p2i_format_text(out, size == 4 ? P2I_TYPE_IPV4 : P2I_TYPE_IPV6, address);
}

/* `special` has the two bytes to be escaped. */
static uint8_t *put_escaped(uint8_t *to, uint8_t byte, const uint8_t special[2])
{
    if (byte > 0x7e || byte < 0x20) {
        *to++ = '\\';
        *to++ = (uint8_t)('0' + byte / 100);
        *to++ = (uint8_t)('0' + byte / 10 % 10);
        *to++ = (uint8_t)('0' + byte % 10);
        return to;
    }
    if (byte == special[0] || byte == special[1]) {
        *to++ = '\\';
    }
    *to++ = byte;
    return to;
}

/* RFC 4343 section 2.1; a space would end the name. */
static bool put_label(struct p2i_buffer *out, struct p2i_view label)
{
    static const uint8_t special[2] = {'.', '\\'};
    if (!p2i_buffer_reserve(out, ESCAPE_MAX * label.size)) {
        return false;
    }
    uint8_t *to = out->data + out->size;
    for (size_t i = 0; i < label.size; i++) {
        if (label.data[i] == ' ') {
            memcpy(to, "\\032", ESCAPE_MAX);
            to += ESCAPE_MAX;
        } else {
            to = put_escaped(to, label.data[i], special);
        }
    }
    out->size = (size_t)(to - out->data);
    return true;
}

bool p2i_dns_put_name(struct p2i_buffer *out, struct p2i_cursor *at)
{
    size_t begin = at->rest.size;
    for (bool first = true;; first = false) {
        uint8_t size = p2i_u8(at);
        struct p2i_view label = p2i_take(at, size);
        at->failed |= size > LABEL_MAX || begin - at->rest.size > NAME_MAX_SIZE;
        if (at->failed) {
            return true;
        }
        if (size == 0) {
            return !first || p2i_append(out, P2I_VIEW("."));
        }
        if ((!first && !p2i_append(out, P2I_VIEW("."))) || !put_label(out, label)) {
            return false;
        }
    }
}

static const uint8_t quoted_special[2] = {'"', '\\'};

bool p2i_dns_put_byte(struct p2i_buffer *out, uint8_t byte)
{
    if (!p2i_buffer_reserve(out, ESCAPE_MAX)) {
        return false;
    }
    uint8_t *end = put_escaped(out->data + out->size, byte, quoted_special);
    out->size = (size_t)(end - out->data);
    return true;
}

bool p2i_dns_put_quoted(struct p2i_buffer *out, struct p2i_view bytes)
{
    if (!p2i_buffer_reserve(out, ESCAPE_MAX * bytes.size + 2)) {
        return false;
    }
    uint8_t *to = out->data + out->size;
    *to++ = '"';
    for (size_t i = 0; i < bytes.size; i++) {
        to = put_escaped(to, bytes.data[i], quoted_special);
    }
    *to++ = '"';
    out->size = (size_t)(to - out->data);
    return true;
}

bool p2i_dns_put_string(struct p2i_buffer *out, struct p2i_cursor *at)
{
    struct p2i_view string = p2i_take(at, p2i_u8(at));
    return at->failed || p2i_dns_put_quoted(out, string);
}
