/* SPDX-License-Identifier: MIT */
#include "transport/outbox.h"

/* Precedes each message. */
struct head {
    uint64_t end; /* in the stream; of those that were sent */
    uint32_t size;
    uint32_t records;
};

static struct head head_at(const struct p2i_outbox *outbox, size_t at)
{
    struct head head;
    memcpy(&head, outbox->buffer.data + at, sizeof head);
    return head;
}

/* Moves the messages to the front when at least as many bytes are free as are moved. */
static void compact(struct p2i_outbox *outbox)
{
    struct p2i_buffer *buffer = &outbox->buffer;
    size_t kept = buffer->size - outbox->first;
    if (outbox->first == 0 || outbox->first < kept) {
        return;
    }
    if (kept > 0) {
        memmove(buffer->data, buffer->data + outbox->first, kept);
    }
    outbox->next -= outbox->first;
    outbox->first = 0;
    buffer->size = kept;
}

bool p2i_outbox_add(struct p2i_outbox *outbox, struct p2i_view message, uint32_t records)
{
    struct p2i_buffer *buffer = &outbox->buffer;
    struct head head = {.size = (uint32_t)message.size, .records = records};
    if (sizeof head + message.size > buffer->capacity - buffer->size) {
        compact(outbox);
    }
    if (!p2i_buffer_reserve(buffer, sizeof head + message.size)) {
        return false;
    }
    memcpy(buffer->data + buffer->size, &head, sizeof head);
    memcpy(buffer->data + buffer->size + sizeof head, message.data, message.size);
    buffer->size += sizeof head + message.size;
    return true;
}

bool p2i_outbox_next(const struct p2i_outbox *outbox, struct p2i_outgoing *next)
{
    if (outbox->next == outbox->buffer.size) {
        return false;
    }
    struct head head = head_at(outbox, outbox->next);
    next->message = p2i_view_of(outbox->buffer.data + outbox->next + sizeof head, head.size);
    next->records = head.records;
    return true;
}

void p2i_outbox_sent(struct p2i_outbox *outbox, uint64_t end)
{
    struct head head = head_at(outbox, outbox->next);
    head.end = end;
    memcpy(outbox->buffer.data + outbox->next, &head, sizeof head);
    outbox->next += sizeof head + head.size;
    outbox->sent_count++;
    outbox->sent_records += head.records;
}

uint64_t p2i_outbox_confirm(struct p2i_outbox *outbox, uint64_t read)
{
    uint64_t count = 0;
    while (outbox->first < outbox->next) {
        struct head head = head_at(outbox, outbox->first);
        if (head.end > read) {
            break;
        }
        outbox->first += sizeof head + head.size;
        outbox->sent_count--;
        outbox->sent_records -= head.records;
        count++;
    }
    return count;
}

void p2i_outbox_rewind(struct p2i_outbox *outbox)
{
    outbox->next = outbox->first;
    outbox->sent_count = 0;
    outbox->sent_records = 0;
}

size_t p2i_outbox_unsent_bytes(const struct p2i_outbox *outbox)
{
    return outbox->buffer.size - outbox->next;
}

size_t p2i_outbox_sent_bytes(const struct p2i_outbox *outbox)
{
    return outbox->next - outbox->first;
}

void p2i_outbox_free(struct p2i_outbox *outbox)
{
    p2i_buffer_free(&outbox->buffer);
}
