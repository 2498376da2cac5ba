/* SPDX-License-Identifier: MIT */
/* Replaces addresses in texts. When a text has to change, the functions point the view to a buffer
 * of `texts`. False: out of memory. */
#ifndef P2I_PRIVACY_ANONYMISE_TEXT_H
#define P2I_PRIVACY_ANONYMISE_TEXT_H

#include "privacy/crypto_pan.h"
#include "record/any_message.h"

/* Replaces literal addresses that do not touch letters or digits: four decimal numbers with dots,
 * and the forms of IPv6 addresses in RFC 4291 section 2.2. */
bool p2i_anonymise_text(struct p2i_crypto_pan *pan, struct p2i_view *text, struct p2i_texts *texts);

/* The same in a domain name in presentation form; also replaces the numbers in front of
 * in-addr.arpa and ip6.arpa, however many there are. */
bool p2i_anonymise_domain(struct p2i_crypto_pan *pan, struct p2i_view *name,
                          struct p2i_texts *texts);

#endif
