/* SPDX-License-Identifier: MIT */
/* Stands in for the stanza reader in a build without Expat: XMPP is recognised and gives no
 * records. TLS behind STARTTLS is still found, by its first byte. */
#include "protocol/im/xmpp_stanza.h"

void *p2i_xmpp_open_reader(const struct p2i_parse_settings *settings)
{
    static char nothing;
    (void)settings;
    return &nothing;
}

void p2i_xmpp_close_reader(void *reader)
{
    (void)reader;
}

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
