/* SPDX-License-Identifier: MIT */
#include "engine/merge_records.h"

/* Position in a worker's records. */
struct position {
    struct p2i_view rest;          /* behind `head` */
    struct p2i_result_header head; /* of the next record; undefined if `ended` */
    bool ended;
};

static void read_head(struct position *position)
{
    position->ended = position->rest.size < sizeof position->head;
    if (!position->ended) {
        memcpy(&position->head, position->rest.data, sizeof position->head);
        position->rest = p2i_view_from(position->rest, sizeof position->head);
    }
}

static bool comes_before(const struct p2i_result_header *a, const struct p2i_result_header *b)
{
    return a->completed_by != b->completed_by ? a->completed_by < b->completed_by
                                              : a->order < b->order;
}

static struct position *first_of(struct position *positions, unsigned count)
{
    struct position *first = NULL;
    for (unsigned i = 0; i < count; i++) {
        if (!positions[i].ended &&
            (first == NULL || comes_before(&positions[i].head, &first->head))) {
            first = &positions[i];
        }
    }
    return first;
}

static enum p2i_result write_record(struct p2i_record_merge *merge, const struct position *position,
                                    struct p2i_error *error)
{
    struct p2i_record record = {
        .bytes = p2i_view_first(position->rest, position->head.size),
        .time_s = position->head.time_s,
        .kind = (enum p2i_record_kind)position->head.kind,
        .ip_version = position->head.ip_version,
        .extended = merge->extended,
        .cut = position->head.cut,
        .end_reason = position->head.end_reason,
        .transport = position->head.transport,
        .port = {position->head.port[0], position->head.port[1]},
        .capture = position->head.capture,
        .packet = position->head.packet,
        .time_ns = position->head.time_ns,
        .session = position->head.session,
        .lost_bytes = position->head.lost_bytes,
        .cut_bytes = position->head.cut_bytes,
        .text = &merge->text,
    };
    merge->records[record.kind]++;
    merge->messages_cut[record.kind] += record.cut;
    return merge->sink.write(merge->sink.context, &record, error);
}

static enum p2i_result write_session(const struct p2i_record_merge *merge, struct p2i_view bytes)
{
    struct p2i_session_result result;
    if (bytes.size < sizeof result) {
        return P2I_OK;
    }
    memcpy(&result, bytes.data, sizeof result);
    for (unsigned i = 0; i < 2; i++) {
        result.facts.address[i] = result.address[i].bytes;
        result.facts.first_bytes[i] = result.facts.ended ? result.first_bytes[i] : NULL;
    }
    result.facts.features = result.facts.ended ? result.features.words : NULL;
    return merge->sink.session(merge->sink.context, &result.facts);
}

/* Begins what is noted of a packet. */
static void note(struct p2i_record_merge *merge, uint64_t number)
{
    if (merge->noted_for != number) {
        merge->noted_for = number;
        merge->frames = (struct p2i_view){0};
        merge->announcement.facts.packet = 0;
    }
}

static enum p2i_result write_announcement(struct p2i_record_merge *merge, uint64_t session)
{
    struct p2i_control_facts *facts = &merge->announcement.facts;
    if (facts->packet == 0) {
        return P2I_OK;
    }
    facts->session = session;
    return merge->sink.control(merge->sink.context, facts);
}

/* The place of the next of the noted frames. */
static uint64_t take_place(struct p2i_view *frames)
{
    uint64_t place;
    memcpy(&place, frames->data, sizeof place);
    *frames = p2i_view_from(*frames, sizeof place);
    return place;
}

static enum p2i_result write_packet(struct p2i_record_merge *merge, const struct position *position)
{
    struct p2i_packet_facts facts;
    struct p2i_view frames = {0};
    enum p2i_result result = P2I_OK;
    if (position->rest.size < sizeof facts) {
        return P2I_OK;
    }
    memcpy(&facts, position->rest.data, sizeof facts);
    if (position->head.completed_by == merge->noted_for && !facts.again) {
        result = write_announcement(merge, facts.session);
        frames = merge->frames;
    }
    struct p2i_packet_facts other = facts;
    while (result == P2I_OK && frames.size > 0) {
        uint64_t place = take_place(&frames);
        other.packet = p2i_place_number(place);
        other.capture = p2i_place_capture(place);
        result = merge->sink.packet(merge->sink.context, &other);
    }
    return result == P2I_OK ? merge->sink.packet(merge->sink.context, &facts) : result;
}

static void set_pointers(struct p2i_control_result *control)
{
    struct p2i_control_facts *facts = &control->facts;
    facts->address = facts->ip_version != 0 ? control->address.bytes : NULL;
    for (unsigned i = 0; i < 2; i++) {
        facts->mac[i] = facts->mac[i] != NULL ? control->mac[i] : NULL;
    }
}

static enum p2i_result write_control(struct p2i_record_merge *merge,
                                     const struct position *position)
{
    struct p2i_control_result control;
    enum p2i_result result = P2I_OK;
    if (position->rest.size < sizeof control) {
        return P2I_OK;
    }
    memcpy(&control, position->rest.data, sizeof control);
    note(merge, position->head.completed_by);
    if (control.facts.kind == P2I_CONTROL_FTP) {
        merge->announcement = control;
        set_pointers(&merge->announcement);
        return P2I_OK;
    }
    set_pointers(&control);
    struct p2i_control_facts other = control.facts;
    struct p2i_view frames = merge->frames;
    while (result == P2I_OK && frames.size > 0) {
        uint64_t place = take_place(&frames);
        other.packet = p2i_place_number(place);
        other.capture = p2i_place_capture(place);
        result = merge->sink.control(merge->sink.context, &other);
    }
    return result == P2I_OK ? merge->sink.control(merge->sink.context, &control.facts) : result;
}

void p2i_record_merge_free(struct p2i_record_merge *merge)
{
    p2i_buffer_free(&merge->text);
}

static enum p2i_result write_item(struct p2i_record_merge *merge, const struct position *position,
                                  struct p2i_error *error)
{
    switch ((enum p2i_result_kind)position->head.what) {
    case P2I_RESULT_SESSION:
        return write_session(merge, position->rest);
    case P2I_RESULT_PACKET:
        return write_packet(merge, position);
    case P2I_RESULT_CONTROL:
        return write_control(merge, position);
    case P2I_RESULT_FRAMES:
        note(merge, position->head.completed_by);
        merge->frames = p2i_view_first(position->rest, position->head.size);
        return P2I_OK;
    case P2I_RESULT_RECORD:
        break;
    }
    return write_record(merge, position, error);
}

static enum p2i_result write_records(struct p2i_record_merge *merge,
                                     const struct p2i_worker_results *results,
                                     struct p2i_error *error)
{
    struct position positions[P2I_SHARDS + 1];
    unsigned count = merge->worker_count;
    if (results[count].records.size > 0) {
        count++;
    }
    for (unsigned i = 0; i < count; i++) {
        positions[i].rest = p2i_view_of(results[i].records.data, results[i].records.size);
        read_head(&positions[i]);
    }
    enum p2i_result result = P2I_OK;
    for (struct position *next = first_of(positions, count); next != NULL && result == P2I_OK;
         next = first_of(positions, count)) {
        result = write_item(merge, next, error);
        next->rest = p2i_view_from(next->rest, next->head.size);
        read_head(next);
    }
    return result;
}

/* Packet number of the next change of a worker that is not counted yet; UINT64_MAX: none. */
static uint64_t next_number(const struct p2i_view *rest)
{
    struct p2i_live_change next = {.number = UINT64_MAX};
    if (rest->size >= sizeof next) {
        memcpy(&next, rest->data, sizeof next);
    }
    return next.number;
}

static int64_t take_change(struct p2i_view *rest)
{
    struct p2i_live_change next;
    memcpy(&next, rest->data, sizeof next);
    *rest = p2i_view_from(*rest, sizeof next);
    return next.change;
}

/* One packet may end sessions of several workers, because it advances the time. So the peak is
 * taken after the changes of all workers for a packet. */
static void count_live(struct p2i_record_merge *merge, const struct p2i_worker_results *results)
{
    struct p2i_view rest[P2I_SHARDS];
    unsigned count = merge->worker_count;
    for (unsigned i = 0; i < count; i++) {
        rest[i] = p2i_view_of(results[i].live.data, results[i].live.size);
    }
    for (;;) {
        uint64_t number = UINT64_MAX;
        for (unsigned i = 0; i < count; i++) {
            uint64_t next = next_number(&rest[i]);
            number = next < number ? next : number;
        }
        if (number == UINT64_MAX) {
            return;
        }
        for (unsigned i = 0; i < count; i++) {
            if (next_number(&rest[i]) == number) {
                merge->live += (uint64_t)take_change(&rest[i]);
            }
        }
        if (merge->live > merge->live_peak) {
            merge->live_peak = merge->live;
        }
    }
}

static void empty(struct p2i_buffer *buffer, size_t kept_bytes)
{
    buffer->size = 0;
    if (buffer->capacity > kept_bytes) {
        p2i_buffer_free(buffer);
    }
}

enum p2i_result p2i_merge_records(struct p2i_record_merge *merge,
                                  struct p2i_worker_results *results, struct p2i_error *error)
{
    enum p2i_result result = write_records(merge, results, error);
    count_live(merge, results);
    merge->noted_for = 0; /* what was noted is in the results */
    for (unsigned i = 0; i <= merge->worker_count; i++) {
        empty(&results[i].records, merge->kept_bytes);
        empty(&results[i].live, merge->kept_bytes);
    }
    return result;
}
