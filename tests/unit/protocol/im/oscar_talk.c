/* SPDX-License-Identifier: MIT */
#include "oscar_talk.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/protocols.h"

/* ---- frames, built from their parts in memory that is never freed ---- */

struct p2i_view join(const struct p2i_view *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += parts[i].size;
    }
    uint8_t *bytes = malloc(size + 1);
    cr_assert_not_null(bytes);
    size = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            memcpy(bytes + size, parts[i].data, parts[i].size);
        }
        size += parts[i].size;
    }
    return p2i_view_of(bytes, size);
}

struct p2i_view number(int size, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    }
    struct p2i_view view = p2i_view_of(bytes, (size_t)size);
    return join(&view, 1);
}

struct p2i_view repeat(uint8_t byte, size_t count)
{
    uint8_t *bytes = malloc(count + 1);
    cr_assert_not_null(bytes);
    memset(bytes, byte, count);
    return p2i_view_of(bytes, count);
}

struct p2i_view tlv(unsigned type, struct p2i_view value)
{
    return JOIN(number(2, type), number(2, value.size), value);
}

struct p2i_view flap(unsigned channel, unsigned sequence, struct p2i_view payload)
{
    return JOIN(T("*"), number(1, channel), number(2, sequence), number(2, payload.size), payload);
}

struct p2i_view sign_on(struct p2i_view tlvs)
{
    return flap(1, 7, JOIN(T("\0\0\0\1"), tlvs));
}

struct p2i_view snac(uint32_t kind, struct p2i_view body)
{
    return flap(2, 8, JOIN(number(4, kind), T("\0\0\0\0\0\5"), body));
}

struct p2i_view name(struct p2i_view text)
{
    return JOIN(number(1, text.size), text);
}

struct p2i_view user(struct p2i_view screen_name, struct p2i_view nick)
{
    return JOIN(name(screen_name), T("\0\0\0\3"), tlv(1, T("\0\x50")), tlv(0x18, nick),
                tlv(2, T("\1\1\0\5\0\0\0\0x")));
}

/* The TLV of a message on channel 1. */
struct p2i_view text(struct p2i_view content)
{
    return tlv(2, JOIN(T("\5\1\0\1\1\1\1"), number(2, content.size + 4), T("\0\0\0\0"), content));
}

struct p2i_view sent(unsigned channel, struct p2i_view to, struct p2i_view tlvs)
{
    return snac(0x40006, JOIN(T("cookie00"), number(2, channel), name(to), tlvs));
}

struct p2i_view received(unsigned channel, struct p2i_view from, struct p2i_view tlvs)
{
    return snac(0x40007, JOIN(T("cookie01"), number(2, channel), user(from, T("")), tlvs));
}

/* ---- dialogues ---- */

static const struct p2i_protocol *const protocols[] = {&p2i_oscar, NULL};

struct dialog_step sends(enum p2i_direction from, struct p2i_view bytes)
{
    return (struct dialog_step){from, (const char *)bytes.data, bytes.size};
}

struct dialog oscar_dialog_of(const struct dialog_step *steps, size_t count)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 5190}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
}

struct p2i_view login(struct p2i_view password)
{
    return sign_on(JOIN(tlv(1, T("1234")), tlv(2, password), tlv(3, T("ICQ Client"))));
}

struct p2i_view rendezvous(unsigned type, struct p2i_view capability, struct p2i_view plugin,
                           struct p2i_view message)
{
    struct p2i_view head = JOIN(T("\x0a\0"), plugin, T("\0\0\3\0\0\0\4\xff\xff"));
    struct p2i_view data =
        JOIN(T("\x1b\0"), head, T("\x0e\0\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0"), message);
    return tlv(5, JOIN(number(2, type), T("cookie00"), capability, tlv(0x0a, T("\0\1")),
                       tlv(0x2711, data)));
}
