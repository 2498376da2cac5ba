/* SPDX-License-Identifier: MIT */
/* A queue of messages for a collector, in order: first those that were sent but may be unread, then
 * those not sent yet. One thread. */
#ifndef P2I_TRANSPORT_OUTBOX_H
#define P2I_TRANSPORT_OUTBOX_H

#include "pcap2ipfix/view.h"
#include "record/record.h"

/* Start with {0}. `first` and `next` are offsets in the buffer. */
struct p2i_outbox {
    struct p2i_buffer buffer;
    size_t first;          /* the oldest message */
    size_t next;           /* the first message not sent */
    uint64_t sent_count;   /* messages between */
    uint64_t sent_records; /* their data records */
};

struct p2i_outgoing {
    struct p2i_view message; /* lives until the outbox changes */
    uint32_t records;        /* data records in it */
};

/* Appends a copy of a message. False: out of memory. */
bool p2i_outbox_add(struct p2i_outbox *outbox, struct p2i_view message, uint32_t records);
/* Returns the next message to send. False: none. */
bool p2i_outbox_next(const struct p2i_outbox *outbox, struct p2i_outgoing *next);
/* Marks the next message as sent; it ends at offset `end` of the stream. */
void p2i_outbox_sent(struct p2i_outbox *outbox, uint64_t end);
/* Drops sent messages that end at or before offset `read` of the stream. Returns how many. */
uint64_t p2i_outbox_confirm(struct p2i_outbox *outbox, uint64_t read);
/* Marks all messages as not sent, after the stream broke. */
void p2i_outbox_rewind(struct p2i_outbox *outbox);
size_t p2i_outbox_unsent_bytes(const struct p2i_outbox *outbox);
size_t p2i_outbox_sent_bytes(const struct p2i_outbox *outbox);
void p2i_outbox_free(struct p2i_outbox *outbox);

#endif
