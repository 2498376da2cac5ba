/* SPDX-License-Identifier: MIT */
/* Passes over what a message's body has between its boundaries. */
#ifndef P2I_PROTOCOL_MAIL_MIME_SKIP_H
#define P2I_PROTOCOL_MAIL_MIME_SKIP_H

#include "protocol/mail/mime.h"

/* Passes over whole lines of a body that are no boundary and no final dot; a line begins at
 * `bytes`. Returns their size. */
size_t p2i_mime_skip_lines(struct p2i_mime *mime, struct p2i_view bytes);

#endif
