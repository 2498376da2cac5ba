/* SPDX-License-Identifier: MIT */
/* LOCKED: how a gateway with these lists of locked hosts and URLs would have treated a request. */
#ifndef P2I_ENRICH_LOCKED_H
#define P2I_ENRICH_LOCKED_H

#include "pcap2ipfix/error.h"
#include "protocol/message.h"

enum {
    P2I_LOCKED_HTTPS = 1,
    P2I_LOCKED_REDIRECT = 2,
    P2I_LOCKED_HTTP = 3,
};

struct p2i_locked; /* constant: any thread may query it */

/* Reads files with one pattern on a line; either file may be NULL. A pattern is `host` or `*.host`
 * (all names below it), optionally followed by a path: exact or, with '*' at its end, a prefix.
 * P2I_OK; P2I_USAGE: a file cannot be read, or a line is not a pattern; P2I_INTERNAL: out of
 * memory. *locked is NULL after an error. */
enum p2i_result p2i_locked_open(struct p2i_locked **locked, const char *hosts, const char *urls,
                                struct p2i_error *error);
void p2i_locked_close(struct p2i_locked *locked); /* NULL is fine */

/* A match in the list of hosts gives P2I_LOCKED_HTTPS for a name in TLS or QUIC and P2I_LOCKED_HTTP
 * for a request; else a match in the list of URLs gives P2I_LOCKED_REDIRECT for a request; else 0.
 */
uint64_t p2i_locked_find(const struct p2i_locked *locked,
                         const struct p2i_clickstream *clickstream);

#endif
