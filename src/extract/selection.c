/* SPDX-License-Identifier: MIT */
#include "extract/selection.h"

#include <stdlib.h>
#include <string.h>

enum { RELATED = 1, MET = 2 }; /* bits of packets that are asked for */

void p2i_selection_free(struct p2i_selection *selection)
{
    for (size_t i = 0; i < selection->session_count; i++) {
        free(selection->sessions[i].spans);
    }
    free(selection->sessions);
    free(selection->list);
    free(selection->addresses[0].addresses);
    free(selection->addresses[1].addresses);
    p2i_number_map_free(&selection->session_of);
    p2i_number_map_free(&selection->asked);
    p2i_number_map_free(&selection->frames);
    p2i_number_map_free(&selection->scopes);
    p2i_number_map_free(&selection->macs);
    *selection = (struct p2i_selection){0};
}

static void put(struct p2i_selection *selection, struct p2i_number_map *map, uint64_t key,
                uint32_t value)
{
    selection->out_of_memory |= !p2i_number_map_put(map, key, value);
}

/* ---- sessions ---- */

struct p2i_chosen_session *p2i_selection_session(const struct p2i_selection *selection, uint64_t id)
{
    const uint32_t *index = p2i_number_map_find(&selection->session_of, id);
    return index != NULL ? &selection->sessions[*index] : NULL;
}

static bool has_room(struct p2i_selection *selection)
{
    if (selection->session_count < selection->session_capacity) {
        return true;
    }
    size_t capacity = selection->session_capacity > 0 ? 2 * selection->session_capacity : 16;
    struct p2i_chosen_session *sessions = realloc(selection->sessions, capacity * sizeof *sessions);
    if (sessions == NULL || capacity > UINT32_MAX - P2I_REASON_FIRST_SESSION) {
        selection->sessions = sessions != NULL ? sessions : selection->sessions;
        selection->out_of_memory = true;
        return false;
    }
    selection->sessions = sessions;
    selection->session_capacity = capacity;
    return true;
}

/* True when the session was not wanted before. */
static bool want(struct p2i_selection *selection, uint64_t id, bool related)
{
    struct p2i_chosen_session *known = p2i_selection_session(selection, id);
    if (known != NULL) {
        known->related = known->related && related;
        return false;
    }
    if (has_room(selection)) {
        put(selection, &selection->session_of, id, (uint32_t)selection->session_count);
        selection->sessions[selection->session_count++] =
            (struct p2i_chosen_session){.id = id, .related = related};
    }
    return true;
}

void p2i_selection_want(struct p2i_selection *selection, uint64_t id, bool related)
{
    (void)want(selection, id, related);
}

void p2i_selection_ask(struct p2i_selection *selection, uint64_t place, bool related)
{
    uint32_t *asked = p2i_number_map_find(&selection->asked, place);
    if (asked != NULL && !related) {
        *asked &= ~(uint32_t)RELATED;
    } else if (asked == NULL) {
        put(selection, &selection->asked, place, related ? RELATED : 0);
        selection->grown = true;
    }
}

/* Wants the session of a packet, if that was asked for. */
static void want_asked(struct p2i_selection *selection, const struct p2i_packet_facts *packet)
{
    uint64_t place = p2i_frame_place(packet->capture, packet->packet);
    uint32_t *asked = p2i_number_map_find(&selection->asked, place);
    if (asked != NULL) {
        bool related = (*asked & RELATED) != 0;
        selection->asked_met += (*asked & MET) == 0;
        *asked |= MET;
        selection->grown |= want(selection, packet->session, related);
    }
}

bool p2i_selection_find(struct p2i_selection *selection, const struct p2i_packet_facts *packet)
{
    want_asked(selection, packet);
    return selection->asked_met == selection->asked.count;
}

/* ---- what logins come from ---- */

static int by_address(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct p2i_address));
}

static void add_address(struct p2i_selection *selection, struct p2i_address_list *list,
                        const struct p2i_address *address)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        struct p2i_address *addresses = realloc(list->addresses, capacity * sizeof *addresses);
        if (addresses == NULL) {
            selection->out_of_memory = true;
            return;
        }
        list->addresses = addresses;
        list->capacity = capacity;
    }
    list->addresses[list->count++] = *address;
}

/* The first one of the sorted addresses that is not before the one given. */
static size_t first_from(const struct p2i_address_list *list, const struct p2i_address *address)
{
    size_t low = 0;
    size_t high = list->sorted;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_address(&list->addresses[middle], address) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* True when a wanted session has an address in the prefix. Few addresses are searched one by one,
 * so that they need not be sorted with each new session. */
static bool holds_address(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    enum { UNSORTED_LEAST = 64, UNSORTED_PART = 8 };
    struct p2i_address_list *list = &selection->addresses[control->ip_version == 6];
    struct p2i_prefix prefix = {.ip_version = control->ip_version,
                                .length = control->prefix_length};
    size_t size = control->ip_version == 6 ? 16 : 4;
    memcpy(prefix.address.bytes, control->address, size);
    if (list->count - list->sorted > UNSORTED_LEAST + list->sorted / UNSORTED_PART) {
        qsort(list->addresses, list->count, sizeof *list->addresses, by_address);
        list->sorted = list->count;
    }
    size_t first = first_from(list, &prefix.address);
    bool holds = first < list->sorted &&
                 p2i_prefix_holds_bytes(&prefix, p2i_view_of(list->addresses[first].bytes, size));
    for (size_t i = list->sorted; i < list->count && !holds; i++) {
        holds = p2i_prefix_holds_bytes(&prefix, p2i_view_of(list->addresses[i].bytes, size));
    }
    return holds;
}

static uint64_t number_of(const uint8_t mac[6])
{
    uint64_t number = 1;
    for (unsigned i = 0; i < 6; i++) {
        number = number << 8 | mac[i];
    }
    return number;
}

/* The stage of discovery has no session number before its end, but the addresses of its ends: the
 * first frame goes to all. */
static bool is_discovery_of(const struct p2i_selection *selection,
                            const struct p2i_control_facts *control)
{
    if (!control->discovery || control->mac[0] == NULL || control->mac[1] == NULL) {
        return false;
    }
    bool to_all = (control->mac[1][0] & 1) != 0;
    return p2i_number_map_find(&selection->macs, number_of(control->mac[0])) != NULL &&
           (to_all || p2i_number_map_find(&selection->macs, number_of(control->mac[1])) != NULL);
}

/* Notes the ends of a PPPoE session, whose discovery may have come before. */
static void note_macs(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    for (unsigned i = 0; i < 2; i++) {
        if (control->mac[i] != NULL && (control->mac[i][0] & 1) == 0 &&
            p2i_number_map_find(&selection->macs, number_of(control->mac[i])) == NULL) {
            put(selection, &selection->macs, number_of(control->mac[i]), 0);
            selection->grown |= selection->passed_over;
        }
    }
}

/* ---- facts ---- */

/* Control packets that came before may explain the session. */
static void note_ends(struct p2i_selection *selection, struct p2i_chosen_session *session,
                      const struct p2i_session_facts *facts)
{
    size_t size = facts->ip_version == 4 ? 4 : 16;
    for (unsigned i = 0; i < 2; i++) {
        session->address[i] = (struct p2i_address){0};
        memcpy(session->address[i].bytes, facts->address[i], size);
        add_address(selection, &selection->addresses[facts->ip_version == 6], &session->address[i]);
    }
    if (facts->scope != 0) {
        put(selection, &selection->scopes, facts->scope, 0);
    }
    selection->grown |= selection->passed_over;
}

static uint64_t features_of(const struct p2i_session_facts *facts)
{
    uint64_t features = 0;
    for (unsigned i = 0; i < 64; i++) {
        features |= p2i_session_has(facts, i) ? UINT64_C(1) << i : 0;
    }
    return features;
}

void p2i_selection_note(struct p2i_selection *selection, const struct p2i_session_facts *facts)
{
    struct p2i_chosen_session *session = p2i_selection_session(selection, facts->id);
    if (session == NULL) {
        return;
    }
    if (!session->known) {
        note_ends(selection, session, facts);
    }
    session->known = true;
    session->facts = *facts;
    if (facts->ended) {
        session->features = features_of(facts);
    }
}

void p2i_selection_record(struct p2i_selection *selection, const struct p2i_record *record)
{
    struct p2i_chosen_session *session =
        p2i_selection_session(selection, p2i_record_session(record));
    if (session != NULL) {
        session->records[p2i_record_kind_of(record)]++;
        session->cut_records += p2i_record_is_cut(record);
    }
}

/* ---- frames ---- */

void p2i_selection_prepare(struct p2i_selection *selection)
{
    p2i_number_map_clear(&selection->frames);
    for (size_t i = 0; i < selection->session_count; i++) {
        struct p2i_chosen_session *session = &selection->sessions[i];
        memset(session->records, 0, sizeof session->records);
        session->cut_records = 0;
    }
    selection->passed_over = false;
    selection->grown = false;
}

void p2i_selection_packet(struct p2i_selection *selection, const struct p2i_packet_facts *packet)
{
    uint64_t place = p2i_frame_place(packet->capture, packet->packet);
    want_asked(selection, packet);
    const uint32_t *index = p2i_number_map_find(&selection->session_of, packet->session);
    if (index != NULL) {
        put(selection, &selection->frames, place, P2I_REASON_FIRST_SESSION + *index);
    } else if (packet->again) {
        uint32_t *reason = p2i_number_map_find(&selection->frames, place);
        if (reason != NULL) {
            *reason = P2I_REASON_NONE;
        }
    }
}

static void add_control(struct p2i_selection *selection, uint32_t capture, uint64_t packet,
                        enum p2i_frame_reason reason)
{
    uint64_t place = p2i_frame_place(capture, packet);
    if (p2i_number_map_find(&selection->frames, place) == NULL) {
        put(selection, &selection->frames, place, reason);
    }
}

static void add_radius(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    if (control->address == NULL || !holds_address(selection, control)) {
        selection->passed_over = true;
        return;
    }
    add_control(selection, control->capture, control->packet, P2I_REASON_RADIUS);
    if (control->request_packet != 0) {
        add_control(selection, control->request_capture, control->request_packet,
                    P2I_REASON_RADIUS);
    }
}

/* The address that a PPPoE session gets may be met elsewhere, where there is no PPPoE. */
static void add_pppoe(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    bool in_scope =
        control->scope != 0 && p2i_number_map_find(&selection->scopes, control->scope) != NULL;
    if (!in_scope && control->address != NULL && holds_address(selection, control)) {
        put(selection, &selection->scopes, control->scope, 0);
        selection->grown |= selection->passed_over;
        in_scope = true;
    }
    if (in_scope) {
        note_macs(selection, control);
    }
    if (in_scope || is_discovery_of(selection, control)) {
        add_control(selection, control->capture, control->packet, P2I_REASON_PPPOE);
    } else {
        selection->passed_over = true;
    }
}

/* A chosen data connection takes the control connection along, and the other way round; what was
 * taken along takes nothing along. No packet of the data connection came before. */
static void add_ftp(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    uint64_t place = p2i_frame_place(control->capture, control->packet);
    const uint32_t *reason = p2i_number_map_find(&selection->frames, place);
    const struct p2i_chosen_session *data = p2i_selection_session(selection, control->session);
    if (data != NULL && !data->related) {
        p2i_selection_ask(selection, place, true);
    }
    if (data != NULL || reason == NULL || *reason < P2I_REASON_FIRST_SESSION) {
        return;
    }
    const struct p2i_chosen_session *announcing =
        selection->sessions != NULL ? &selection->sessions[*reason - P2I_REASON_FIRST_SESSION]
                                    : NULL;
    if (announcing != NULL && !announcing->related) {
        p2i_selection_want(selection, control->session, true);
    }
}

void p2i_selection_control(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    switch (control->kind) {
    case P2I_CONTROL_RADIUS:
        add_radius(selection, control);
        break;
    case P2I_CONTROL_PPPOE:
        add_pppoe(selection, control);
        break;
    case P2I_CONTROL_FTP:
        add_ftp(selection, control);
        break;
    }
}

/* ---- the list ---- */

static int by_place(const void *left, const void *right)
{
    uint64_t a = ((const struct p2i_listed_frame *)left)->place;
    uint64_t b = ((const struct p2i_listed_frame *)right)->place;
    return (a > b) - (a < b);
}

/* Packets that were asked for and belong to no session. */
static void add_asked(struct p2i_selection *selection)
{
    for (size_t i = 0; i < selection->asked.capacity; i++) {
        const struct p2i_number_entry *entry = &selection->asked.entries[i];
        if (entry->used && (entry->value & (MET | RELATED)) == 0) {
            add_control(selection, p2i_frame_capture(entry->key), p2i_frame_number(entry->key),
                        P2I_REASON_ASKED);
        }
    }
}

/* Frames come by place, so that a span is complete before the next one begins. */
static void add_to_span(struct p2i_selection *selection, const struct p2i_listed_frame *frame)
{
    struct p2i_chosen_session *session =
        &selection->sessions[frame->reason - P2I_REASON_FIRST_SESSION];
    size_t count = session->span_count;
    struct p2i_frame_span *last = count > 0 ? &session->spans[count - 1] : NULL;
    if (last == NULL || p2i_frame_capture(last->first) != p2i_frame_capture(frame->place)) {
        last = realloc(session->spans, (count + 1) * sizeof *last);
        if (last == NULL) {
            selection->out_of_memory = true;
            return;
        }
        session->spans = last;
        session->span_count++;
        last += count;
        *last = (struct p2i_frame_span){.first = frame->place};
    }
    last->last = frame->place;
    last->count++;
}

void p2i_selection_list(struct p2i_selection *selection)
{
    add_asked(selection);
    struct p2i_listed_frame *list = malloc((selection->frames.count + 1) * sizeof *list);
    if (list == NULL) {
        selection->out_of_memory = true;
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < selection->frames.capacity; i++) {
        const struct p2i_number_entry *entry = &selection->frames.entries[i];
        if (entry->used && entry->value != P2I_REASON_NONE) {
            list[count++] = (struct p2i_listed_frame){entry->key, entry->value};
        }
    }
    qsort(list, count, sizeof *list, by_place);
    free(selection->list);
    selection->list = list;
    selection->list_count = count;
    for (size_t i = 0; i < count; i++) {
        if (list[i].reason >= P2I_REASON_FIRST_SESSION) {
            add_to_span(selection, &list[i]);
        }
    }
}
