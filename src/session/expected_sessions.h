/* SPDX-License-Identifier: MIT */
/* Data connections that FTP control connections announced. A session that no parser recognises gets
 * the announced protocol. Announcements may be forged, so they only hold for sessions with one of
 * the two announcing hosts, and for ports that data connections use, and each for one session. */
#ifndef P2I_SESSION_EXPECTED_SESSIONS_H
#define P2I_SESSION_EXPECTED_SESSIONS_H

#include "protocol/ftp/listener.h"
#include "session/table.h"

enum {
    P2I_EXPECTED_GROUPS = 64,  /* listeners are grouped by address and port */
    P2I_EXPECTED_MAX = 32,     /* listeners of a group */
    P2I_EXPECTED_OF_TWO = 8,   /* of these, listeners of a pair of addresses */
    P2I_EXPECTED_PACKETS = 16, /* the first payload is among them */
    P2I_EXPECTED_PORTS = 1024,
    P2I_EXPECTED_S = 300, /* lifetime of an announcement */
};

struct p2i_expected_listener {
    struct p2i_address address;
    struct p2i_address ends[2]; /* the two ends of the announcing session; one of them must be the
                                   other end of the announced one */
    uint64_t announcers;        /* hash of `ends`; set by p2i_expected_add(), as are the next two */
    uint64_t number;
    uint64_t place;   /* of the announcing packet, see p2i_packet_place() */
    uint32_t since_s; /* when it was announced */
    uint32_t scope;
    uint16_t port;
    uint16_t peer_port; /* of the session that it holds for; 0: none yet */
    uint8_t packets;    /* of that session so far */
    uint8_t ip_version;
    uint8_t protocol; /* enum p2i_protocol_id */
};

struct p2i_expected_group {
    struct p2i_expected_listener listeners[P2I_EXPECTED_MAX];
    uint32_t used;      /* listeners in use, from the first on */
    uint64_t announced; /* number of announcements so far */
};

/* Start zeroed. */
struct p2i_expected {
    struct p2i_expected_group *groups;  /* P2I_EXPECTED_GROUPS elements; NULL: nothing was announced
                                           yet */
    uint16_t ports[P2I_EXPECTED_PORTS]; /* number of listeners by port (modulo): a quick test for
                                           most packets */
    bool out_of_memory;                 /* an announcement was lost */
};

void p2i_expected_free(struct p2i_expected *expected);

/* Adds a listener, unless its port cannot be that of a data connection. `now_s`: seconds that never
 * go back, modulo 2^32. */
void p2i_expected_add(struct p2i_expected *expected, const struct p2i_expected_listener *announced,
                      uint32_t now_s);
/* Adds the listener that `sender`, one of the two ends of the session `key`, announced: at its own
 * address and, where the announcement names another one, there too, since that may be the one in
 * front of a NAT. */
void p2i_expected_note(struct p2i_expected *expected, const struct p2i_session_key *key,
                       const struct p2i_address *sender, const struct p2i_ftp_listener *where,
                       uint64_t place, uint32_t now_s);

/* False: no listener is announced at either end. */
static inline bool p2i_expected_may_be(const struct p2i_expected *expected,
                                       const struct p2i_session_key *key)
{
    return expected->groups != NULL && (expected->ports[key->port[0] % P2I_EXPECTED_PORTS] |
                                        expected->ports[key->port[1] % P2I_EXPECTED_PORTS]) != 0;
}

/* Returns the protocol that was announced for the session of a TCP packet, and in *place that of
 * the announcing packet; from then on the announcement holds for that session alone, and for
 * P2I_EXPECTED_PACKETS packets of it. P2I_ID_UNKNOWN: none was. */
enum p2i_protocol_id p2i_expected_find(struct p2i_expected *expected,
                                       const struct p2i_session_key *key, uint32_t now_s,
                                       uint64_t *place);

#endif
