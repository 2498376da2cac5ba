/* SPDX-License-Identifier: MIT */
#include "record/number.h"

#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/fields.h"

int64_t p2i_number_signed(struct p2i_view value)
{
    uint64_t number = (value.data[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < value.size; i++) {
        number = number << 8 | value.data[i];
    }
    return (int64_t)number;
}

double p2i_number_real(struct p2i_view value)
{
    if (value.size == 4) {
        float number;
        uint32_t bits = p2i_load_be32(value.data);
        memcpy(&number, &bits, sizeof number);
        return (double)number;
    }
    double number;
    uint64_t bits = p2i_load_be64(value.data);
    memcpy(&number, &bits, sizeof number);
    return number;
}

uint64_t p2i_number_most(int type)
{
    switch (type) {
    case P2I_TYPE_UNSIGNED8:
        return UINT8_MAX;
    case P2I_TYPE_UNSIGNED16:
        return UINT16_MAX;
    case P2I_TYPE_UNSIGNED32:
        return UINT32_MAX;
    case P2I_TYPE_UNSIGNED64:
        return UINT64_MAX;
    default:
        return 0;
    }
}
