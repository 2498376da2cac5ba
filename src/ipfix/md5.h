/* SPDX-License-Identifier: MIT */
/* MD5 (RFC 1321), for the checksums of messages in files (RFC 5655 section 8.1.1). */
#ifndef P2I_IPFIX_MD5_H
#define P2I_IPFIX_MD5_H

#include <stdbool.h>
#include <stdint.h>

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/view.h"

enum { P2I_MD5_SIZE = 16 };

/* P2I_OK; P2I_USAGE: this program was built without OpenSSL. */
enum p2i_result p2i_md5_check(struct p2i_error *error);
/* Hashes three views as one. False when the library refuses MD5, or there is none. */
bool p2i_md5(const struct p2i_view parts[3], uint8_t digest[P2I_MD5_SIZE]);

#endif
