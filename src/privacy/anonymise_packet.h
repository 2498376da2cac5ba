/* SPDX-License-Identifier: MIT */
/* Addresses in the headers of a raw packet. */
#ifndef P2I_PRIVACY_ANONYMISE_PACKET_H
#define P2I_PRIVACY_ANONYMISE_PACKET_H

#include "privacy/crypto_pan.h"
#include "record/any_message.h"

/* A packet from its IP header on, cut anywhere, becomes its headers alone: addresses are replaced,
 * options (of IPv4, IPv6 and TCP) and checksums are zeros, since they may tell the addresses, and
 * nothing behind the TCP or UDP header is left. What is not understood is cut off. False: memory is
 * out. */
bool p2i_anonymise_packet(struct p2i_crypto_pan *pan, struct p2i_view *packet,
                          struct p2i_texts *texts);

#endif
