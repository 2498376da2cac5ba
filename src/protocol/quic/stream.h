/* SPDX-License-Identifier: MIT */
/* The beginning of a client's CRYPTO stream (RFC 9000 19.6), put together from frames that come in
 * any order and more than once. What came first stays. */
#ifndef P2I_PROTOCOL_QUIC_STREAM_H
#define P2I_PROTOCOL_QUIC_STREAM_H

#include "base/pool.h"
#include "base/view.h"
#include "packet/packet_info.h"

enum { P2I_QUIC_STREAM_MAX = 64 << 10 }; /* bytes; frames that go beyond are left out */

/* Memory of the pool; NULL while nothing has come. */
struct p2i_quic_stream;

/* True when something new has come in. `info` is that of the frame. */
bool p2i_quic_stream_add(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                         struct p2i_account *account, uint64_t offset, struct p2i_view bytes,
                         const struct p2i_packet_info *info);

/* What is there from the first byte on, without a gap; lives until the next call. */
struct p2i_view p2i_quic_stream_begin(const struct p2i_quic_stream *stream);

/* Of its first byte. NULL when that has not come. */
const struct p2i_packet_info *p2i_quic_stream_info(const struct p2i_quic_stream *stream);

/* Sets it to NULL. */
void p2i_quic_stream_free(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                          struct p2i_account *account);

#endif
