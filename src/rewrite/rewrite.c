/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/rewrite.h"

#include <stdlib.h>

#include "engine/privacy.h"
#include "rewrite/internal.h"

enum { FRAME_MAX = 16 << 20 };

enum p2i_result p2i_rewrite_new(struct p2i_rewrite **rewrite, const struct p2i_settings *settings,
                                struct p2i_error *error)
{
    if (rewrite == NULL || settings == NULL) {
        return p2i_fail(error, P2I_USAGE, "no settings");
    }
    *rewrite = NULL;
    struct p2i_privacy_rules rules;
    enum p2i_result result = p2i_privacy_read(&rules, settings, error);
    if (result != P2I_OK) {
        return result;
    }
    if (rules.keep_passwords && rules.key == NULL) {
        return p2i_fail(error, P2I_USAGE, "neither passwords nor addresses are to be replaced");
    }
    *rewrite = p2i_rewrite_open(rules.key, !rules.keep_passwords);
    p2i_privacy_forget(&rules);
    return *rewrite != NULL ? P2I_OK : p2i_fail_memory(error);
}

struct p2i_rewrite *p2i_rewrite_open(const uint8_t *key, bool redacts)
{
    struct p2i_rewrite *rewrite = calloc(1, sizeof *rewrite);
    if (rewrite == NULL) {
        return NULL;
    }
    rewrite->redacts = redacts;
    rewrite->words = key != NULL ? p2i_substitution_new(key) : NULL;
    if (key != NULL && rewrite->words == NULL) {
        free(rewrite);
        return NULL;
    }
    return rewrite;
}

void p2i_rewrite_free(struct p2i_rewrite *rewrite)
{
    if (rewrite == NULL) {
        return;
    }
    for (size_t i = 0; i < rewrite->area_count; i++) {
        if (rewrite->areas[i].owned) {
            free(rewrite->areas[i].data);
        }
        free(rewrite->areas[i].claimed);
    }
    free(rewrite->areas);
    free(rewrite->frames);
    free(rewrite->elements);
    free(rewrite->fragments);
    free(rewrite->chains);
    free(rewrite->sessions);
    free(rewrite->first);
    free(rewrite->places);
    p2i_joined_buffers_free(&rewrite->joined);
    p2i_substitution_free(rewrite->words);
    free(rewrite);
}

bool p2i_rewrite_reserve(void **list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity > 0 ? 2 * *capacity : 64;
    void *grown = realloc(*list, wanted * size);
    if (grown == NULL) {
        return false;
    }
    *list = grown;
    *capacity = wanted;
    return true;
}

/* True when the frame may be added; engine.h has the rules. */
static bool is_valid(const struct p2i_rewrite *rewrite, const struct p2i_engine_frame *frame)
{
    return rewrite != NULL && !rewrite->done && frame != NULL &&
           frame->struct_size == sizeof *frame && (frame->data != NULL || frame->size == 0) &&
           frame->size <= FRAME_MAX && frame->capture <= UINT16_MAX;
}

enum p2i_result p2i_rewrite_add(struct p2i_rewrite *rewrite, const struct p2i_engine_frame *frame,
                                struct p2i_error *error)
{
    if (!is_valid(rewrite, frame)) {
        return p2i_fail(error, P2I_USAGE, "not a frame, or the frames are rewritten already");
    }
    if (!p2i_rewrite_reserve((void **)&rewrite->frames, rewrite->frame_count,
                             &rewrite->frame_capacity, sizeof *rewrite->frames) ||
        !p2i_rewrite_reserve((void **)&rewrite->areas, rewrite->area_count, &rewrite->area_capacity,
                             sizeof *rewrite->areas)) {
        return p2i_fail_memory(error);
    }
    struct p2i_rewrite_area area = {.data = malloc(frame->size > 0 ? frame->size : 1),
                                    .claimed = calloc(frame->size > 0 ? frame->size : 1, 1),
                                    .size = frame->size,
                                    .owned = true};
    if (area.data == NULL || area.claimed == NULL) {
        free(area.data);
        free(area.claimed);
        return p2i_fail_memory(error);
    }
    if (frame->size > 0) {
        memcpy(area.data, frame->data, frame->size);
    }
    rewrite->areas[rewrite->area_count++] = area;
    rewrite->frames[rewrite->frame_count] = (struct p2i_rewrite_frame){.given = *frame};
    rewrite->frames[rewrite->frame_count].given.data = area.data;
    rewrite->frame_count++;
    return P2I_OK;
}

/* Overwrites a run of bytes that nobody claimed. Zeros are padding, mostly, and say nothing. */
static void overwrite(struct p2i_rewrite *rewrite, uint64_t salt, uint8_t *data, size_t size)
{
    enum { AT_ONCE = 64 };
    uint8_t filler[AT_ONCE];
    for (size_t at = 0; at < size; at++) {
        if (at % AT_ONCE == 0) {
            size_t count = size - at < AT_ONCE ? size - at : AT_ONCE;
            p2i_fill_binary(rewrite->words, salt + at, filler, count);
        }
        data[at] = data[at] != 0 ? filler[at % AT_ONCE] : 0;
    }
}

static void overwrite_rest(struct p2i_rewrite *rewrite)
{
    for (size_t i = 0; rewrite->words != NULL && i < rewrite->area_count; i++) {
        struct p2i_rewrite_area *area = &rewrite->areas[i];
        for (size_t at = 0; at < area->size;) {
            uint8_t claim = area->claimed[at];
            size_t size = 1;
            while (at + size < area->size && area->claimed[at + size] == claim) {
                size++;
            }
            if (claim == P2I_CLEARED) {
                memset(area->data + at, 0, size);
            } else if (claim == P2I_UNCLAIMED) {
                overwrite(rewrite, (uint64_t)i << 32 | at, area->data + at, size);
            }
            at += size;
        }
    }
}

enum p2i_result p2i_rewrite_run(struct p2i_rewrite *rewrite, struct p2i_error *error)
{
    if (rewrite == NULL || rewrite->done) {
        return p2i_fail(error, P2I_USAGE, "the frames are rewritten already");
    }
    rewrite->done = true;
    enum p2i_result result = p2i_rewrite_sessions(rewrite, error);
    if (result != P2I_OK) {
        rewrite->out_of_memory = true;
        return result;
    }
    if (!p2i_rewrite_decode(rewrite) || (rewrite->words != NULL && !p2i_rewrite_links(rewrite))) {
        rewrite->out_of_memory = true;
        return p2i_fail_memory(error);
    }
    p2i_rewrite_judge(rewrite);
    bool done = p2i_rewrite_payload(rewrite);
    p2i_rewrite_headers(rewrite);
    overwrite_rest(rewrite);
    p2i_rewrite_repair(rewrite);
    if (!done || (rewrite->words != NULL && p2i_substitution_failed(rewrite->words))) {
        rewrite->out_of_memory = true;
        return p2i_fail_memory(error);
    }
    return P2I_OK;
}

const void *p2i_rewrite_frame(const struct p2i_rewrite *rewrite, size_t place)
{
    bool there =
        rewrite != NULL && rewrite->done && !rewrite->out_of_memory && place < rewrite->frame_count;
    return there ? rewrite->areas[place].data : NULL;
}

void p2i_rewrite_text(struct p2i_rewrite *rewrite, void *text, size_t size)
{
    if (rewrite->words != NULL) {
        p2i_substitute_text(rewrite->words, text, size);
    }
}

void p2i_rewrite_address(struct p2i_rewrite *rewrite, void *address, size_t size)
{
    if (rewrite->words != NULL && size == 4) {
        p2i_substitute_ipv4(rewrite->words, address);
    } else if (rewrite->words != NULL && size == 16) {
        p2i_substitute_ipv6(rewrite->words, address);
    }
}
