/* SPDX-License-Identifier: MIT */
#include "ipfix/md5.h"

#include "pcap2ipfix/error.h"

enum p2i_result p2i_md5_check(struct p2i_error *error)
{
    return p2i_fail(error, P2I_USAGE, "message checksums need a program built with OpenSSL");
}

bool p2i_md5(const struct p2i_view parts[3], uint8_t digest[P2I_MD5_SIZE])
{
    (void)parts;
    (void)digest;
    return false;
}
