/* SPDX-License-Identifier: MIT */
/* Recognises the control connection of FTP. A greeting "220 ..." may be SMTP's as well, and USER
 * may be POP3's: the text decides, then the port. An undecided greeting is not claimed, because the
 * client's first command will decide. */
#ifndef P2I_PROTOCOL_FTP_PROBE_H
#define P2I_PROTOCOL_FTP_PROBE_H

#include "protocol/protocol.h"

/* Pure; see p2i_protocol.probe. */
enum p2i_match p2i_ftp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes);

#endif
