/* SPDX-License-Identifier: MIT */
/* Protocols that are known by name alone: no parser reads them, but records say what a session
 * spoke. Asked after all parsers, for the first segments of each direction; ports only break ties.
 */
#ifndef P2I_PROTOCOL_RECOGNISE_RECOGNISE_H
#define P2I_PROTOCOL_RECOGNISE_RECOGNISE_H

#include "protocol/protocol.h"

struct p2i_recogniser {
    uint8_t id;   /* enum p2i_protocol_id; 0 ends a list */
    bool over[2]; /* by enum p2i_transport */
    bool opaque;  /* no parser finds anything behind it: the session is not looked at any more. Not
                     for what can turn into TLS or carry what a parser reads */

    /* Do these bytes begin a message of it? Pure but for `note`. MORE only over TCP, and only
     * below 64 bytes. `note` is what recognisers noted at this direction's last datagram, 0 at
     * first; who needs two datagrams to be sure writes it, with its own id in the top byte. */
    enum p2i_match (*probe)(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes, uint64_t *note);
};

/* By folder of life, recognise_NAME.c each; each ends with an id of 0; static. */
extern const struct p2i_recogniser p2i_recognise_remote[];  /* terminals, talk */
extern const struct p2i_recogniser p2i_recognise_files[];   /* file servers, directories */
extern const struct p2i_recogniser p2i_recognise_data[];    /* databases, queues */
extern const struct p2i_recogniser p2i_recognise_network[]; /* housekeeping */
extern const struct p2i_recogniser p2i_recognise_tunnel[];  /* VPN, mobile networks */
extern const struct p2i_recogniser p2i_recognise_sharing[]; /* peers, proxies */
extern const struct p2i_recogniser p2i_recognise_calls[];   /* what sets calls and streams up */
extern const struct p2i_recogniser p2i_recognise_voice[];   /* media over datagrams */

/* The first that says yes is `*found`; MORE when none did and one wants more. */
enum p2i_match p2i_recognise(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes, uint64_t *note,
                             const struct p2i_recogniser **found);

#endif
