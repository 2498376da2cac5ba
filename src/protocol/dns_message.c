/* SPDX-License-Identifier: MIT */
#include "protocol/dns_message.h"

enum { LABEL_MAX = 63, POINTER = 0xc0 };

enum p2i_dns_status p2i_dns_read_header(struct p2i_cursor *at, struct p2i_dns_header *header)
{
    struct p2i_cursor block = p2i_sub(at, P2I_DNS_HEADER_SIZE);
    header->id = p2i_be16(&block);
    header->flags = p2i_be16(&block);
    for (int section = P2I_DNS_QUESTION; section <= P2I_DNS_ADDITIONAL; section++) {
        header->count[section] = p2i_be16(&block);
    }
    return block.failed ? P2I_DNS_SHORT : P2I_DNS_OK;
}

static enum p2i_dns_status add_label(struct p2i_dns_name *name, struct p2i_cursor *at,
                                     uint8_t length)
{
    /* The two upper bits mark pointers; 01 and 10 never came into use (RFC 6891 section 5). Every
     * label but the last leaves room for the last. */
    if (length > LABEL_MAX || name->size + 1 + length + (length > 0) > P2I_DNS_NAME_MAX) {
        return P2I_DNS_BAD;
    }
    struct p2i_view label = p2i_take(at, length);
    if (at->failed) {
        return P2I_DNS_SHORT;
    }
    name->wire[name->size] = length;
    if (length > 0) {
        memcpy(name->wire + name->size + 1, label.data, length);
    }
    name->size += 1 + (size_t)length;
    return P2I_DNS_OK;
}

/* A pointer leads to a prior name (RFC 1035 section 4.1.4). Each has to lead before the place where
 * the last one led, so there can be no loop; the limit keeps a chain from costing much. */
enum p2i_dns_status p2i_dns_read_name(struct p2i_view message, struct p2i_cursor *at,
                                      struct p2i_dns_name *name)
{
    struct p2i_cursor here = *at;
    size_t begin = message.size - p2i_view_from(message, 0).size;
    if (here.rest.size > 0) {
        begin = (size_t)(here.rest.data - message.data);
    }
    name->size = 0;
    for (unsigned jumps = 0;;) {
        uint8_t length = p2i_u8(&here);
        if (length >= POINTER) {
            size_t target = (size_t)(length - POINTER) << 8 | p2i_u8(&here);
            if (here.failed) {
                return P2I_DNS_SHORT;
            }
            if (jumps == 0) {
                *at = here;
            }
            if (target >= begin || target < P2I_DNS_HEADER_SIZE || ++jumps > P2I_DNS_JUMPS_MAX) {
                return P2I_DNS_BAD;
            }
            begin = target;
            here = p2i_cursor_of(p2i_view_from(message, target));
            continue;
        }
        if (here.failed) {
            return P2I_DNS_SHORT;
        }
        enum p2i_dns_status status = add_label(name, &here, length);
        if (status != P2I_DNS_OK || length > 0) {
            if (status == P2I_DNS_OK) {
                continue;
            }
            return status;
        }
        if (jumps == 0) {
            *at = here;
        }
        return P2I_DNS_OK;
    }
}
