/* SPDX-License-Identifier: MIT */
/* A session for the SMTP parser; the form of the input: mail_driver.h. */
#include "mail_driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return mail_play(&p2i_smtp, "220 x ESMTP\r\n", 25, p2i_view_of(data, size));
}
