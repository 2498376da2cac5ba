/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/join.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/hash_secret.h"
#include "join/exchanges.h"
#include "pcap2ipfix/record_filter.h"

struct p2i_join {
    struct p2i_join_settings settings;
    struct p2i_join_counts counts;
    struct p2i_half_reader halves;
    struct p2i_exchanges exchanges;
    bool dns_queries; /* some were recorded, so that others are missed */
    /* The DNS response that the record before belongs to. */
    struct p2i_held *response;
    uint64_t key, message;
    struct p2i_buffer chain; /* the name that its next record has */
};

enum p2i_result p2i_join_new(struct p2i_join **join, const struct p2i_join_settings *settings,
                             struct p2i_error *error)
{
    struct p2i_join *made = calloc(1, sizeof *made);
    *join = made;
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    size_t size = settings->struct_size < sizeof made->settings ? settings->struct_size
                                                                : sizeof made->settings;
    memcpy(&made->settings, settings, size);
    p2i_half_reader_begin(&made->halves, p2i_hash_secret());
    return P2I_OK;
}

void p2i_join_free(struct p2i_join *join)
{
    if (join != NULL) {
        p2i_exchanges_free(&join->exchanges);
        p2i_half_reader_free(&join->halves);
        p2i_buffer_free(&join->chain);
        free(join);
    }
}

struct p2i_join_counts p2i_join_counts(const struct p2i_join *join)
{
    return join->counts;
}

/* ---- Giving out ---- */

/* The question of a DNS response is in the response, so without queries nothing is missing. */
static enum p2i_result give(struct p2i_join *join, struct p2i_error *error)
{
    const struct p2i_held *held = join->exchanges.first;
    struct p2i_exchange exchange;
    p2i_exchanges_show(held, &exchange);
    bool dns = strcmp(held->kind, "dns") == 0;
    enum p2i_result result = P2I_OK;
    exchange.lacks_request = !held->has_request && (!dns || join->dns_queries);
    exchange.lacks_reply = !held->has_reply && held->waits;
    if (held->matches) {
        join->counts.exchanges++;
        join->counts.lacking_request += exchange.lacks_request;
        join->counts.lacking_reply += exchange.lacks_reply;
        result = join->settings.take(join->settings.context, &exchange, error);
    }
    if (held == join->response) {
        join->response = NULL;
    }
    p2i_exchanges_drop(&join->exchanges);
    return result;
}

static enum p2i_result keep_to_memory(struct p2i_join *join, struct p2i_error *error)
{
    struct p2i_exchanges *exchanges = &join->exchanges;
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && exchanges->bytes > join->settings.memory_bytes &&
           (exchanges->first != NULL || exchanges->oldest_flow != NULL)) {
        if (exchanges->first == NULL) {
            p2i_exchanges_drop(exchanges);
        } else {
            join->counts.early += exchanges->first->waits;
            result = give(join, error);
        }
    }
    return result;
}

/* ---- Matching ---- */

/* Is odd, so that it is never the key of halves, whatever the numbers of sessions are. */
static uint64_t session_key(const struct p2i_join *join, const struct p2i_half *half)
{
    return p2i_mix(p2i_mix(join->halves.seed, 0), half->session) | 1;
}

/* A reply is not older than its request. */
static bool are_in_order(const struct p2i_held *held, const struct p2i_half *half)
{
    bool reply = half->role != HALF_REQUEST;
    uint64_t request = reply ? held->request_ns : half->time_ns;
    uint64_t answer = reply ? half->time_ns : held->reply_ns;
    bool exact = half->exact && (reply ? held->request_exact : held->reply_exact);
    uint64_t unit = exact ? 1 : UINT64_C(1000000000);
    return answer / unit >= request / unit;
}

/* The exchange that waits for this half. Replies that are older than a request wait no longer. */
static struct p2i_held *find_waiting(struct p2i_join *join, const struct p2i_half *half)
{
    struct p2i_join_group *group = p2i_exchanges_group(&join->exchanges, half->key, false);
    bool reply = half->role != HALF_REQUEST;
    if (group == NULL) {
        return NULL;
    }
    if (half->match == MATCH_SAME) {
        return group->latest;
    }
    while (!reply && group->first != NULL && !group->first->has_request &&
           !are_in_order(group->first, half)) {
        p2i_exchanges_settle(group->first);
    }
    struct p2i_held *held = half->match == MATCH_LATEST && reply ? group->last : group->first;
    return held != NULL && held->has_request == reply && are_in_order(held, half) ? held : NULL;
}

/* Whether a new exchange waits for its other half. Requests and replies never wait in the same
 * group: a reply that fits none of the requests there is older than they are. */
static bool can_wait(const struct p2i_held *held, const struct p2i_half *half)
{
    const struct p2i_held *first = held->group->first;
    if (half->role == HALF_REQUEST) {
        return !half->complete;
    }
    return half->role != HALF_WHOLE && (first == NULL || !first->has_request);
}

/* Of requests that are asked again under the same key, without a CSeq: a final response ends the
 * transaction, so the next request begins another. */
static bool begins_anew(const struct p2i_held *held, const struct p2i_half *half)
{
    return half->match == MATCH_SAME && half->role == HALF_REQUEST && held->has_request &&
           held->has_reply && !half->exact;
}

static bool add_half(struct p2i_join *join, const struct p2i_half *half)
{
    struct p2i_held *held = half->role != HALF_WHOLE ? find_waiting(join, half) : NULL;
    if (held != NULL && !begins_anew(held, half)) {
        bool again = half->role == HALF_REQUEST ? held->has_request : held->has_reply;
        if (again) { /* a retransmission */
            held->matches = held->matches || half->matches;
            return true;
        }
        if (!p2i_exchanges_extend(&join->exchanges, held, half)) {
            return false;
        }
    } else {
        held = p2i_exchanges_add(&join->exchanges, half, session_key(join, half));
        if (held == NULL) {
            return false;
        }
        if (can_wait(held, half)) {
            p2i_exchanges_wait(held);
        }
    }
    if (held->has_request && held->has_reply) {
        p2i_exchanges_settle(held);
    }
    if (!held->waits && half->match != MATCH_SAME) {
        p2i_exchanges_close(&join->exchanges, held);
    }
    join->response = held;
    join->key = half->key;
    return true;
}

/* ---- DNS ---- */

static struct p2i_view without_dot(struct p2i_view name)
{
    return name.size > 0 && name.data[name.size - 1] == '.' ? p2i_view_first(name, name.size - 1)
                                                            : name;
}

/* Whether a resource record belongs to the response of the record before: it is of the same packet,
 * or, where packets are not known, of the same second and of the name that the chain has led to. */
static bool is_of_response(const struct p2i_join *join, const struct p2i_half *half)
{
    const struct p2i_held *held = join->response;
    if (held == NULL || half->role != HALF_REPLY || strcmp(half->kind, "dns") != 0 ||
        join->key != half->key || strcmp(held->kind, "dns") != 0 || !held->has_reply) {
        return false;
    }
    if (half->message != 0 || join->message != 0) {
        return half->message == join->message;
    }
    return held->reply_ns == half->time_ns &&
           p2i_view_equals_nocase(without_dot(half->owner),
                                  p2i_view_of(join->chain.data, join->chain.size));
}

static bool note_response(struct p2i_join *join, const struct p2i_half *half)
{
    struct p2i_view next = without_dot(half->alias.size > 0 ? half->alias : half->owner);
    join->message = half->message;
    join->chain.size = 0;
    return p2i_append(&join->chain, next);
}

/* ---- Records ---- */

static enum p2i_result take_half(struct p2i_join *join, const struct p2i_half *half,
                                 struct p2i_error *error)
{
    bool done = true;
    bool dns = half->kind != NULL && strcmp(half->kind, "dns") == 0;
    if (half->role == HALF_NONE) {
        join->counts.other_records++;
        return P2I_OK;
    }
    if (half->role == HALF_FLOW) {
        done = p2i_exchanges_add_flow(&join->exchanges, half, session_key(join, half));
    } else if (dns && is_of_response(join, half)) {
        done = p2i_exchanges_extend(&join->exchanges, join->response, half);
    } else {
        done = add_half(join, half);
    }
    join->dns_queries = join->dns_queries || (dns && half->role == HALF_REQUEST);
    done = done && (!dns || note_response(join, half));
    return done ? keep_to_memory(join, error) : p2i_fail_memory(error);
}

static enum p2i_result take_record(struct p2i_join *join, const struct p2i_record_source *source,
                                   const struct p2i_source_record *record, struct p2i_error *error)
{
    struct p2i_half half;
    if (record->record.options) {
        return P2I_OK;
    }
    if (!p2i_half_read(&join->halves, record, &half) ||
        (join->settings.filter != NULL &&
         p2i_record_filter_match_read(join->settings.filter, p2i_record_source_reader(source),
                                      &record->record, &half.matches) != P2I_OK)) {
        return p2i_fail_memory(error);
    }
    join->counts.records++;
    return take_half(join, &half, error);
}

enum p2i_result p2i_join_add(struct p2i_join *join, const char *path, struct p2i_error *error)
{
    struct p2i_record_source *source = NULL;
    struct p2i_source_record record;
    enum p2i_result result = p2i_record_source_open(&source, path, error);
    enum p2i_result taken = P2I_OK;
    while (result == P2I_OK && taken == P2I_OK) {
        result = p2i_record_source_next(source, &record, error);
        taken = result == P2I_OK ? take_record(join, source, &record, error) : P2I_OK;
    }
    p2i_record_source_close(source);
    return taken != P2I_OK ? taken : result == P2I_END ? P2I_OK : result;
}

enum p2i_result p2i_join_finish(struct p2i_join *join, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && join->exchanges.first != NULL) {
        result = give(join, error);
    }
    return result;
}
