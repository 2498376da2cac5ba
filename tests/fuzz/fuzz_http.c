/* SPDX-License-Identifier: MIT */
/* A session for the HTTP parser; the form of the input: dialog_driver.h. */
#include "dialog_driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct p2i_message_sink sink = {.emit = driver_ignore};
    return driver_play(&p2i_http, 80, &sink, p2i_view_of(data, size));
}
