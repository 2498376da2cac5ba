/* SPDX-License-Identifier: MIT */
#include "protocol/oscar_flap.h"

#include "protocol/oscar_snac.h"

enum {
    START = '*',
    /* What follows serves to tell frames from other bytes alone. */
    VERSION_END = P2I_FLAP_HEAD_SIZE + 4,
    SNAC_END = P2I_FLAP_HEAD_SIZE + P2I_SNAC_HEAD_SIZE,
    SIGN_ON_MAX = 0x1000,
    SNAC_MAX = 0x7fff, /* a DNS response over TCP of 0x2a02 bytes has a greater number here */
    SIGN_OFF_MAX = 0x1000,
    SIGN_OFF_TLVS = 32,
    KEEP_ALIVE_MAX = 0x100,
};

static bool is_channel(uint8_t channel)
{
    return channel >= P2I_FLAP_SIGN_ON && channel <= P2I_FLAP_KEEP_ALIVE;
}

bool p2i_flap_read(struct p2i_view bytes, struct p2i_flap *flap)
{
    if (bytes.size < P2I_FLAP_HEAD_SIZE || bytes.data[0] != START || !is_channel(bytes.data[1])) {
        return false;
    }
    *flap = (struct p2i_flap){
        .channel = bytes.data[1],
        .sequence = p2i_load_be16(bytes.data + 2),
        .length = p2i_load_be16(bytes.data + 4),
    };
    return true;
}

/* ---- what a frame of each channel looks like; `bytes` hold `*need` bytes ---- */

static bool is_sign_on(struct p2i_view bytes)
{
    return p2i_load_be32(bytes.data + P2I_FLAP_HEAD_SIZE) == 1;
}

static bool is_snac(struct p2i_view bytes)
{
    struct p2i_snac snac;
    return p2i_snac_read(p2i_view_from(bytes, P2I_FLAP_HEAD_SIZE), &snac) &&
           p2i_snac_is_known(&snac);
}

/* A row of TLVs up to the end of the frame. */
static bool is_sign_off(struct p2i_view bytes, const struct p2i_flap *flap)
{
    struct p2i_cursor at =
        p2i_cursor_of(p2i_view_first(p2i_view_from(bytes, P2I_FLAP_HEAD_SIZE), flap->length));
    struct p2i_tlv tlv;
    int count = 0;
    while (count < SIGN_OFF_TLVS && p2i_tlv_next(&at, &tlv) && tlv.whole && tlv.type < 0x100) {
        count++;
    }
    return count > 0 && at.rest.size == 0 && !at.failed;
}

static bool is_followed(struct p2i_view bytes, const struct p2i_flap *flap)
{
    struct p2i_flap next;
    return p2i_flap_read(p2i_view_from(bytes, P2I_FLAP_HEAD_SIZE + (size_t)flap->length), &next) &&
           next.sequence == (uint16_t)(flap->sequence + 1);
}

/* How many bytes it takes to tell a frame by its channel; 0: no number is enough. */
static size_t bytes_to_tell(const struct p2i_flap *flap)
{
    size_t whole = P2I_FLAP_HEAD_SIZE + (size_t)flap->length;
    switch (flap->channel) {
    case P2I_FLAP_SIGN_ON:
        return flap->length >= 4 && flap->length <= SIGN_ON_MAX ? VERSION_END : 0;
    case P2I_FLAP_SNAC:
        return flap->length >= P2I_SNAC_HEAD_SIZE && flap->length <= SNAC_MAX ? SNAC_END : 0;
    case P2I_FLAP_SIGN_OFF:
        return flap->length > 0 && flap->length <= SIGN_OFF_MAX ? whole : 0;
    case P2I_FLAP_KEEP_ALIVE:
        return flap->length <= KEEP_ALIVE_MAX ? whole + P2I_FLAP_HEAD_SIZE : 0;
    default:
        return 0;
    }
}

enum p2i_match p2i_flap_match(struct p2i_view bytes, size_t *need)
{
    struct p2i_flap flap;
    if ((bytes.size > 0 && bytes.data[0] != START) ||
        (bytes.size > 1 && !is_channel(bytes.data[1]))) {
        return P2I_MATCH_NO;
    }
    *need = P2I_FLAP_HEAD_SIZE;
    if (!p2i_flap_read(bytes, &flap)) {
        return P2I_MATCH_MORE;
    }
    *need = bytes_to_tell(&flap);
    if (*need > bytes.size) {
        return P2I_MATCH_MORE;
    }
    bool found = *need > 0 && ((flap.channel == P2I_FLAP_SIGN_ON && is_sign_on(bytes)) ||
                               (flap.channel == P2I_FLAP_SNAC && is_snac(bytes)) ||
                               (flap.channel == P2I_FLAP_SIGN_OFF && is_sign_off(bytes, &flap)) ||
                               (flap.channel == P2I_FLAP_KEEP_ALIVE && is_followed(bytes, &flap)));
    return found ? P2I_MATCH_YES : P2I_MATCH_NO;
}

enum p2i_match p2i_oscar_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                               struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    size_t need;
    return p2i_flap_match(bytes, &need);
}
