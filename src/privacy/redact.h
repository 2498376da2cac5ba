/* SPDX-License-Identifier: MIT */
/* Removes passwords from messages before they are encoded. */
#ifndef P2I_PRIVACY_REDACT_H
#define P2I_PRIVACY_REDACT_H

#include "record/any_message.h"

/* Replaces PASSWORD and IM_PASSW by "*" unless they are empty, and the password of `user:password@`
 * in URLs: behind "://" anywhere in PATH, REFER and LOCATION, at the beginning of HOSTNAME and of a
 * PATH that is an authority (CONNECT), and in the sip: and sips: URIs of URI, FROM and TO. Does not
 * search query parameters, cookies and raw packets. False: out of memory. */
bool p2i_redact(enum p2i_record_kind kind, union p2i_any_message *message, struct p2i_texts *texts);

#endif
