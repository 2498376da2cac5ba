/* SPDX-License-Identifier: MIT */
#include "protocol/protocols.h"

const struct p2i_protocol *const p2i_protocols[] = {&p2i_tls,  &p2i_http, &p2i_sip,  &p2i_oscar,
                                                    &p2i_dns,  &p2i_quic, &p2i_smtp, &p2i_pop3,
                                                    &p2i_imap, &p2i_ftp,  &p2i_xmpp, NULL};

bool p2i_is_parsed(uint8_t id)
{
    const struct p2i_protocol *const *at = p2i_protocols;
    while (*at != NULL && (*at)->id != id) {
        at++;
    }
    return *at != NULL;
}

bool p2i_is_encrypted(uint8_t id)
{
    switch (id) {
    case P2I_ID_DTLS:
    case P2I_ID_IKE:
    case P2I_ID_IPSEC:
    case P2I_ID_OPENVPN:
    case P2I_ID_SSH:
    case P2I_ID_WIREGUARD:
        return true;
    default:
        return false;
    }
}

bool p2i_keeps_urgent(uint8_t id, const struct p2i_ends *ends)
{
    enum { FTP = 21, TELNET = 23 };
    return id == P2I_ID_TELNET || p2i_ends_use(ends, FTP) || p2i_ends_use(ends, TELNET);
}
