/* SPDX-License-Identifier: MIT */
/* Messages on their way to a collector, in order: those that were sent and may be unread, then
 * those that were not sent. One thread. */
#ifndef P2I_TRANSPORT_OUTBOX_H
#define P2I_TRANSPORT_OUTBOX_H

#include "base/view.h"
#include "record/record.h"

/* Start with {0}. Places are bytes of `data`. */
struct p2i_outbox {
    struct p2i_buffer buffer;
    size_t first;        /* the oldest message that is kept */
    size_t next;         /* the first that was not sent */
    uint64_t sent_count; /* messages between */
    uint64_t sent_records;
};

struct p2i_outgoing {
    struct p2i_view message; /* until the outbox changes */
    uint32_t records;        /* data records in it */
};

/* False when out of memory. */
bool p2i_outbox_add(struct p2i_outbox *outbox, struct p2i_view message, uint32_t records);
/* The next message to be sent; false: there is none. */
bool p2i_outbox_next(const struct p2i_outbox *outbox, struct p2i_outgoing *next);
/* It was sent: its last byte is the one before `end` in the stream. */
void p2i_outbox_sent(struct p2i_outbox *outbox, uint64_t end);
/* Drops the messages that were sent and end at or before `read`. Returns how many. */
uint64_t p2i_outbox_confirm(struct p2i_outbox *outbox, uint64_t read);
/* The stream broke: all that is kept is to be sent again. */
void p2i_outbox_rewind(struct p2i_outbox *outbox);
size_t p2i_outbox_unsent_bytes(const struct p2i_outbox *outbox);
size_t p2i_outbox_sent_bytes(const struct p2i_outbox *outbox);
void p2i_outbox_free(struct p2i_outbox *outbox);

#endif
