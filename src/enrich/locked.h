/* SPDX-License-Identifier: MIT */
/* What a gateway with lists of locked hosts and URLs would have done about a request: LOCKED. */
#ifndef P2I_ENRICH_LOCKED_H
#define P2I_ENRICH_LOCKED_H

#include "base/error.h"
#include "protocol/message.h"

enum {
    P2I_LOCKED_HTTPS = 1,
    P2I_LOCKED_REDIRECT = 2,
    P2I_LOCKED_HTTP = 3,
};

struct p2i_locked; /* any number of threads may ask */

/* Lists of patterns, one a line, either may be NULL: `host`, `*.host` (all names below it), and
 * behind either a path, exact or, with '*' at its end, how it begins. P2I_OK; P2I_USAGE: a file
 * cannot be read or a line is no pattern; P2I_INTERNAL. *locked is NULL but for OK. */
enum p2i_result p2i_locked_open(struct p2i_locked **locked, const char *hosts, const char *urls,
                                struct p2i_error *error);
void p2i_locked_close(struct p2i_locked *locked); /* NULL is fine */

/* The list of hosts: HTTPS for a name in TLS or QUIC, HTTP for a request; else the list of URLs:
 * REDIRECT for a request; else 0. */
uint64_t p2i_locked_find(const struct p2i_locked *locked,
                         const struct p2i_clickstream *clickstream);

#endif
