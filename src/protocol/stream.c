/* SPDX-License-Identifier: MIT */
/* A stream and its parser, from start to end. */
#include "protocol/stream.h"

#include "protocol/protocols.h"
#include "protocol/stream_internal.h"

/* Opens a family unless it is open. */
static bool open_family(struct p2i_stream_worker *worker, const struct p2i_protocol_family *family,
                        const struct p2i_parse_settings *settings)
{
    unsigned at = 0;
    while (at < P2I_FAMILIES_MAX && worker->families[at] != NULL) {
        if (worker->families[at++] == family) {
            return true;
        }
    }
    if (at == P2I_FAMILIES_MAX) {
        return false;
    }
    worker->shared[at] = family->open(settings);
    worker->families[at] = worker->shared[at] != NULL ? family : NULL;
    return worker->shared[at] != NULL;
}

bool p2i_stream_worker_open(struct p2i_stream_worker *worker,
                            const struct p2i_protocol *const *protocols,
                            const struct p2i_parse_settings *settings,
                            const struct p2i_message_sink *sink)
{
    *worker = (struct p2i_stream_worker){
        .protocols = protocols,
        .sink = sink,
        .pool = p2i_pool_new(),
    };
    bool open = worker->pool != NULL;
    for (const struct p2i_protocol *const *at = protocols; open && *at != NULL; at++) {
        open = (*at)->family == NULL || open_family(worker, (*at)->family, settings);
    }
    return open;
}

void p2i_stream_worker_close(struct p2i_stream_worker *worker)
{
    for (unsigned i = 0; i < P2I_FAMILIES_MAX && worker->families[i] != NULL; i++) {
        if (worker->families[i]->close != NULL) {
            worker->families[i]->close(worker->shared[i]);
        }
        worker->families[i] = NULL;
    }
    p2i_pool_free(worker->pool);
    worker->pool = NULL;
}

static void *shared_of(const struct p2i_stream_worker *worker,
                       const struct p2i_protocol_family *family)
{
    for (unsigned i = 0; family != NULL && i < P2I_FAMILIES_MAX; i++) {
        if (worker->families[i] == family) {
            return worker->shared[i];
        }
    }
    return NULL;
}

struct p2i_parser p2i_stream_parser(const struct p2i_stream *stream,
                                    const struct p2i_stream_worker *worker)
{
    return (struct p2i_parser){
        .state = stream->state,
        .shared = shared_of(worker, stream->protocol->family),
        .ends = stream->ends,
        .sink = worker->sink,
        .pool = worker->pool,
        .account = stream->account,
    };
}

void p2i_stream_start(struct p2i_stream *stream, struct p2i_ends ends, struct p2i_account *account)
{
    stream->ends = ends;
    stream->account = account;
}

bool p2i_stream_attach(struct p2i_stream *stream, const struct p2i_stream_worker *worker,
                       const struct p2i_protocol *protocol)
{
    if (protocol->state_size > 0) {
        stream->state = p2i_pool_get(worker->pool, stream->account, protocol->state_size, NULL);
        if (stream->state == NULL) {
            return false;
        }
        memset(stream->state, 0, protocol->state_size);
    }
    stream->protocol = protocol;
    if (stream->id == P2I_ID_UNKNOWN) {
        stream->id = protocol->id;
    }
    return true;
}

static void free_parser(struct p2i_stream *stream, const struct p2i_stream_worker *worker)
{
    const struct p2i_protocol *protocol = stream->protocol;
    if (protocol == NULL) {
        return;
    }
    if (protocol->free != NULL) {
        struct p2i_parser parser = p2i_stream_parser(stream, worker);
        protocol->free(&parser);
    }
    p2i_pool_put(worker->pool, stream->account, stream->state, protocol->state_size);
    stream->state = NULL;
    stream->protocol = NULL;
}

void p2i_stream_restart(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                        const struct p2i_protocol *next)
{
    free_parser(stream, worker);
    for (int direction = 0; direction < 2; direction++) {
        struct p2i_stream_half *half = &stream->half[direction];
        half->probes = 0;
        half->skip = 0;
        half->need = 0;
        half->closed = false;
        half->midway = false;
    }
    if (next != NULL && !p2i_stream_attach(stream, worker, next)) {
        p2i_stream_finish(stream, worker);
    }
}

void p2i_stream_ignore_held(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                            struct p2i_stream_half *half)
{
    worker->counts.ignored_bytes += half->held_size;
    half->offset += half->held_size;
    p2i_pool_put(worker->pool, stream->account, half->held, half->held_capacity);
    half->held = NULL;
    half->held_size = half->held_capacity = half->need = 0;
}

void p2i_stream_finish(struct p2i_stream *stream, struct p2i_stream_worker *worker)
{
    free_parser(stream, worker);
    stream->finished = true;
    for (int direction = 0; direction < 2; direction++) {
        p2i_stream_ignore_held(stream, worker, &stream->half[direction]);
        p2i_stream_drop_opening(stream, worker, &stream->half[direction]);
    }
}

bool p2i_stream_keeps_urgent(const struct p2i_stream *stream)
{
    return stream->protocol != NULL ? stream->protocol->urgent_inline
                                    : p2i_keeps_urgent(stream->id, &stream->ends);
}

bool p2i_stream_is_dormant(const struct p2i_stream *stream, const struct p2i_stream_worker *worker)
{
    for (int direction = 0; direction < 2; direction++) {
        const struct p2i_stream_half *half = &stream->half[direction];
        if (half->held_size > 0 || half->skip > 0 || half->closed) {
            return false;
        }
    }
    const struct p2i_protocol *protocol = stream->protocol;
    if (protocol == NULL || protocol->state_size == 0) {
        return true;
    }
    if (protocol->is_dormant == NULL) {
        return false;
    }
    struct p2i_parser parser = p2i_stream_parser(stream, worker);
    return protocol->is_dormant(&parser);
}

void p2i_stream_end(struct p2i_stream *stream, struct p2i_stream_worker *worker)
{
    p2i_stream_close(stream, worker, P2I_FROM_INITIATOR, false);
    p2i_stream_close(stream, worker, P2I_FROM_RESPONDER, false);
    if (stream->id == P2I_ID_UNKNOWN) {
        stream->id = stream->hint; /* nothing captured contradicts it */
    }
    if (!stream->finished) {
        p2i_stream_finish(stream, worker);
    }
}
