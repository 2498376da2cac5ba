/* SPDX-License-Identifier: MIT */
/* Gives the payload of each session to the writer of its protocol, in order, and copies it back. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "protocol/protocols.h"
#include "rewrite/internal.h"

enum {
    HOLE_MAX = 64 << 10,    /* bytes missing between segments that are written together */
    HOLES_MAX = 1 << 20,    /* the same in all; holes cost as much as bytes, so at most ... */
    HOLES_LEAST = 16 << 10, /* ... this, and ... */
    HOLES_PER_BYTE = 64,    /* ... for each byte that is there */
};

/* A packet with payload. */
struct segment {
    uint64_t session;
    int64_t at; /* TCP: of its payload in the stream, relative to the first packet */
    size_t frame;
    uint8_t direction;
};

/* Segments of a run that are written together. */
struct run {
    struct p2i_rewrite *rewrite;
    const struct p2i_rewrite_session *session; /* NULL: none */
    const struct segment *segments;
    size_t count;
    int64_t first;
    size_t size;
    uint8_t *original, *written;
    uint8_t *present; /* one byte each */
};

static struct p2i_bytes payload_of(const struct p2i_rewrite *rewrite, const struct segment *segment)
{
    const struct p2i_rewrite_frame *frame = &rewrite->frames[segment->frame];
    return p2i_span_of(rewrite->areas[frame->area].data + frame->at, frame->size);
}

static struct p2i_stream_ends ends_of(const struct p2i_rewrite *rewrite,
                                      const struct segment *segment)
{
    const struct p2i_rewrite_frame *frame = &rewrite->frames[segment->frame];
    bool responder = segment->direction == P2I_FROM_RESPONDER;
    return (struct p2i_stream_ends){
        .first = frame->size,
        .ends = {.transport = frame->transport == P2I_PROTO_TCP ? P2I_OVER_TCP : P2I_OVER_UDP,
                 .port = {frame->port[responder ? 1 : 0], frame->port[responder ? 0 : 1]}},
        .direction = segment->direction};
}

/* The protocol of bytes by themselves, for sessions that begin with something else. 0: not known.
 */
static uint8_t probe(const struct p2i_stream_ends *ends, struct p2i_bytes span)
{
    for (const struct p2i_protocol *const *list = p2i_protocols; *list != NULL; list++) {
        if ((*list)->over[ends->ends.transport] &&
            (*list)->probe(&ends->ends, ends->direction, p2i_span_view(span)) == P2I_MATCH_YES) {
            return (*list)->id;
        }
    }
    return P2I_ID_UNKNOWN;
}

static bool has_writer(uint8_t id)
{
    return id >= P2I_ID_HTTP && id <= P2I_ID_XMPP && id != P2I_ID_FTP_DATA;
}

static void write_stream(struct p2i_writing *writing, uint8_t id,
                         const struct p2i_stream_ends *ends, struct p2i_bytes span)
{
    uint8_t found = has_writer(id) ? id : probe(ends, span);
    switch (found != P2I_ID_UNKNOWN ? found : id) {
    case P2I_ID_HTTP:
        p2i_write_http(writing, span);
        break;
    case P2I_ID_TLS:
        p2i_write_tls(writing, span);
        break;
    case P2I_ID_SIP:
        p2i_write_sip_stream(writing, span);
        break;
    case P2I_ID_FTP:
        p2i_write_ftp(writing, span);
        break;
    case P2I_ID_SMTP:
        p2i_write_smtp(writing, span);
        break;
    case P2I_ID_POP3:
        p2i_write_pop3(writing, span);
        break;
    case P2I_ID_IMAP:
        p2i_write_imap(writing, span);
        break;
    case P2I_ID_XMPP:
        p2i_write_xmpp(writing, span);
        break;
    case P2I_ID_ICQ:
        p2i_write_oscar(writing, span);
        break;
    case P2I_ID_DNS:
        p2i_write_dns_stream(writing, span);
        break;
    default:
        p2i_write_opaque(writing, ends, id, span);
        break;
    }
}

static void write_datagram(struct p2i_writing *writing, uint8_t id,
                           const struct p2i_stream_ends *ends, struct p2i_bytes span)
{
    enum { MULTICAST_DNS = 5353, LINK_LOCAL_NAMES = 5355 };
    uint8_t found = has_writer(id) ? id : probe(ends, span);
    switch (found != P2I_ID_UNKNOWN ? found : id) {
    case P2I_ID_SIP:
        p2i_write_sip(writing, span);
        break;
    case P2I_ID_DNS:
        p2i_write_dns(writing, span);
        break;
    case P2I_ID_SSDP:
        p2i_write_http(writing, span);
        break;
    case P2I_ID_RADIUS:
        p2i_write_radius(writing, span);
        break;
    default:
        if (p2i_ends_use(&ends->ends, MULTICAST_DNS) ||
            p2i_ends_use(&ends->ends, LINK_LOCAL_NAMES)) {
            p2i_write_dns(writing, span);
        } else {
            p2i_write_opaque(writing, ends, id, span);
        }
        break;
    }
}

static struct p2i_writing writing_of(const struct p2i_rewrite *rewrite,
                                     const struct segment *segment)
{
    return (struct p2i_writing){
        .words = rewrite->words,
        .redacts = rewrite->redacts,
        .salt = p2i_mix(p2i_mix(segment->session, segment->direction), (uint64_t)segment->at) << 16,
    };
}

/* ---- TCP ---- */

/* Bytes that came first count, but those with a wrong checksum come last. */
static void gather(struct run *run, bool doubtful)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct segment *segment = &run->segments[i];
        struct p2i_bytes payload = payload_of(run->rewrite, segment);
        size_t at = (size_t)(segment->at - run->first);
        if (run->rewrite->frames[segment->frame].doubtful != doubtful) {
            continue;
        }
        for (size_t j = 0; j < payload.size; j++) {
            if (run->present[at + j] == 0) {
                run->original[at + j] = payload.data[j];
                run->present[at + j] = 1;
            }
        }
    }
}

/* Bytes that differ from those of the stream are nobody's: they become other bytes that differ. */
static void spread(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct segment *segment = &run->segments[i];
        const struct p2i_rewrite_frame *frame = &run->rewrite->frames[segment->frame];
        struct p2i_bytes payload = payload_of(run->rewrite, segment);
        size_t at = (size_t)(segment->at - run->first);
        for (size_t j = 0; j < payload.size; j++) {
            if (payload.data[j] == run->original[at + j]) {
                payload.data[j] = run->written[at + j];
            } else if (run->rewrite->words != NULL) {
                payload.data[j] = run->written[at + j] ^ 0x55;
            }
        }
        p2i_claim(&run->rewrite->areas[frame->area], frame->at, frame->size);
    }
}

static bool write_run(struct run *run)
{
    run->original = calloc(run->size + 1, 1);
    run->written = malloc(run->size + 1);
    run->present = calloc(run->size + 1, 1);
    struct p2i_writing writing = writing_of(run->rewrite, run->segments);
    bool done = run->original != NULL && run->written != NULL && run->present != NULL;
    if (done) {
        gather(run, false);
        gather(run, true);
        memcpy(run->written, run->original, run->size);
        struct p2i_stream_ends ends = ends_of(run->rewrite, run->segments);
        write_stream(&writing, run->session != NULL ? run->session->protocol : P2I_ID_UNKNOWN,
                     &ends, p2i_span_of(run->written, run->size));
        spread(run);
    }
    free(run->original);
    free(run->written);
    free(run->present);
    return done && !writing.out_of_memory;
}

static int by_place(const void *first, const void *second)
{
    const struct segment *a = first;
    const struct segment *b = second;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->frame < b->frame ? -1 : a->frame > b->frame;
}

/* Places the segments of a direction by their sequence numbers (RFC 9293 section 3.4), which wrap
 * around. */
static void place(const struct p2i_rewrite *rewrite, struct segment *segments, size_t count)
{
    uint32_t last = rewrite->frames[segments[0].frame].sequence;
    int64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t sequence = rewrite->frames[segments[i].frame].sequence;
        at += (int32_t)(sequence - last);
        last = sequence;
        segments[i].at = at;
    }
}

/* The segments from the first on that are written together. */
static void cut_run(struct run *run, const struct segment *segments, size_t count)
{
    run->segments = segments;
    run->first = segments[0].at;
    int64_t end = run->first;
    int64_t holes = 0;
    int64_t bytes = 0;
    for (run->count = 0; run->count < count; run->count++) {
        const struct segment *segment = &segments[run->count];
        int64_t hole = segment->at > end ? segment->at - end : 0;
        int64_t size = (int64_t)payload_of(run->rewrite, segment).size;
        bytes += size;
        if (hole > HOLE_MAX || holes + hole > HOLES_MAX ||
            holes + hole > HOLES_LEAST + HOLES_PER_BYTE * bytes) {
            break;
        }
        holes += hole;
        int64_t behind = segment->at + size;
        end = behind > end ? behind : end;
    }
    run->size = (size_t)(end - run->first);
}

static bool write_tcp(struct p2i_rewrite *rewrite, const struct p2i_rewrite_session *session,
                      struct segment *segments, size_t count)
{
    place(rewrite, segments, count);
    qsort(segments, count, sizeof *segments, by_place);
    bool done = true;
    for (size_t at = 0; done && at < count;) {
        struct run run = {.rewrite = rewrite, .session = session};
        cut_run(&run, segments + at, count - at);
        done = write_run(&run);
        at += run.count;
    }
    return done;
}

/* ---- UDP ---- */

/* Keys come from the first datagrams of a session: all of them are written together. */
static bool write_quic(struct p2i_rewrite *rewrite, const struct segment *segments, size_t count)
{
    struct p2i_writing writing = writing_of(rewrite, segments);
    struct p2i_bytes *datagrams = malloc(count * sizeof *datagrams);
    bool done = datagrams != NULL;
    for (size_t i = 0; done && i < count; i++) {
        datagrams[i] = payload_of(rewrite, &segments[i]);
    }
    if (done) {
        p2i_write_quic(&writing, datagrams, count);
    }
    free(datagrams);
    return done && !writing.out_of_memory;
}

static bool write_udp(struct p2i_rewrite *rewrite, const struct p2i_rewrite_session *session,
                      const struct segment *segments, size_t count)
{
    uint8_t id = session != NULL ? session->protocol : P2I_ID_UNKNOWN;
    bool done = true;
    if (id == P2I_ID_QUIC) {
        done = write_quic(rewrite, segments, count);
    }
    for (size_t i = 0; done && i < count; i++) {
        const struct p2i_rewrite_frame *frame = &rewrite->frames[segments[i].frame];
        struct p2i_writing writing = writing_of(rewrite, &segments[i]);
        struct p2i_stream_ends ends = ends_of(rewrite, &segments[i]);
        if (id != P2I_ID_QUIC) {
            write_datagram(&writing, id, &ends, payload_of(rewrite, &segments[i]));
            done = !writing.out_of_memory;
        }
        p2i_claim(&rewrite->areas[frame->area], frame->at, frame->size);
    }
    return done;
}

/* ---- Sessions ---- */

static int by_session(const void *first, const void *second)
{
    const struct segment *a = first;
    const struct segment *b = second;
    if (a->session != b->session) {
        return a->session < b->session ? -1 : 1;
    }
    return a->frame < b->frame ? -1 : a->frame > b->frame;
}

static int by_direction(const void *first, const void *second)
{
    const struct segment *a = first;
    const struct segment *b = second;
    if (a->direction != b->direction) {
        return a->direction < b->direction ? -1 : 1;
    }
    return a->frame < b->frame ? -1 : a->frame > b->frame;
}

static uint8_t direction_of(const struct p2i_rewrite_frame *frame,
                            const struct p2i_rewrite_session *session)
{
    bool initiator = session == NULL ||
                     (memcmp(&frame->source, &session->initiator, sizeof frame->source) == 0 &&
                      frame->port[0] == session->port[0]);
    return initiator ? P2I_FROM_INITIATOR : P2I_FROM_RESPONDER;
}

/* Writes the segments of one session, which are in the order of their frames. */
static bool write_session(struct p2i_rewrite *rewrite, struct segment *segments, size_t count)
{
    const struct p2i_rewrite_session *session =
        p2i_rewrite_session_of(rewrite, segments[0].session);
    for (size_t i = 0; i < count; i++) {
        segments[i].direction = direction_of(&rewrite->frames[segments[i].frame], session);
    }
    if (session == NULL || rewrite->frames[segments[0].frame].transport != P2I_PROTO_TCP) {
        return write_udp(rewrite, session, segments, count);
    }
    qsort(segments, count, sizeof *segments, by_direction);
    size_t first = 0;
    while (first < count && segments[first].direction == P2I_FROM_INITIATOR) {
        first++;
    }
    return (first == 0 || write_tcp(rewrite, session, segments, first)) &&
           (first == count || write_tcp(rewrite, session, segments + first, count - first));
}

static void write_control(struct p2i_rewrite *rewrite, size_t i)
{
    const struct p2i_rewrite_frame *frame = &rewrite->frames[i];
    struct segment segment = {.frame = i, .session = i};
    struct p2i_writing writing = writing_of(rewrite, &segment);
    p2i_write_ppp(&writing, frame->ppp_control, payload_of(rewrite, &segment));
    p2i_claim(&rewrite->areas[frame->area], frame->at, frame->size);
}

bool p2i_rewrite_payload(struct p2i_rewrite *rewrite)
{
    struct segment *segments = calloc(rewrite->frame_count + 1, sizeof *segments);
    if (segments == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < rewrite->frame_count; i++) {
        const struct p2i_rewrite_frame *frame = &rewrite->frames[i];
        if (frame->ppp_control != 0) {
            write_control(rewrite, i);
        } else if (frame->transport != 0 && frame->size > 0) {
            segments[count++] = (struct segment){.session = frame->session, .frame = i};
        }
    }
    qsort(segments, count, sizeof *segments, by_session);
    bool done = true;
    for (size_t at = 0; done && at < count;) {
        size_t end = at + 1;
        while (end < count && segments[end].session == segments[at].session) {
            end++;
        }
        done = write_session(rewrite, segments + at, end - at);
        at = end;
    }
    free(segments);
    return done;
}
