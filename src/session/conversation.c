/* SPDX-License-Identifier: MIT */
#include "session/conversation.h"

/* A segment, or what is left of it, that came before its turn. */
struct p2i_held_segment {
    struct p2i_held_segment *next;
    struct p2i_origin origin;
    uint32_t sequence;
    uint32_t length; /* in the stream */
    uint32_t size;   /* captured: bytes[0..size), size <= length */
    uint8_t bytes[];
};

/* A hole is taken for lost when the peer has acknowledged it and this many segments have come
 * since; a capture that merges two taps may show them in a slightly wrong order. */
enum { ACKNOWLEDGED_HOLE_SEGMENTS = 8 };

struct segment {
    uint32_t sequence;
    uint32_t length;
    struct p2i_view bytes;
    const struct p2i_origin *origin;
};

/* a - b of sequence numbers (RFC 9293 section 3.4). */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

struct p2i_conversation *p2i_conversation_new(struct p2i_conversations *all,
                                              const struct p2i_session *session,
                                              struct p2i_account *account)
{
    struct p2i_conversation *conversation =
        p2i_pool_get(all->stream.pool, account, sizeof *conversation, NULL);
    if (conversation == NULL) {
        return NULL;
    }
    memset(conversation, 0, sizeof *conversation);
    struct p2i_ends ends = {
        .transport = session->key.transport == P2I_PROTO_TCP ? P2I_OVER_TCP : P2I_OVER_UDP,
        .port = {session->key.port[session->initiator], session->key.port[!session->initiator]},
    };
    p2i_stream_start(&conversation->stream, &all->stream, ends, &all->sink, account);
    conversation->stream.id = session->protocol;
    return conversation;
}

static void free_held(struct p2i_conversations *all, struct p2i_conversation *conversation,
                      struct p2i_held_segment *held)
{
    p2i_pool_put(all->stream.pool, conversation->stream.parser.account, held,
                 sizeof *held + held->size);
}

static void unlink_first(struct p2i_session *session, enum p2i_direction direction)
{
    struct p2i_conversation *conversation = session->conversation;
    struct p2i_held_segment *held = conversation->held[direction];
    conversation->held[direction] = held->next;
    conversation->held_bytes[direction] -= held->size;
    conversation->held_count[direction]--;
    if (conversation->held_count[direction] == 0) {
        session->held &= (uint8_t) ~(1U << direction);
    }
}

void p2i_conversation_end(struct p2i_conversations *all, struct p2i_session *session)
{
    struct p2i_conversation *conversation = session->conversation;
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        while (conversation->held[direction] != NULL) {
            struct p2i_held_segment *held = conversation->held[direction];
            all->stream.books.ignored_bytes += held->size;
            unlink_first(session, direction);
            free_held(all, conversation, held);
        }
    }
    p2i_stream_end(&conversation->stream, &all->stream);
    session->protocol = conversation->stream.id;
    p2i_pool_put(all->stream.pool, conversation->stream.parser.account, conversation,
                 sizeof *conversation);
    session->conversation = NULL;
}

/* In order: its first new byte is the next one due. */
static void deliver(struct p2i_conversations *all, struct p2i_session *session,
                    enum p2i_direction direction, struct segment segment)
{
    struct p2i_stream *stream = &session->conversation->stream;
    uint32_t old = session->next[direction] - segment.sequence;
    uint32_t old_captured = old < segment.bytes.size ? old : (uint32_t)segment.bytes.size;
    all->counts->retransmitted_bytes += old_captured;
    struct p2i_view fresh = p2i_view_from(segment.bytes, old_captured);
    session->next[direction] = segment.sequence + segment.length;
    p2i_stream_data(stream, &all->stream, direction, fresh, segment.origin);
    uint32_t uncaptured = segment.length - old - (uint32_t)fresh.size;
    if (uncaptured > 0) {
        all->counts->cut_bytes += uncaptured;
        p2i_stream_gap(stream, &all->stream, direction, uncaptured);
    }
}

/* Delivers what has come to be in order. */
static void deliver_held(struct p2i_conversations *all, struct p2i_session *session,
                         enum p2i_direction direction)
{
    struct p2i_conversation *conversation = session->conversation;
    struct p2i_held_segment *held = conversation->held[direction];
    while (held != NULL && distance(held->sequence, session->next[direction]) <= 0) {
        unlink_first(session, direction);
        struct segment segment = {
            .sequence = held->sequence,
            .length = held->length,
            .bytes = p2i_view_of(held->bytes, held->size),
            .origin = &held->origin,
        };
        if (distance(held->sequence + held->length, session->next[direction]) > 0) {
            deliver(all, session, direction, segment);
        } else {
            all->counts->retransmitted_bytes += held->size;
        }
        free_held(all, conversation, held);
        held = conversation->held[direction];
    }
}

/* What is missing in front of the first held segment will not come any more. */
static void declare_gap(struct p2i_conversations *all, struct p2i_session *session,
                        enum p2i_direction direction)
{
    struct p2i_conversation *conversation = session->conversation;
    uint32_t sequence = conversation->held[direction]->sequence;
    all->counts->gaps++;
    p2i_stream_gap(&conversation->stream, &all->stream, direction,
                   sequence - session->next[direction]);
    session->next[direction] = sequence;
    deliver_held(all, session, direction);
}

/* Puts a part of a segment that overlaps nothing into the list behind *at. */
static bool insert_part(struct p2i_conversations *all, struct p2i_conversation *conversation,
                        enum p2i_direction direction, struct p2i_held_segment **at,
                        const struct segment *part)
{
    struct p2i_held_segment *held =
        p2i_pool_get(all->stream.pool, conversation->stream.parser.account,
                     sizeof *held + part->bytes.size, NULL);
    if (held == NULL) {
        return false;
    }
    *held = (struct p2i_held_segment){
        .next = *at,
        .origin = *part->origin,
        .sequence = part->sequence,
        .length = part->length,
        .size = (uint32_t)part->bytes.size,
    };
    held->origin.tcp_sequence = part->sequence;
    if (held->size > 0) {
        memcpy(held->bytes, part->bytes.data, held->size);
    }
    *at = held;
    conversation->held_bytes[direction] += held->size;
    conversation->held_count[direction]++;
    return true;
}

/* The first `length` bytes of a segment are taken off it. */
static struct segment split_front(struct segment *segment, uint32_t length)
{
    struct segment front = *segment;
    front.length = length;
    front.bytes = p2i_view_first(segment->bytes, length);
    segment->sequence += length;
    segment->length -= length;
    segment->bytes = p2i_view_from(segment->bytes, front.bytes.size);
    return front;
}

/* Keeps those parts of a segment that are not held yet: what came first wins. */
static void hold_segment(struct p2i_conversations *all, struct p2i_conversation *conversation,
                         enum p2i_direction direction, struct segment segment)
{
    struct p2i_held_segment **at = &conversation->held[direction];
    while (segment.length > 0) {
        while (*at != NULL && distance((*at)->sequence + (*at)->length, segment.sequence) <= 0) {
            at = &(*at)->next;
        }
        uint32_t free_length = segment.length;
        if (*at != NULL) {
            int32_t room = distance((*at)->sequence, segment.sequence);
            free_length = room <= 0                         ? 0
                          : (uint32_t)room < segment.length ? (uint32_t)room
                                                            : segment.length;
        }
        if (free_length > 0) {
            struct segment part = split_front(&segment, free_length);
            if (!insert_part(all, conversation, direction, at, &part)) {
                all->stream.books.ignored_bytes += part.bytes.size + segment.bytes.size;
                return;
            }
            at = &(*at)->next;
        } else {
            uint32_t covered = (*at)->sequence + (*at)->length - segment.sequence;
            struct segment part =
                split_front(&segment, covered < segment.length ? covered : segment.length);
            all->counts->retransmitted_bytes += part.bytes.size;
        }
    }
}

static bool hole_is_lost(const struct p2i_conversations *all,
                         const struct p2i_conversation *conversation, enum p2i_direction direction)
{
    return conversation->held_bytes[direction] > all->out_of_order_bytes ||
           conversation->held_count[direction] > P2I_OUT_OF_ORDER_SEGMENTS ||
           (conversation->held_count[direction] >= ACKNOWLEDGED_HOLE_SEGMENTS &&
            distance(conversation->acknowledged[direction],
                     conversation->held[direction]->sequence) >= 0);
}

static void take_payload(struct p2i_conversations *all, struct p2i_session *session,
                         enum p2i_direction direction, struct segment segment)
{
    struct p2i_conversation *conversation = session->conversation;
    int32_t ahead = distance(segment.sequence, session->next[direction]);
    if (ahead <= 0) {
        if ((uint32_t) - (int64_t)ahead >= segment.length) {
            all->counts->retransmitted_bytes += segment.bytes.size;
            return;
        }
        deliver(all, session, direction, segment);
        deliver_held(all, session, direction);
        return;
    }
    if (p2i_stream_blind_to(&conversation->stream, direction)) {
        p2i_stream_gap(&conversation->stream, &all->stream, direction, (uint32_t)ahead);
        session->next[direction] = segment.sequence;
        deliver(all, session, direction, segment);
        return;
    }
    all->counts->out_of_order_segments++;
    if (conversation->held_count[direction] == 0) {
        conversation->acknowledged[direction] = session->next[direction];
    }
    hold_segment(all, conversation, direction, segment);
    session->held |= (uint8_t)(conversation->held_count[direction] > 0 ? 1U << direction : 0U);
    while (conversation->held_count[direction] > 0 && hole_is_lost(all, conversation, direction)) {
        declare_gap(all, session, direction);
    }
}

static void close_if_complete(struct p2i_conversations *all, struct p2i_session *session,
                              enum p2i_direction direction)
{
    struct p2i_conversation *conversation = session->conversation;
    if (conversation->has_fin[direction] &&
        distance(session->next[direction], conversation->fin[direction]) >= 0) {
        p2i_stream_close(&conversation->stream, &all->stream, direction, true);
    }
}

void p2i_conversation_segment(struct p2i_conversations *all, struct p2i_session *session,
                              enum p2i_direction direction, const struct p2i_packet *packet,
                              uint32_t sequence)
{
    struct p2i_conversation *conversation = session->conversation;
    if ((packet->tcp_flags & P2I_TCP_ACK) != 0 && conversation->held_count[!direction] > 0 &&
        distance(packet->tcp_acknowledgement, conversation->acknowledged[!direction]) > 0) {
        conversation->acknowledged[!direction] = packet->tcp_acknowledgement;
    }
    if ((packet->tcp_flags & P2I_TCP_FIN) != 0 && !conversation->has_fin[direction]) {
        conversation->has_fin[direction] = true;
        conversation->fin[direction] = sequence + packet->payload_length;
    }
    if (packet->payload_length > 0) {
        struct p2i_origin origin;
        p2i_packet_origin(packet, &origin);
        take_payload(all, session, direction,
                     (struct segment){sequence, packet->payload_length, packet->payload, &origin});
    }
    close_if_complete(all, session, direction);
}

void p2i_conversation_datagram(struct p2i_conversations *all, struct p2i_session *session,
                               enum p2i_direction direction, const struct p2i_packet *packet)
{
    struct p2i_origin origin;
    p2i_packet_origin(packet, &origin);
    p2i_stream_datagram(&session->conversation->stream, &all->stream, direction, packet->payload,
                        packet->payload_length - packet->payload.size, &origin);
}

void p2i_conversation_close(struct p2i_conversations *all, struct p2i_session *session, bool reset)
{
    struct p2i_conversation *conversation = session->conversation;
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        while (conversation->held_count[direction] > 0) {
            declare_gap(all, session, direction);
        }
        p2i_stream_close(&conversation->stream, &all->stream, direction,
                         reset || conversation->has_fin[direction]);
    }
}

void p2i_conversation_rest(struct p2i_conversations *all, struct p2i_session *session)
{
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        while (session->conversation->held_count[direction] > 0) {
            declare_gap(all, session, direction);
        }
        close_if_complete(all, session, direction);
    }
    if (session->conversation->stream.finished) {
        p2i_conversation_end(all, session);
    } else if (p2i_stream_at_rest(&session->conversation->stream)) {
        p2i_stream_forget(&session->conversation->stream, &all->stream);
        p2i_conversation_end(all, session);
        session->resting = true;
    }
}
