/* SPDX-License-Identifier: MIT */
/* Protocols that are recognised but not parsed: records only name them. Recognisers are asked
 * after all parsers, for the first segments of each direction; ports only break ties. */
#ifndef P2I_PROTOCOL_RECOGNISE_RECOGNISE_H
#define P2I_PROTOCOL_RECOGNISE_RECOGNISE_H

#include "protocol/protocol.h"

struct p2i_recogniser {
    uint8_t id;       /* enum p2i_protocol_id; 0 ends a list */
    uint8_t least[2]; /* by enum p2i_transport: it is asked about so many bytes or more; 0: never */
    bool opaque; /* nothing behind it can be parsed: the session is no longer inspected. Not for
                protocols that can turn into TLS or carry another parsed protocol */

    /* Tells whether these bytes begin a message of the protocol. Pure except for `note`. MORE
     * only over TCP, and only below 64 bytes. `note` is the value that recognisers left at this
     * direction's last datagram, 0 at first; a recogniser that needs two datagrams writes it, with
     * its own id in the top byte. */
    enum p2i_match (*probe)(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes, uint64_t *note);
};

/* Grouped by use, one file NAME.c each; each list ends with an id of 0; static. */
extern const struct p2i_recogniser p2i_recognise_remote[];  /* terminals, talk */
extern const struct p2i_recogniser p2i_recognise_files[];   /* file servers, directories */
extern const struct p2i_recogniser p2i_recognise_data[];    /* databases, queues */
extern const struct p2i_recogniser p2i_recognise_network[]; /* housekeeping */
extern const struct p2i_recogniser p2i_recognise_tunnel[];  /* VPN, mobile networks */
extern const struct p2i_recogniser p2i_recognise_sharing[]; /* peers, proxies */
extern const struct p2i_recogniser p2i_recognise_calls[];   /* setting up calls and streams */
extern const struct p2i_recogniser p2i_recognise_voice[];   /* media over datagrams */

/* Asks all recognisers. YES: `*found` is the first that matches. MORE: none matches and one
 * needs more bytes. */
enum p2i_match p2i_recognise(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes, uint64_t *note,
                             const struct p2i_recogniser **found);

#endif
