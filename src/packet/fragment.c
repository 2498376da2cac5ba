/* SPDX-License-Identifier: MIT */
/* Reassembles IP fragments (RFC 791, 3.2; RFC 8200, 4.5).
 *
 * fragment_data.h has the data of one packet. Receivers disagree on fragments that contradict each
 * other, so it is unknown which bytes a host accepted: such a packet is dropped. Its key stays
 * until the time-out, so that late fragments do not form a packet of their own.
 *
 * The time-out applies between fragments of one packet: a wrong stamp of another packet cannot
 * expire it. Incomplete packets are dropped when their memory is needed, or when there are more
 * than a few and two fragments in a row agree that the time-out is over.
 *
 * Buffers use malloc: a pool would keep the peak use of each size. */
#include <stddef.h>
#include <stdlib.h>

#include "packet/fragment_data.h"

#include "base/hash_secret.h"

enum {
    MEMORY_STEP = 256 << 10, /* upper bound of the memory that one fragment adds */
    STALE_BYTES = 1 << 20,   /* incomplete packets of this size are kept for any time */
    BUCKETS = 8192,
    REASSEMBLIES_MAX = BUCKETS, /* at once */
    PLACES_MAX = 1 << 16,       /* of a packet; only repeated fragments are more */
};
/* A fragment that comes more than this after the first one belongs to another packet. */
static const uint64_t time_out_ns = UINT64_C(30000000000);

struct key {
    struct p2i_address source, destination;
    uint32_t identification;
    uint32_t scope;
    uint8_t ip_version;
    uint8_t protocol; /* IPv4 only: fragments of one IPv6 packet may differ in it */
};

/* A packet being reassembled. */
struct reassembly {
    struct reassembly *next_in_bucket;
    struct reassembly **link_in_bucket; /* the pointer to this element */
    struct reassembly *older, *newer;
    struct key key;
    struct p2i_frame_places frames; /* with its fragments; only if they are noted */
    uint64_t time_ns;               /* of the first fragment captured */
    struct p2i_fragment_data data;  /* without a buffer after a drop */
    uint32_t fragment_count;
    bool dropped; /* its fragments contradict each other */
};

struct p2i_fragments {
    struct p2i_decoder_counts *counts;
    uint64_t memory_used; /* by reassemblies */
    uint64_t memory_limit;
    uint32_t count;   /* of reassemblies */
    uint64_t last_ns; /* time of the previous fragment */
    uint64_t secret;
    struct reassembly *oldest, *newest;
    struct p2i_joined_buffers *joined; /* where the buffers of complete packets go */
    struct reassembly *buckets[BUCKETS];
};

struct p2i_fragments *p2i_fragments_new(struct p2i_decoder_counts *counts, uint64_t memory_bytes)
{
    struct p2i_fragments *fragments = calloc(1, sizeof *fragments);
    if (fragments == NULL) {
        return NULL;
    }
    fragments->counts = counts;
    fragments->memory_limit = memory_bytes;
    fragments->secret = p2i_hash_secret();
    return fragments;
}

void p2i_fragments_join_into(struct p2i_fragments *fragments, struct p2i_joined_buffers *joined)
{
    fragments->joined = joined;
}

void p2i_joined_buffers_clear(struct p2i_joined_buffers *joined)
{
    while (joined->count > 0) {
        free(joined->buffers[--joined->count]);
    }
    joined->bytes = 0;
}

void p2i_joined_buffers_free(struct p2i_joined_buffers *joined)
{
    p2i_joined_buffers_clear(joined);
    free(joined->buffers);
    *joined = (struct p2i_joined_buffers){0};
}

static bool keep(struct p2i_joined_buffers *joined, uint8_t *buffer, size_t bytes)
{
    if (joined->count == joined->capacity) {
        size_t capacity = joined->capacity > 0 ? 2 * joined->capacity : 16;
        uint8_t **buffers = realloc(joined->buffers, capacity * sizeof *buffers);
        if (buffers == NULL) {
            return false;
        }
        joined->buffers = buffers;
        joined->capacity = capacity;
    }
    joined->buffers[joined->count++] = buffer;
    joined->bytes += bytes;
    return true;
}

static bool key_equals(const struct key *a, const struct key *b)
{
    return a->identification == b->identification && a->scope == b->scope &&
           a->ip_version == b->ip_version && a->protocol == b->protocol &&
           memcmp(&a->source, &b->source, sizeof a->source) == 0 &&
           memcmp(&a->destination, &b->destination, sizeof a->destination) == 0;
}

static struct reassembly **bucket_of(struct p2i_fragments *fragments, const struct key *key)
{
    uint64_t secret = fragments->secret;
    uint64_t rest = (uint64_t)key->identification << 32 | key->scope;
    uint64_t hash =
        p2i_multiply_fold(secret ^ key->source.words[0], ~secret ^ key->destination.words[0]);
    hash ^= p2i_multiply_fold(secret ^ key->source.words[1], hash ^ key->destination.words[1]);
    return &fragments->buckets[p2i_multiply_fold(secret ^ hash, ~secret ^ rest) % BUCKETS];
}

/* Unlinks a reassembly and frees it. */
static void release(struct p2i_fragments *fragments, struct reassembly *reassembly)
{
    *reassembly->link_in_bucket = reassembly->next_in_bucket;
    if (reassembly->next_in_bucket != NULL) {
        reassembly->next_in_bucket->link_in_bucket = reassembly->link_in_bucket;
    }
    *(reassembly->older != NULL ? &reassembly->older->newer : &fragments->oldest) =
        reassembly->newer;
    *(reassembly->newer != NULL ? &reassembly->newer->older : &fragments->newest) =
        reassembly->older;
    fragments->memory_used -=
        sizeof *reassembly + p2i_fragment_buffer_size(reassembly->data.capacity);
    fragments->count--;
    p2i_frame_places_free(&reassembly->frames);
    free(reassembly->data.buffer);
    free(reassembly);
}

void p2i_fragments_free(struct p2i_fragments *fragments)
{
    if (fragments == NULL) {
        return;
    }
    for (struct reassembly *reassembly = fragments->oldest; reassembly != NULL;) {
        struct reassembly *newer = reassembly->newer;
        p2i_frame_places_free(&reassembly->frames);
        free(reassembly->data.buffer);
        free(reassembly);
        reassembly = newer;
    }
    free(fragments);
}

/* True when the times are too far apart for one packet, in either direction. */
static bool is_timed_out(uint64_t time_ns, uint64_t now_ns)
{
    return (now_ns > time_ns ? now_ns - time_ns : time_ns - now_ns) > time_out_ns;
}

/* True when the oldest reassembly has to give way to a fragment of this time. */
static bool is_oldest_over(const struct p2i_fragments *fragments, uint64_t now_ns)
{
    uint64_t began_ns = fragments->oldest->time_ns;
    return fragments->memory_used + MEMORY_STEP > fragments->memory_limit ||
           fragments->count >= REASSEMBLIES_MAX ||
           (fragments->memory_used > STALE_BYTES && is_timed_out(began_ns, now_ns) &&
            is_timed_out(began_ns, fragments->last_ns));
}

/* Drops the oldest reassemblies, until one more fragment fits. */
static void make_room(struct p2i_fragments *fragments, uint64_t now_ns)
{
    while (fragments->oldest != NULL && is_oldest_over(fragments, now_ns)) {
        struct reassembly *oldest = fragments->oldest;
        oldest->older = NULL; /* as it is; an analyser does not see it */
        release(fragments, oldest);
    }
    fragments->last_ns = now_ns;
}

/* Grows the buffer for data up to `end`. False: out of memory. */
static bool reserve(struct p2i_fragments *fragments, struct p2i_fragment_data *data, uint32_t end)
{
    fragments->memory_used -= p2i_fragment_buffer_size(data->capacity);
    bool done = p2i_fragment_data_reserve(data, end);
    fragments->memory_used += p2i_fragment_buffer_size(data->capacity);
    return done;
}

/* Finds the reassembly of a key; NULL: none. */
static struct reassembly *find(struct p2i_fragments *fragments, const struct key *key,
                               uint64_t now_ns)
{
    struct reassembly *reassembly = *bucket_of(fragments, key);
    while (reassembly != NULL && !key_equals(&reassembly->key, key)) {
        reassembly = reassembly->next_in_bucket;
    }
    if (reassembly != NULL && is_timed_out(reassembly->time_ns, now_ns)) {
        release(fragments, reassembly);
        return NULL;
    }
    return reassembly;
}

/* Begins a reassembly. NULL: out of memory. */
static struct reassembly *begin(struct p2i_fragments *fragments, const struct key *key,
                                uint64_t now_ns)
{
    struct reassembly **bucket = bucket_of(fragments, key);
    struct reassembly *reassembly = malloc(sizeof *reassembly);
    if (reassembly == NULL) {
        return NULL;
    }
    fragments->memory_used += sizeof *reassembly;
    fragments->count++;
    *reassembly = (struct reassembly){
        .next_in_bucket = *bucket,
        .link_in_bucket = bucket,
        .older = fragments->newest,
        .key = *key,
        .time_ns = now_ns,
    };
    if (*bucket != NULL) {
        (*bucket)->link_in_bucket = &reassembly->next_in_bucket;
    }
    *bucket = reassembly;
    *(fragments->newest != NULL ? &fragments->newest->newer : &fragments->oldest) = reassembly;
    fragments->newest = reassembly;
    return reassembly;
}

static void store_be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

/* Makes the header that of an unfragmented packet. A length that does not fit becomes 0, as in a
 * jumbogram. */
static void rewrite_header(uint8_t *header, const struct p2i_fragment_data *data,
                           uint8_t ip_version)
{
    if (ip_version == 4) {
        uint32_t total = data->header_size + data->total;
        store_be16(header + 2, total <= UINT16_MAX ? total : 0);
        store_be16(header + 6, 0);
    } else {
        store_be16(header + 4, data->total);
        header[6] = data->protocol;
    }
}

/* Gives the buffer up; the memory of the rest is still charged. */
static void take_buffer(struct p2i_fragments *fragments, struct reassembly *reassembly)
{
    fragments->memory_used -= p2i_fragment_buffer_size(reassembly->data.capacity);
    reassembly->data.buffer = NULL;
    reassembly->data.capacity = 0;
}

/* Hands the buffer over and frees the rest of the reassembly. False: out of memory. */
static bool deliver(struct p2i_fragments *fragments, struct reassembly *reassembly,
                    struct p2i_joined *joined)
{
    struct p2i_fragment_data *data = &reassembly->data;
    size_t used = P2I_FRAGMENT_HEADROOM + (size_t)data->captured_end;
    uint8_t *fitting = realloc(data->buffer, used); /* it may live for a while */
    if (fitting != NULL) {
        data->buffer = fitting;
    }
    if (!keep(fragments->joined, data->buffer, used)) {
        fragments->joined->out_of_memory = true;
        release(fragments, reassembly);
        return false;
    }
    uint8_t *header = data->buffer + P2I_FRAGMENT_HEADROOM - data->header_size;
    rewrite_header(header, data, reassembly->key.ip_version);
    *joined = (struct p2i_joined){
        .ip = p2i_view_of(header, (size_t)data->header_size + data->captured_end),
        .header_size = data->header_size,
        .length = data->total,
        .protocol = data->protocol,
    };
    take_buffer(fragments, reassembly);
    fragments->counts->fragment_joined_count++;
    fragments->counts->fragment_dropped_count -= reassembly->fragment_count;
    release(fragments, reassembly);
    return true;
}

/* Drops a packet with contradicting fragments; its key stays. */
static void drop(struct p2i_fragments *fragments, struct reassembly *reassembly)
{
    fragments->counts->fragment_overlap_count++;
    free(reassembly->data.buffer);
    take_buffer(fragments, reassembly);
    reassembly->dropped = true;
}

static struct key key_of(const struct p2i_decoding *decoding, const struct p2i_fragment *fragment)
{
    const struct p2i_packet *packet = decoding->packet;
    return (struct key){
        .source = packet->source,
        .destination = packet->destination,
        .identification = fragment->identification,
        .scope = p2i_scope_fold(decoding->scope),
        .ip_version = packet->ip_version,
        .protocol = packet->ip_version == 4 ? fragment->protocol : 0,
    };
}

/* True when earlier fragments forbid to use this one. */
static bool is_refused(struct p2i_fragments *fragments, struct reassembly *reassembly,
                       const struct p2i_fragment *fragment)
{
    if (!reassembly->dropped && p2i_fragment_is_valid(fragment) &&
        p2i_fragment_contradicts(&reassembly->data, fragment, reassembly->key.ip_version)) {
        drop(fragments, reassembly);
    }
    return reassembly->dropped;
}

bool p2i_fragments_alone(struct p2i_decoding *decoding, const struct p2i_fragment *fragment)
{
    struct key key = key_of(decoding, fragment);
    struct reassembly *reassembly = find(decoding->fragments, &key, decoding->packet->time_ns);
    bool refused = reassembly != NULL && is_refused(decoding->fragments, reassembly, fragment);
    decoding->fragments->counts->fragment_dropped_count += refused;
    return !refused;
}

/* Notes the frame of a fragment: it may have been reassembled from others. False: out of memory. */
static bool note_frames(const struct p2i_decoding *decoding, struct reassembly *reassembly)
{
    uint64_t own = p2i_packet_place(decoding->packet);
    return decoding->frames == NULL || reassembly->frames.count >= PLACES_MAX ||
           (p2i_frame_places_add(&reassembly->frames, decoding->frames->list,
                                 decoding->frames->count) &&
            p2i_frame_places_add(&reassembly->frames, &own, 1));
}

/* Passes the frames of a complete packet on, without the last, which is being decoded. */
static void take_frames(const struct p2i_decoding *decoding, struct reassembly *reassembly)
{
    if (decoding->frames != NULL) {
        struct p2i_frame_places old = *decoding->frames;
        *decoding->frames = reassembly->frames;
        decoding->frames->count -= decoding->frames->count > 0;
        reassembly->frames = old;
    }
}

bool p2i_fragments_add(struct p2i_decoding *decoding, const struct p2i_fragment *fragment,
                       struct p2i_joined *joined)
{
    struct p2i_fragments *fragments = decoding->fragments;
    uint64_t now_ns = decoding->packet->time_ns;
    struct key key = key_of(decoding, fragment);
    /* Corrected when the packet is complete; fragments still held at the end count as dropped. */
    fragments->counts->fragment_dropped_count++;
    if (decoding->join_count >= P2I_JOIN_MAX || !p2i_fragment_is_valid(fragment)) {
        return false;
    }
    make_room(fragments, now_ns);
    struct reassembly *reassembly = find(fragments, &key, now_ns);
    if (reassembly != NULL && is_refused(fragments, reassembly, fragment)) {
        return false;
    }
    if (reassembly == NULL) {
        reassembly = begin(fragments, &key, now_ns);
    }
    if (reassembly == NULL) {
        fragments->joined->out_of_memory = true;
        return false;
    }
    bool usable = p2i_fragment_is_usable(&reassembly->data, fragment);
    bool has_room = usable &&
                    reserve(fragments, &reassembly->data, fragment->offset + fragment->length) &&
                    note_frames(decoding, reassembly);
    if (!has_room) {
        if (usable) {
            fragments->joined->out_of_memory = true;
        }
        if (reassembly->fragment_count == 0) {
            release(fragments, reassembly);
        }
        return false;
    }
    reassembly->fragment_count++;
    p2i_fragment_place(&reassembly->data, fragment);
    if (!p2i_fragment_data_is_complete(&reassembly->data)) {
        return false;
    }
    decoding->join_count++;
    take_frames(decoding, reassembly);
    return deliver(fragments, reassembly, joined);
}
