/* SPDX-License-Identifier: MIT */
/* Addresses out of records, before they are encoded: each becomes another one under a key
 * (crypto_pan.h), the same wherever it stands. */
#ifndef P2I_PRIVACY_ANONYMISE_H
#define P2I_PRIVACY_ANONYMISE_H

#include "privacy/crypto_pan.h"
#include "record/any_message.h"

/* What the facts of a record point to afterwards; lives until it is encoded. */
struct p2i_anonymous_facts {
    struct p2i_address source, destination;
    struct p2i_packet_info info;
};

/* Addresses; SESSION_ID, which is made of them; MAC addresses become zeros; literal addresses in
 * LOGIN are replaced. False: out of memory. */
bool p2i_anonymise_facts(struct p2i_crypto_pan *pan, struct p2i_record_facts *facts,
                         struct p2i_anonymous_facts *own, struct p2i_texts *texts);

/* Literal addresses in all strings but user agents, content types, subjects and passwords; in DNS
 * records, A and AAAA data, the hints of SVCB and HTTPS, and reverse names in DOMAIN; headers of
 * raw packets, which lose all that follows. False: out of memory. */
bool p2i_anonymise(struct p2i_crypto_pan *pan, enum p2i_record_kind kind,
                   union p2i_any_message *message, struct p2i_texts *texts);

#endif
