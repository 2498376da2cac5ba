/* SPDX-License-Identifier: MIT */
#include "session/stream_state.h"

#include "packet/transport.h"
#include "session/stray_segments.h"
#include "session/tcp_rules.h"

/* A hole counts as lost when the peer has acknowledged it and this many segments have come since: a
 * capture merged from two taps may be slightly out of order. */
enum { ACKNOWLEDGED_HOLE_SEGMENTS = 8 };

/* This many consecutive segments outside the window show that the sender is there and that the
 * capture lost the bytes between; fewer may be forged. */
enum { ISLAND_SEGMENTS = 4 };

/* Maximum padding of an Ethernet frame: its 60 bytes less the headers. */
enum { PADDING_MAX = 6 };

/* Of settled stream states, so that the pool cuts them from chunks of their own. */
enum { SETTLED_BYTES = sizeof(struct p2i_stream_state) + 32 };

static struct p2i_held_memory memory_of(const struct p2i_stream_states *all,
                                        const struct p2i_stream_state *stream)
{
    return (struct p2i_held_memory){all->stream.pool, stream->stream.account};
}

struct p2i_stream_state *p2i_stream_state_new(struct p2i_stream_states *all,
                                              const struct p2i_session *session,
                                              struct p2i_account *account)
{
    struct p2i_stream_state *stream = p2i_pool_get(all->stream.pool, account, sizeof *stream, NULL);
    if (stream == NULL) {
        return NULL;
    }
    memset(stream, 0, sizeof *stream);
    struct p2i_ends ends = {
        .transport = session->key.transport == P2I_PROTO_TCP ? P2I_OVER_TCP : P2I_OVER_UDP,
        .port = {session->key.port[session->initiator], session->key.port[!session->initiator]},
    };
    p2i_stream_start(&stream->stream, ends, account);
    stream->stream.id = session->protocol;
    return stream;
}

/* Drops the island: a segment inside the window shows that the stream is not there. */
static void drop_island(struct p2i_stream_states *all, struct p2i_stream_state *stream,
                        enum p2i_direction direction)
{
    if (stream->strays != NULL) {
        all->stream.counts.ignored_bytes +=
            p2i_held_clear(&stream->strays->island[direction], memory_of(all, stream));
    }
}

static void note_held(struct p2i_session *session, enum p2i_direction direction)
{
    unsigned bit = 1U << direction;
    bool holds = session->stream->strays->held[direction].count > 0;
    session->held = (holds ? session->held | bit : session->held & ~bit) & 3;
}

static void drop_strays(struct p2i_stream_states *all, struct p2i_stream_state *stream)
{
    all->stream.counts.ignored_bytes += p2i_strays_free(&stream->strays, memory_of(all, stream));
}

void p2i_stream_state_end(struct p2i_stream_states *all, struct p2i_session *session)
{
    struct p2i_stream_state *stream = session->stream;
    drop_strays(all, stream);
    session->held = session->has_fin = 0;
    p2i_stream_end(&stream->stream, &all->stream);
    session->protocol = stream->stream.id;
    p2i_pool_put(all->stream.pool, stream->stream.account, stream,
                 session->settled ? SETTLED_BYTES : sizeof *stream);
    session->stream = NULL;
    session->settled = false;
}

/* ---- delivering bytes in order ---- */

/* Notes the packet behind a gap. */
static void note_gap(struct p2i_stream_states *all, const struct p2i_packet_info *info)
{
    if (all->gap.packet == 0) {
        all->gap = (struct p2i_packet_place){info->number, info->capture};
    }
}

/* Delivers the new bytes of a segment that begins at or before the next expected byte. */
static void deliver_part(struct p2i_stream_states *all, struct p2i_session *session,
                         enum p2i_direction direction, struct p2i_segment segment)
{
    struct p2i_stream *stream = &session->stream->stream;
    uint32_t old = session->next[direction] - segment.sequence;
    uint32_t old_captured = old < segment.bytes.size ? old : (uint32_t)segment.bytes.size;
    all->counts->retransmitted_bytes += old_captured;
    if (old >= segment.length) {
        return;
    }
    struct p2i_view fresh = p2i_view_from(segment.bytes, old_captured);
    session->next[direction] = segment.sequence + segment.length;
    p2i_stream_data(stream, &all->stream, direction, fresh, segment.info);
    uint32_t uncaptured = segment.length - old - (uint32_t)fresh.size;
    if (uncaptured > 0) {
        all->counts->cut_bytes += uncaptured;
        note_gap(all, segment.info);
        p2i_stream_gap(stream, &all->stream, direction, uncaptured);
    }
}

/* Delivers a segment without its urgent byte. */
static void deliver_around_urgent(struct p2i_stream_states *all, struct p2i_session *session,
                                  enum p2i_direction direction, struct p2i_segment segment)
{
    struct p2i_stray_segments *strays = session->stream->strays;
    uint32_t urgent = strays->urgent[direction];
    bool is_next = p2i_sequence_distance(urgent, session->next[direction]) >= 0;
    if (is_next && urgent - segment.sequence >= segment.length) {
        deliver_part(all, session, direction, segment);
        return;
    }
    strays->has_urgent[direction] = false;
    if (is_next) {
        deliver_part(all, session, direction,
                     p2i_segment_split(&segment, urgent - segment.sequence));
        struct p2i_segment byte = p2i_segment_split(&segment, 1);
        session->next[direction] = urgent + 1;
        all->stream.counts.ignored_bytes += byte.bytes.size;
        all->counts->urgent_bytes++;
    }
    deliver_part(all, session, direction, segment);
}

static void deliver(struct p2i_stream_states *all, struct p2i_session *session,
                    enum p2i_direction direction, struct p2i_segment segment)
{
    const struct p2i_stray_segments *strays = session->stream->strays;
    all->counts->doubtful_taken += segment.doubt == P2I_DOUBT_CHECKSUM;
    if (strays != NULL && strays->has_urgent[direction]) {
        deliver_around_urgent(all, session, direction, segment);
    } else {
        deliver_part(all, session, direction, segment);
    }
}

static void deliver_first(struct p2i_stream_states *all, struct p2i_session *session,
                          enum p2i_direction direction)
{
    struct p2i_stream_state *stream = session->stream;
    struct p2i_held_segment *held = p2i_held_take(&stream->strays->held[direction]);
    deliver(all, session, direction, p2i_held_segment(held));
    p2i_held_free(memory_of(all, stream), held);
}

/* Drops the first held segment, because another copy was delivered. */
static void drop_first(struct p2i_stream_states *all, struct p2i_session *session,
                       enum p2i_direction direction)
{
    struct p2i_stream_state *stream = session->stream;
    struct p2i_held_segment *held = p2i_held_take(&stream->strays->held[direction]);
    all->counts->retransmitted_bytes += held->size;
    p2i_held_free(memory_of(all, stream), held);
}

/* True when the receiver has accepted the first held segment, as far as the capture shows. */
static bool is_settled(const struct p2i_session *session, enum p2i_direction direction)
{
    const struct p2i_stream_state *stream = session->stream;
    const struct p2i_held_segment *held = stream->strays->held[direction].first;
    uint32_t end = held->sequence + held->length;
    if (held->doubt == P2I_DOUBT_NONE ||
        p2i_sequence_distance(stream->acknowledged[direction], end) >= 0) {
        return true;
    }
    bool goes_on = held->next != NULL && held->next->sequence == end;
    bool peer_seen = (session->seen & 1U << !direction) != 0;
    return goes_on && (held->doubt == P2I_DOUBT_PADDING || held->doubt == P2I_DOUBT_PROBE ||
                       (held->doubt == P2I_DOUBT_SYN && !peer_seen));
}

static bool holds(const struct p2i_session *session, enum p2i_direction direction)
{
    return (session->held & 1U << direction) != 0;
}

/* Delivers held segments that are in order and free of doubt. */
static void release(struct p2i_stream_states *all, struct p2i_session *session,
                    enum p2i_direction direction)
{
    const struct p2i_held_list *list = &session->stream->strays->held[direction];
    while (list->first != NULL) {
        uint32_t next = session->next[direction];
        bool is_old = p2i_sequence_distance(list->first->sequence + list->first->length, next) <= 0;
        if (!is_old && (p2i_sequence_distance(list->first->sequence, next) > 0 ||
                        !is_settled(session, direction))) {
            break;
        }
        if (is_old) {
            drop_first(all, session, direction);
        } else {
            deliver_first(all, session, direction);
        }
    }
    note_held(session, direction);
}

/* Declares the bytes before `sequence` lost, which the packet begins with. */
static void lose(struct p2i_stream_states *all, struct p2i_session *session,
                 enum p2i_direction direction, uint32_t sequence,
                 const struct p2i_packet_info *info)
{
    note_gap(all, info);
    p2i_stream_gap(&session->stream->stream, &all->stream, direction,
                   sequence - session->next[direction]);
    session->next[direction] = sequence;
}

/* Stops waiting for the first held segment: declares the bytes before it lost, or delivers it if it
 * is next but still doubtful. */
static void give_up_waiting(struct p2i_stream_states *all, struct p2i_session *session,
                            enum p2i_direction direction)
{
    const struct p2i_held_segment *first = session->stream->strays->held[direction].first;
    uint32_t sequence = first->sequence;
    if (p2i_sequence_distance(sequence, session->next[direction]) > 0) {
        all->counts->gaps++;
        lose(all, session, direction, sequence, &first->info);
    } else {
        deliver_first(all, session, direction);
    }
    release(all, session, direction);
}

static bool must_give_up(const struct p2i_stream_states *all, const struct p2i_session *session,
                         enum p2i_direction direction)
{
    const struct p2i_stream_state *stream = session->stream;
    if (!holds(session, direction)) {
        return false;
    }
    const struct p2i_held_list *list = &stream->strays->held[direction];
    uint32_t first = list->first->sequence;
    bool acknowledged_hole = list->count >= ACKNOWLEDGED_HOLE_SEGMENTS &&
                             p2i_sequence_distance(first, session->next[direction]) > 0 &&
                             p2i_sequence_distance(stream->acknowledged[direction], first) >= 0;
    return list->bytes > all->out_of_order_bytes || list->count > P2I_OUT_OF_ORDER_SEGMENTS ||
           acknowledged_hole;
}

/* ---- holding segments out of order, doubtful or outside the window ---- */

static void hold(struct p2i_stream_states *all, struct p2i_session *session,
                 enum p2i_direction direction, struct p2i_segment segment)
{
    struct p2i_stream_state *stream = session->stream;
    struct p2i_stray_segments *strays = p2i_strays_get(&stream->strays, memory_of(all, stream));
    if (strays == NULL) {
        all->stream.counts.ignored_bytes += segment.bytes.size;
        return;
    }
    struct p2i_held_list *list = &strays->held[direction];
    if (list->count == 0) {
        stream->acknowledged[direction] = session->next[direction];
    }
    int32_t old = p2i_sequence_distance(session->next[direction], segment.sequence);
    if (old > 0) {
        all->counts->retransmitted_bytes += p2i_segment_split(&segment, (uint32_t)old).bytes.size;
    }
    all->counts->out_of_order_segments += old < 0;
    all->counts->doubtful_segments += segment.doubt == P2I_DOUBT_CHECKSUM;
    struct p2i_held_losses losses = p2i_held_add(list, memory_of(all, stream), segment);
    all->counts->retransmitted_bytes += losses.repeated;
    all->counts->different_copies += losses.differ;
    all->stream.counts.ignored_bytes += losses.ignored;
    release(all, session, direction);
    while (must_give_up(all, session, direction)) {
        give_up_waiting(all, session, direction);
    }
}

/* Continues the stream at the island. */
static void move_to_island(struct p2i_stream_states *all, struct p2i_session *session,
                           enum p2i_direction direction)
{
    struct p2i_stream_state *stream = session->stream;
    while (holds(session, direction)) {
        give_up_waiting(all, session, direction);
    }
    struct p2i_held_list *island = &stream->strays->island[direction];
    if (p2i_sequence_distance(island->first->sequence, session->next[direction]) > 0) {
        all->counts->gaps++;
        lose(all, session, direction, island->first->sequence, &island->first->info);
    }
    while (island->count > 0) {
        struct p2i_held_segment *held = p2i_held_take(island);
        deliver(all, session, direction, p2i_held_segment(held));
        p2i_held_free(memory_of(all, stream), held);
    }
}

/* Handles a segment outside the window. */
static void take_island(struct p2i_stream_states *all, struct p2i_session *session,
                        enum p2i_direction direction, struct p2i_segment segment)
{
    struct p2i_stream_state *stream = session->stream;
    struct p2i_stray_segments *strays = p2i_strays_get(&stream->strays, memory_of(all, stream));
    all->counts->out_of_window_segments++;
    if (strays == NULL || segment.doubt == P2I_DOUBT_CHECKSUM) {
        all->stream.counts.ignored_bytes += segment.bytes.size;
        return;
    }
    struct p2i_held_list *island = &strays->island[direction];
    if (island->first != NULL &&
        (p2i_sequence_distance(segment.sequence, island->first->sequence) < 0 ||
         p2i_sequence_distance(segment.sequence, island->last->sequence + island->last->length) >
             0)) {
        drop_island(all, stream, direction);
    }
    segment.doubt = P2I_DOUBT_NONE;
    struct p2i_held_losses losses = p2i_held_add(island, memory_of(all, stream), segment);
    all->counts->retransmitted_bytes += losses.repeated;
    all->stream.counts.ignored_bytes += losses.ignored;
    if (island->count >= ISLAND_SEGMENTS) {
        move_to_island(all, session, direction);
    }
}

/* ---- handling segments ---- */

static bool is_zero(struct p2i_view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] != 0) {
            return false;
        }
    }
    return true;
}

static enum p2i_doubt doubt_of(struct p2i_session *session, enum p2i_direction direction,
                               const struct p2i_packet *packet)
{
    if (p2i_tcp_is_doubtful(session, direction, packet)) {
        return P2I_DOUBT_CHECKSUM;
    }
    if ((packet->tcp_flags & P2I_TCP_SYN) != 0) {
        return P2I_DOUBT_SYN;
    }
    if (packet->payload_length > PADDING_MAX || packet->payload.size < packet->payload_length) {
        return P2I_DOUBT_NONE;
    }
    if ((packet->tcp_flags & (P2I_TCP_PSH | P2I_TCP_FIN)) == 0 && is_zero(packet->payload)) {
        return P2I_DOUBT_PADDING;
    }
    return packet->payload_length == 1 ? P2I_DOUBT_PROBE : P2I_DOUBT_NONE;
}

static void take_payload(struct p2i_stream_states *all, struct p2i_session *session,
                         enum p2i_direction direction, struct p2i_segment segment)
{
    struct p2i_stream_state *stream = session->stream;
    int32_t ahead = p2i_sequence_distance(segment.sequence, session->next[direction]);
    if (ahead > 0 && !p2i_tcp_in_window(session, direction, segment.sequence)) {
        take_island(all, session, direction, segment);
        return;
    }
    drop_island(all, stream, direction);
    if (ahead <= 0 && (uint32_t) - (int64_t)ahead >= segment.length) {
        all->counts->retransmitted_bytes += segment.bytes.size;
    } else if (ahead > 0 && p2i_stream_blind_to(&stream->stream, direction)) {
        lose(all, session, direction, segment.sequence, segment.info);
        deliver(all, session, direction, segment);
    } else if (ahead > 0 || segment.doubt != P2I_DOUBT_NONE) {
        hold(all, session, direction, segment);
    } else {
        deliver(all, session, direction, segment);
        if (holds(session, direction)) {
            release(all, session, direction);
        }
    }
}

static void close_if_complete(struct p2i_stream_states *all, struct p2i_session *session,
                              enum p2i_direction direction)
{
    struct p2i_stream_state *stream = session->stream;
    if ((session->has_fin & 1U << direction) != 0 &&
        p2i_sequence_distance(session->next[direction], stream->fin[direction]) >= 0) {
        p2i_stream_close(&stream->stream, &all->stream, direction, true);
    }
}

/* Notes how far the receiver has acknowledged. Acknowledgements beyond its own window are forged or
 * damaged, and are ignored. */
static void take_acknowledgement(struct p2i_stream_states *all, struct p2i_session *session,
                                 enum p2i_direction direction, const struct p2i_packet *packet)
{
    struct p2i_stream_state *stream = session->stream;
    uint32_t number = packet->tcp_acknowledgement;
    if ((packet->tcp_flags & P2I_TCP_ACK) == 0 || !holds(session, direction) ||
        p2i_sequence_distance(number, stream->acknowledged[direction]) <= 0 ||
        !p2i_tcp_in_window(session, direction, number) ||
        p2i_tcp_is_doubtful(session, !direction, packet)) {
        return;
    }
    stream->acknowledged[direction] = number;
    release(all, session, direction);
    while (must_give_up(all, session, direction)) {
        give_up_waiting(all, session, direction);
    }
    close_if_complete(all, session, direction);
}

/* The number of a segment without payload shows whether its sender counts a held byte or held zeros
 * as sent. */
static void take_position(struct p2i_stream_states *all, struct p2i_session *session,
                          enum p2i_direction direction, uint32_t sequence)
{
    struct p2i_stream_state *stream = session->stream;
    if (!holds(session, direction)) {
        return;
    }
    struct p2i_held_list *list = &stream->strays->held[direction];
    const struct p2i_held_segment *first = list->first;
    if (first->doubt != P2I_DOUBT_PADDING && first->doubt != P2I_DOUBT_PROBE) {
        return;
    }
    if (sequence == first->sequence + first->length &&
        p2i_sequence_distance(first->sequence, session->next[direction]) <= 0) {
        give_up_waiting(all, session, direction);
    } else {
        size_t padding = p2i_held_drop_padding(list, memory_of(all, stream), sequence);
        all->counts->padding_bytes += padding;
        all->stream.counts.ignored_bytes += padding;
        note_held(session, direction);
    }
}

static void take_fin(struct p2i_session *session, enum p2i_direction direction, uint32_t sequence)
{
    struct p2i_stream_state *stream = session->stream;
    unsigned bit = 1U << direction;
    bool is_first = (session->has_fin & bit) == 0 ||
                    p2i_sequence_distance(sequence, stream->fin[direction]) < 0;
    if (is_first && p2i_sequence_distance(sequence, session->next[direction]) >= 0 &&
        p2i_tcp_in_window(session, direction, sequence)) {
        session->has_fin = (session->has_fin | bit) & 3;
        stream->fin[direction] = sequence;
    }
}

static void take_urgent(struct p2i_stream_states *all, struct p2i_session *session,
                        enum p2i_direction direction, const struct p2i_packet *packet)
{
    struct p2i_stream_state *stream = session->stream;
    uint32_t urgent = p2i_tcp_urgent(packet);
    if (p2i_stream_keeps_urgent(&stream->stream) ||
        p2i_sequence_distance(urgent, session->next[direction]) < 0 ||
        !p2i_tcp_in_window(session, direction, urgent)) {
        return;
    }
    struct p2i_stray_segments *strays = p2i_strays_get(&stream->strays, memory_of(all, stream));
    if (strays != NULL) {
        strays->urgent[direction] = urgent;
        strays->has_urgent[direction] = true;
    }
}

/* Handles everything but plain payload in order. */
static void take_segment(struct p2i_stream_states *all, struct p2i_session *session,
                         enum p2i_direction direction, const struct p2i_packet *packet,
                         uint32_t sequence)
{
    struct p2i_stream_state *stream = session->stream;
    take_acknowledgement(all, session, !direction, packet);
    struct p2i_packet_info info;
    struct p2i_segment segment = {
        .sequence = sequence,
        .length = packet->payload_length,
        .bytes = packet->payload,
        .info = &info,
    };
    int32_t ahead = p2i_sequence_distance(sequence, session->next[direction]);
    size_t reach = packet->payload_length + (ahead > 0 ? (uint32_t)ahead : 0U);
    if (packet->payload_length > 0 && !p2i_stream_skips(&stream->stream, direction, reach)) {
        segment.doubt = doubt_of(session, direction, packet);
    } else if ((packet->tcp_flags & P2I_TCP_FIN) != 0 &&
               p2i_tcp_is_doubtful(session, direction, packet)) {
        segment.doubt = P2I_DOUBT_CHECKSUM;
    }
    if (segment.doubt != P2I_DOUBT_CHECKSUM) {
        if ((packet->tcp_flags & P2I_TCP_URG) != 0) {
            take_urgent(all, session, direction, packet);
        }
        if ((packet->tcp_flags & P2I_TCP_FIN) != 0) {
            take_fin(session, direction, sequence + packet->payload_length);
        }
    }
    if (packet->payload_length > 0) {
        p2i_packet_info_of(packet, &info);
        take_payload(all, session, direction, segment);
    } else {
        take_position(all, session, direction, sequence);
    }
    close_if_complete(all, session, direction);
    if (stream->strays != NULL && p2i_strays_are_over(stream->strays)) {
        drop_strays(all, stream);
    }
}

/* True for payload in order while nothing is held or skipped: nearly always. */
static bool is_in_turn(const struct p2i_session *session, enum p2i_direction direction,
                       const struct p2i_packet *packet, uint32_t sequence)
{
    enum { ODD_FLAGS = P2I_TCP_SYN | P2I_TCP_FIN | P2I_TCP_RST | P2I_TCP_URG };
    const struct p2i_stream_state *stream = session->stream;
    return sequence == session->next[direction] && session->held == 0 &&
           (packet->tcp_flags & ODD_FLAGS) == 0 && session->has_fin == 0 &&
           stream->strays == NULL && packet->payload_length > 0 &&
           packet->payload.size == packet->payload_length;
}

void p2i_stream_state_segment(struct p2i_stream_states *all, struct p2i_session *session,
                              enum p2i_direction direction, const struct p2i_packet *packet,
                              uint32_t sequence)
{
    struct p2i_stream *stream = &session->stream->stream;
    bool in_turn = is_in_turn(session, direction, packet, sequence);
    if (in_turn && p2i_stream_skip(stream, &all->stream, direction, packet->payload_length)) {
        session->next[direction] += packet->payload_length;
        return;
    }
    if (!in_turn || (!p2i_stream_blind_to(stream, direction) &&
                     doubt_of(session, direction, packet) != P2I_DOUBT_NONE)) {
        take_segment(all, session, direction, packet, sequence);
        return;
    }
    struct p2i_packet_info info;
    p2i_packet_info_of(packet, &info);
    session->next[direction] += packet->payload_length;
    p2i_stream_data(stream, &all->stream, direction, packet->payload, &info);
}

void p2i_stream_state_datagram(struct p2i_stream_states *all, struct p2i_session *session,
                               enum p2i_direction direction, const struct p2i_packet *packet)
{
    struct p2i_stream *stream = &session->stream->stream;
    struct p2i_packet_info info;
    p2i_packet_info_of(packet, &info);
    if (!p2i_stream_blind_to(stream, direction)) {
        all->counts->wrong_udp_checksums += p2i_udp_checksum(packet) == P2I_CHECKSUM_WRONG;
    }
    p2i_stream_datagram(stream, &all->stream, direction, packet->payload,
                        packet->payload_length - packet->payload.size, &info);
}

void p2i_stream_state_close(struct p2i_stream_states *all, struct p2i_session *session, bool reset)
{
    struct p2i_stream_state *stream = session->stream;
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        while (holds(session, direction)) {
            give_up_waiting(all, session, direction);
        }
        p2i_stream_close(&stream->stream, &all->stream, direction,
                         reset || (session->has_fin & 1U << direction) != 0);
    }
}

/* Moves the stream state of an idle session away from those of new sessions. Of many that are born
 * together few stay, and each of these would keep a chunk of the pool from other uses. */
static void settle(struct p2i_stream_states *all, struct p2i_session *session)
{
    struct p2i_stream_state *stream = session->stream;
    size_t size = sizeof *stream;
    void *settled =
        p2i_pool_grow(all->stream.pool, stream->stream.account, stream, size, SETTLED_BYTES, &size);
    session->settled = settled != NULL;
    session->stream = settled != NULL ? settled : stream;
}

void p2i_stream_state_go_dormant(struct p2i_stream_states *all, struct p2i_session *session)
{
    for (enum p2i_direction direction = 0; direction < 2; direction++) {
        while (holds(session, direction)) {
            give_up_waiting(all, session, direction);
        }
        close_if_complete(all, session, direction);
    }
    if (session->stream->stream.finished) {
        p2i_stream_state_end(all, session);
    } else if (p2i_stream_is_dormant(&session->stream->stream, &all->stream)) {
        p2i_stream_finish(&session->stream->stream, &all->stream);
        p2i_stream_state_end(all, session);
        session->dormant = true;
    } else if (!session->settled) {
        settle(all, session);
    }
}
