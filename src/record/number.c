/* SPDX-License-Identifier: MIT */
#include "record/number.h"

#include "pcap2ipfix/cursor.h"

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
