/* SPDX-License-Identifier: MIT */
/* Anonymises records before they are encoded: each address is replaced by another one under a key
 * (crypto_pan.h), the same one everywhere. One thread for each p2i_crypto_pan. */
#ifndef P2I_PRIVACY_ANONYMISE_H
#define P2I_PRIVACY_ANONYMISE_H

#include "privacy/crypto_pan.h"
#include "record/any_message.h"

/* Storage for the replaced facts of a record; must live until it is encoded. */
struct p2i_anonymous_facts {
    struct p2i_address source, destination;
    struct p2i_packet_info info;
};

/* Replaces the addresses, SESSION_ID (which is made from them) and literal addresses in LOGIN, and
 * clears MAC addresses. False: out of memory. */
bool p2i_anonymise_facts(struct p2i_crypto_pan *pan, struct p2i_record_facts *facts,
                         struct p2i_anonymous_facts *own, struct p2i_texts *texts);

/* Replaces literal addresses in all strings except user agents, content types, subjects and
 * passwords; in DNS records A and AAAA data, the hints of SVCB and HTTPS, and reverse names in
 * DOMAIN; in raw packets the headers, and drops all bytes behind them. False: out of memory. */
bool p2i_anonymise(struct p2i_crypto_pan *pan, enum p2i_record_kind kind,
                   union p2i_any_message *message, struct p2i_texts *texts);

#endif
