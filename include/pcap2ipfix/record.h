/* SPDX-License-Identifier: MIT */
/* The kinds of records; p2i_template_of() in fields.h has the fields of each. New kinds come at
 * the end. */
#ifndef PCAP2IPFIX_RECORD_H
#define PCAP2IPFIX_RECORD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum p2i_record_kind {
    P2I_RECORD_CLICKSTREAM,
    P2I_RECORD_HTTP_REPLY,
    P2I_RECORD_SSL_REPLY,
    P2I_RECORD_SIP,
    P2I_RECORD_FTP,
    P2I_RECORD_IM,
    P2I_RECORD_MAIL,
    P2I_RECORD_RAW,
    P2I_RECORD_DNS,
    P2I_RECORD_FLOW,
    P2I_RECORD_BIFLOW, /* both directions of a session in one record (RFC 5103), instead of two of
                          FLOW */
};

#ifdef __cplusplus
}
#endif
#endif
