/* SPDX-License-Identifier: MIT */
/* IPFIX messages that a driver writes, in memory. */
#ifndef FUZZ_MESSAGE_BYTES_H
#define FUZZ_MESSAGE_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "ipfix/message.h"

/* Starts zeroed; `data` is the driver's to free. */
struct message_bytes {
    uint8_t *data;
    size_t size;
};

/* For struct p2i_message_receiver; `context` is a struct message_bytes. */
static inline enum p2i_result message_bytes_take(void *context, struct p2i_view message,
                                                 struct p2i_error *error)
{
    struct message_bytes *bytes = context;
    (void)error;
    bytes->data = realloc(bytes->data, bytes->size + message.size);
    if (bytes->data == NULL) {
        abort();
    }
    memcpy(bytes->data + bytes->size, message.data, message.size);
    bytes->size += message.size;
    return P2I_OK;
}

#endif
