/* SPDX-License-Identifier: MIT */
/* Terminals, files, directories. */
#include "protocol/recognise.h"

/* RFC 4253 section 4.2: "SSH-2.0-..." from both ends. */
static enum p2i_match probe_ssh(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    static const char head[] = "SSH-";
    size_t size = bytes.size < sizeof head - 1 ? bytes.size : sizeof head - 1;
    if (memcmp(bytes.data, head, size) != 0) {
        return P2I_MATCH_NO;
    }
    return size == sizeof head - 1 ? P2I_MATCH_YES : P2I_MATCH_MORE;
}

const struct p2i_recogniser p2i_recognise_remote[] = {
    {P2I_ID_SSH, {[P2I_OVER_TCP] = true}, true, probe_ssh},
    {0},
};
