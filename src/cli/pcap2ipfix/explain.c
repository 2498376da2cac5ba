/* SPDX-License-Identifier: MIT */
#include "cli/pcap2ipfix/explain.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 2 * P2I_EXPLAIN_PATTERNS, /* a power of two */
    KEY_BYTES = 4,                     /* of each end, by which sessions are grouped */
    PROBES = 64,                       /* places that a pattern may have */
};

struct p2i_explanation *p2i_explanation_new(void)
{
    struct p2i_explanation *explanation = calloc(1, sizeof *explanation);
    if (explanation == NULL) {
        return NULL;
    }
    explanation->patterns = calloc(PLACES, sizeof *explanation->patterns);
    if (explanation->patterns == NULL) {
        free(explanation);
        return NULL;
    }
    return explanation;
}

void p2i_explanation_free(struct p2i_explanation *explanation)
{
    if (explanation != NULL) {
        free(explanation->patterns);
        free(explanation);
    }
}

/* ---- patterns ---- */

static struct p2i_pattern pattern_of(const struct p2i_session_facts *session)
{
    struct p2i_pattern pattern = {
        .sessions = 1, .port = session->port[1], .transport = session->transport};
    for (unsigned i = 0; i < 2; i++) {
        uint8_t size = session->first_size[i];
        pattern.size[i] = size < P2I_EXPLAIN_BYTES ? size : (uint8_t)P2I_EXPLAIN_BYTES;
        pattern.same[i] = (uint16_t)((1U << pattern.size[i]) - 1);
        if (size > 0) {
            memcpy(pattern.bytes[i], session->first_bytes[i], pattern.size[i]);
        }
    }
    return pattern;
}

/* Adds the sessions of one pattern to another. */
static void join(struct p2i_pattern *into, const struct p2i_pattern *pattern)
{
    into->sessions += pattern->sessions;
    into->ports_differ = into->ports_differ || pattern->ports_differ || into->port != pattern->port;
    for (unsigned i = 0; i < 2; i++) {
        into->size[i] = into->size[i] < pattern->size[i] ? into->size[i] : pattern->size[i];
        into->same[i] &= pattern->same[i];
        for (unsigned j = 0; j < P2I_EXPLAIN_BYTES; j++) {
            if (into->bytes[i][j] != pattern->bytes[i][j]) {
                into->same[i] = (uint16_t)(into->same[i] & ~(1U << j));
            }
        }
    }
}

static uint8_t key_size(const struct p2i_pattern *pattern, unsigned end)
{
    return pattern->size[end] < KEY_BYTES ? pattern->size[end] : (uint8_t)KEY_BYTES;
}

/* Whether two patterns begin alike. */
static bool is_alike(const struct p2i_pattern *a, const struct p2i_pattern *b)
{
    bool alike = a->transport == b->transport;
    for (unsigned i = 0; i < 2 && alike; i++) {
        alike = key_size(a, i) == key_size(b, i) &&
                memcmp(a->bytes[i], b->bytes[i], key_size(a, i)) == 0;
    }
    return alike;
}

static size_t place_of(const struct p2i_pattern *pattern)
{
    uint64_t hash = pattern->transport;
    for (unsigned i = 0; i < 2; i++) {
        hash = (hash ^ key_size(pattern, i)) * UINT64_C(0x9e3779b97f4a7c15);
        for (unsigned j = 0; j < key_size(pattern, i); j++) {
            hash = (hash ^ pattern->bytes[i][j]) * UINT64_C(0x9e3779b97f4a7c15);
        }
    }
    return (size_t)(hash >> 32) % PLACES;
}

static void add_pattern(struct p2i_explanation *explanation,
                        const struct p2i_session_facts *session)
{
    struct p2i_pattern pattern = pattern_of(session);
    size_t place = place_of(&pattern);
    for (unsigned i = 0; i < PROBES; i++) {
        struct p2i_pattern *found = &explanation->patterns[(place + i) % PLACES];
        if (found->sessions > 0 && is_alike(found, &pattern)) {
            join(found, &pattern);
            return;
        }
        if (found->sessions == 0 && explanation->pattern_count < P2I_EXPLAIN_PATTERNS) {
            *found = pattern;
            explanation->pattern_count++;
            return;
        }
        if (found->sessions == 0) {
            break;
        }
    }
    explanation->without_pattern++;
}

/* ---- sessions ---- */

/* Keeps the sessions with most bytes; of equal ones those that ended first. */
static void add_example(struct p2i_reason *reason, const struct p2i_session_facts *session,
                        uint64_t packets, uint64_t bytes)
{
    size_t at = reason->example_count;
    while (at > 0 && reason->examples[at - 1].bytes < bytes) {
        at--;
    }
    if (at == P2I_EXPLAIN_EXAMPLES) {
        return;
    }
    if (reason->example_count < P2I_EXPLAIN_EXAMPLES) {
        reason->example_count++;
    }
    memmove(&reason->examples[at + 1], &reason->examples[at],
            (reason->example_count - 1 - at) * sizeof *reason->examples);
    struct p2i_explained *example = &reason->examples[at];
    *example = (struct p2i_explained){.facts = *session, .packets = packets, .bytes = bytes};
    for (unsigned i = 0; i < 2; i++) {
        memcpy(example->address[i], session->address[i], session->ip_version == 4 ? 4 : 16);
    }
}

void p2i_explanation_add(struct p2i_explanation *explanation,
                         const struct p2i_session_facts *session)
{
    if (!session->ended || (unsigned)session->no_record_reason >= P2I_EXPLAIN_REASONS) {
        return;
    }
    uint64_t packets = session->packets[0] + session->packets[1];
    uint64_t bytes = session->bytes[0] + session->bytes[1];
    struct p2i_reason *reason = &explanation->reasons[session->no_record_reason];
    struct p2i_amount *amounts[] = {&explanation->all, &reason->amount};
    for (unsigned i = 0; i < 2; i++) {
        amounts[i]->sessions++;
        amounts[i]->packets += packets;
        amounts[i]->bytes += bytes;
    }
    if (session->no_record_reason == P2I_NO_RECORD_NONE) {
        return;
    }
    if ((unsigned)session->protocol < P2I_EXPLAIN_PROTOCOLS) {
        reason->protocols[session->protocol]++;
    }
    add_example(reason, session, packets, bytes);
    if (session->no_record_reason == P2I_NO_RECORD_NOT_RECOGNISED) {
        add_pattern(explanation, session);
    }
}

/* ---- the end ---- */

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_bytes(const struct p2i_pattern *a, const struct p2i_pattern *b)
{
    int order = memcmp(a->bytes, b->bytes, sizeof a->bytes);
    return order != 0 ? order : memcmp(a->size, b->size, sizeof a->size);
}

static int by_port(const void *first, const void *second)
{
    const struct p2i_pattern *a = first;
    const struct p2i_pattern *b = second;
    int order = compare(a->transport, b->transport);
    order = order != 0 ? order : compare(a->port, b->port);
    return order != 0 ? order : compare_bytes(a, b);
}

static int by_sessions(const void *first, const void *second)
{
    const struct p2i_pattern *a = first;
    const struct p2i_pattern *b = second;
    int order = compare(b->sessions, a->sessions);
    return order != 0 ? order : by_port(a, b);
}

static bool has_same_port(const struct p2i_pattern *a, const struct p2i_pattern *b)
{
    return a->transport == b->transport && a->port == b->port && !a->ports_differ;
}

void p2i_explanation_sort(struct p2i_explanation *explanation)
{
    struct p2i_pattern *patterns = explanation->patterns;
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++) {
        if (patterns[i].sessions > 0) {
            patterns[count++] = patterns[i];
        }
    }
    qsort(patterns, count, sizeof *patterns, by_sessions);
    size_t kept = 0;
    while (kept < count && patterns[kept].sessions > 1) {
        kept++;
    }
    /* Those of one session are behind the others, by port. */
    size_t first_single = kept;
    for (size_t i = first_single; i < count; i++) {
        if (kept > first_single && has_same_port(&patterns[kept - 1], &patterns[i])) {
            join(&patterns[kept - 1], &patterns[i]);
        } else {
            patterns[kept++] = patterns[i];
        }
    }
    qsort(patterns, kept, sizeof *patterns, by_sessions);
    explanation->pattern_count = kept;
}
