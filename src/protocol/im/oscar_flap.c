/* SPDX-License-Identifier: MIT */
#include "protocol/im/oscar_flap.h"

#include "protocol/im/oscar_snac.h"

enum {
    START = '*',
    /* The version or the first TLV's type and length end here. */
    FIELD_END = P2I_FLAP_HEAD_SIZE + 4,
    SNAC_END = P2I_FLAP_HEAD_SIZE + P2I_SNAC_HEAD_SIZE,
    /* Longer sign-on frames are not recognised: in a DNS response over TCP of 0x2a01 or 0x2a02
     * bytes the number here is greater than 0x7fff. */
    SIGN_MAX = 0x1000,
    SNAC_MAX = 0x7fff,
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

/* Bytes that are needed to recognise a frame by its channel; 0: no number is enough. */
static size_t bytes_to_tell(const struct p2i_flap *flap)
{
    switch (flap->channel) {
    case P2I_FLAP_SIGN_ON:
    case P2I_FLAP_SIGN_OFF:
        return flap->length >= 4 && flap->length <= SIGN_MAX ? FIELD_END : 0;
    case P2I_FLAP_SNAC:
        return flap->length >= P2I_SNAC_HEAD_SIZE && flap->length <= SNAC_MAX ? SNAC_END : 0;
    default:
        return 0;
    }
}

/* `payload` has the number of bytes that bytes_to_tell() returned. */
static bool looks_right(const struct p2i_flap *flap, struct p2i_view payload)
{
    enum { VERSION = 1, NAME = 1, NAME_MAX = 255 };
    uint32_t field = p2i_load_be32(payload.data);
    struct p2i_snac snac;
    switch (flap->channel) {
    case P2I_FLAP_SIGN_ON:
        return field == VERSION;
    case P2I_FLAP_SIGN_OFF:
        return field >> 16 == NAME && (field & 0xffff) <= NAME_MAX &&
               (field & 0xffff) + 4 <= flap->length;
    default:
        return p2i_snac_read(payload, &snac) && p2i_snac_is_known(&snac);
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
    bool right = *need > 0 && looks_right(&flap, p2i_view_from(bytes, P2I_FLAP_HEAD_SIZE));
    return right ? P2I_MATCH_YES : P2I_MATCH_NO;
}

enum p2i_match p2i_oscar_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                               struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    struct p2i_flap flap;
    size_t need;
    while (p2i_flap_read(bytes, &flap) && flap.channel == P2I_FLAP_KEEP_ALIVE && flap.length == 0) {
        bytes = p2i_view_from(bytes, P2I_FLAP_HEAD_SIZE);
        if (bytes.size == 0) {
            return P2I_MATCH_NO;
        }
    }
    return p2i_flap_match(bytes, &need);
}
