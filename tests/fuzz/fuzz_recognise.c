/* SPDX-License-Identifier: MIT */
/* All recognisers. The input: a byte of choices (1: TCP), a byte that selects the ports, then
 * segments of one direction, each preceded by its size in two bytes. Recognisers must obey the
 * rules of recognise.h and repeat their answer when asked again. */
#include <stdlib.h>

#include "base/counts.h"
#include "pcap2ipfix/cursor.h"
#include "protocol/recognise/recognise.h"
#include "protocol/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OVER_TCP = 1, FROM_RESPONDER = 2, PORT_ABOVE = 4 };

static struct p2i_ends choose_ends(uint8_t choices, uint8_t port)
{
    /* Ports above 255; make-recognise.py has the same list. */
    static const uint16_t high[] = {389,  443,  445,  500,  502,  514,  546,  547,   554,   587,
                                    636,  853,  873,  1080, 1194, 1433, 1645, 1646,  1701,  1719,
                                    1720, 1723, 1812, 1813, 1883, 1900, 1935, 2000,  2049,  2123,
                                    2152, 2427, 2727, 3306, 3386, 3389, 3478, 3868,  4500,  5190,
                                    5432, 5672, 5683, 5900, 6379, 6667, 9418, 11211, 27017, 51820};
    struct p2i_ends ends = {
        .transport = (choices & OVER_TCP) != 0 ? P2I_OVER_TCP : P2I_OVER_UDP,
        .port = {40000, port},
    };
    if ((choices & PORT_ABOVE) != 0) {
        ends.port[1] = high[port % (sizeof high / sizeof *high)];
    }
    return ends;
}

/* In a heap block of its own, so that a read past its end is detected. */
static enum p2i_match ask(const struct p2i_ends *ends, enum p2i_direction direction,
                          struct p2i_view bytes, uint64_t *note, uint8_t *id)
{
    const struct p2i_recogniser *found = NULL;
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    if (copy == NULL) {
        abort();
    }
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    enum p2i_match match =
        p2i_recognise(ends, direction, p2i_view_of(copy, bytes.size), note, &found);
    free(copy);
    if ((match == P2I_MATCH_YES) != (found != NULL)) {
        abort();
    }
    *id = found != NULL ? found->id : P2I_ID_UNKNOWN;
    if (found != NULL && (*id == P2I_ID_UNKNOWN || *id >= P2I_PROTOCOL_COUNT)) {
        abort();
    }
    return match;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    struct p2i_ends ends = choose_ends(data[0], data[1]);
    enum p2i_direction direction =
        (data[0] & FROM_RESPONDER) != 0 ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR;
    struct p2i_cursor input = p2i_cursor_of(p2i_view_of(data + 2, size - 2));
    uint64_t note = 0;
    while (input.rest.size >= 2) {
        size_t length = p2i_be16(&input);
        struct p2i_view bytes = p2i_view_first(input.rest, length);
        p2i_skip(&input, bytes.size);
        uint64_t again = note;
        uint8_t id = P2I_ID_UNKNOWN;
        uint8_t id_again = P2I_ID_UNKNOWN;
        if (ends.transport == P2I_OVER_TCP && bytes.size == 0) {
            continue; /* segments without payload are not offered */
        }
        enum p2i_match match = ask(&ends, direction, bytes, &note, &id);
        if (match == P2I_MATCH_MORE &&
            (ends.transport == P2I_OVER_UDP || bytes.size >= P2I_RECOGNISE_BYTES)) {
            abort();
        }
        if (ask(&ends, direction, bytes, &again, &id_again) != match || id != id_again ||
            note != again) {
            abort();
        }
    }
    return 0;
}
