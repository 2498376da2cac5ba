/* SPDX-License-Identifier: MIT */
/* The sessions of captures with their combinations, and those that are chosen. One thread. */
#ifndef P2I_CORPUS_CANDIDATES_H
#define P2I_CORPUS_CANDIDATES_H

#include "corpus/combinations.h"

/* A session. Of several with the same combinations only the smallest is kept. */
struct p2i_candidate {
    uint64_t session;
    uint32_t capture; /* index of the path */
    bool chosen;
    uint64_t bytes; /* that its packets take in a capture, about */
    struct p2i_traits traits;
};

/* A session whose end has not come. */
struct p2i_open_session;

/* Start zeroed. */
struct p2i_candidates {
    struct p2i_combinations all;
    struct p2i_candidate *list;
    size_t count, capacity;
    uint32_t *slots; /* numbers of candidates + 1, by hash of the traits */
    size_t slot_count;
    /* During the reading of a capture. */
    uint32_t capture;
    struct p2i_open_session *open;
    size_t open_count, open_slots;
    uint64_t seed; /* of the places of sessions; a secret */
    bool out_of_memory;
};

struct p2i_corpus_reading {
    const struct p2i_settings *settings;
    void (*log)(void *context, enum p2i_log_level level, const struct p2i_error *error);
    bool (*is_stopped)(void *context);
    void *context;
};

/* Reads a capture. With `file` other than P2I_COMBINATION_NONE the capture is file `file` of the
 * corpus, and marks its combinations as covered, instead of giving candidates. P2I_OK; P2I_DAMAGED:
 * what could be read was; P2I_INPUT: it cannot be opened, or is no capture; P2I_END: stopped;
 * P2I_USAGE: the settings are wrong; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_candidates_read(struct p2i_candidates *of,
                                    const struct p2i_corpus_reading *reading, const char *path,
                                    uint32_t capture, uint32_t file, struct p2i_error *error);
/* Chooses candidates that cover all combinations, or as many as `size_most` bytes give; 0: no
 * limit. False: out of memory. */
bool p2i_candidates_choose(struct p2i_candidates *of, uint64_t size_most);
void p2i_candidates_free(struct p2i_candidates *of);

#endif
