/* SPDX-License-Identifier: MIT */
/* What the user wants kept out of the records: passwords, addresses. Between the sessions and the
 * encoder; nobody behind it sees what was taken out. */
#ifndef P2I_CONVERT_PRIVACY_H
#define P2I_CONVERT_PRIVACY_H

#include "pcap2ipfix/convert.h"
#include "privacy/anonymise.h"

/* Of a run. */
struct p2i_privacy_rules {
    bool keep_passwords;
    bool keep_addresses;
    uint8_t key[P2I_CRYPTO_PAN_KEY]; /* where addresses are not kept */
};

/* Reads settings->anonymise_key. P2I_USAGE: it cannot be read, or is no key. */
enum p2i_result p2i_privacy_read(struct p2i_privacy_rules *rules,
                                 const struct p2i_settings *settings, struct p2i_error *error);

/* Of a worker; NULL where records stay as they are. */
struct p2i_privacy;

/* False: out of memory. */
bool p2i_privacy_new(struct p2i_privacy **privacy, const struct p2i_privacy_rules *rules);
void p2i_privacy_free(struct p2i_privacy *privacy); /* NULL is fine */

/* Makes `facts` and `*message` those of the record that may go out; what they point to lives until
 * the next call. False: out of memory, and nothing may go out. `privacy` may be NULL. */
bool p2i_privacy_apply(struct p2i_privacy *privacy, enum p2i_record_kind kind,
                       struct p2i_record_facts *facts, const void **message);

#endif
