/* SPDX-License-Identifier: MIT */
/* TLS over TCP: RFC 8446, 5246 (records 6.2.1, handshake 7), 6101, and the SSL 2.0 hellos. See
 * parser.h. */
#include "protocol/protocols.h"
#include "protocol/tls/parser.h"

static struct p2i_tls_work work_of(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    struct p2i_tls *tls = parser->state;
    return (struct p2i_tls_work){
        .parser = parser,
        .tls = tls,
        .half = &tls->half[segment->direction],
        .peer = &tls->half[1 - segment->direction],
        .segment = segment,
    };
}

/* True when nothing more is read in this direction. A client is done when the server is, unless
 * another hello was requested or is incomplete. */
static bool is_over(const struct p2i_tls *tls, unsigned direction)
{
    const struct p2i_tls_half *half = &tls->half[direction];
    return half->done || (half->role == P2I_TLS_CLIENT && tls->half[1 - direction].done &&
                          half->wanted == 0 && half->hellos > tls->retries);
}

static struct p2i_step tls_data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_tls_work work = work_of(parser, segment);
    uint64_t at = 0;
    while (!is_over(work.tls, segment->direction) && at < segment->bytes.size) {
        uint64_t taken = p2i_tls_take(&work, at);
        if (taken == 0) {
            break;
        }
        at += taken;
    }
    struct p2i_step step = {.consumed = at};
    if (is_over(work.tls, segment->direction)) {
        step.consumed = UINT64_MAX;
        step.verdict = is_over(work.tls, 1 - segment->direction) ? P2I_FINISHED : P2I_CONTINUE;
    } else if (work.half->record_left == 0 && work.half->place == P2I_TLS_IN_STEP) {
        step.need = P2I_TLS_RECORD_HEADER;
    }
    return step;
}

static void tls_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                    uint64_t missing)
{
    struct p2i_tls_work work = work_of(parser, segment);
    if (!p2i_tls_lose(&work, missing) && work.half->role == P2I_TLS_SERVER &&
        work.half->hellos > 0) {
        p2i_tls_server_done(&work,
                            (struct p2i_view){0}); /* the place of its certificate is not known */
    }
}

static void tls_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_tls_work work = work_of(parser, segment);
    (void)p2i_tls_lose(&work, 0);
    if (work.half->role != P2I_TLS_CLIENT) {
        p2i_tls_server_done(&work, (struct p2i_view){0});
    } else if (work.peer->done) {
        p2i_tls_release_request(parser, &work.tls->pairing);
    }
    work.half->done = true;
}

static void tls_free(struct p2i_parser *parser)
{
    struct p2i_tls *tls = parser->state;
    p2i_tls_release(parser, &tls->pairing, (struct p2i_view){0});
    p2i_tls_pairing_free(parser, &tls->pairing);
    p2i_tls_forget_message(parser, &tls->half[0]);
    p2i_tls_forget_message(parser, &tls->half[1]);
}

const struct p2i_protocol p2i_tls = {
    .id = P2I_ID_TLS,
    .state_size = sizeof(struct p2i_tls),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_tls_probe,
    .probe_cut = p2i_tls_probe_cut,
    .data = tls_data,
    .gap = tls_gap,
    .close = tls_close,
    .free = tls_free,
};
