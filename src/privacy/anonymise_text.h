/* SPDX-License-Identifier: MIT */
/* Addresses that are written out in texts. Each function makes `*text` a view of a text of `texts`
 * when it has to be changed. False: out of memory. */
#ifndef P2I_PRIVACY_ANONYMISE_TEXT_H
#define P2I_PRIVACY_ANONYMISE_TEXT_H

#include "privacy/crypto_pan.h"
#include "record/any_message.h"

/* Literal addresses anywhere in the text that letters and digits do not touch: four decimal
 * numbers with dots, and IPv6 addresses as RFC 4291 section 2.2 writes them. */
bool p2i_anonymise_text(struct p2i_crypto_pan *pan, struct p2i_view *text, struct p2i_texts *texts);

/* A domain name in presentation form: those, and the numbers in front of in-addr.arpa and ip6.arpa,
 * as many as there are. */
bool p2i_anonymise_domain(struct p2i_crypto_pan *pan, struct p2i_view *name,
                          struct p2i_texts *texts);

#endif
