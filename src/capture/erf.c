/* SPDX-License-Identifier: MIT */
/* Endace's extensible record format: a file is a sequence of records (base/erf.h) without a file
 * header. So the format is recognised by several records in a row, and reading resumes after damage
 * at the next such sequence. */
#include "base/erf.h"

#include "capture/walk.h"

enum {
    CHAIN = 3,      /* records in a row that are no accident */
    LOOKED_AT = 20, /* records examined at the beginning of a file */
    SEARCHED = (CHAIN + 1) * (P2I_ERF_RECORD_MAX + 1), /* bytes to search at once behind damage */
    WEEK_S = 7 * 86400, /* maximum time between two records in a row */
};

static const uint32_t earliest_s = 788918400; /* 1995: no ERF records are older */

struct erf {
    uint32_t last_s;  /* time of the last plausible record; 0: none */
    uint64_t last_ns; /* time of the last record that has one */
    bool lost;        /* searching for the next record behind damage */
    bool found;       /* the record at `used` was found by that search */
};

/* Meta records may have no time; padding may have any. */
static bool has_time(const struct p2i_erf_header *header)
{
    return header->type != P2I_ERF_TYPE_PAD &&
           (header->type != P2I_ERF_TYPE_META || header->time_s != 0);
}

/* Time 0 means "not known" and is near any other. */
static bool is_near(uint32_t a, uint32_t b)
{
    return a == 0 || b == 0 || (a > b ? a - b : b - a) < WEEK_S;
}

/* A sequence of records. */
struct chain {
    unsigned count; /* valid headers */
    size_t end;     /* end of the last record; may be behind the bytes */
    bool timed;     /* at least one record has a time, so it is not all padding */
    bool broken;    /* no valid record at `end` */
};

static struct chain chain_at(struct p2i_view bytes, unsigned limit)
{
    struct chain chain = {0};
    uint32_t last_s = 0;
    while (chain.count < limit && chain.end + P2I_ERF_HEADER <= bytes.size) {
        struct p2i_erf_header header = p2i_erf_header(bytes.data + chain.end);
        bool timed = has_time(&header);
        if (!header.valid ||
            (timed && (header.time_s < earliest_s || !is_near(header.time_s, last_s)))) {
            chain.broken = true;
            break;
        }
        last_s = timed ? header.time_s : last_s;
        chain.timed = chain.timed || timed;
        chain.count++;
        chain.end += header.size;
    }
    return chain;
}

/* At the end of the bytes: two headers that fit each other, or one complete record that is followed
 * by less than a header. */
static bool is_short_chain(const struct chain *chain, size_t size)
{
    return !chain->broken && chain->timed &&
           (chain->count >= 2 || (chain->count == 1 && chain->end <= size));
}

static bool is_erf(struct p2i_view head)
{
    struct chain chain = chain_at(head, LOOKED_AT);
    return (chain.timed && chain.count >= CHAIN) || is_short_chain(&chain, head.size);
}

static enum p2i_walk_end more(struct p2i_walk *walk, size_t wanted)
{
    walk->wanted = wanted;
    return P2I_WALK_MORE;
}

/* Searches for the next sequence of records behind damage. */
static enum p2i_walk_end find_record(struct erf *erf, struct p2i_walk *walk)
{
    for (; walk->used < walk->bytes.size; walk->used++) {
        struct p2i_view rest = p2i_view_from(walk->bytes, walk->used);
        struct chain chain = chain_at(rest, CHAIN);
        bool over = !chain.broken && chain.count < CHAIN; /* the bytes ended first */
        if (over && !walk->last) {
            return more(walk, SEARCHED);
        }
        if (over ? is_short_chain(&chain, rest.size) : !chain.broken && chain.timed) {
            erf->lost = false;
            erf->found = true;
            erf->last_s = 0;
            return P2I_WALK_GO;
        }
    }
    return more(walk, 1);
}

static enum p2i_walk_end damaged(struct erf *erf, const struct p2i_walk *walk,
                                 const struct p2i_erf_header *header)
{
    erf->lost = true;
    if (!walk->tolerant) {
        (void)p2i_fail(
            walk->error, P2I_DAMAGED,
            "expected an ERF record, found type %u with %u bytes; skipped up to the next "
            "record",
            (unsigned)header->type, (unsigned)header->size);
        p2i_walk_place(walk, walk->used);
    }
    return P2I_WALK_SKIPPED;
}

/* True when the header alone does not prove a record. */
static bool is_odd(const struct erf *erf, const struct p2i_erf_header *header)
{
    return !header->valid || header->oversized ||
           (has_time(header) && !is_near(header->time_s, erf->last_s));
}

/* A record of an unknown type, of an implausible length or far in time from the last one is
 * accepted if the next record fits to it or to the last one. P2I_WALK_GO: accepted. */
static enum p2i_walk_end check_odd(struct erf *erf, struct p2i_walk *walk,
                                   const struct p2i_erf_header *header)
{
    struct p2i_view rest = p2i_view_from(walk->bytes, walk->used);
    size_t both = (size_t)header->size + P2I_ERF_HEADER;
    if (header->size < P2I_ERF_HEADER) {
        return damaged(erf, walk, header);
    }
    if (rest.size >= both) {
        struct p2i_erf_header next = p2i_erf_header(rest.data + header->size);
        bool fits_this = header->valid && is_near(next.time_s, header->time_s);
        if (!next.valid || (has_time(&next) && !fits_this && !is_near(next.time_s, erf->last_s))) {
            return damaged(erf, walk, header);
        }
        erf->last_s = has_time(header) && fits_this ? header->time_s : erf->last_s;
        return P2I_WALK_GO;
    }
    if (!walk->last) {
        return more(walk, both);
    }
    bool whole = rest.size >= header->size;
    bool cut = header->valid && !header->oversized;
    return whole || cut ? P2I_WALK_GO : damaged(erf, walk, header);
}

/* Turns the complete record at `used` into a frame. */
static enum p2i_walk_end take_record(struct erf *erf, struct p2i_walk *walk,
                                     const struct p2i_erf_header *header)
{
    struct p2i_view record = p2i_view_of(walk->bytes.data + walk->used, header->size);
    struct p2i_erf_payload payload;
    bool timed = has_time(header);
    erf->last_ns = timed ? header->time_ns : erf->last_ns;
    if (header->type == P2I_ERF_TYPE_PAD) {
        return P2I_WALK_GO;
    }
    if (!p2i_erf_open(record, &payload)) {
        if (!walk->tolerant) {
            (void)p2i_fail(walk->error, P2I_DAMAGED,
                           "expected headers within an ERF record of %u bytes, found longer ones; "
                           "the record is skipped",
                           (unsigned)header->size);
            p2i_walk_place(walk, walk->used);
        }
        return P2I_WALK_SKIPPED;
    }
    /* A record without a decodable packet becomes a frame as it is, so that it is counted. */
    bool open = payload.link_type != P2I_ERF_LINK_TYPE;
    struct p2i_view data = open ? payload.bytes : record;
    walk->block->frames[walk->block->frame_count++] = (struct p2i_frame){
        .data = data.data,
        .time_ns = erf->last_ns,
        .size = (uint32_t)data.size,
        .original_size = open ? payload.original_size : (uint32_t)data.size,
        .link_type = payload.link_type,
        .untimed = !timed,
    };
    return P2I_WALK_GO;
}

static enum p2i_walk_end walk_record(struct erf *erf, struct p2i_walk *walk)
{
    size_t rest = walk->bytes.size - walk->used;
    if (rest < P2I_ERF_HEADER) {
        return more(walk, P2I_ERF_HEADER);
    }
    struct p2i_erf_header header = p2i_erf_header(walk->bytes.data + walk->used);
    if (!erf->found && is_odd(erf, &header)) {
        enum p2i_walk_end end = check_odd(erf, walk, &header);
        if (end != P2I_WALK_GO) {
            return end;
        }
    } else if (has_time(&header)) {
        erf->last_s = header.time_s;
    }
    if (rest < header.size) {
        return more(walk, header.size);
    }
    erf->found = false;
    enum p2i_walk_end end = take_record(erf, walk, &header);
    walk->used += header.size;
    return end;
}

static enum p2i_walk_end walk_erf(void *state, struct p2i_walk *walk)
{
    struct erf *erf = state;
    walk->used = 0;
    walk->part = "the packet record";
    for (;;) {
        if (walk->block->frame_count == walk->block->frame_capacity) {
            return P2I_WALK_FULL;
        }
        enum p2i_walk_end end = erf->lost ? find_record(erf, walk) : walk_record(erf, walk);
        if (end != P2I_WALK_GO && (end != P2I_WALK_SKIPPED || !walk->tolerant)) {
            return end;
        }
    }
}

static bool peek_time(const void *state, struct p2i_view rest, uint64_t *time_ns)
{
    const struct erf *erf = state;
    if (erf->lost || rest.size < P2I_ERF_HEADER) {
        return false;
    }
    struct p2i_erf_header header = p2i_erf_header(rest.data);
    *time_ns = header.time_ns;
    return has_time(&header) && !is_odd(erf, &header);
}

const struct p2i_container p2i_container_erf = {
    .state_size = sizeof(struct erf),
    .is = is_erf,
    .walk = walk_erf,
    .peek_time = peek_time,
};
