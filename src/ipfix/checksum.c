/* SPDX-License-Identifier: MIT */
#include "ipfix/checksum.h"

#include <string.h>

#include "base/put.h"
#include "ipfix/md5.h"
#include "ipfix/wire.h"

/* Template id, fields, scope fields; then elements and lengths. */
static const uint8_t checksum_template[] = {
    P2I_BE16(P2I_CHECKSUM_TEMPLATE_ID),
    P2I_BE16(2),
    P2I_BE16(1),
    P2I_BE16(P2I_ELEMENT_MESSAGE_SCOPE),
    P2I_BE16(1),
    P2I_BE16(P2I_ELEMENT_MESSAGE_MD5_CHECKSUM),
    P2I_BE16(P2I_MD5_SIZE),
};

size_t p2i_put_checksum(uint8_t *at, bool define, size_t *digest_from_end)
{
    enum { RECORD = 1 + P2I_MD5_SIZE, PADDING = 3 };
    uint8_t *begin = at;
    if (define) {
        at = p2i_put16(at, P2I_SET_OPTIONS_TEMPLATES);
        at = p2i_put16(at, P2I_SET_HEADER + sizeof checksum_template);
        memcpy(at, checksum_template, sizeof checksum_template);
        at += sizeof checksum_template;
    }
    at = p2i_put16(at, P2I_CHECKSUM_TEMPLATE_ID);
    at = p2i_put16(at, P2I_SET_HEADER + RECORD + PADDING);
    memset(at, 0, RECORD + PADDING);
    *digest_from_end = P2I_MD5_SIZE + PADDING;
    return (size_t)(at - begin) + RECORD + PADDING;
}
