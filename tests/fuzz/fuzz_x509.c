/* SPDX-License-Identifier: MIT */
/* Any bytes as a certificate: no read outside them and no write past the buffer. The first byte of
 * the input is the size of the buffer, in units of four bytes. */
#include <stdlib.h>

#include "protocol/tls/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    size_t capacity = (size_t)data[0] * 4;
    uint8_t *buffer = malloc(capacity + 1);
    if (buffer == NULL) {
        return 0;
    }
    buffer[capacity] = 0xa5;
    struct p2i_view name = p2i_x509_name(p2i_view_of(data + 1, size - 1), buffer, capacity);
    unsigned sum = 0;
    for (size_t i = 0; i < name.size; i++) {
        sum += name.data[i];
    }
    if (buffer[capacity] != 0xa5 || (name.data == buffer && name.size > capacity) ||
        sum > 1U << 30) {
        abort();
    }
    free(buffer);
    return 0;
}
