/* SPDX-License-Identifier: MIT */
/* Passwords out of messages, before they are encoded. */
#ifndef P2I_PRIVACY_REDACT_H
#define P2I_PRIVACY_REDACT_H

#include "record/any_message.h"

/* PASSWORD and IM_PASSW become "*" (empty ones stay empty), and so does the password of
 * `user:password@` in URLs: behind "://" anywhere in PATH, REFER and LOCATION, at the beginning of
 * HOSTNAME and of a PATH that is an authority (CONNECT), and in the sip: and sips: URIs of URI,
 * FROM and TO. Parameters of queries, cookies, and the bytes of raw packets are not looked into.
 * False: out of memory. */
bool p2i_redact(enum p2i_record_kind kind, union p2i_any_message *message, struct p2i_texts *texts);

#endif
