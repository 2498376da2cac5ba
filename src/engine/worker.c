/* SPDX-License-Identifier: MIT */
#include "engine/worker.h"

#include <stdlib.h>

#include "engine/budget.h"
#include "protocol/protocols.h"

/* The flow that a message is; NULL: it is none. */
static const struct p2i_flow *flow_of(const struct p2i_session_message *message)
{
    switch (message->kind) {
    case P2I_RECORD_FLOW:
        return message->message;
    case P2I_RECORD_BIFLOW:
        return &((const struct p2i_biflow *)message->message)->forward;
    default:
        return NULL;
    }
}

/* flowEndReason of a message that is no flow. */
static uint8_t end_reason_of(uint8_t completeness)
{
    switch ((enum p2i_completeness)completeness) {
    case P2I_CUT:
        return P2I_FLOW_FORCED;
    case P2I_LIMITED:
        return P2I_FLOW_RESOURCES;
    case P2I_WHOLE:
        break;
    }
    return P2I_FLOW_ENDED;
}

static struct p2i_result_header head_of(const struct p2i_session_message *message)
{
    const struct p2i_flow *flow = flow_of(message);
    struct p2i_result_header head = {
        .completed_by = message->completed_by,
        .order = message->order,
        .session = message->session_id,
        .packet = message->info->number,
        .capture = message->info->capture,
        .time_s = message->completed_s,
        .kind = (uint8_t)message->kind,
        .ip_version = message->ip_version,
        .cut = message->completeness != P2I_WHOLE,
        .end_reason = end_reason_of(message->completeness),
        .transport = message->transport,
        .port = {message->source_port, message->destination_port},
        .time_ns = message->info->time_ns,
    };
    if (flow != NULL) {
        head.end_reason = flow->end_reason;
        head.port[0] = flow->source_port;
        head.port[1] = flow->destination_port;
        head.lost_bytes = flow->lost_bytes;
        head.cut_bytes = flow->cut_bytes;
    }
    return head;
}

static void encode(void *context, const struct p2i_session_message *message)
{
    struct p2i_worker *worker = context;
    if ((worker->settings->records & UINT32_C(1) << message->kind) == 0) {
        return;
    }
    struct p2i_buffer *result = &worker->results->records;
    struct p2i_result_header head = head_of(message);
    struct p2i_record_facts facts = {
        .source = message->source,
        .destination = message->destination,
        .info = message->info,
        .session_id = message->session_id,
        .completed_by = message->completed_by,
        .scope = message->scope,
        .source_port = message->source_port,
        .destination_port = message->destination_port,
        .ip_version = message->ip_version,
        .transport = message->transport,
        .end_reason = head.end_reason,
    };
    p2i_lookups_fill(worker->lookups, worker->subscribers, message->kind, message->protocol,
                     &facts);
    union p2i_any_message copy;
    const void *exported =
        p2i_lookups_message(worker->lookups, message->kind, &facts, message->message, &copy);
    size_t at = result->size;
    if (!p2i_privacy_apply(worker->privacy, message->kind, &facts, &exported) ||
        !p2i_buffer_reserve(result, sizeof head)) {
        worker->out_of_memory = true;
        return;
    }
    result->size += sizeof head;
    if (!p2i_encode(&worker->encoding, message->kind, &facts, exported, result,
                    &worker->encode_counts)) {
        result->size = at;
        worker->out_of_memory = true;
        return;
    }
    head.size = (uint32_t)(result->size - at - sizeof head);
    memcpy(result->data + at, &head, sizeof head);
}

/* Adds a change to the entry of its packet, or begins a new entry. */
static void note_live(void *context, uint64_t number, int change)
{
    struct p2i_worker *worker = context;
    struct p2i_buffer *live = &worker->results->live;
    struct p2i_live_change entry;
    if (live->size > 0) {
        memcpy(&entry, live->data + live->size - sizeof entry, sizeof entry);
        if (entry.number == number) {
            entry.change += change;
            memcpy(live->data + live->size - sizeof entry, &entry, sizeof entry);
            return;
        }
    }
    entry = (struct p2i_live_change){number, change};
    if (!p2i_buffer_reserve(live, sizeof entry)) {
        worker->out_of_memory = true;
        return;
    }
    memcpy(live->data + live->size, &entry, sizeof entry);
    live->size += sizeof entry;
}

static void append(struct p2i_worker *worker, enum p2i_result_kind what, const void *item,
                   size_t size)
{
    uint64_t completed_by;
    uint64_t order;
    p2i_sessions_order(worker->sessions, &completed_by, &order);
    worker->out_of_memory |=
        !p2i_results_add(worker->results, what, completed_by, order, item, size);
}

static void note_session(void *context, const struct p2i_session_facts *facts)
{
    struct p2i_session_result result = {.facts = *facts};
    for (unsigned i = 0; i < 2; i++) {
        memcpy(&result.address[i], facts->address[i], sizeof result.address[i]);
        if (facts->first_size[i] > 0) {
            memcpy(result.first_bytes[i], facts->first_bytes[i], facts->first_size[i]);
        }
    }
    if (facts->ended) {
        memcpy(&result.features, facts->features, sizeof result.features);
    }
    append(context, P2I_RESULT_SESSION, &result, sizeof result);
}

static void note_packet(void *context, const struct p2i_packet_facts *facts)
{
    append(context, P2I_RESULT_PACKET, facts, sizeof *facts);
}

/* NULL: out of memory. */
static struct p2i_subscribers *subscribers_new(const struct p2i_lookups *lookups,
                                               const struct p2i_bindings *bindings)
{
    struct p2i_subscribers *subscribers = calloc(1, sizeof *subscribers);
    if (subscribers != NULL) {
        subscribers->file = lookups->subscribers;
        subscribers->bindings = bindings;
    }
    return subscribers;
}

bool p2i_worker_init(struct p2i_worker *worker, const struct p2i_settings *settings,
                     const struct p2i_lookups *lookups, const struct p2i_bindings *bindings,
                     const struct p2i_privacy_rules *rules, const struct p2i_wanted *wanted,
                     unsigned number)
{
    *worker = (struct p2i_worker){
        .settings = settings,
        .lookups = lookups,
        .number = number,
        .encoding = {.string_limit = settings->string_limit,
                     .varlen_long = settings->varlen_long,
                     .extended = settings->extended},
        .raw = {.bytes = settings->raw_bytes, .packets = settings->raw_packets},
    };
    memcpy(worker->raw.wanted, settings->raw_protocols, sizeof worker->raw.wanted);
    struct p2i_session_settings sessions = {
        .protocols = p2i_protocols,
        .parse =
            {
                .dns_queries = settings->dns_export != P2I_DNS_ANSWERS,
                .dns_answers = settings->dns_export != P2I_DNS_QUERIES,
                .dns_empty_responses = settings->dns_empty_responses,
            },
        .memory_bytes = p2i_budget_split(settings->memory_bytes).sessions,
        .out_of_order_bytes = settings->out_of_order_bytes,
        .records = settings->records,
        .count_lost = settings->extended,
        .flow_idle_s = settings->flow_idle_s,
        .flow_active_s = settings->flow_active_s,
        .raw = &worker->raw,
        .emit = encode,
        .live_changed = note_live,
        .session = wanted->sessions ? note_session : NULL,
        .packet = wanted->packets ? note_packet : NULL,
        .context = worker,
    };
    worker->sessions = p2i_sessions_new(&sessions);
    worker->subscribers = subscribers_new(lookups, bindings);
    return p2i_privacy_new(&worker->privacy, rules) && worker->sessions != NULL &&
           worker->subscribers != NULL;
}

void p2i_worker_free(struct p2i_worker *worker)
{
    p2i_sessions_free(worker->sessions);
    free(worker->subscribers);
    p2i_privacy_free(worker->privacy);
}

void p2i_worker_handle(struct p2i_worker *worker, const struct p2i_decoded_block *decoded,
                       struct p2i_worker_results *results)
{
    worker->results = results;
    p2i_sessions_handle(worker->sessions, &decoded->arrivals, worker->number);
    worker->out_of_memory |= p2i_sessions_out_of_memory(worker->sessions);
}

void p2i_worker_finish(struct p2i_worker *worker, uint64_t last_number,
                       struct p2i_worker_results *results)
{
    worker->results = results;
    p2i_sessions_finish(worker->sessions, last_number + 1);
    worker->out_of_memory |= p2i_sessions_out_of_memory(worker->sessions);
}
