/* SPDX-License-Identifier: MIT */
/* The session and the protocol of each packet, as an engine tells them. */
#include <stdlib.h>
#include <string.h>

#include "rewrite/internal.h"

enum { CAPTURES_MOST = UINT16_MAX + 1 };

static bool note_session(void *context, const struct p2i_session_facts *facts)
{
    struct p2i_rewrite *rewrite = context;
    if (!facts->ended) {
        return true;
    }
    if (!p2i_rewrite_reserve((void **)&rewrite->sessions, rewrite->session_count,
                             &rewrite->session_capacity, sizeof *rewrite->sessions)) {
        rewrite->out_of_memory = true;
        return false;
    }
    struct p2i_rewrite_session *session = &rewrite->sessions[rewrite->session_count++];
    *session = (struct p2i_rewrite_session){.id = facts->id,
                                            .port = {facts->port[0], facts->port[1]},
                                            .transport = facts->transport,
                                            .protocol = (uint8_t)facts->protocol};
    memcpy(session->initiator.bytes, facts->address[0], facts->ip_version == 6 ? 16 : 4);
    return true;
}

/* Some frames give no packet. */
static bool note_packet(void *context, const struct p2i_packet_facts *facts)
{
    struct p2i_rewrite *rewrite = context;
    size_t count = rewrite->first[facts->capture + 1] - rewrite->first[facts->capture];
    if (facts->packet > 0 && facts->packet <= count) {
        size_t place = rewrite->places[rewrite->first[facts->capture] + facts->packet - 1];
        rewrite->frames[place].session = facts->session;
    }
    return true;
}

static int by_id(const void *first, const void *second)
{
    const struct p2i_rewrite_session *a = first;
    const struct p2i_rewrite_session *b = second;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Numbers the frames within their captures, and sorts them by capture. False: out of memory. */
static bool number(struct p2i_rewrite *rewrite)
{
    rewrite->first = calloc(CAPTURES_MOST + 1, sizeof *rewrite->first);
    rewrite->places = calloc(rewrite->frame_count + 1, sizeof *rewrite->places);
    if (rewrite->first == NULL || rewrite->places == NULL) {
        return false;
    }
    for (size_t i = 0; i < rewrite->frame_count; i++) {
        struct p2i_rewrite_frame *frame = &rewrite->frames[i];
        frame->number = ++rewrite->first[frame->given.capture + 1];
    }
    for (size_t i = 0; i < CAPTURES_MOST; i++) {
        rewrite->first[i + 1] += rewrite->first[i];
    }
    for (size_t i = 0; i < rewrite->frame_count; i++) {
        const struct p2i_rewrite_frame *frame = &rewrite->frames[i];
        rewrite->places[rewrite->first[frame->given.capture] + frame->number - 1] = i;
    }
    return true;
}

static enum p2i_result feed(struct p2i_rewrite *rewrite, struct p2i_engine *engine,
                            struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; result == P2I_OK && i < rewrite->frame_count; i++) {
        result = p2i_engine_feed(engine, &rewrite->frames[i].given, error);
    }
    return result == P2I_OK ? p2i_engine_finish(engine, error) : result;
}

enum p2i_result p2i_rewrite_sessions(struct p2i_rewrite *rewrite, struct p2i_error *error)
{
    struct p2i_engine_callbacks callbacks = {.struct_size = sizeof callbacks,
                                             .context = rewrite,
                                             .session = note_session,
                                             .packet = note_packet};
    struct p2i_engine *engine = NULL;
    enum p2i_result result =
        number(rewrite) ? p2i_engine_new(&engine, NULL, &callbacks, error) : p2i_fail_memory(error);
    if (result != P2I_OK) {
        return result;
    }
    result = feed(rewrite, engine, error);
    p2i_engine_free(engine);
    if (rewrite->out_of_memory) {
        return p2i_fail_memory(error);
    }
    if (result == P2I_OK && rewrite->session_count > 0) {
        qsort(rewrite->sessions, rewrite->session_count, sizeof *rewrite->sessions, by_id);
    }
    return result;
}

const struct p2i_rewrite_session *p2i_rewrite_session_of(const struct p2i_rewrite *rewrite,
                                                         uint64_t id)
{
    struct p2i_rewrite_session key = {.id = id};
    return rewrite->session_count == 0
               ? NULL
               : bsearch(&key, rewrite->sessions, rewrite->session_count, sizeof key, by_id);
}
