/* SPDX-License-Identifier: MIT */
/* Stands in for the stanza reader in a build without Expat: XMPP is recognised and gives no
 * records. TLS behind STARTTLS is still found, by its first byte. */
#include "protocol/im/xmpp_stanza.h"

bool p2i_xmpp_read(const struct p2i_parser *parser, struct p2i_view bytes,
                   struct p2i_xmpp_stanza *stanza)
{
    (void)parser;
    (void)bytes;
    *stanza = (struct p2i_xmpp_stanza){0};
    return false;
}

void p2i_xmpp_stanza_free(const struct p2i_parser *parser, struct p2i_xmpp_stanza *stanza)
{
    (void)parser;
    (void)stanza;
}
