/* SPDX-License-Identifier: MIT */
/* The input: a link type of two bytes, then frames, each preceded by its length in two bytes (both
 * in network order). One decoder gets them, one second apart, so that fragments meet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/counts.h"
#include "packet/packet.h"
#include "pcap2ipfix/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEPT = 64 };

/* A payload and its checksum: reassembled packets must not change until their buffers are cleared.
 */
struct kept {
    struct p2i_view payload;
    uint64_t sum;
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static uint64_t sum_of(struct p2i_view view)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < view.size; i++) {
        sum = sum * 31 + view.data[i];
    }
    return sum;
}

static void check(const struct p2i_packet *packet)
{
    require(packet->fate < P2I_FATE_COUNT);
    if (packet->fate != P2I_FATE_HANDLED && packet->fate != P2I_FATE_TRANSPORT_OTHER) {
        return;
    }
    require(packet->ip_version == 4 || packet->ip_version == 6);
    require(packet->ip.size <= packet->ip_length);
    require(packet->payload.size <= packet->payload_length);
    require(packet->payload_length <= packet->ip_length);
    require(packet->mpls_size % 4 == 0 && packet->mpls_size <= P2I_MPLS_MAX);
    require((packet->mpls != NULL) == (packet->mpls_size > 0));
    if (packet->payload.size > 0) {
        size_t at = (size_t)(packet->payload.data - packet->ip.data);
        require(at <= packet->ip.size && packet->payload.size <= packet->ip.size - at);
    }
    struct p2i_packet_info info;
    p2i_packet_info_of(packet, &info);
    (void)sum_of(packet->ip);
}

static bool is_joined(const struct p2i_packet *packet, struct p2i_view frame)
{
    return packet->fate == P2I_FATE_HANDLED && packet->payload.size > 0 && frame.size > 0 &&
           ((uintptr_t)packet->payload.data < (uintptr_t)frame.data ||
            (uintptr_t)packet->payload.data >= (uintptr_t)frame.data + frame.size);
}

static void check_kept(const struct kept *kept, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        require(sum_of(kept[i].payload) == kept[i].sum);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(data, size));
    uint16_t link_type = p2i_be16(&cursor);
    struct p2i_decoder *decoder = p2i_decoder_new(1 << 20);
    if (decoder == NULL) {
        return 0;
    }
    struct p2i_joined_buffers joined = {0};
    struct kept kept[KEPT];
    size_t kept_count = 0;
    p2i_decoder_join_into(decoder, &joined);
    uint64_t frame_count = 0;
    while (!cursor.failed && cursor.rest.size > 0) {
        struct p2i_view taken = p2i_take(&cursor, p2i_be16(&cursor));
        /* In a heap block of its own size, so that a read past it is detected. */
        uint8_t *block = malloc(taken.size > 0 ? taken.size : 1);
        if (block == NULL) {
            break;
        }
        if (taken.size > 0) {
            memcpy(block, taken.data, taken.size);
        }
        struct p2i_view frame = p2i_view_of(block, taken.size);
        struct p2i_packet packet;
        frame_count++;
        /* Every other frame is cut by the snaplen. */
        uint32_t original_size = (uint32_t)frame.size + (frame_count % 2 == 0 ? 100 : 0);
        p2i_decode(decoder, link_type, frame, original_size, frame_count * 1000000000, 0, &packet);
        check(&packet);
        check_kept(kept, kept_count);
        if (kept_count == KEPT) {
            p2i_joined_buffers_clear(&joined);
            kept_count = 0;
        } else if (is_joined(&packet, frame)) {
            kept[kept_count++] = (struct kept){packet.payload, sum_of(packet.payload)};
        }
        free(block);
    }
    p2i_decoder_free(decoder);
    check_kept(kept, kept_count);
    p2i_joined_buffers_free(&joined);
    return 0;
}
