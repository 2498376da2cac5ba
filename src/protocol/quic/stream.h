/* SPDX-License-Identifier: MIT */
/* Assembles the beginning of a client's CRYPTO stream (RFC 9000 19.6) from frames in any order,
 * repeated ones included. Bytes that came first stay. */
#ifndef P2I_PROTOCOL_QUIC_STREAM_H
#define P2I_PROTOCOL_QUIC_STREAM_H

#include "base/pool.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/view.h"

enum { P2I_QUIC_STREAM_MAX = 64 << 10 }; /* bytes; ignores frames that go beyond */

/* In memory of the pool; NULL while it is empty. */
struct p2i_quic_stream;

/* Adds the bytes of a frame; `info` is that of its packet. True: some are new. */
bool p2i_quic_stream_add(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                         struct p2i_account *account, uint64_t offset, struct p2i_view bytes,
                         const struct p2i_packet_info *info);

/* The bytes from the first one up to the first gap; live until the next call. */
struct p2i_view p2i_quic_stream_begin(const struct p2i_quic_stream *stream);

/* Packet info of the first byte. NULL: it is missing. */
const struct p2i_packet_info *p2i_quic_stream_info(const struct p2i_quic_stream *stream);

/* Gives the memory back and sets the pointer to NULL. */
void p2i_quic_stream_free(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                          struct p2i_account *account);

#endif
