/* SPDX-License-Identifier: MIT */
#include "convert/worker.h"

#include "protocol/protocols.h"

static void encode(void *context, const struct p2i_session_message *message)
{
    struct p2i_worker *worker = context;
    if ((worker->settings->records & UINT32_C(1) << message->kind) == 0) {
        return;
    }
    struct p2i_buffer *result = worker->result;
    struct p2i_result_head head = {
        .completed_by = message->completed_by,
        .order = message->order,
        .time_s = message->completed_s,
        .kind = (uint8_t)message->kind,
        .ip_version = message->ip_version,
    };
    struct p2i_record_facts facts = {
        .source = message->source,
        .destination = message->destination,
        .origin = message->origin,
        .session_id = message->session_id,
        .source_port = message->source_port,
        .destination_port = message->destination_port,
        .ip_version = message->ip_version,
        .transport = message->transport,
    };
    p2i_lookups_fill(worker->lookups, message->kind, message->protocol, &facts);
    size_t at = result->size;
    if (!p2i_buffer_reserve(result, sizeof head)) {
        worker->out_of_memory = true;
        return;
    }
    result->size += sizeof head;
    if (!p2i_encode(&worker->encoding, message->kind, &facts, message->message, result,
                    &worker->encode_counts)) {
        result->size = at;
        worker->out_of_memory = true;
        return;
    }
    head.size = (uint32_t)(result->size - at - sizeof head);
    memcpy(result->data + at, &head, sizeof head);
}

bool p2i_worker_init(struct p2i_worker *worker, const struct p2i_settings *settings,
                     const struct p2i_lookups *lookups, unsigned number)
{
    *worker = (struct p2i_worker){
        .settings = settings,
        .lookups = lookups,
        .encoding = {.string_limit = settings->string_limit},
        .raw = {.bytes = settings->raw_bytes, .packets = settings->raw_packets},
    };
    memcpy(worker->raw.wanted, settings->raw_protocols, sizeof worker->raw.wanted);
    struct p2i_session_settings sessions = {
        .protocols = p2i_protocols,
        .parse = {.dns_answers = true, .dns_empty_responses = settings->dns_empty_responses},
        .memory_bytes = settings->memory_bytes,
        .records = settings->records,
        .flow_idle_s = settings->flow_idle_s,
        .flow_active_s = settings->flow_active_s,
        .raw = &worker->raw,
        .worker = number,
        .worker_count = settings->threads,
        .share = settings->share > 0 ? settings->share - 1 : 0,
        .share_count = settings->share_count,
        .emit = encode,
        .context = worker,
    };
    worker->decoder = p2i_decoder_new();
    worker->sessions = p2i_sessions_new(&sessions);
    return worker->decoder != NULL && worker->sessions != NULL;
}

void p2i_worker_free(struct p2i_worker *worker)
{
    p2i_sessions_free(worker->sessions);
    p2i_decoder_free(worker->decoder);
}

void p2i_worker_walk(struct p2i_worker *worker, const struct p2i_block *block,
                     struct p2i_buffer *result)
{
    struct p2i_packet packets[P2I_BATCH];
    worker->result = result;
    for (size_t at = 0; at < block->frame_count;) {
        size_t count = 0;
        for (; count < P2I_BATCH && at + count < block->frame_count; count++) {
            const struct p2i_frame *frame = &block->frames[at + count];
            struct p2i_packet *packet = &packets[count];
            if (frame->skip != P2I_FATE_HANDLED) {
                packet->fate = (uint8_t)frame->skip;
                packet->time_ns = 0;
            } else {
                p2i_decode(worker->decoder, frame->link_type, p2i_view_of(frame->data, frame->size),
                           frame->time_ns, frame->interface_id, packet);
            }
            worker->fates[packet->fate]++;
        }
        p2i_sessions_handle(worker->sessions, packets, count, block->first_number + at);
        at += count;
    }
    worker->last_number = block->first_number + block->frame_count - 1;
}

void p2i_worker_finish(struct p2i_worker *worker, struct p2i_buffer *result)
{
    worker->result = result;
    p2i_sessions_finish(worker->sessions, worker->last_number + 1);
}
