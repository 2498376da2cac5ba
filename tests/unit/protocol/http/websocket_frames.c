/* SPDX-License-Identifier: MIT */
#include "websocket_frames.h"

#include <criterion/criterion.h>

#include "base/put.h"
#include "protocol/protocols.h"

static const struct p2i_protocol *const protocols[] = {&p2i_http, NULL};

void talk_say(struct talk *talk, enum p2i_direction from, struct p2i_view bytes)
{
    cr_assert_leq(talk->used + bytes.size, sizeof talk->bytes);
    uint8_t *place = talk->bytes + talk->used;
    if (bytes.size > 0) {
        memcpy(place, bytes.data, bytes.size);
    }
    talk->used += bytes.size;
    if (talk->join) {
        talk->steps[talk->count - 1].size += bytes.size;
        return;
    }
    cr_assert_lt(talk->count, sizeof talk->steps / sizeof *talk->steps);
    talk->steps[talk->count++] = (struct dialog_step){from, (const char *)place, bytes.size};
}

void talk_lose(struct talk *talk, enum p2i_direction from, size_t count)
{
    talk->steps[talk->count++] = (struct dialog_step){from, NULL, count};
}

void talk_begin(struct talk *talk)
{
    talk_say(talk, P2I_FROM_INITIATOR,
             P2I_VIEW("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                      "Upgrade: websocket\r\n\r\n"));
    talk_say(talk, P2I_FROM_RESPONDER,
             P2I_VIEW("HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"));
}

void talk_frame(struct talk *talk, enum p2i_direction from, unsigned first, struct p2i_view data)
{
    static uint8_t frame[512 << 10];
    unsigned mask_bit = from == P2I_FROM_INITIATOR ? 0x80 : 0;
    uint8_t mask[4] = {0};
    uint8_t *at = frame;
    cr_assert_leq(data.size + 14, sizeof frame);
    *at++ = (uint8_t)first;
    if (data.size < 126) {
        *at++ = (uint8_t)(mask_bit | data.size);
    } else if (data.size <= UINT16_MAX) {
        *at++ = (uint8_t)(mask_bit | 126);
        at = p2i_put16(at, (uint16_t)data.size);
    } else {
        *at++ = (uint8_t)(mask_bit | 127);
        at = p2i_put64(at, data.size);
    }
    if (mask_bit != 0) {
        talk->masks = talk->masks * 1664525 + 1013904223;
        p2i_put32(mask, talk->masks);
        at = p2i_put32(at, talk->masks);
    }
    for (size_t i = 0; i < data.size; i++) {
        *at++ = data.data[i] ^ mask[i % 4];
    }
    talk_say(talk, from, p2i_view_of(frame, (size_t)(at - frame)));
}

void talk_text(struct talk *talk, enum p2i_direction from, const char *text)
{
    talk_frame(talk, from, TEXT, p2i_view_of(text, strlen(text)));
}

struct p2i_view talk_pack(struct talk *talk, enum p2i_direction from, struct p2i_view data,
                          int flush)
{
    z_stream *packer = &talk->packer[from];
    if (!talk->packing[from]) {
        talk->packing[from] = true;
        cr_assert_eq(deflateInit2(packer, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    }
    packer->next_in = data.data;
    packer->avail_in = (uInt)data.size;
    packer->next_out = talk->packed;
    packer->avail_out = sizeof talk->packed;
    cr_assert_geq(deflate(packer, flush), Z_OK);
    size_t size = sizeof talk->packed - packer->avail_out;
    if (flush == Z_FINISH) {
        cr_assert_eq(deflateReset(packer), Z_OK);
        return p2i_view_of(talk->packed, size);
    }
    return p2i_view_of(talk->packed, size - 4); /* RFC 7692 7.2.1 */
}

void talk_packed(struct talk *talk, enum p2i_direction from, const char *text)
{
    talk_frame(talk, from, TEXT | PACKED,
               talk_pack(talk, from, p2i_view_of(text, strlen(text)), Z_SYNC_FLUSH));
}

static struct dialog dialog_of(const struct talk *talk)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, 80}},
        .protocols = protocols,
        .steps = talk->steps,
        .step_count = talk->count,
    };
}

void frames_expect(const struct talk *talk, const char *expected)
{
    struct dialog dialog = dialog_of(talk);
    dialog_expect(&dialog, expected);
}

char *talk_play(const struct talk *talk, size_t segment)
{
    struct dialog dialog = dialog_of(talk);
    return dialog_play(&dialog, segment);
}
