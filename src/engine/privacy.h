/* SPDX-License-Identifier: MIT */
/* Removes passwords and addresses from records if the user wants that. It stands between sessions
 * and encoder, so no output sees the removed values. */
#ifndef P2I_ENGINE_PRIVACY_H
#define P2I_ENGINE_PRIVACY_H

#include "privacy/anonymise.h"
#include "settings/settings.h"

/* Rules of a run. */
struct p2i_privacy_rules {
    bool keep_passwords;
    uint8_t *key; /* P2I_CRYPTO_PAN_KEY bytes of p2i_secret_new(); NULL: addresses are kept */
};

/* Reads the settings and the key file. P2I_OK: the caller forgets the key as soon as the states of
 * all workers are made; P2I_USAGE: it cannot be read or is invalid; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_privacy_read(struct p2i_privacy_rules *rules,
                                 const struct p2i_settings *settings, struct p2i_error *error);

void p2i_privacy_forget(struct p2i_privacy_rules *rules);

/* State of a worker; NULL: records are not changed. */
struct p2i_privacy;

/* Allocates the state, or sets it to NULL if nothing is to be removed. False: out of memory. */
bool p2i_privacy_new(struct p2i_privacy **privacy, const struct p2i_privacy_rules *rules);
void p2i_privacy_free(struct p2i_privacy *privacy); /* NULL is fine */

/* Applies the rules to a record; `privacy` may be NULL. The new values of *facts and **message are
 * valid until the next call. False: out of memory; the record must not be exported. */
bool p2i_privacy_apply(struct p2i_privacy *privacy, enum p2i_record_kind kind,
                       struct p2i_record_facts *facts, const void **message);

#endif
