/* SPDX-License-Identifier: MIT */
/* A session for the IMAP parser; the form of the input: mail_driver.h. */
#include "mail_driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return mail_play(&p2i_imap, "* OK x\r\n", 143, p2i_view_of(data, size));
}
