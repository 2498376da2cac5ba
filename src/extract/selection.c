/* SPDX-License-Identifier: MIT */
#include "extract/selection.h"

#include <stdlib.h>
#include <string.h>

enum { RELATED = 1, MET = 2 }; /* bits of packets that are asked for */

void p2i_selection_free(struct p2i_selection *selection)
{
    free(selection->sessions);
    free(selection->list);
    free(selection->addresses[0]);
    free(selection->addresses[1]);
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

void p2i_selection_want(struct p2i_selection *selection, uint64_t id, bool related)
{
    struct p2i_chosen_session *known = p2i_selection_session(selection, id);
    if (known != NULL) {
        known->related = known->related && related;
        return;
    }
    if (has_room(selection)) {
        put(selection, &selection->session_of, id, (uint32_t)selection->session_count);
        selection->sessions[selection->session_count++] =
            (struct p2i_chosen_session){.id = id, .related = related};
        selection->grown = true;
    }
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

void p2i_selection_note(struct p2i_selection *selection, const struct p2i_session_facts *facts)
{
    struct p2i_chosen_session *session = p2i_selection_session(selection, facts->id);
    if (session == NULL) {
        return;
    }
    session->known = true;
    session->facts = *facts;
    size_t size = facts->ip_version == 4 ? 4 : 16;
    for (unsigned i = 0; i < 2; i++) {
        session->address[i] = (struct p2i_address){0};
        memcpy(session->address[i].bytes, facts->address[i], size);
    }
}

/* ---- what logins come from ---- */

static int by_address(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct p2i_address));
}

/* Sorts the addresses of all sessions of a version, 0: IPv4, 1: IPv6. */
static void sort_addresses(struct p2i_selection *selection, unsigned version)
{
    size_t count = 0;
    free(selection->addresses[version]);
    selection->address_counts[version] = 0;
    struct p2i_address *list = malloc((2 * selection->session_count + 1) * sizeof *list);
    selection->addresses[version] = list;
    if (list == NULL) {
        selection->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < selection->session_count; i++) {
        const struct p2i_chosen_session *session = &selection->sessions[i];
        if (session->known && session->facts.ip_version == (version == 0 ? 4 : 6)) {
            list[count++] = session->address[0];
            list[count++] = session->address[1];
        }
    }
    qsort(list, count, sizeof *list, by_address);
    selection->address_counts[version] = count;
}

static void note_scopes(struct p2i_selection *selection)
{
    for (size_t i = 0; i < selection->session_count; i++) {
        const struct p2i_chosen_session *session = &selection->sessions[i];
        if (session->known && session->facts.scope != 0) {
            put(selection, &selection->scopes, session->facts.scope, 0);
        }
    }
}

/* True when a wanted session has an address in the prefix: the first one from it on, if any. */
static bool holds_address(const struct p2i_selection *selection,
                          const struct p2i_control_facts *control)
{
    unsigned version = control->ip_version == 6;
    struct p2i_prefix prefix = {.ip_version = control->ip_version,
                                .length = control->prefix_length};
    size_t size = version == 0 ? 4 : 16;
    memcpy(prefix.address.bytes, control->address, size);
    size_t low = 0;
    size_t high = selection->address_counts[version];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_address(&selection->addresses[version][middle], &prefix.address) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < selection->address_counts[version] &&
           p2i_prefix_holds_bytes(&prefix,
                                  p2i_view_of(selection->addresses[version][low].bytes, size));
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

/* Notes the ends of a PPPoE session, whose discovery came before. */
static void note_macs(struct p2i_selection *selection, const struct p2i_control_facts *control)
{
    for (unsigned i = 0; i < 2; i++) {
        if (control->mac[i] != NULL && (control->mac[i][0] & 1) == 0 &&
            p2i_number_map_find(&selection->macs, number_of(control->mac[i])) == NULL) {
            put(selection, &selection->macs, number_of(control->mac[i]), 0);
            selection->grown = true;
        }
    }
}

/* ---- frames ---- */

void p2i_selection_prepare(struct p2i_selection *selection)
{
    p2i_number_map_clear(&selection->frames);
    sort_addresses(selection, 0);
    sort_addresses(selection, 1);
    note_scopes(selection);
    selection->grown = false;
}

void p2i_selection_packet(struct p2i_selection *selection, const struct p2i_packet_facts *packet)
{
    uint64_t place = p2i_frame_place(packet->capture, packet->packet);
    uint32_t *asked = p2i_number_map_find(&selection->asked, place);
    if (asked != NULL) {
        bool related = (*asked & RELATED) != 0;
        *asked |= MET;
        p2i_selection_want(selection, packet->session, related);
    }
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
        selection->grown = true;
        in_scope = true;
    }
    if (in_scope) {
        note_macs(selection, control);
    }
    if (in_scope || is_discovery_of(selection, control)) {
        add_control(selection, control->capture, control->packet, P2I_REASON_PPPOE);
    }
}

/* A chosen data connection takes the control connection along, and the other way round; what was
 * taken along takes nothing along. */
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
}
