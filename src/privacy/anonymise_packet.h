/* SPDX-License-Identifier: MIT */
/* Replaces the addresses in the headers of a raw packet. */
#ifndef P2I_PRIVACY_ANONYMISE_PACKET_H
#define P2I_PRIVACY_ANONYMISE_PACKET_H

#include "privacy/crypto_pan.h"
#include "record/any_message.h"

/* Reduces a packet, from its IP header on and cut anywhere, to its headers. Addresses are replaced;
 * options (of IPv4, IPv6 and TCP) and checksums, from which addresses could be inferred, become
 * zeros; bytes behind the TCP or UDP header and unknown headers are cut off. False: out of
 * memory. */
bool p2i_anonymise_packet(struct p2i_crypto_pan *pan, struct p2i_view *packet,
                          struct p2i_texts *texts);

#endif
