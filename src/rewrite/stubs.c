/* SPDX-License-Identifier: MIT */
#include "rewrite/internal.h"
#define STUB(n)                                                                                    \
    void n(struct p2i_writing *writing, struct p2i_bytes span)                                     \
    {                                                                                              \
        p2i_write_binary(writing, span);                                                           \
    }
STUB(p2i_write_http)
STUB(p2i_write_sip)
STUB(p2i_write_ftp)
STUB(p2i_write_smtp) STUB(p2i_write_pop3) STUB(p2i_write_imap) STUB(p2i_write_xmpp)
    STUB(p2i_write_oscar) STUB(p2i_write_tls) STUB(p2i_write_websocket) STUB(p2i_write_dns_stream)
        STUB(p2i_write_dns)
            STUB(p2i_write_radius) void p2i_write_ppp(struct p2i_writing *writing,
                                                      uint16_t protocol, struct p2i_bytes span)
{
    (void)protocol;
    p2i_write_binary(writing, span);
}
void p2i_write_quic(struct p2i_writing *writing, struct p2i_bytes *datagrams,
                    const enum p2i_direction *directions, size_t count)
{
    (void)directions;
    for (size_t i = 0; i < count; i++)
        p2i_write_binary(writing, datagrams[i]);
}
