/* SPDX-License-Identifier: MIT */
/* Why sessions gave no record: counts by reason, with examples and the most frequent first bytes of
 * what was not recognised. Memory does not grow with the number of sessions. */
#ifndef P2I_CLI_PCAP2IPFIX_EXPLAIN_H
#define P2I_CLI_PCAP2IPFIX_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "pcap2ipfix/engine.h"

enum {
    P2I_EXPLAIN_REASONS = 32,    /* more than enum p2i_no_record_reason has */
    P2I_EXPLAIN_PROTOCOLS = 512, /* more than enum p2i_protocol_id has */
    P2I_EXPLAIN_EXAMPLES = 3,
    P2I_EXPLAIN_BYTES = 16,         /* first bytes of a direction */
    P2I_EXPLAIN_PATTERNS = 1 << 16, /* kept; sessions of further ones are only counted */
    P2I_EXPLAIN_SHOWN = 20,         /* patterns that are printed */
};

struct p2i_amount {
    uint64_t sessions, packets, bytes;
};

/* A session, copied. */
struct p2i_explained {
    struct p2i_session_facts facts; /* whose pointers are not valid */
    uint8_t address[2][16];
    uint64_t packets, bytes;
};

/* Sessions that begin alike: the same transport, and the same first bytes of both ends. */
struct p2i_pattern {
    uint64_t sessions;                   /* 0: a free place */
    uint8_t bytes[2][P2I_EXPLAIN_BYTES]; /* by end, of the first of these sessions */
    uint16_t same[2];                    /* bitmap of the bytes that all of them have */
    uint8_t size[2];                     /* bytes that all of them have at least */
    uint16_t port;                       /* of the responder in the first of them */
    bool ports_differ;
    uint8_t transport;
};

struct p2i_reason {
    struct p2i_amount amount;
    uint64_t protocols[P2I_EXPLAIN_PROTOCOLS];           /* sessions by enum p2i_protocol_id */
    struct p2i_explained examples[P2I_EXPLAIN_EXAMPLES]; /* those with most bytes, most first */
    size_t example_count;
};

struct p2i_explanation {
    struct p2i_amount all;
    struct p2i_reason reasons[P2I_EXPLAIN_REASONS]; /* by enum p2i_no_record_reason */
    struct p2i_pattern *patterns;                   /* hash table of not recognised sessions */
    size_t pattern_count;
    uint64_t without_pattern; /* not recognised sessions for which there was no place */
};

/* NULL: out of memory. */
struct p2i_explanation *p2i_explanation_new(void);
void p2i_explanation_free(struct p2i_explanation *explanation); /* NULL is fine */

/* Takes a session of the run; counts it when it ends. */
void p2i_explanation_add(struct p2i_explanation *explanation,
                         const struct p2i_session_facts *session);

/* Sorts the patterns to the front of the array: the most frequent first. Those of one session are
 * first joined by transport and port of the responder. No session can be added afterwards. */
void p2i_explanation_sort(struct p2i_explanation *explanation);

/* Print a sorted explanation, with the fates of frames and the names of captures in the statistics.
 */
void p2i_print_explanation_text(FILE *out, const struct p2i_explanation *explanation,
                                const struct p2i_statistics *statistics);
/* One JSON object on one line. */
void p2i_print_explanation_json(FILE *out, const struct p2i_explanation *explanation,
                                const struct p2i_statistics *statistics);

#endif
