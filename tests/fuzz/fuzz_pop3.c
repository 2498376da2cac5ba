/* SPDX-License-Identifier: MIT */
/* A session for the POP3 parser; the form of the input: mail_driver.h. */
#include "mail_driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return mail_play(&p2i_pop3, "+OK x\r\n", 110, p2i_view_of(data, size));
}
